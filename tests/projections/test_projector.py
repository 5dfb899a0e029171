"""The projector on a real PostgreSQL: what it shows, and what may happen to it meanwhile."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import asyncpg
import pytest
from asyncpg import Record
from structlog.testing import capture_logs

from domain.aggregate import AggregateEvent
from domain.organisation import Organisation
from domain.record import Recorded
from infra.projector import ProjectionState, prepare, status
from infra.projector.folding import Folding
from infra.projector.lease import Lease, LeaseLost
from infra.projector.progress import Progress
from infra.projector.tables import write
from infra.projector.worker import Worker
from projections import organisations
from projections.catalogue import PROJECTIONS
from projections.cohorts import COHORTS
from projections.organisations import ORGANISATIONS, OrganisationRow
from projections.projection import Projection
from projections.rows import Rows
from tests.generations import of_other_code
from tests.history import Log, given, news, opened
from tests.projections.projecting import (
    SOON,
    Stalling,
    a_story,
    an_organisation,
    broken,
    folding_by,
    hindered,
    in_memory,
    in_table,
    names,
    projecting,
    timeless,
    until,
)
from tests.projections.reading import stored


@pytest.fixture
async def log(prepared: str) -> AsyncIterator[Log]:
    """An open log, with a read schema beside it."""
    async with opened(prepared) as opening:
        yield opening


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
    await of_other_code(log.dsn)
    assert await prepare(log.dsn) == [projection.name for projection in PROJECTIONS]
    async with projecting(log) as projector:
        assert await projector.wait_until(position, SOON)
    assert [await stored(log.dsn, projection, 2) for projection in PROJECTIONS] == live


# crashes and rivals


async def test_a_crash_between_writing_and_committing_leaves_no_trace(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    crashes = iter([True, True])

    async def crash_after_writing(connection: Any, *arguments: Any) -> None:
        await write(connection, *arguments)
        if next(crashes, False):
            await connection.execute("select pg_terminate_backend(pg_backend_pid())")

    monkeypatch.setattr("infra.projector.holding.write", crash_after_writing)
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
    slow, fast = (Lease(ORGANISATIONS, 1, owner, 0.0) for owner in ("slow", "fast"))
    connection: asyncpg.Connection[Record] = await asyncpg.connect(log.dsn)
    assert await slow.claim(connection)
    assert await fast.claim(connection)
    fast.reached(5, await fast.advance(connection, 5))
    with pytest.raises(LeaseLost):
        await slow.advance(connection, 7)
    assert not await slow.stop(connection, 7, "an error of yesterday")
    assert (await status(log.dsn, [ORGANISATIONS]))[0].position == 5
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


OWNERS = "select owner from log.generation where owner is not null"


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
    assert await Lease(ORGANISATIONS, 1, "hangs", 1.0).claim(connection)
    async with projecting(log, lease=1.0) as projector:
        position = await given(log.store, log.mapper, *news(an_organisation()))
        assert not await projector.wait_until(position, 0.3)
        assert await projector.wait_until(position, SOON)
    await connection.close()


async def test_who_dies_is_replaced_long_before_the_lease_is_over(log: Log) -> None:
    connection: asyncpg.Connection[Record] = await asyncpg.connect(log.dsn)
    assert await Lease(ORGANISATIONS, 1, "dies", 3600.0).claim(connection)
    connection.terminate()
    async with projecting(log) as projector:
        position = await given(log.store, log.mapper, *news(an_organisation()))
        assert await projector.wait_until(position, SOON)


async def test_a_lease_that_was_let_go_leaves_no_lock_on_its_connection(log: Log) -> None:
    lease = Lease(ORGANISATIONS, 1, "first", 3600.0)
    connection: asyncpg.Connection[Record] = await asyncpg.connect(log.dsn)
    assert await lease.claim(connection)
    await lease.renew(connection)
    await lease.let_go(connection)
    assert await connection.fetchval(LOCKS) == 0
    await connection.close()


LOCKS = "select count(*) from pg_locks where locktype = 'advisory' and pid = pg_backend_pid()"


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
    (row,) = await in_table(dsn, "select rna from read_organisations_1.organisation")
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
        await in_table(log.dsn, "drop table read_organisations_1.contact")
        assert await prepare(log.dsn) == ["organisations"]
        store.goes_on.set()
        position = await given(log.store, log.mapper, *news(an_organisation("Air Breizh")))
        assert await projector.wait_until(position, SOON)
        assert projector.path == "read_organisations_2"
    shown = await in_table(log.dsn, "select name from read_organisations_2.organisation")
    assert {row["name"] for row in shown} == {"Air Breizh", "Atmo Normandie"}


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


_FULL = """
do $do$ begin
    create function read_organisations_1.full() returns trigger language plpgsql as
        $$ begin raise exception 'no space left on device' using errcode = 'disk_full'; end $$;
    create trigger full_disk before insert on read_organisations_1.organisation
        for each row execute function read_organisations_1.full();
