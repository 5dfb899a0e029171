"""Who is let in, and how often; and what those are told who are not."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from math import inf
from time import time
from typing import Final

import orjson
from starlette.requests import HTTPConnection
from starlette.responses import Response

from api.faults import refused
from api.identity import (
    CannotBeChecked,
    KeyRefused,
    RateLimited,
    TokenExpired,
    TooManyGuesses,
    Unauthenticated,
)
from api.ports import (
    Allowance,
    Budgets,
    Identities,
    Identity,
    ReadsUnavailable,
    ReadTooSlow,
)
from api.purse import Purse
from domain.refusal import Language, Refusal

CHALLENGE: Final = 'Bearer realm="cordee", error="invalid_token"'
"""How to prove who one is (RFC 6750, 3)."""
SHORTLY: Final = 5
"""Seconds after which what was away may be back."""

LOOKED_AT: Final = 1.0
"""Seconds after which it is looked at again whether a key still counts."""
NOT_LET_IN: Final = (Unauthenticated, CannotBeChecked, TooManyGuesses, RateLimited)
"""Refusals that keep a request out before it is read."""


@dataclass(frozen=True, slots=True)
class Admission:
    """Lets callers in who prove who they are, as long as their budgets last."""

    identities: Identities
    budgets: Budgets | None = None

    async def identify(self, authorization: str | None, address: str) -> Identity:
        """Tell who sends some credentials.

        Raises:
            Unauthenticated, CannotBeChecked, TooManyGuesses: they prove nothing.
        """
        return await self.identities.identify(authorization, address)

    def admit(self, identity: Identity, address: str) -> Purse:
        """Count a request of somebody, and give what it may spend.

        Raises:
            RateLimited: there were as many as there may be.
        """
        purse = Purse(None if identity.trusted else self.budgets, identity.principal, address)
        purse.admit()
        return purse


def credentials_of(http: HTTPConnection) -> str | None:
    """Give what a request says of who sends it; None is nothing.

    Raises `Unauthenticated` where it says so twice: a proxy may have checked the other one.
    """
    given = http.headers.getlist("authorization")
    if len(given) > 1:
        raise Unauthenticated
    return given[0] if given else None


async def lapse(identity: Identity, identities: Identities) -> Refusal:
    """Wait until a caller is not any more who they proved to be, and give the reason.

    While it cannot be looked up whether a key still counts, it does: nothing is told meanwhile.
    """
    while True:
        left = inf if identity.expires_at is None else identity.expires_at - time()
        await asyncio.sleep(max(0, left if identity.key is None else min(left, LOOKED_AT)))
        if identity.expires_at is not None and identity.expires_at <= time():
            return TokenExpired()
        with suppress(ReadsUnavailable, ReadTooSlow):
            if not await identities.stands(identity):
                return KeyRefused()


def address_of(http: HTTPConnection) -> str:
    """Give the address of whoever asks, as the server knows it; behind a proxy, what that says."""
    return http.client.host if http.client else ""


def turned_away(refusal: Refusal, language: Language) -> Response:
    """Answer a request that is not let in."""
    error = refused(refusal, language)
    headers, status = {"cache-control": "no-store"}, 429
    match refusal:
        case Unauthenticated():
            headers["www-authenticate"], status = CHALLENGE, 401
        case CannotBeChecked():
            headers["retry-after"], status = str(SHORTLY), 503
        case RateLimited() | TooManyGuesses():
            headers["retry-after"] = str(refusal.facts["seconds"])
            if isinstance(refusal, RateLimited):
                headers |= told([_spent(refusal)])
    return Response(
        orjson.dumps({"errors": [error.formatted]}), status, headers, media_type="application/json"
    )


def _spent(refusal: RateLimited) -> Allowance:
    facts = refusal.facts
    return Allowance(
        facts["policy"], facts["quota"], facts["window"], facts["remaining"], facts["seconds"]
    )


def told(allowances: Sequence[Allowance]) -> dict[str, str]:
    """Write what is left as headers (draft-ietf-httpapi-ratelimit-headers, version 10)."""
    return {name.decode(): value.decode() for name, value in written(allowances)}


def written(allowances: Sequence[Allowance]) -> list[tuple[bytes, bytes]]:
    """Write what is left as the fields of a head."""
    if not allowances:
        return []
    policies = _policies(tuple([each[:3] for each in allowances]))
    left = [f'"{name}";r={remaining};t={again}' for name, _, _, remaining, again in allowances]
    return [(b"ratelimit-policy", policies), (b"ratelimit", ", ".join(left).encode())]


@lru_cache(maxsize=64)
def _policies(policies: tuple[tuple[str, int, int], ...]) -> bytes:
    return ", ".join(f'"{name}";q={quota};w={window}' for name, quota, window in policies).encode()
