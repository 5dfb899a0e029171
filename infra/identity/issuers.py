"""Those whose tokens count, and the tokens that were verified a moment ago."""

import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from api.identity import CannotBeChecked, TokenExpired, UnknownIssuer, WrongSignature
from infra.identity.key_ring import KeyRing, NoKeys
from infra.identity.token import Token, Verified

MOST_KEPT: Final = 10_000
"""Tokens that are remembered as verified."""


@dataclass(frozen=True, slots=True)
class Trusted:
    """An issuer whose tokens count, when they are made for an audience."""

    audience: str
    keys: KeyRing


@dataclass(frozen=True, slots=True)
class _Kept:
    verified: Verified
    keys: KeyRing
    edition: int


class Issuers:
    """Verifies tokens: each once, until it expires or its issuer's keys change."""

    def __init__(
        self, trusted: Mapping[str, Trusted], clock: Callable[[], float] = time.time
    ) -> None:
        """``trusted`` are the issuers by name; ``clock`` gives seconds since 1970."""
        self._trusted = trusted
        self._clock = clock
        self._kept: OrderedDict[bytes, _Kept] = OrderedDict()

    async def close(self) -> None:
        """Give up what is being fetched."""
        for each in self._trusted.values():
            await each.keys.close()

    def known(self, text: str) -> Verified | None:
        """Give what a token proved before, if it still does.

        Raises:
            TokenExpired: it does not any more.
        """
        digest = _digest(text)
        kept = self._kept.get(digest)
        if kept is None:
            return None
        if kept.verified.expires_at <= self._clock():
            del self._kept[digest]
            raise TokenExpired
        if not kept.keys.stands(kept.edition):
            del self._kept[digest]
            return None
        self._kept.move_to_end(digest)
        return kept.verified

    async def verify(self, text: str) -> Verified:
        """Give what a token proves.

        Raises:
            Unauthenticated: it proves nothing.
            CannotBeChecked: nothing is known of its issuer's keys.
        """
        token = Token.read(text)
        issuer = token.issuer
        trusted = self._trusted.get(issuer) if isinstance(issuer, str) else None
        if trusted is None:
            raise UnknownIssuer
        try:
            key = await trusted.keys.key(token.key_id, token.algorithm)
        except NoKeys:
            raise CannotBeChecked from None
        if key is None:
            raise WrongSignature
        edition = trusted.keys.edition
        verified = token.verify(key, trusted.audience, self._clock())
        self._kept[_digest(text)] = _Kept(verified, trusted.keys, edition)
        if len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)
        return verified


def _digest(text: str) -> bytes:
    # What is kept cannot be presented: whoever reads this memory's dump finds no token.
    return hashlib.sha256(text.encode()).digest()
