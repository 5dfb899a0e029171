"""The projector on a real PostgreSQL: what it shows, and what may happen to it meanwhile."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from random import Random
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from asyncpg import Record
from structlog.testing import capture_logs

from api.ports import Hindrance
from domain.aggregate import AggregateEvent
from domain.organisation import Organisation, OrganisationKind
from domain.record import Recorded
from infra.projector import ProjectionState, Projector, prepare, status
from infra.projector.lease import Lease, LeaseLost
from infra.projector.tables import write
from infra.projector.worker import Worker
from infra.store import EventStore
from projections import organisations
from projections.catalogue import PROJECTIONS
from projections.cohorts import COHORTS
from projections.organisations import ORGANISATIONS, OrganisationRow
from projections.projection import Fold, Projection
from projections.rows import Rows
from projections.table import Row
from tests.domain.work import NOW
from tests.history import AT, Log, given, news, opened
from tests.projections.folding import Tables, of_interest, tables
from tests.projections.reading import stored
from tests.projections.stories import story

SOON = 10.0
"""Seconds for what takes milliseconds, on a busy machine."""


@pytest.fixture
async def log(prepared: str) -> AsyncIterator[Log]:
    """An open log, with a read schema beside it."""
    async with opened(prepared) as opening:
        yield opening


@asynccontextmanager
async def projecting(log: Log, **options: Any) -> AsyncIterator[Projector]:
    """A projector at work."""
    projector = await Projector.start(log.dsn, log.store, log.mapper, **options)
    try:
        yield projector
    finally:
        await projector.stop()


def an_organisation(name: str = "Atmo Normandie") -> Organisation:
    """A new organisation."""
    return Organisation.register(uuid4(), now=NOW, name=name, kind=OrganisationKind.ASSOCIATION)


def a_story(commands: int = 300) -> list[AggregateEvent]:
    """What a number of random commands have made happen, the same every time."""
    chance = Random(2025)  # noqa: S311
    return story([chance.randrange(2**32) for _ in range(commands)])


def in_memory(projection: Projection, events: Iterable[AggregateEvent]) -> Tables:
    """What one fold over all comes to, beside what is of reference."""
    rows = Rows()
    for row in projection.reference:
        rows.put(row)
    for each in of_interest(projection, list(events)):
        projection.take(rows, each)
    return tables(projection, rows)


def timeless(shown: Tables) -> Tables:
    """Rows without the instants at which the log recorded: those differ from run to run."""
    return {
        table: {
            key: replace(row, **dict.fromkeys(_instants(row), AT))  # type: ignore[type-var]
            for key, row in rows.items()
        }
        for table, rows in shown.items()
    }


def _instants(row: Row) -> list[str]:
    return [
        name
        for name in row.TABLE.columns
        if name.endswith("_at") and getattr(row, name) is not None
    ]


async def in_table(dsn: str, query: str, *arguments: object) -> list[Record]:
    """Ask the database."""
    connection: asyncpg.Connection[Record] = await asyncpg.connect(dsn)
    try:
        return await connection.fetch(query, *arguments)
    finally:
        await connection.close()


async def names(dsn: str) -> list[str]:
    """The names of the organisations that can be read."""
    return [row["name"] for row in await in_table(dsn, "select name from read.organisation")]


async def until(state: ProjectionState, dsn: str, name: str = "organisations") -> Any:
    """Wait until a projection is in a state, and give what is known of it."""
    async with asyncio.timeout(SOON):
        while True:
            (found,) = [each for each in await status(dsn) if each.name == name]
            if found.state is state:
                return found
            await asyncio.sleep(0.02)


async def hindered(projector: Projector, code: str) -> list[Hindrance]:
    """Wait until something hinders a projector, and give all that does."""
    async with asyncio.timeout(SOON):
        while True:
            found = projector.hindrances()
            if any(each.code == code for each in found):
                return found
            await asyncio.sleep(0.02)


def broken(at: str, error: Exception) -> Projection:
    """Organisations, with a fold that fails when somebody takes a certain name."""

    def fold(rows: Rows, recorded: Recorded[AggregateEvent]) -> None:
        if getattr(recorded.event, "name", None) == at:
            raise error
        organisations.fold(rows, recorded)

    return folding_by(fold)


def folding_by(fold: Fold) -> Projection:
    """Organisations, with another fold that passes for theirs."""
    projection = replace(ORGANISATIONS, fold=fold)
    vars(projection)["code_hash"] = ORGANISATIONS.code_hash
    return projection


# what it shows


async def test_what_is_recorded_can_be_read_a_moment_later(log: Log) -> None:
    async with projecting(log) as projector:
        position = await given(log.store, log.mapper, *news(an_organisation()))
        assert await projector.wait_until(position, SOON)
        assert await names(log.dsn) == ["Atmo Normandie"]


async def test_live_work_comes_to_what_one_fold_over_the_log_comes_to(log: Log) -> None:
    events = a_story()
    async with projecting(log) as projector:
        position = 0
        for start in range(0, len(events), 7):
            position = await given(log.store, log.mapper, *events[start : start + 7])
            if start % 5 == 0:
                await projector.wait_until(position, SOON)
        assert await projector.wait_until(position, SOON)
    for projection in PROJECTIONS[1:]:
        shown = await stored(log.dsn, projection)
        assert timeless(shown) == timeless(in_memory(projection, events)), projection.name


async def test_a_rebuild_comes_to_what_live_work_came_to(log: Log) -> None:
    position = 0
    async with projecting(log) as projector:
        for event in a_story(150):
            position = await given(log.store, log.mapper, event)
        assert await projector.wait_until(position, SOON)
    live = [await stored(log.dsn, projection) for projection in PROJECTIONS]
    await in_table(log.dsn, "update log.projection set code_hash = 'older code'")
    assert await prepare(log.dsn) == [projection.name for projection in PROJECTIONS]
    async with projecting(log) as projector:
        assert await projector.wait_until(position, SOON)
    assert [await stored(log.dsn, projection) for projection in PROJECTIONS] == live


# crashes and rivals


async def test_a_crash_between_writing_and_committing_leaves_no_trace(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    crashes = iter([True, True])

    async def crash_after_writing(connection: Any, *arguments: Any) -> None:
        await write(connection, *arguments)
        if next(crashes, False):
            await connection.execute("select pg_terminate_backend(pg_backend_pid())")

    monkeypatch.setattr("infra.projector.worker.write", crash_after_writing)
    organisation = an_organisation()
    organisation.join_network("AASQA")
    async with projecting(log, projections=[ORGANISATIONS]) as projector:
        position = await given(log.store, log.mapper, *news(organisation))
        assert await projector.wait_until(position, SOON)
    assert next(crashes, None) is None, "both crashes happened"
    shown = await stored(log.dsn, ORGANISATIONS)
    assert [row.version for row in shown["organisation"].values()] == [2]  # type: ignore[attr-defined]
    assert len(shown["membership"]) == 1


async def test_a_leader_that_was_overtaken_can_neither_write_nor_move_the_checkpoint(
    log: Log,
) -> None:
    slow, fast = (Lease(ORGANISATIONS, owner, 0.0) for owner in ("slow", "fast"))
    connection: asyncpg.Connection[Record] = await asyncpg.connect(log.dsn)
    assert await slow.claim(connection)
    assert await fast.claim(connection)
    await fast.advance(connection, 5)
    with pytest.raises(LeaseLost):
        await slow.advance(connection, 7)
    assert not await slow.stop(connection, 7, "an error of yesterday")
    assert (await fast.stored(connection)).position == 5  # type: ignore[arg-type]
    await connection.close()


async def test_of_two_processes_one_leads_and_both_know_what_is_shown(log: Log) -> None:
    async with projecting(log) as first:
        await until(ProjectionState.LIVE, log.dsn)
        async with opened(log.dsn) as elsewhere, projecting(elsewhere) as second:
            for name in ("Atmo Normandie", "Air Breizh"):
                position = await given(log.store, log.mapper, *news(an_organisation(name)))
                assert await second.wait_until(position, SOON)
                assert name in await names(log.dsn)
            assert first.position().keys() == second.position().keys()
            assert len({row["owner"] for row in await in_table(log.dsn, OWNERS)}) == 1


OWNERS = "select owner from log.projection where owner is not null"


async def test_who_stops_in_order_hands_over_at_once(log: Log) -> None:
    async with projecting(log):
        await until(ProjectionState.LIVE, log.dsn)
    assert await in_table(log.dsn, OWNERS) == []
    async with projecting(log) as projector:
        position = await given(log.store, log.mapper, *news(an_organisation()))
        assert await projector.wait_until(position, SOON)


async def test_stopping_does_not_wait_for_the_log_to_go_on(log: Log) -> None:
    async with asyncio.timeout(3):
        for _ in range(20):
            async with projecting(log):
                await given(log.store, log.mapper, *news(an_organisation()))


async def test_who_hangs_is_replaced_when_the_lease_is_over(log: Log) -> None:
    connection: asyncpg.Connection[Record] = await asyncpg.connect(log.dsn)
    assert await Lease(ORGANISATIONS, "hangs", 1.0).claim(connection)
    async with projecting(log, lease=1.0) as projector:
        position = await given(log.store, log.mapper, *news(an_organisation()))
        assert not await projector.wait_until(position, 0.3)
        assert await projector.wait_until(position, SOON)
    await connection.close()


async def test_who_dies_is_replaced_long_before_the_lease_is_over(log: Log) -> None:
    connection: asyncpg.Connection[Record] = await asyncpg.connect(log.dsn)
    assert await Lease(ORGANISATIONS, "dies", 3600.0).claim(connection)
    connection.terminate()
    async with projecting(log) as projector:
        position = await given(log.store, log.mapper, *news(an_organisation()))
        assert await projector.wait_until(position, SOON)


async def test_a_lease_that_was_let_go_leaves_no_lock_on_its_connection(log: Log) -> None:
    lease = Lease(ORGANISATIONS, "first", 3600.0)
    connection: asyncpg.Connection[Record] = await asyncpg.connect(log.dsn)
    assert await lease.claim(connection)
    await lease.renew(connection)
    await lease.let_go(connection)
    assert await connection.fetchval(LOCKS) == 0
    await connection.close()


LOCKS = "select count(*) from pg_locks where locktype = 'advisory' and pid = pg_backend_pid()"


class Stalling:
    """A log that can be made to answer one of its readers late: a process that is paused."""

    def __init__(self, store: EventStore) -> None:
        self._store = store
        self.goes_on = asyncio.Event()
        self.goes_on.set()
        self.stalls = asyncio.Event()

    def __getattr__(self, name: str) -> Any:
        """Answer as the log does."""
        return getattr(self._store, name)

    async def wait_beyond(self, position: int, timeout: float) -> int:  # noqa: ASYNC109
        """Wait as the log does, and then for as long as the test says."""
        head = await self._store.wait_beyond(position, timeout)
        if not self.goes_on.is_set():
            self.stalls.set()
            await self.goes_on.wait()
        return head

    async def stall(self) -> None:
        """Keep the reader waiting, and come back when it is."""
        self.goes_on.clear()
        await self.stalls.wait()


def adding_up() -> Projection:
    """Organisations, with a fold that shows when an event is folded twice."""

    def fold(rows: Rows, recorded: Recorded[AggregateEvent]) -> None:
        organisations.fold(rows, recorded)
        if isinstance(recorded.event, Organisation.Renamed):
            row = next(row for row in rows.all(OrganisationRow))
            row.rna = (row.rna or "") + "+"

    return folding_by(fold)


async def folded(dsn: str) -> str:
    """How often organisations were renamed, as those show who were adding up."""
    (row,) = await in_table(dsn, "select rna from read.organisation")
    return str(row["rna"])


async def test_who_was_paused_goes_on_from_where_others_came_meanwhile(log: Log) -> None:
    store: Any = Stalling(log.store)
    paused = Log(log.dsn, store, log.mapper, log.keys)
    options: Any = {"projections": [adding_up()], "lease": 0.3}
    organisation = an_organisation()
    async with projecting(paused, **options) as first:
        position = await given(log.store, log.mapper, *news(organisation))
        assert await first.wait_until(position, SOON)
        await store.stall()
        await asyncio.sleep(0.3)
        async with projecting(log, **options) as second:
            organisation.rename("Atmo")
            position = await given(log.store, log.mapper, *news(organisation))
            assert await second.wait_until(position, SOON)
        assert await folded(log.dsn) == "+"
        store.goes_on.set()
        organisation.rename("Air")
        position = await given(log.store, log.mapper, *news(organisation))
        assert await first.wait_until(position, SOON)
    assert await folded(log.dsn) == "++"


async def test_who_was_paused_begins_anew_where_the_tables_were_made_anew(log: Log) -> None:
    store: Any = Stalling(log.store)
    paused = Log(log.dsn, store, log.mapper, log.keys)
    async with projecting(paused, projections=[ORGANISATIONS], lease=0.3) as projector:
        position = await given(log.store, log.mapper, *news(an_organisation()))
        assert await projector.wait_until(position, SOON)
        await store.stall()
        await asyncio.sleep(0.3)
        await in_table(log.dsn, "drop table read.contact")
        assert await prepare(log.dsn) == ["organisations"]
        store.goes_on.set()
        position = await given(log.store, log.mapper, *news(an_organisation("Air Breizh")))
        async with asyncio.timeout(SOON):
            while sorted(await names(log.dsn)) != ["Air Breizh", "Atmo Normandie"]:
                await asyncio.sleep(0.05)
        assert await projector.wait_until(position, SOON)


async def test_who_starts_knows_at_once_what_is_stored(log: Log) -> None:
    async with projecting(log) as projector:
        position = await given(log.store, log.mapper, *news(an_organisation()))
        assert await projector.wait_until(position, SOON)
    async with projecting(log) as projector:
        assert projector.least() == position
        assert projector.hindrances() == []


async def test_the_database_going_away_delays_and_stops_nothing(log: Log) -> None:
    async with projecting(log) as projector:
        await until(ProjectionState.LIVE, log.dsn)
        with suppress(asyncpg.PostgresError):
            await in_table(
                log.dsn,
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where datname = current_database() and application_name = 'cordee project'",
            )
        position = await given(log.store, log.mapper, *news(an_organisation()))
        assert await projector.wait_until(position, SOON)
        assert await names(log.dsn) == ["Atmo Normandie"]


# poison


async def test_an_event_that_cannot_be_folded_stops_its_projection_and_no_other(log: Log) -> None:
    poisoned = broken("Air Breizh", ValueError("nobody can fold this"))
    before, failing, after = (an_organisation(name) for name in ("Avant", "Air Breizh", "Après"))
    with capture_logs() as logged:
        async with projecting(log, projections=[poisoned, COHORTS]) as projector:
            position = await given(log.store, log.mapper, *news(before, failing, after))
            found = await until(ProjectionState.STOPPED, log.dsn)
            assert found.failing_position == 2
            assert found.error == "ValueError", "its words may be somebody's name"
            assert found.position == 1, "all before it is shown"
            assert await names(log.dsn) == ["Avant"]
            assert await projector.wait_until(position, SOON), "nobody waits for what has stopped"
            assert projector.position() == {"organisations": 1, "cohorts": position}
            (hindrance,) = await hindered(projector, "STOPPED")
            assert hindrance.read_model == "organisations"
            assert hindrance.reason.endswith("position 2: ValueError")
    stopped = [entry for entry in logged if entry["event"] == "projection.stopped"]
    assert [(entry["projection"], entry["position"]) for entry in stopped] == [("organisations", 2)]


async def test_a_damaged_event_stops_what_follows_it_and_is_named(log: Log) -> None:
    await given(log.store, log.mapper, *news(an_organisation()))
    await in_table(log.dsn, "alter table log.event disable trigger user")
    await in_table(log.dsn, "update log.event set state = substring(state for 40)")
    async with projecting(log):
        found = await until(ProjectionState.STOPPED, log.dsn)
    assert found.failing_position == 1
    assert "position 1 (organisation.registered" in found.error


async def test_a_row_that_contradicts_its_table_stops_the_projection(log: Log) -> None:
    def fold(rows: Rows, recorded: Recorded[AggregateEvent]) -> None:
        organisations.fold(rows, recorded)
        row = next(rows.all(OrganisationRow))
        row.kind = None  # type: ignore[assignment]

    async with projecting(log, projections=[folding_by(fold)]):
        await given(log.store, log.mapper, *news(an_organisation()))
        found = await until(ProjectionState.STOPPED, log.dsn)
    assert "NotNullViolation" in found.error
    assert "Atmo" not in found.error, "PostgreSQL quotes the row in its details"


async def test_a_stopped_projection_is_tried_again_by_who_starts_anew(log: Log) -> None:
    poisoned = broken("Atmo Normandie", ValueError("not today"))
    async with projecting(log, projections=[poisoned]) as projector:
        position = await given(log.store, log.mapper, *news(an_organisation()))
        await until(ProjectionState.STOPPED, log.dsn)
    async with projecting(log) as projector:
        assert await projector.wait_until(position, SOON)
        assert (await until(ProjectionState.LIVE, log.dsn)).error is None


async def test_a_stopped_projection_is_left_alone_by_who_ran_already(log: Log) -> None:
    poisoned = broken("Atmo Normandie", ValueError("not today"))
    async with projecting(log, projections=[poisoned]):
        await until(ProjectionState.LIVE, log.dsn)
        async with projecting(log) as rival:
            # Its one try at what has stopped is over: it found that somebody else leads.
            await asyncio.sleep(0.5)
            position = await given(log.store, log.mapper, *news(an_organisation()))
            await hindered(rival, "STOPPED")
            await asyncio.sleep(1.2)
            await hindered(rival, "STOPPED")
            assert rival.position()["organisations"] < position


# readiness


async def test_a_read_model_on_its_way_to_the_log_as_it_was_at_the_start_is_behind(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    position = await given(log.store, log.mapper, *news(an_organisation()))
    goes_on = asyncio.Event()
    take = Worker._take

    async def late(*arguments: Any) -> bool:
        await goes_on.wait()
        return await take(*arguments)

    monkeypatch.setattr(Worker, "_take", late)
    async with projecting(log, projections=[ORGANISATIONS]) as projector:
        assert [each.code for each in projector.hindrances()] == ["BEHIND"]
        goes_on.set()
        assert await projector.wait_until(position, SOON)
        assert projector.hindrances() == []


async def test_a_worker_that_has_died_is_a_hindrance(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def dies(*_: Any) -> None:
        raise RuntimeError("nobody expected this")

    monkeypatch.setattr(Worker, "_lead", dies)
    async with projecting(log, projections=[ORGANISATIONS]) as projector:
        (hindrance,) = await hindered(projector, "ENDED")
        assert hindrance.read_model == "organisations"


# code


async def test_preparing_twice_or_at_once_makes_the_tables_once(database: str) -> None:
    made = await asyncio.gather(*(prepare(database) for _ in range(4)))
    assert sorted(made, key=len) == [[], [], [], [projection.name for projection in PROJECTIONS]]


async def test_other_code_drops_its_tables_and_begins_anew(log: Log) -> None:
    async with projecting(log) as projector:
        position = await given(log.store, log.mapper, *news(an_organisation()))
        assert await projector.wait_until(position, SOON)
    await in_table(
        log.dsn, "update log.projection set code_hash = 'x' where name = 'organisations'"
    )
    assert await prepare(log.dsn) == ["organisations"]
    assert await names(log.dsn) == []
    async with projecting(log) as projector:
        assert await projector.wait_until(position, SOON)
    assert await names(log.dsn) == ["Atmo Normandie"]


async def test_tables_that_went_missing_are_made_again(log: Log) -> None:
    await in_table(log.dsn, "drop table read.contact")
    assert await prepare(log.dsn) == ["organisations"]


async def test_tables_of_older_code_are_found_by_their_comment(log: Log) -> None:
    await in_table(log.dsn, "alter table read.network rename to guild")
    assert await prepare(log.dsn) == ["organisations"]
    (left,) = await in_table(log.dsn, "select to_regclass('read.guild') as guild")
    assert left["guild"] is None


async def test_a_worker_of_older_code_loses_its_lease_and_takes_it_never_again(log: Log) -> None:
    async with projecting(log, lease=0.3) as outdated:
        await until(ProjectionState.LIVE, log.dsn)
        await in_table(log.dsn, "update log.projection set code_hash = 'newer code', fence = 99")
        await until(ProjectionState.OUTDATED, log.dsn)
        position = await given(log.store, log.mapper, *news(an_organisation()))
        assert not await outdated.wait_until(position, 1.0)
        assert await names(log.dsn) == []
        await hindered(outdated, "OUTDATED")


# waiting


async def test_waiting_for_a_position_that_does_not_come_ends_in_time(log: Log) -> None:
    async with projecting(log) as projector:
        assert await projector.wait_until(0, 0.0)
        assert not await projector.wait_until(1, 0.05)


async def test_events_of_no_interest_are_passed_over_in_the_table_too(log: Log) -> None:
    async with projecting(log) as projector:
        position = await given(log.store, log.mapper, *news(an_organisation()))
        assert await projector.wait_until(position, SOON)
    assert {each.lag for each in await status(log.dsn)} == {0}
