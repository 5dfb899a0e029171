"""Building: what the engine makes of the log is, byte for byte, what live work makes of it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from asyncpg import Record
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.identity import external
from domain.organisation import Organisation, OrganisationKind
from domain.record import Recorded
from infra.projector import Projector
from infra.projector.building import indexes, outlet, stretch
from infra.projector.building.builder import Builder, BuildFailed, builder, connections
from infra.projector.building.engine import Engine
from infra.projector.building.hold import HeldElsewhere, begun, taken
from infra.projector.building.indexes import indexes_of, missing
from infra.projector.fault import AWAY
from infra.projector.generation import Generation, begin, schema_of
from infra.projector.steering import retry
from infra.projector.tables import read_table
from projections import column
from projections.catalogue import PROJECTIONS
from projections.cohorts import COHORTS
from projections.organisations import ORGANISATIONS
from projections.projection import Projection
from projections.roadmaps import ROADMAPS
from projections.rows import MissingRow, Rows
from projections.table import Row
from tests.domain.work import NOW
from tests.history import Log, news, opened
from tests.history import given as told

LIVE = [projection for projection in PROJECTIONS if projection.topics]
PLENTY = 4 << 30
"""Bytes: nothing is spilled."""
NOTHING = 0
"""Bytes: everything is spilled, after each stretch."""

DAYS = [date(2025, 12, 4), date.min, date.max, None]
"""Days that a column can have; None leaves empty what may be."""
FULL: dict[column.Kind, Any] = {
    column.TEXT: "Été\tà l’œuvre \\N \\. \"'\n",
    column.INTEGER: 7,
    column.POSITION: 7,
    column.BOOLEAN: True,
    column.INSTANT: datetime(2025, 12, 4, 8, 30, 0, 125000, UTC),
    column.DECIMAL: Decimal("12.50"),
    column.TEXTS: ["", 'a "b", c', "{d}", "NULL", "\\"],
}
"""A value of each kind that a column can have."""


@pytest.fixture(autouse=True)
def _short_stretches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a story take many stretches."""
    monkeypatch.setattr(stretch, "LENGTH", 25)


@asynccontextmanager
async def building(
    log: Log, owner: str = "somebody", memory: int = PLENTY
) -> AsyncIterator[Builder]:
    async with builder(log.dsn, log.mapper, owner=owner, memory=memory) as opening:
        yield opening


async def contents(dsn: str, schema: str, projection: Projection) -> dict[str, list[str]]:
    """Everything in the tables of a projection, as text, in an order of its own."""
    connection: asyncpg.Connection[Record] = await asyncpg.connect(dsn)
    try:
        return {
            name: [row[0] for row in await connection.fetch(_all(schema, name))]
            for name in (kind.TABLE.name for kind in projection.rows)
        }
    finally:
        await connection.close()


def _all(schema: str, name: str) -> str:
    return f'select t::text collate "C" from {schema}.{name} t order by 1'  # noqa: S608


async def row_of(dsn: str, generation: Generation) -> Record:
    """What is noted of a generation."""
    connection: asyncpg.Connection[Record] = await asyncpg.connect(dsn)
    try:
        (found,) = await connection.fetch(
            "select * from log.generation where projection = $1 and number = $2",
            generation.name,
            generation.number,
        )
        return found
    finally:
        await connection.close()


@pytest.mark.parametrize("memory", [PLENTY, NOTHING], ids=["in memory", "spilled"])
async def test_each_projection_is_built_as_live_work_has_made_it(log: Log, memory: int) -> None:
    async with building(log, memory=memory) as opening:
        for projection in LIVE:
            outcome = await opening.anew(projection)
            assert outcome.generation.number == 2
            assert (outcome.built.spills > 3) == (memory is NOTHING)
            live = await contents(log.dsn, schema_of(projection.name, 1), projection)
            assert await contents(log.dsn, outcome.generation.schema, projection) == live
            assert (await row_of(log.dsn, outcome.generation))["state"] == "READY"
            assert outcome.position == await log.store.head()


