"""The demo's own issuer of tokens, on a key made at its first start.

Whoever may read its file may be anybody in the demo; a server that is not the demo accepts
nothing that it signs.
"""

from pathlib import Path
from typing import Final, Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc import jwt
from joserfc.jwk import OKPKey

from infra.identity.issuers import Trusted
from infra.identity.key_ring import KeyRing
from infra.identity.token import PublicKey
from infra.secret_file import open_secret

NAME: Final = "cordee demo"
"""What it calls itself in its tokens; its principals are opened under this name."""
AUDIENCE: Final = "cordee"
FILE_NAME: Final = "demo-issuer.key"
LIFETIME: Final = 12 * 3600
"""Seconds for which a token of it counts."""
_ALGORITHM: Final = "Ed25519"


class BuiltInIssuer:
    """Signs tokens for the demo's personas."""

    def __init__(self, seed: bytes) -> None:
        """``seed`` are the 32 bytes of its private key (RFC 8032, 5.1.5)."""
        private = Ed25519PrivateKey.from_private_bytes(seed)
        self._key = OKPKey(private, private)
        self._key.ensure_kid()

    @classmethod
    def open(cls, data_dir: Path) -> Self:
        """Take the key of a data folder, making it at the first start.

        Raises:
            SettingsError: the key cannot be had.
        """
        return cls(open_secret(data_dir / FILE_NAME, "the demo's issuer"))

    @property
    def key_id(self) -> str | None:
        """The id by which its tokens name its key."""
        return self._key.kid

    def token(self, subject: str, now: float) -> str:
        """Make a token for a subject, at an instant in seconds since 1970."""
        claims = {
            "iss": NAME,
            "aud": AUDIENCE,
            "sub": subject,
            "iat": int(now),
            "exp": int(now) + LIFETIME,
        }
        header = {"alg": _ALGORITHM, "kid": self.key_id}
        return jwt.encode(header, claims, self._key, [_ALGORITHM])

    def trusted(self) -> Trusted:
        """Give it as an issuer whose tokens count."""
        key = PublicKey.read(self._key.as_dict(private=False))
        assert key is not None, "its own key is one that counts"
        kept = [key]

        async def fetch() -> list[PublicKey]:
            return kept

        return Trusted(AUDIENCE, KeyRing(fetch))
