"""Signed tokens (JWS of RFC 7515, JWT of RFC 7519): what counts as one, and what it claims.

The algorithm is never taken from the token alone: it must be asymmetric, and one for which the
issuer's key was made (RFC 8725, 3.1). Headers that point to a key elsewhere, carry one, or change
how the token is to be read, make it no token.
"""

import json
import warnings
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from joserfc.errors import JoseError, SecurityWarning, UnsupportedAlgorithmError
from joserfc.jwa import JWSAlgModel
from joserfc.jwk import ECKey, JWKRegistry, Key, OKPKey, RSAKey
from joserfc.jws import CompactSignature, JWSRegistry, extract_compact, validate_compact
from joserfc.registry import JWS_HEADER_REGISTRY, HeaderRegistryDict

from api.identity import (
    MalformedToken,
    TokenExpired,
    TokenNotYetValid,
    WrongAudience,
    WrongSignature,
)

LONGEST: Final = 8 * 1024
"""Characters of a token."""
LEEWAY: Final = 30
"""Seconds by which the clocks of an issuer and ours may differ."""
LONGEST_SUBJECT: Final = 255
"""Characters of a subject (OpenID Connect Core 1.0, 2)."""
SMALLEST_RSA: Final = 2048
"""Bits of an RSA key (RFC 7518, 3.3)."""
_END_OF_TIME: Final = 1e11
"""Seconds since 1970 beyond which an instant is none."""

_RSA: Final = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"})
_EC: Final = {"P-256": "ES256", "P-384": "ES384", "P-521": "ES512"}
_EDWARDS: Final = frozenset({"EdDSA", "Ed25519"})
ALGORITHMS: Final = frozenset({*_RSA, *_EC.values(), *_EDWARDS})
"""What may sign a token: asymmetric, and nothing that is going out of use."""


class _Registry(JWSRegistry):
    """Reads headers that say what is signed, and refuses all others."""

    default_header_registry: ClassVar[HeaderRegistryDict] = {  # type: ignore[misc]
        name: JWS_HEADER_REGISTRY[name] for name in ("alg", "kid", "typ", "x5t", "x5t#S256")
    }
    max_header_length = 2048
    max_payload_length = LONGEST

    def get_alg(self, name: str) -> JWSAlgModel:
        """Give an algorithm that counts; EdDSA, the former name of Ed25519, without a warning."""
        if name not in ALGORITHMS:
            raise UnsupportedAlgorithmError(name)
        return self.algorithms[name]


_REGISTRY: Final = _Registry()
_TYPES: Final = frozenset({"jwt", "at+jwt", "application/jwt", "application/at+jwt"})


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A key by which an issuer's signature is checked, and the algorithms that it is for."""

    id: str | None
    algorithms: Collection[str]
    jwk: Key

    @classmethod
    def read(cls, given: object) -> "PublicKey | None":
        """Read a key of a key set (RFC 7517); None is one that is of no use here."""
        if not isinstance(given, dict) or given.get("use", "sig") != "sig":
            return None
        try:
            with warnings.catch_warnings():  # of keys that are too weak: they are left out below
                warnings.simplefilter("ignore", SecurityWarning)
                jwk = JWKRegistry.import_key(given)
            algorithms = _algorithms(jwk)
        except (JoseError, ValueError, TypeError, KeyError, AttributeError):
            return None
        if (meant := given.get("alg")) is not None:
            algorithms &= {meant}
        return cls(jwk.kid, algorithms, jwk) if algorithms else None


def _algorithms(jwk: Key) -> frozenset[str]:
    """Tell what a key can check; nothing for a secret one, which is no issuer's to publish."""
    if jwk.is_private:
        return frozenset()
    match jwk:
        case RSAKey():
            return _RSA if jwk.public_key.key_size >= SMALLEST_RSA else frozenset()
        case ECKey():
            return frozenset({_EC[jwk.curve_name]} if jwk.curve_name in _EC else ())
        case OKPKey():
            return _EDWARDS if jwk.curve_name == "Ed25519" else frozenset()
        case _:
            return frozenset()


@dataclass(frozen=True, slots=True)
class Token:
    """A token as it is written: nothing in it is true before it was verified."""

    algorithm: str
    key_id: str | None
    claims: dict[str, Any]
    signed: CompactSignature

    @classmethod
    def read(cls, text: str) -> "Token":
        """Take a token apart.

        Raises:
            MalformedToken: it is none, or none of a kind that is read here.
            WrongSignature: it names an algorithm that does not count, such as none or HS256.
        """
        if len(text) > LONGEST:
            raise MalformedToken
        try:
            signed = extract_compact(text.encode("ascii"), registry=_REGISTRY)
            claims: object = json.loads(signed.payload)
            header: Any = signed.headers()
            if not isinstance(header, dict) or not isinstance(claims, dict):
                raise MalformedToken
            _REGISTRY.check_header(header)
        except (JoseError, ValueError, TypeError, AttributeError, RecursionError):
            raise MalformedToken from None
        if header.get("typ", "JWT").lower() not in _TYPES:
            raise MalformedToken
        if header["alg"] not in ALGORITHMS:
            raise WrongSignature
        return cls(header["alg"], header.get("kid"), claims, signed)

    @property
    def issuer(self) -> object:
        """Who is said to have made it."""
        return self.claims.get("iss")

    def verify(self, key: PublicKey, audience: str, now: float) -> "Verified":
        """Check the signature, then what it signs, for a reader who is ``audience``.

        Raises:
            WrongSignature: the key did not sign it.
            WrongAudience: it was made for somebody else.
            TokenExpired, TokenNotYetValid: this is not its time.
            MalformedToken: it lacks a claim, or has one of the wrong kind.
        """
        if self.algorithm not in key.algorithms:
            raise WrongSignature
        try:
            sound = validate_compact(self.signed, key.jwk, registry=_REGISTRY)
        except (JoseError, ValueError):
            sound = False
        if not sound:
            raise WrongSignature
        if audience not in _texts(self.claims.get("aud")):
            raise WrongAudience
        expires_at = _instant(self.claims.get("exp")) + LEEWAY
        if expires_at <= now:
            raise TokenExpired
        for claim in ("nbf", "iat"):
            if claim in self.claims and _instant(self.claims[claim]) - LEEWAY > now:
                raise TokenNotYetValid
        subject = self.claims.get("sub")
        if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST_SUBJECT:
            raise MalformedToken
        return Verified(str(self.issuer), subject, expires_at)


@dataclass(frozen=True, slots=True)
class Verified:
    """What a token proves."""

    issuer: str
    subject: str
    expires_at: float
    """When it ends, in seconds since 1970; the leeway is in it."""


def _texts(value: object) -> Collection[str]:
    if isinstance(value, str):
        return (value,)
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return value
    raise MalformedToken


def _instant(value: object) -> float:
    # NaN compares as false with everything: a token of that end would never end.
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise MalformedToken
    if not 0 <= value < _END_OF_TIME:
        raise MalformedToken
    return float(value)
