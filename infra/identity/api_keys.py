"""Keys of machines: `cordee_<id>_<secret>`, of which only a digest of the secret is kept.

The secret is 32 random bytes, so its plain SHA-256 gives nothing away: there is nothing to guess
that a slower digest would protect.
"""

import hashlib
import hmac
import re
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Final, Self
from uuid import UUID

from api.identity import CannotBeChecked, KeyRefused, MalformedToken
from api.ports import Reads, ReadsUnavailable, ReadTooSlow
from domain import calendar
from domain.identity import Id, external, internal
from projections.statement import Statement

PREFIX: Final = "cordee_"
"""What each key starts with, for those who look for secrets where none should be."""
KEPT: Final = 0.5
"""Seconds for which a key is not looked up again: so soon does a revocation take hold."""
MOST_KEPT: Final = 10_000

_FORM: Final = re.compile(r"cordee_([0-9a-f]{32})_([0-9A-Za-z_-]{43})")
_LOOK_UP: Final = Statement("""
    select api_key.digest, api_key.principal_id, api_key.expires_on
    from api_key join principal on principal.id = api_key.principal_id
    where api_key.id = $1 and api_key.revoked_at is null and not principal.closed
""")


def new_secret() -> str:
    """Make a secret; its digest is what `IssueKey` is given."""
    return secrets.token_urlsafe(32)


def digest(secret: str) -> str:
    """Give what is kept of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key as its holder keeps it."""

    id: UUID
    secret: str = field(repr=False)

    @classmethod
    def read(cls, text: str) -> Self:
        """Read a key. Raises `MalformedToken` when it has not the form of one."""
        found = _FORM.fullmatch(text)
        if found is None:
            raise MalformedToken
        return cls(UUID(hex=found[1]), found[2])

    def text(self) -> str:
        """Write the key as it is sent."""
        return f"{PREFIX}{self.id.hex}_{self.secret}"


@dataclass(frozen=True, slots=True)
class _Standing:
    """What the read model knew of a key at a moment."""

    at: float
    digest: str
    principal: UUID | None
    """None is a key that does not count."""


class ApiKeys:
    """Looks keys up in the read model, and remembers them for a moment."""

    def __init__(self, reads: Reads, clock: Callable[[], float] = time.monotonic) -> None:
        self._reads = reads
        self._clock = clock
        self._kept: OrderedDict[UUID, _Standing] = OrderedDict()

    def known(self, key: ApiKey) -> UUID | None:
        """Give the principal of a key that was looked up a moment ago."""
        kept = self._kept.get(key.id)
        if kept is None or self._clock() - kept.at >= KEPT:
            return None
        return self._opened(kept, key)

    async def verify(self, key: ApiKey) -> UUID:
        """Give the principal whose key it is.

        Raises:
            KeyRefused: it is unknown, expired or revoked, or its principal is closed.
            CannotBeChecked: the read model does not answer.
        """
        principal = self._opened(await self._look_up(key.id), key)
        if principal is None:
            raise KeyRefused
        return principal

    async def stands(self, id: UUID) -> bool:
        """Tell whether a key that was let in before still counts."""
        kept = self._kept.get(id)
        if kept is None or self._clock() - kept.at >= KEPT:
            kept = await self._look_up(id)
        return kept.principal is not None

    @staticmethod
    def _opened(kept: _Standing, key: ApiKey) -> UUID | None:
        # Also against a digest that is none, so that an unknown id takes as long as a known one.
        fits = hmac.compare_digest(kept.digest, digest(key.secret))
        return kept.principal if fits else None

    async def _look_up(self, id: UUID) -> _Standing:
        try:
            rows = await self._reads.rows(_LOOK_UP, [external("key", id)])
        except (ReadsUnavailable, ReadTooSlow) as away:
            raise CannotBeChecked from away
        kept = _Standing(self._clock(), "", None)
        if rows:
            ((known, principal, expires_on),) = rows
            if _counts(expires_on):
                kept = _Standing(self._clock(), known, internal("principal", Id(principal)))
        self._kept[id] = kept
        self._kept.move_to_end(id)
        if len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)
        return kept


def _counts(expires_on: date | None) -> bool:
    return expires_on is None or calendar.today(datetime.now(UTC)) <= expires_on