def _sample(kind: type[Row], day: date | None) -> Row:
    """A row with something in every column; without a day, only where something must be."""
    values = FULL | {column.DATE: day or date(2025, 12, 4)}
    columns = column.columns(kind)
    return kind(
        **{
            name: values[each.kind] if day or not each.nullable else None
            for name, each in columns.items()
        }
    )


async def test_every_column_goes_through_copy_as_through_json(database: str) -> None:
    async def by_json(rows: Rows) -> None:
        for kind in projection.rows:
            await read_table(kind, "scratch").upsert(connection, rows.changed(kind.TABLE))

    async def by_copy(rows: Rows) -> None:
        await outlet.pour(connection, "scratch", projection.rows, rows)

    async def by_way_of_another_table(rows: Rows) -> None:
        for kind in projection.rows:
            await outlet.upsert(connection, "scratch", kind, rows.changed(kind.TABLE))

    async def held(write: Callable[[Rows], Awaitable[None]], rows: Rows) -> dict[str, list[str]]:
        names = [f"scratch.{kind.TABLE.name}" for kind in projection.rows]
        await connection.execute(f"truncate {', '.join(names)}")
        await write(rows)
        return await contents(database, "scratch", projection)

    async with connections(database, 1) as (connection,):
        for projection in PROJECTIONS:
            await connection.execute("create schema scratch")
            await connection.execute("set search_path to scratch")
            await connection.execute(projection.ddl)
            for day in DAYS:
                rows = Rows()
                for kind in projection.rows:
                    rows.put(_sample(kind, day))
                expected = await held(by_json, rows)
                assert all(len(texts) == 1 for texts in expected.values())
                assert await held(by_copy, rows) == expected
                assert await held(by_way_of_another_table, rows) == expected
            await connection.execute("drop schema scratch cascade")


@given(
    stops=st.lists(st.integers(0, 350), max_size=3).map(sorted),
    projection=st.sampled_from(LIVE),
    memory=st.sampled_from([PLENTY, NOTHING]),
)
@settings(max_examples=12, suppress_health_check=list(HealthCheck))
def test_it_may_stop_after_any_event_and_goes_on_from_there(
    copied: str,
    runner: asyncio.Runner,
    stops: list[int],
    projection: Projection,
    memory: int,
) -> None:
    async def build() -> None:
        async with opened(copied) as log, connections(copied, 3) as (keeper, reading, writing):
            hold = await begun(projection, "somebody", keeper)
            generation = hold.generation
            for stop in (*stops, None):
                async with hold.kept():
                    engine = Engine(
                        hold, reading=reading, writing=writing, mapper=log.mapper, memory=memory
                    )
                    await engine.run(stop)
                hold = await taken(generation, "somebody else", keeper)
            live = await contents(copied, schema_of(projection.name, 1), projection)
            assert await contents(copied, generation.schema, projection) == live
            assert hold.position == await log.store.head()
            assert not await missing(writing, generation, indexes_of(projection))
            await writing.execute(f"drop schema {generation.schema} cascade")

    runner.run(build())


