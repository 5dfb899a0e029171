"""What there is to know of the generations, for whoever runs them."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Final, NamedTuple

import asyncpg
from asyncpg import Record

from infra.projector.connection import Either
from infra.projector.generation import shape_of
from projections.catalogue import PROJECTIONS
from projections.projection import Projection

_STATUS: Final = """
select
    g.projection as name,
    g.number,
    case
        when g.state = 'FAILED' then 'FAILED'
        when g.error is not null then 'STOPPED'
        when g.paused then 'PAUSED'
        when g.state = 'BUILDING' then 'BUILDING'
        when g.owner is not null and g.lease_until > clock_timestamp() then 'LIVE'
        else 'WAITING'
    end as state,
    case
        when g.code_hash <> w.code_hash then 'OTHER'
        when a.number = g.number then 'ACTIVE'
        when a.number > g.number then 'KEPT'
        else 'NEXT'
    end as role,
    coalesce(a.number = g.number, false) as serves,
    g.shape_hash = w.shape_hash as fits,
    g.position,
    h.head,
    case when g.lease_until > clock_timestamp() then g.owner end as owner,
    g.error,
    g.failing_position,
    coalesce(greatest(extract(epoch from clock_timestamp() - e.recorded_at), 0), 0)::float8
        as seconds,
    (select count(*) from log.parked p where p.projection = g.projection and p.number = g.number)
        as parked,
    g.created_at,
    g.updated_at
from unnest($1::text[], $2::bytea[], $3::bytea[]) with ordinality
    as w (projection, code_hash, shape_hash, place)
join log.generation g using (projection)
left join log.active a on a.projection = g.projection and a.code_hash = g.code_hash
cross join (select coalesce(max(position), 0) as head from log.event) h
left join log.event e on e.position = g.position + 1
order by w.place, g.number
"""


class ProjectionState(StrEnum):
    """What a generation is doing."""

    LIVE = "LIVE"
    """A worker keeps it up with the log."""
    WAITING = "WAITING"
    """No worker has it at the moment."""
    BUILDING = "BUILDING"
    """It is on its way to the end of the log for the first time."""
    STOPPED = "STOPPED"
    """An event cannot be folded; it stays as it was before."""
    PAUSED = "PAUSED"
    """An operator has said that it is to stay as it is."""
    FAILED = "FAILED"
    """It could not be built."""


class Role(StrEnum):
    """What a generation is to this version of the program."""

    ACTIVE = "ACTIVE"
    """It is read."""
    NEXT = "NEXT"
    """It was made after the one that is read."""
    KEPT = "KEPT"
    """It was made before the one that is read, and can be read again."""
    OTHER = "OTHER"
    """Another version of the program has made it."""


class GenerationStatus(NamedTuple):
    """How one generation stands."""

    name: str
    number: int
    state: ProjectionState
    role: Role
    serves: bool
    """Whether the version of the program that made it reads it."""
    fits: bool
    """Whether this version can read it: it has the tables that this one would make."""
    position: int
    """Up to here its tables show the log; over events of no interest it is stored each second."""
    head: int
    """The position of the last event of the log."""
    owner: str | None
    """The process that folds it."""
    error: str | None
    """Why it stopped."""
    failing_position: int | None
    """The event at which it stopped."""
    seconds: float
    """How long ago the first event was recorded that it does not show, 0 where it shows all."""
    parked: int
    """How many streams it sets aside."""
    created_at: datetime
    updated_at: datetime

    @property
    def told(self) -> str:
        """What it is to this version, in words."""
        match self.role:
            case Role.ACTIVE:
                return "read"
            case Role.OTHER:
                return "read by another version" if self.serves else "of another version"
            case role:
                return role.value.lower()

    @property
    def lag(self) -> int:
        """How many events of any kind stand after its position."""
        return max(self.head - self.position, 0)


async def generations(
    connection: Either, projections: Sequence[Projection] = PROJECTIONS
) -> list[GenerationStatus]:
    """Tell how all generations of these projections stand, oldest first within each.

    Raises:
        OSError, asyncpg.PostgresError, asyncpg.InterfaceError: the database cannot be used, or
            is not migrated.
    """
    rows = await connection.fetch(
        _STATUS,
        [projection.name for projection in projections],
        [projection.code_hash for projection in projections],
        [shape_of(projection) for projection in projections],
    )
    return [_status(row) for row in rows]


async def status(
    dsn: str, projections: Sequence[Projection] = PROJECTIONS
) -> list[GenerationStatus]:
    """Tell how the generations stand that are read, or will be, of projections that follow events.

    Raises:
        OSError, asyncpg.PostgresError, asyncpg.InterfaceError: the database cannot be used, or
            is not prepared.
    """
    connection: asyncpg.Connection[Record] = await asyncpg.connect(
        dsn, server_settings={"application_name": "cordee status"}
    )
    live = [projection for projection in projections if projection.topics]
    try:
        found = await generations(connection, live)
    finally:
        await connection.close()
    return [
        read
        for projection in live
        if (read := _read([each for each in found if each.name == projection.name])) is not None
    ]


def _read(generations: Sequence[GenerationStatus]) -> GenerationStatus | None:
    """Give, of the generations of one projection, the one that this version reads or will read."""
    ranks = {Role.ACTIVE: 3, Role.OTHER: 2, Role.NEXT: 1}
    fitting = [
        each
        for each in generations
        if each.role in ranks and (each.role is not Role.OTHER or (each.serves and each.fits))
    ]
    return max(fitting, key=lambda each: (ranks[each.role], each.number), default=None)


def _status(row: Record) -> GenerationStatus:
    told = {name: row[name] for name in GenerationStatus._fields}
    told["state"], told["role"] = ProjectionState(row["state"]), Role(row["role"])
    return GenerationStatus(**told)
