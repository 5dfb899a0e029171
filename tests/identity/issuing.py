"""An issuer of tokens as tests need one: honest, or not."""

import base64
import hmac
import json
from functools import cache
from typing import Any, Final

import pytest
from joserfc.errors import SecurityWarning
from joserfc.jwa import JWSAlgModel
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey
from joserfc.jws import JWSRegistry, serialize_compact
from joserfc.registry import Header

from infra.identity.token import PublicKey

URL: Final = "https://login.example/realms/cordee"
AUDIENCE: Final = "cordee"
NOW: Final = 1_800_000_000.0


class _Everything(JWSRegistry):
    """Signs whatever it is asked to, as somebody with bad intentions would."""

    def get_alg(self, name: str) -> JWSAlgModel:
        return self.algorithms[name]

    def check_header(self, header: Header) -> None:
        """Find nothing wrong."""


def key(id: str = "one", kind: str = "Ed25519") -> Key:
    """Give a key of a kind, the same each time."""
    return _made(id, kind)


@cache
def _made(id: str, kind: str) -> Key:
    match kind:
        case "RSA":
            return RSAKey.generate_key(2048, {"kid": id})
        case "small RSA":
            with pytest.warns(SecurityWarning):
                return RSAKey.generate_key(1024, {"kid": id})
        case "Ed25519" | "X25519":
            return OKPKey.generate_key(kind, {"kid": id})
        case curve:
            return ECKey.generate_key(curve, {"kid": id})


def public(id: str = "one", kind: str = "Ed25519", **more: Any) -> PublicKey:
    """Give the public half of a key, as the issuer publishes it."""
    read = PublicKey.read(published(id, kind, **more))
    assert read is not None
    return read


def published(id: str = "one", kind: str = "Ed25519", **more: Any) -> dict[str, Any]:
    """Give a key as it stands in a key set."""
    return {**key(id, kind).as_dict(private=False), **more}


def claims(**changed: Any) -> dict[str, Any]:
    """Give good claims with some changed; None takes one out."""
    good = {"iss": URL, "aud": AUDIENCE, "sub": "somebody", "iat": NOW, "exp": NOW + 3600}
    return {name: value for name, value in (good | changed).items() if value is not None}


def token(
    signed_by: Key | None = None, header: dict[str, Any] | None = None, **changed: Any
) -> str:
    """Make a token: signed by the key ``one``, with good claims, unless something else is said."""
    signer = signed_by or key()
    head = {"alg": "EdDSA", "kid": signer.kid, "typ": "JWT"} | (header or {})
    head = {name: value for name, value in head.items() if value is not None}
    return serialize_compact(head, json.dumps(claims(**changed)), signer, registry=_Everything())


def keyed(header: dict[str, Any], secret: bytes) -> str:
    """Make a token that is signed by a shared secret (HS256)."""
    head, payload, _ = raw(header, claims()).split(".")
    mac = hmac.digest(secret, f"{head}.{payload}".encode(), "sha256")
    return f"{head}.{payload}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}"


def raw(header: object, payload: object, signature: bytes = b"") -> str:
    """Put a token together by hand."""
    parts = [json.dumps(header).encode(), json.dumps(payload).encode(), signature]
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)