async def test_heavy_events_end_a_stretch_before_its_time(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with connections(log.dsn, 1) as (connection,):
        head = await log.store.head()
        topics = await connection.fetchval("select array_agg(distinct topic) from log.event")
        monkeypatch.setattr(stretch, "LENGTH", head)
        whole = [page async for page in stretch.stretches(connection, topics, after=0, upto=head)]
        monkeypatch.setattr(stretch, "WEIGHT", 1_000)
        cut = [page async for page in stretch.stretches(connection, topics, after=0, upto=head)]
    assert len(whole) == 1
    assert [event for page in cut for event in page.events] == whole[0].events
    assert cut[-1].scanned == head
    for page in cut:
        assert sum(len(event.state) for event in page.events[:-1]) < 1_000


async def test_a_stream_that_is_parked_is_left_out_from_its_position_on(log: Log) -> None:
    async with connections(log.dsn, 1) as (other,), building(log) as opening:
        async with other.transaction():
            generation = await begin(other, ORGANISATIONS, automatic=False)
        (row,) = await other.fetch(
            "insert into log.parked (projection, number, stream_id, position)"
            " select 'organisations', 2, stream_id, position from log.event"
            " where topic = 'organisation.registered' order by position limit 1"
            " returning stream_id"
        )
        await opening.go_on(generation, ready=True)
        gone = await other.fetch(
            "select id from read_organisations_1.organisation"
            " except select id from read_organisations_2.organisation"
        )
    assert [each["id"] for each in gone] == [external("organisation", row["stream_id"])]


async def test_what_may_be_read_is_neither_emptied_nor_left_without_indexes(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never(*_: object) -> None:
        raise AssertionError("somebody may read it")

    async with connections(log.dsn, 1) as (other,), building(log) as opening:
        async with other.transaction():
            generation = await begin(other, COHORTS, automatic=False)
            await other.execute("update log.generation set state = 'READY' where number = 2")
        monkeypatch.setattr(outlet, "pour", never)
        monkeypatch.setattr(indexes, "leave_out", never)
        await opening.go_on(generation, ready=True)
    live = await contents(log.dsn, schema_of("cohorts", 1), COHORTS)
    assert await contents(log.dsn, generation.schema, COHORTS) == live


async def test_cancelled_it_stores_what_it_has(log: Log) -> None:
    def cancel(position: int, _end: int) -> None:
        reached.append(position)
        task.cancel()

    reached: list[int] = []
    async with building(log, memory=NOTHING) as opening:
        task = asyncio.create_task(opening.anew(COHORTS, cancel))
        with pytest.raises(asyncio.CancelledError):
            await task
    generation = Generation(COHORTS, 2)
    row = await row_of(log.dsn, generation)
    assert (row["state"], row["position"], row["owner"]) == ("BUILDING", reached[0], None)
    assert row["paused"], "a server would go on at once with what an operator has stopped"
    async with building(log) as opening:
        await opening.go_on(generation, ready=True)
    assert not (await row_of(log.dsn, generation))["paused"]
    live = await contents(log.dsn, schema_of("cohorts", 1), COHORTS)
    assert await contents(log.dsn, generation.schema, COHORTS) == live


async def test_a_second_builder_is_told_who_builds(log: Log) -> None:
    async with (
        connections(log.dsn, 1) as (keeper,),
        building(log, owner="the second") as second,
    ):
        hold = await begun(COHORTS, "the first", keeper)
        async with hold.kept():
            with pytest.raises(HeldElsewhere, match="the first has generation 2 of cohorts"):
                await second.go_on(hold.generation, ready=True)
        outcome = await second.go_on(hold.generation, ready=True)
    assert outcome.position == await log.store.head()


async def test_who_lost_the_lease_writes_nothing(log: Log) -> None:
    async with connections(log.dsn, 2) as (keeper, other), building(log) as late:
        async with keeper.transaction():
            generation = await begin(keeper, COHORTS, automatic=False)

        def taken_over(_position: int, _end: int) -> None:
            if not tasks:
                taking = other.execute("update log.generation set fence = 99")
                tasks.append(asyncio.ensure_future(taking))

        tasks: list[asyncio.Future[str]] = []
        with pytest.raises(HeldElsewhere, match="was taken from this process"):
            await late.go_on(generation, taken_over, ready=True)
    assert (await row_of(log.dsn, generation))["position"] == 0
    assert not any((await contents(log.dsn, generation.schema, COHORTS)).values())


async def test_whoever_is_killed_leaves_the_last_checkpoint(log: Log) -> None:
    async with connections(log.dsn, 1) as (killer,):
        async with killer.transaction():
            generation = await begin(killer, ROADMAPS, automatic=False)
        killed: list[asyncio.Future[str]] = []

        def kill(_position: int, _end: int) -> None:
            if not killed:
                killed.append(asyncio.ensure_future(killer.execute(_KILL)))

        with pytest.raises(AWAY):
            async with building(log) as first:
                await first.go_on(generation, kill, ready=True)
    row = await row_of(log.dsn, generation)
    assert (row["state"], row["position"]) == ("BUILDING", 0)
    async with building(log) as second:
        await second.go_on(generation, ready=True)
    live = await contents(log.dsn, schema_of("roadmaps", 1), ROADMAPS)
    assert await contents(log.dsn, generation.schema, ROADMAPS) == live


_KILL = """
select pg_terminate_backend(pid) from pg_stat_activity
where application_name = 'cordee build' and datname = current_database() and pid <> pg_backend_pid()
"""


async def test_a_full_disk_fails_it_and_gives_the_space_back(log: Log) -> None:
    async with connections(log.dsn, 1) as (other,), building(log) as opening:
        async with other.transaction():
            generation = await begin(other, COHORTS, automatic=False)
        await other.execute(_FULL.format(schema=generation.schema))
        with pytest.raises(BuildFailed, match="could not be built: the disk of PostgreSQL is full"):
            await opening.go_on(generation, ready=True)
        row = await row_of(log.dsn, generation)
        assert (row["state"], row["position"], row["owner"]) == ("FAILED", 0, None)
        assert await other.fetchval(_RELATIONS, generation.schema) == 0
        assert any((await contents(log.dsn, schema_of("cohorts", 1), COHORTS)).values())

        assert await retry(other, generation)
        await opening.go_on(generation, ready=True)
    live = await contents(log.dsn, schema_of("cohorts", 1), COHORTS)
    assert await contents(log.dsn, generation.schema, COHORTS) == live


_FULL = """
create function {schema}.full_disk() returns trigger language plpgsql as
    $$ begin raise exception 'no space left on device' using errcode = 'disk_full'; end $$;
create trigger full_disk before insert on {schema}.erratum
    for each row execute function {schema}.full_disk();
create trigger full_disk before insert on {schema}.cohort
    for each row execute function {schema}.full_disk();
"""

_RELATIONS = "select count(*) from pg_class where relnamespace = to_regnamespace($1)"


async def test_an_event_that_cannot_be_folded_fails_it_by_its_position(log: Log) -> None:
    def fold(rows: Rows, recorded: Recorded[Any]) -> None:
        if recorded.position == poison:
            raise MissingRow("cohort coh_1")
        COHORTS.fold(rows, recorded)

    poison = 0
    broken = replace(COHORTS, fold=fold)
    async with connections(log.dsn, 1) as (other,), building(log) as opening:
        poison = await other.fetchval(
            "select position from log.event where topic = any($1) offset 9",
            list(COHORTS.topics),
        )
        with pytest.raises(BuildFailed, match=f"at position {poison}: MissingRow: cohort coh_1"):
            await opening.anew(broken)
        row = await row_of(log.dsn, Generation(broken, 2))
        assert (row["state"], row["failing_position"]) == ("FAILED", poison)


async def test_it_takes_in_what_is_written_meanwhile(log: Log) -> None:
    async def write() -> None:
        for number in range(60):
            name = f"Organisation {number}"
            kind = OrganisationKind.ASSOCIATION
            one = Organisation.register(uuid4(), now=NOW, name=name, kind=kind)
            await told(log.store, log.mapper, *news(one))

    async with building(log) as opening:
        writing = asyncio.create_task(write())
        outcome = await opening.anew(ORGANISATIONS)
        await writing
        head = await log.store.head()
        last = await opening.anew(ORGANISATIONS)
        assert outcome.position <= head == last.position
    projector = await Projector.start(log.dsn, log.store, log.mapper, projections=[ORGANISATIONS])
    assert await projector.wait_until(head, 10)
    await projector.stop()
    expected = await contents(log.dsn, schema_of("organisations", 1), ORGANISATIONS)
    assert await contents(log.dsn, last.generation.schema, ORGANISATIONS) == expected
