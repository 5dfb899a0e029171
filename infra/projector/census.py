"""What generations there are, of all versions of the program, at one instant."""

from collections.abc import Collection, Mapping
from typing import Final, NamedTuple

import msgspec
from asyncpg import Record

from infra.projector.connection import Either
from infra.projector.generation import State, schema_of, shape_of
from projections.projection import Projection

_ALL: Final = """
select
    g.projection, g.number, g.code_hash, g.shape_hash, g.state, g.automatic, g.position, g.moved,
    g.error, g.failing_position, g.paused,
    case when g.lease_until > clock_timestamp() then g.owner end as owner,
    coalesce(a.number = g.number, false) as serves,
    coalesce(a.previous = g.number, false) as before,
    h.head
from (select coalesce(max(position), 0) as head from log.event) h
left join log.generation g on g.projection = any($1)
left join log.active a on a.projection = g.projection and a.code_hash = g.code_hash
order by g.projection, g.number
"""

_MOVED: Final = msgspec.json.Decoder(dict[str, int])


class Entry(NamedTuple):
    """A generation, as the tables tell of it."""

    projection: str
    number: int
    code_hash: bytes
    shape_hash: bytes
    state: State
    automatic: bool
    """Whether it is read as soon as it is ready."""
    position: int
    """Up to here it has everything; over events of no interest it is stored each second."""
    moved: Mapping[str, int]
    """By table, a number that grows with each change of it."""
    error: str | None
    failing_position: int | None
    paused: bool
    owner: str | None
    """The process that folds it, as far as its lease tells."""
    serves: bool
    """Whether the version of the program that folds it reads it."""
    before: bool
    """Whether that version has read it before the one that it reads now."""

    @property
    def led(self) -> bool:
        """Whether a process folds it."""
        return self.owner is not None

    @property
    def schema(self) -> str:
        """The schema that holds its tables."""
        return schema_of(self.projection, self.number)


class Census(NamedTuple):
    """All generations of some projections, by number, and the head of the log beside them."""

    head: int
    entries: Mapping[str, list[Entry]]

    def own(self, projection: Projection) -> list[Entry]:
        """Give the generations that this very code folds."""
        found = self.entries.get(projection.name, [])
        return [entry for entry in found if entry.code_hash == projection.code_hash]

    def served(self, projection: Projection) -> Entry | None:
        """Give the generation that this code is to read, None while there is none.

        Until its own is ready, it may read one that other code has made in the same shape, the
        newest.
        """
        for entry in self.own(projection):
            if entry.serves:
                return entry
        shape = shape_of(projection)
        found = self.entries.get(projection.name, [])
        fitting = [entry for entry in found if entry.serves and entry.shape_hash == shape]
        return fitting[-1] if fitting else None


async def take_census(connection: Either, names: Collection[str]) -> Census:
    """Count the generations of the projections with these names, in one snapshot.

    Raises:
        OSError, asyncpg.PostgresError, asyncpg.InterfaceError: the database cannot be used, or
            is not migrated.
    """
    rows = await connection.fetch(_ALL, list(names))
    entries: dict[str, list[Entry]] = {}
    for row in rows:
        if row["projection"] is not None:
            entries.setdefault(row["projection"], []).append(_entry(row))
    return Census(rows[0]["head"], entries)


def _entry(row: Record) -> Entry:
    told = {name: row[name] for name in Entry._fields}
    told["state"], told["moved"] = State(row["state"]), _MOVED.decode(row["moved"])
    return Entry(**told)
