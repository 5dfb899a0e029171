"""The past: at any position it is what a fold up to there comes to, however it was gathered."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from random import Random
from uuid import uuid4

import asyncpg
import msgspec
import pytest
from asyncpg import Record

from domain.aggregate import AggregateEvent
from infra.projector import parking
from infra.projector.building import stretch
from infra.projector.building.builder import builder, connections
from infra.projector.building.verification import Verification, Verified
from infra.projector.generation import Generation, schema_of
from infra.projector.refusals import NotTakenBack
from projections import past
from projections.catalogue import PASTS
from projections.past import Past
from projections.past_tables import epochs_name
from projections.rows import Rows, key_of
from projections.statement import Statement
from tests.history import Log, given, opened
from tests.projections.folding import Tables, of_interest, tables
from tests.projections.projecting import SOON, a_story, in_table, projecting, timeless
from tests.projections.test_personal import CANARY, forgotten, told

FOLLOWING = [each for each in PASTS if each.topics]


@pytest.fixture(autouse=True)
def _short_epochs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a story take many epochs, many stretches and many writings."""
    monkeypatch.setattr("infra.projector.past.SMALLEST", 4)
    monkeypatch.setattr("infra.projector.past.FULL", 10)
    monkeypatch.setattr(stretch, "LENGTH", 25)


@pytest.fixture
async def log(prepared: str) -> AsyncIterator[Log]:
    """An open log, with the tables of the past beside it."""
    async with opened(prepared) as opening:
        yield opening


class Folded:
    """What one fold comes to, event by event."""

    def __init__(self, of: Past, events: Sequence[AggregateEvent]) -> None:
        self._of = of.of
        self._events = of_interest(of.of, list(events))
        self._rows = Rows()
        for row in of.of.reference:
            self._rows.put(row)

    def upto(self, position: int) -> Tables:
        """Fold up to a position, which is none before those that were asked before."""
        while self._events and self._events[0].position <= position:
            self._of.take(self._rows, self._events.pop(0))
        return tables(self._of, self._rows)


@asynccontextmanager
async def reading(dsn: str, numbers: dict[str, int]) -> AsyncIterator["asyncpg.Connection[Record]"]:
    connection: asyncpg.Connection[Record] = await asyncpg.connect(
        dsn, server_settings={"timezone": "UTC"}
    )
    try:
        path = ", ".join(schema_of(each.name, numbers.get(each.name, 1)) for each in PASTS)
        await connection.execute(f"set search_path to {path}")
        yield connection
    finally:
        await connection.close()


async def as_of(connection: "asyncpg.Connection[Record]", of: Past, position: int) -> Tables:
    """Everything that a read model showed at a position."""
    found: Tables = {}
    for kind in of.of.rows:
        name = kind.TABLE.name
        statement = past.at(Statement(f"select json_agg(t) from {name} t"), 1)  # noqa: S608
        told = await connection.fetchval(statement.text, position)
        rows = msgspec.json.decode(told or "[]", type=list[kind])  # type: ignore[valid-type]
        found[name] = {key_of(row): row for row in rows}
    return found


async def compare(
    dsn: str, events: Sequence[AggregateEvent], numbers: dict[str, int] | None = None
) -> None:
    """Hold what the past shows at some positions against folds up to there."""
    chance = Random(7)  # noqa: S311
    positions = sorted({0, 1, len(events), *(chance.randrange(len(events)) for _ in range(9))})
    async with reading(dsn, numbers or {}) as connection:
        for each in PASTS:
            folded = Folded(each, events)
            for position in positions:
                shown = await as_of(connection, each, position)
                assert timeless(shown) == timeless(folded.upto(position)), (each.name, position)


async def epochs(dsn: str, of: Past, number: int = 1) -> int:
    """How many epochs the busiest table of a read model has."""
    async with reading(dsn, {of.name: number}) as connection:
        name = epochs_name(of.of.name)
        found: int = await connection.fetchval(f"select max(number) from {name}")  # noqa: S608
        return found