end $do$
"""


async def test_a_full_disk_delays_and_stops_nothing(log: Log) -> None:
    with capture_logs() as logged:
        async with projecting(log, projections=[ORGANISATIONS]) as projector:
            await until(ProjectionState.LIVE, log.dsn)
            await in_table(log.dsn, _FULL)
            position = await given(log.store, log.mapper, *news(an_organisation()))
            assert not await projector.wait_until(position, 0.3)
            assert [each.error for each in await status(log.dsn, [ORGANISATIONS])] == [None]
            await in_table(log.dsn, "drop trigger full_disk on read_organisations_1.organisation")
            assert await projector.wait_until(position, SOON)
            assert await names(log.dsn) == ["Atmo Normandie"]
    assert "DiskFullError" in {
        entry["error"] for entry in logged if entry["event"] == "projection.interrupted"
    }


async def test_whoever_reads_some_tables_waits_for_those_who_make_them_alone() -> None:
    progress = Progress(["organisations", "cohorts"])
    progress.reached("organisations", 5, stopped=False)
    assert await progress.wait_until(5, SOON, {"organisations"})
    assert not await progress.wait_until(5, 0.01, {"cohorts"})
    waiting = [
        asyncio.ensure_future(progress.wait_until(5, SOON, names)) for names in ({"cohorts"}, None)
    ]
    await asyncio.sleep(0)
    progress.reached("cohorts", 5, stopped=False)
    assert await asyncio.gather(*waiting) == [True, True]


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
            assert await projector.wait_until(position, SOON, ["contact"]), "nor does anybody here"
            assert projector.position() == {"organisations": 1, "cohorts": position}
            assert [projector.shown(table) for table in ("contact", "session")] == [1, position]
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
    take = Folding.take

    async def late(*arguments: Any) -> bool:
        await goes_on.wait()
        return await take(*arguments)

    monkeypatch.setattr(Folding, "take", late)
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


async def test_tables_that_went_missing_are_made_again(log: Log) -> None:
    await in_table(log.dsn, "drop table read_organisations_1.contact")
    assert await prepare(log.dsn) == ["organisations"]
    (left,) = await in_table(log.dsn, "select to_regnamespace('read_organisations_1') as schema")
    assert left["schema"] is None


# waiting


async def test_waiting_for_a_position_that_does_not_come_ends_in_time(log: Log) -> None:
    async with projecting(log) as projector:
        assert await projector.wait_until(0, 0.0)
        assert not await projector.wait_until(1, 0.05)


async def test_events_of_no_interest_are_passed_over_in_the_table_too(log: Log) -> None:
    async with projecting(log) as projector:
        position = await given(log.store, log.mapper, *news(an_organisation()))
        assert await projector.wait_until(position, SOON)
        async with asyncio.timeout(SOON):  # such a checkpoint is stored now and then only
            while {each.lag for each in await status(log.dsn)} != {0}:
                await asyncio.sleep(0.05)
