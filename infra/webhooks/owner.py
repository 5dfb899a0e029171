"""Owners: whether those to whom endpoints belong may still hear what they could."""

import time
from typing import Any, Final, NamedTuple
from uuid import UUID

from api.ports import Reads
from api.webhooks.notices import Notice
from domain.identity import external
from infra.webhooks.endpoint import Endpoint
from infra.webhooks.standing import pause
from projections.statement import Statement

FRESH: Final = 0.5
MOST_KEPT: Final = 10_000

_LOOK_UP: Final = Statement("""
    select
        exists (select from principal where id = $1 and closed) as closed,
        array(
            select distinct trim(role || ' ' || place) from role_grant
            where principal_id = $1 and not suspended
            order by 1
        ) as rights
""")

_RIGHTS: Final = "update webhook.endpoint set rights = $2 where id = $1"


class Owner(NamedTuple):
    """Somebody, as far as it matters what they are told."""

    closed: bool
    rights: frozenset[str]
    """Each role with its place, such as ``ALLIANCE_COORDINATOR ali_…``."""


class Owners:
    """Looks owners up in the read model, and remembers them for a moment."""

    def __init__(self, reads: Reads, fresh: float = FRESH) -> None:
        """``fresh`` are seconds for which somebody is not looked up again."""
        self._reads = reads
        self._fresh = fresh
        self._kept: dict[UUID, tuple[float, Owner]] = {}

    async def look_up(self, principal: UUID) -> Owner:
        """Give an owner.

        Raises:
            ReadsUnavailable, ReadTooSlow: the read model does not answer.
        """
        kept = self._kept.get(principal)
        if kept is not None and time.monotonic() - kept[0] < self._fresh:
            return kept[1]
        ((closed, rights),) = await self._reads.rows(_LOOK_UP, [external("principal", principal)])
        owner = Owner(closed, frozenset(rights))
        if len(self._kept) >= MOST_KEPT:
            self._kept.clear()
        self._kept[principal] = time.monotonic(), owner
        return owner


async def may_hear(connection: Any, endpoint: Endpoint, owners: Owners) -> bool:
    """Tell whether an endpoint may be told anything; one whose owner lost a role is paused.

    Raises:
        ReadsUnavailable, ReadTooSlow: the read model does not answer.
    """
    owner = await owners.look_up(endpoint.principal)
    if owner.closed:
        await pause(connection, endpoint.id, Notice.OWNER_CLOSED)
        return False
    lost = endpoint.rights - owner.rights
    if owner.rights != endpoint.rights:
        async with connection.transaction():
            await connection.execute(_RIGHTS, endpoint.id, sorted(owner.rights))
            if lost:
                roles = {"roles": ", ".join(sorted(lost))}
                await pause(connection, endpoint.id, Notice.RIGHTS_LOST, roles)
    return not lost