async def test_live_work_gathers_what_was_there_at_every_position(log: Log) -> None:
    events = a_story()
    async with projecting(log, projections=PASTS) as projector:
        position, chance = 0, Random(3)  # noqa: S311
        while position < len(events):
            end = position + chance.randrange(1, 40)
            position = await given(log.store, log.mapper, *events[position:end])
            if chance.random() < 0.7:
                assert await projector.wait_until(position, SOON)
        assert await projector.wait_until(position, SOON)
    await compare(log.dsn, events)
    assert max([await epochs(log.dsn, each) for each in FOLLOWING]) > 2


@pytest.mark.parametrize("memory", [4 << 30, 0], ids=["in memory", "spilled"])
async def test_a_rebuild_gathers_what_was_there_at_every_position(log: Log, memory: int) -> None:
    events = a_story()
    position = 0
    while position < len(events):
        position = await given(log.store, log.mapper, *events[position : position + 50])
    async with builder(log.dsn, log.mapper, owner="tests", memory=memory) as opening:
        numbers = {each.name: (await opening.anew(each)).generation.number for each in FOLLOWING}
    await compare(log.dsn, events, numbers)
    assert max([await epochs(log.dsn, each, 2) for each in FOLLOWING]) > 2


async def verified(log: Log, of: Past) -> Verified:
    """Hold the past that live work has gathered against a fresh one."""
    async with connections(log.dsn, 2) as (reader, writer):
        verification = Verification(
            Generation(of, 1), reading=reader, writing=writer, mapper=log.mapper, memory=4 << 30
        )
        return await verification.run()


async def test_live_work_and_a_rebuild_verify_each_other_however_they_cut_epochs(log: Log) -> None:
    events = a_story()
    async with projecting(log, projections=PASTS) as projector:
        for start in range(0, len(events), 30):
            position = await given(log.store, log.mapper, *events[start : start + 30])
        assert await projector.wait_until(position, SOON)
    for each in FOLLOWING:
        assert (await verified(log, each)).right, each.name
    (first,) = (each for each in FOLLOWING if each.name == "roadmaps_past")
    await in_table(log.dsn, "update read_roadmaps_past_1.lever_past set title = 'Autre'")
    assert not (await verified(log, first)).right


async def test_who_is_forgotten_is_forgotten_in_every_version(log: Log) -> None:
    events = [told(event) for event in a_story(600)]
    async with projecting(log, projections=PASTS) as projector:
        position = await given(log.store, log.mapper, *events)
        assert await projector.wait_until(position, SOON)
        assert await versions_with(log.dsn, CANARY) > 0
        begun = {event.originator_id for event in events}
        for event in forgotten(events):
            if event.originator_id in begun:
                continue  # by the story itself
            position = await given(log.store, log.mapper, event)
        assert await projector.wait_until(position, SOON)
    assert await versions_with(log.dsn, CANARY) == 0


async def versions_with(dsn: str, text: str) -> int:
    """How many versions say something."""
    async with reading(dsn, {}) as connection:
        names = [kind.TABLE.name for each in PASTS for kind in each.rows]
        said = [
            await connection.fetchval(
                f"select count(*) from {name} t where strpos(t::text, $1) > 0",  # noqa: S608
                text,
            )
            for name in names
        ]
        return sum(said)


async def test_a_stream_that_was_set_aside_comes_into_the_past_by_a_rebuild(log: Log) -> None:
    (of,) = (each for each in FOLLOWING if each.name == "organisations_past")
    async with connections(log.dsn, 1) as (connection,):
        with pytest.raises(NotTakenBack, match="rebuild organisations_past"):
            await parking.release(connection, Generation(of, 1), uuid4())


async def test_the_past_gives_way_while_the_present_has_much_to_do(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("infra.projector.worker.BUSY", 5)
    shown = 0
    async with projecting(log, projections=PASTS, first=lambda: shown) as projector:
        position = await given(log.store, log.mapper, *a_story(5))
        assert not await projector.wait_until(position, 0.5)
        shown = position - 5
        assert await projector.wait_until(position, SOON)
