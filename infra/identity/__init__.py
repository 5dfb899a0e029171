"""Who is calling: tokens of OpenID Connect issuers, keys of machines, the demo's own issuer."""
