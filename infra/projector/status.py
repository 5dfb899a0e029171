"""What there is to know of the projections, for whoever runs them."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Final, NamedTuple

import asyncpg
from asyncpg import Record

from projections.catalogue import PROJECTIONS
from projections.projection import Projection

_STATUS: Final = """
select
    p.name,
    case
        when p.error is not null then 'STOPPED'
        when p.code_hash <> w.code_hash then 'OUTDATED'
        when p.lease_until > clock_timestamp() then 'LIVE'
        else 'WAITING'
    end as state,
    p.position,
    h.head - p.position as lag,
    p.owner,
    p.error,
    p.failing_position,
    p.updated_at
from unnest($1::text[], $2::bytea[]) with ordinality as w (name, code_hash, place)
join log.projection p using (name)
cross join (select coalesce(max(position), 0) as head from log.event) h
order by w.place
"""


class ProjectionState(StrEnum):
    """What a projection is doing."""

    LIVE = "LIVE"
    """A worker keeps it up with the log."""
    WAITING = "WAITING"
    """No worker has it at the moment."""
    STOPPED = "STOPPED"
    """An event cannot be folded; it stays as it was before."""
    OUTDATED = "OUTDATED"
    """Its tables were made by other code than this."""


class ProjectionStatus(NamedTuple):
    """How one projection stands."""

    name: str
    state: ProjectionState
    position: int
    """Up to here its tables show the log; over events of no interest it is stored each second."""
    lag: int
    """How many events of any kind stand after its position."""
    owner: str | None
    """The process that folds it."""
    error: str | None
    """Why it stopped."""
    failing_position: int | None
    """The event at which it stopped."""
    updated_at: datetime


async def status(
    dsn: str, projections: Sequence[Projection] = PROJECTIONS
) -> list[ProjectionStatus]:
    """Tell how the projections stand that follow events.

    Raises:
        OSError, asyncpg.PostgresError, asyncpg.InterfaceError: the database cannot be used, or
            is not prepared.
    """
    connection: asyncpg.Connection[Record] = await asyncpg.connect(
        dsn, server_settings={"application_name": "cordee status"}
    )
    live = [projection for projection in projections if projection.topics]
    try:
        rows = await connection.fetch(
            _STATUS,
            [projection.name for projection in live],
            [projection.code_hash for projection in live],
        )
    finally:
        await connection.close()
    return [
        ProjectionStatus(name, ProjectionState(state), *others) for name, state, *others in rows
    ]
