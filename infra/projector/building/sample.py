"""A sample of aggregates, each folded by itself from its own events and held against its rows."""

from collections.abc import Collection, Iterable, Sequence
from random import Random
from typing import Final, NamedTuple
from uuid import UUID

from domain.aggregate import AggregateEvent
from domain.identity import NOUNS, Id, external
from domain.record import Recorded
from infra.mapper import EventMapper
from infra.projector.connection import Connection
from infra.projector.generation import Generation
from infra.projector.tables import read_table
from infra.store import StoredEvent
from projections.rows import Need, Rows
from projections.table import Row

SIZE: Final = 20
"""How many aggregates are looked at, unless told otherwise."""

_COMPANY: Final = 50
"""Streams that may have a say in one aggregate's rows before it is left to the digests."""

_ROUNDS: Final = 5

_DRAWN: Final = """
select distinct e.stream_id, split_part(e.topic, '.', 1) as noun
from unnest($1::bigint[]) as p (place)
cross join lateral (
    select stream_id, topic
    from log.event
    where position between p.place and least(p.place + 5000, $3) and topic = any($2::text[])
    order by position
    limit 1
) e
order by e.stream_id
"""

_EVENTS: Final = """
select position, stream_id, version, topic, class_version, state, meta, command_id, recorded_at
from log.event
where stream_id = any($1::uuid[]) and position <= $2 and topic = any($3::text[])
order by position
"""


class Sampled(NamedTuple):
    """What came of looking at some aggregates."""

    folded: int
    """How many could be folded by themselves; others depend on more than their own events."""
    wrong: list[Id]
    """Those whose rows are not what their events say."""


class Sampler:
    """Folds aggregates one by one, from their streams, and compares them with what is stored."""

    def __init__(
        self,
        generation: Generation,
        mapper: EventMapper,
        aside: Collection[UUID] = (),
        size: int = SIZE,
    ) -> None:
        """``aside`` are streams whose events the generation leaves out."""
        self._generation = generation
        self._projection = generation.projection
        self._mapper = mapper
        self._aside = aside
        self._size = size
        self._owned = {
            kind.TABLE.owner[0] for kind in self._projection.rows if kind.TABLE.owner is not None
        }

    async def look(self, connection: Connection, position: int) -> Sampled:
        """Compare some aggregates, drawn from the log, with the rows at a position."""
        folded, wrong = 0, []
        for stream, noun in await self._draw(connection, position):
            rows = await self._fold(connection, stream, noun, position)
            if rows is None:
                continue
            folded += 1
            id = external(noun, stream)
            if not await self._same(connection, rows, noun, id):
                wrong.append(id)
        return Sampled(folded, wrong)

    async def _draw(self, connection: Connection, position: int) -> list[tuple[UUID, str]]:
        """Draw by positions of the log: what lacks in the tables can be drawn as well."""
        chance = Random(f"{self._generation.schema}/{position}")  # noqa: S311  (no secret)
        topics = list(self._projection.topics)
        found: dict[UUID, str] = {}
        for _ in range(_ROUNDS):
            places = [chance.randint(1, max(position, 1)) for _ in range(2 * self._size)]
            rows = await connection.fetch(_DRAWN, places, topics, position)
            found |= {row["stream_id"]: row["noun"] for row in rows if row["noun"] in self._owned}
            if len(found) >= self._size:
                break
        drawn = [(stream, noun) for stream, noun in found.items() if stream not in self._aside]
        return drawn[: self._size]

    async def _fold(
        self, connection: Connection, stream: UUID, noun: str, position: int
    ) -> Rows | None:
        """Fold a stream and those that have a say in its rows; None where these cannot be told.

        Those are the ones that its events name by what they need, and those that its rows name.
        """
        streams, more = set[UUID](), {stream}
        while more:
            streams |= more
            if len(streams) > _COMPANY:
                return None
            events = await self._events(connection, streams, position)
            own = (recorded for recorded in events if recorded.stream_id == stream)
            if not all(map(_by_identity, self._needs(own))):
                return None
            rows = self._folded(events)
            named = map(_named, (need.value for need in self._needs(events)))
            held = map(_named, self._ids_in(rows, noun, external(noun, stream)))
            more = {found for found in (*named, *held) if found is not None} - streams
        return rows

    def _folded(self, events: Iterable[Recorded[AggregateEvent]]) -> Rows:
        rows = Rows()
        for row in self._projection.reference:
            rows.put(row)
        for recorded in events:
            self._projection.take(rows, recorded)
        return rows

    def _ids_in(self, rows: Rows, noun: str, id: Id) -> Iterable[object]:
        """Give what may be ids in the rows that an aggregate owns."""
        for kind in self._projection.rows:
            table = kind.TABLE
            if table.owner is not None and table.owner[0] == noun:
                for row in rows.where(kind, table.owner[1], id):
                    yield from (getattr(row, column) for column in table.columns)

    def _needs(self, events: Iterable[Recorded[AggregateEvent]]) -> Iterable[Need]:
        return (need for recorded in events for need in self._projection.needs(recorded))

    async def _events(
        self, connection: Connection, streams: Collection[UUID], position: int
    ) -> Sequence[Recorded[AggregateEvent]]:
        wanted = [stream for stream in streams if stream not in self._aside]
        topics = list(self._projection.topics)
        rows = await connection.fetch(_EVENTS, wanted, position, topics)
        return await self._mapper.decode([StoredEvent(*row) for row in rows])

    async def _same(self, connection: Connection, rows: Rows, noun: str, id: Id) -> bool:
        for kind in self._projection.rows:
            table = kind.TABLE
            if table.owner is not None and table.owner[0] == noun:
                stored = await read_table(kind, self._generation.schema).find(
                    connection, table.owner[1], [id]
                )
                if _by_key(stored) != _by_key(rows.where(kind, table.owner[1], id)):
                    return False
        return True


def _by_key(rows: Iterable[Row]) -> dict[tuple[object, ...], Row]:
    return {row.TABLE.key_of(row): row for row in rows}


def _by_identity(need: Need) -> bool:
    """Tell whether what is needed belongs to the one stream that the value names."""
    table = need.kind.TABLE
    owned = table.owner is not None and need.column == table.owner[1]
    return (owned or need.column in table.key) and _named(need.value) is not None


def _named(value: object) -> UUID | None:
    """Give the stream that an id names, None for what is no id."""
    prefix, _, digits = value.partition("_") if isinstance(value, str) else ("", "", "")
    if prefix not in NOUNS or len(digits) != 32:
        return None
    try:
        return UUID(hex=digits)
    except ValueError:
        return None
