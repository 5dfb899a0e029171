"""Generations: made beside the one that is read, and switched to without anybody noticing."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import asyncpg
import pytest
from asyncpg import Record

from api.ports import ReadsUnavailable
from domain.aggregate import AggregateEvent
from domain.organisation import Organisation
from domain.record import Recorded
from infra.projector import Projector, prepare
from infra.projector.choice import chosen, named
from infra.projector.generation import LOCK, begin
from infra.projector.lease import Lease, LeaseLost
from infra.projector.refusals import (
    ChangedMeanwhile,
    InUse,
    NoSuchGeneration,
    NothingToGoBackTo,
    NothingToSwitchTo,
    NotReady,
    OfOtherCode,
    UnknownProjection,
)
from infra.projector.status import GenerationStatus, ProjectionState, Role, generations
from infra.projector.steering import drop, pause, resume, retry
from infra.projector.switching import back, switch
from infra.reads import Reads
from projections import organisations
from projections.cohorts import COHORTS
from projections.organisations import ORGANISATIONS, OrganisationRow
from projections.projection import Projection
from projections.rows import Rows
from projections.statement import Statement
from tests.history import Log, given, news, opened
from tests.projections.projecting import (
    SOON,
    an_organisation,
    broken,
    hindered,
    in_table,
    projecting,
)

COUNT = Statement("select count(*) as n from organisation")
LOUD = Statement("select name from organisation order by name")


@pytest.fixture
async def log(prepared: str) -> AsyncIterator[Log]:
    """An open log, with a first generation of each read model beside it."""
    async with opened(prepared) as opening:
        yield opening


@pytest.fixture
async def operator(prepared: str) -> AsyncIterator["asyncpg.Connection[Record]"]:
    """The connection of somebody who steers."""
    connection = await asyncpg.connect(prepared)
    yield connection
    await connection.close()


def shouting() -> Projection:
    """Organisations as another version of the program folds them: in the same tables."""

    def fold(rows: Rows, recorded: Recorded[AggregateEvent]) -> None:
        organisations.fold(rows, recorded)
        for row in rows.all(OrganisationRow):
            rows.change(OrganisationRow, row.id).name = row.name.upper()

    return replace(ORGANISATIONS, fold=fold)


def reshaped() -> Projection:
    """Organisations as a version folds them that has a table more."""
    more = "create table guild (id text primary key);"
    return replace(ORGANISATIONS, ddl=ORGANISATIONS.ddl + more)


async def all_of(dsn: str, projection: Projection) -> list[GenerationStatus]:
    """The generations of a projection, as this version of it sees them."""
    connection: asyncpg.Connection[Record] = await asyncpg.connect(dsn)
    try:
        return await generations(connection, [projection])
    finally:
        await connection.close()


async def read_at(dsn: str, projection: Projection, number: int) -> None:
    """Wait until a generation is the one that is read."""
    async with asyncio.timeout(SOON):
        while not any(
            each.role is Role.ACTIVE and each.number == number
            for each in await all_of(dsn, projection)
        ):
            await asyncio.sleep(0.02)


async def ready(dsn: str, projection: Projection, number: int) -> None:
    """Wait until a generation can be read, and is folded."""
    async with asyncio.timeout(SOON):
        while not any(
            each.state is ProjectionState.LIVE and each.number == number
            for each in await all_of(dsn, projection)
        ):
            await asyncio.sleep(0.02)


async def begun(log: Log, projection: Projection = ORGANISATIONS) -> int:
    """Begin a generation as an operator does, who is to switch to it."""
    connection: asyncpg.Connection[Record] = await asyncpg.connect(log.dsn)
    try:
        async with connection.transaction():
            await connection.execute(LOCK)
            return (await begin(connection, projection, automatic=False)).number
    finally:
        await connection.close()


async def made(log: Log, projector: Projector, projection: Projection = ORGANISATIONS) -> int:
    """Begin a generation and wait until it is ready."""
    number = await begun(log, projection)
    await projector.look()
    await ready(log.dsn, projection, number)
    return number


async def follows(projector: Projector, number: int) -> None:
    """Wait until a process reads a generation."""
    async with asyncio.timeout(SOON):
        while f"read_organisations_{number}" not in projector.path.split(", "):
            await asyncio.sleep(0.01)


@asynccontextmanager
async def reading(log: Log, projector: Projector) -> AsyncIterator[Reads]:
    """Ask what a process reads."""
    reads = await Reads.open(log.dsn, projector, pool_size=2)
    try:
        yield reads
    finally:
        await reads.close()


async def names(reads: Reads) -> list[str]:
    """The names that are read."""
    return [row[0] for row in await reads.rows(LOUD, ())]


ONLY: Any = {"projections": [ORGANISATIONS]}


# two versions of the program


async def test_a_version_with_the_same_tables_reads_what_is_there_until_its_own_is_ready(
    log: Log,
) -> None:
    ours = shouting()
    async with projecting(log, **ONLY) as older:
        position = await given(log.store, log.mapper, *news(an_organisation()))
        assert await older.wait_until(position, SOON)
        assert await prepare(log.dsn, [ours]) == ["organisations"]
        async with projecting(log, projections=[ours], workers=False) as newer:
            assert newer.path == "read_organisations_1"
            assert newer.least() == position
            assert newer.hindrances() == []
            async with projecting(log, projections=[ours]), reading(log, newer) as reads:
                await follows(newer, 2)
                assert await names(reads) == ["ATMO NORMANDIE"]
        assert older.path == "read_organisations_1", "each version reads what it has made"


async def test_a_version_with_other_tables_is_not_ready_until_its_own_are(log: Log) -> None:
    ours = reshaped()
    async with projecting(log, **ONLY) as older:
        position = await given(log.store, log.mapper, *news(an_organisation()))
        assert await older.wait_until(position, SOON)
        await prepare(log.dsn, [ours])
        async with (
            projecting(log, projections=[ours], workers=False) as newer,
            reading(log, newer) as reads,
        ):
            assert [each.code for each in newer.hindrances()] == ["BUILDING"]
            assert not await newer.wait_until(position, 0.1)
            with pytest.raises(ReadsUnavailable):
                await names(reads)
            async with projecting(log, projections=[ours]):
                assert await newer.wait_until(position, SOON)
                assert newer.hindrances() == []
                assert await names(reads) == ["Atmo Normandie"]


async def test_two_versions_work_side_by_side_each_on_its_own(log: Log) -> None:
    ours = shouting()
    async with projecting(log, **ONLY) as older:
        await given(log.store, log.mapper, *news(an_organisation()))
        await prepare(log.dsn, [ours])
        async with projecting(log, projections=[ours]) as newer:
            position = await given(log.store, log.mapper, *news(an_organisation("Air Breizh")))
            await follows(newer, 2)
            for each in (older, newer):
                assert await each.wait_until(position, SOON)
            async with reading(log, older) as before, reading(log, newer) as after:
                assert await names(before) == ["Air Breizh", "Atmo Normandie"]
                assert await names(after) == ["AIR BREIZH", "ATMO NORMANDIE"]


async def test_the_older_version_finds_what_it_has_left_and_catches_up(log: Log) -> None:
    async with projecting(log, **ONLY) as older:
        position = await given(log.store, log.mapper, *news(an_organisation()))
        assert await older.wait_until(position, SOON)
    ours = shouting()
    await prepare(log.dsn, [ours])
    async with projecting(log, projections=[ours]) as newer:
        position = await given(log.store, log.mapper, *news(an_organisation("Air Breizh")))
        assert await newer.wait_until(position, SOON)
    assert await prepare(log.dsn, [ORGANISATIONS]) == []
    async with projecting(log, **ONLY) as older, reading(log, older) as reads:
        assert older.path == "read_organisations_1"
        assert await older.wait_until(position, SOON)
        assert await names(reads) == ["Air Breizh", "Atmo Normandie"]


async def test_what_was_read_two_versions_ago_goes_when_nobody_folds_it(log: Log) -> None:
    await given(log.store, log.mapper, *news(an_organisation()))
    for number, ours in enumerate((shouting(), reshaped()), 2):
        await prepare(log.dsn, [ours])
        async with projecting(log, projections=[ours]):
            await read_at(log.dsn, ours, number)
            async with asyncio.timeout(SOON):
                while len(await all_of(log.dsn, ours)) > 2:
                    await asyncio.sleep(0.02)
    left = await in_table(
        log.dsn, "select number from log.generation where projection = $1", "organisations"
    )
    assert sorted(row["number"] for row in left) == [2, 3]
    (gone,) = await in_table(log.dsn, "select to_regnamespace('read_organisations_1') as schema")
    assert gone["schema"] is None


# switching


async def test_a_generation_that_an_operator_began_waits_to_be_switched_to(
    log: Log, operator: Any
) -> None:
    async with projecting(log, **ONLY) as projector:
        position = await given(log.store, log.mapper, *news(an_organisation()))
        assert await made(log, projector) == 2
        assert projector.path == "read_organisations_1"
        assert await switch(operator, ORGANISATIONS) == (2, 1)
        await follows(projector, 2)
        assert await projector.wait_until(position, SOON)


async def test_under_load_no_query_fails_and_no_position_goes_back(log: Log, operator: Any) -> None:
    done = asyncio.Event()

    async def write() -> None:
        while not done.is_set():
            await given(log.store, log.mapper, *news(an_organisation()))
            await asyncio.sleep(0.002)

    async def read(projector: Projector, reads: Reads) -> int:
        told, times = 0, 0
        while not done.is_set():
            position = projector.least()
            assert position >= told
            found = (await reads.rows(COUNT, ()))[0][0]
            assert found >= position, "each event is one organisation"
            told, times = position, times + 1
            await asyncio.sleep(0)
        return times

    async def operate(*projectors: Projector) -> None:
        for _ in range(3):
            number = await made(log, projectors[0])
            await switch(operator, ORGANISATIONS)
            for each in projectors:
                await follows(each, number)
            await drop(operator, ORGANISATIONS, number - 1, settling=0.0)
        done.set()

    async with (
        projecting(log, **ONLY) as first,
        projecting(log, **ONLY) as second,
        reading(log, first) as one,
        reading(log, second) as another,
    ):
        _, *times, _ = await asyncio.gather(
            write(), read(first, one), read(second, another), operate(first, second)
        )
        assert min(times) > 50
        assert first.path == "read_organisations_4"
        await follows(second, 4)


async def test_a_process_follows_when_the_new_one_is_as_far_as_its_callers_were_told(
    log: Log, operator: Any
) -> None:
    async with projecting(log, **ONLY) as projector:
        second = await chosen(operator, ORGANISATIONS, await made(log, projector))
        await pause(operator, second)
        position = await given(log.store, log.mapper, *news(an_organisation()))
        assert await projector.wait_until(position, SOON)
        # As it would be told from the one before to a process that has seen more of it since.
        await operator.execute(
            "update log.active set number = 2 where projection = $1", second.name
        )
        await asyncio.sleep(1.2)
        assert (projector.path, projector.least()) == ("read_organisations_1", position)
        await resume(operator, second)
        await follows(projector, 2)
        assert projector.moved("organisation") == (2, position)


async def test_going_back_reads_at_once_what_was_read_before(log: Log, operator: Any) -> None:
    async with projecting(log, **ONLY) as projector, reading(log, projector) as reads:
        await made(log, projector)
        await switch(operator, ORGANISATIONS)
        position = await given(log.store, log.mapper, *news(an_organisation()))
        assert await back(operator, ORGANISATIONS, 2) == (1, 2)
        await follows(projector, 1)
        assert await projector.wait_until(position, SOON)
        assert await names(reads) == ["Atmo Normandie"]


async def test_of_two_operators_who_go_back_at_once_one_is_told_of_the_other(
    log: Log, operator: Any
) -> None:
    async with projecting(log, **ONLY) as projector:
        await made(log, projector)
        await switch(operator, ORGANISATIONS)
        assert await back(operator, ORGANISATIONS, 2) == (1, 2)
        with pytest.raises(ChangedMeanwhile, match="let generation 1 of organisations be read"):
            await back(operator, ORGANISATIONS, 2)


async def test_switching_twice_to_the_same_is_done_once(log: Log, operator: Any) -> None:
    async with projecting(log, **ONLY) as projector:
        await made(log, projector)
        assert await switch(operator, ORGANISATIONS, 2) == (2, 1)
        assert await switch(operator, ORGANISATIONS, 2) == (2, 2)


async def test_nobody_switches_to_what_is_less_far(log: Log, operator: Any) -> None:
    number = await begun(log)
    await operator.execute("update log.generation set state = 'READY' where number = $1", number)
    await operator.execute("update log.generation set position = 7 where number = 1")
    with pytest.raises(NotReady, match="at position 0, and what is read is at 7"):
        await switch(operator, ORGANISATIONS, patience=0.1)


async def test_what_cannot_be_switched_to_is_told_with_what_to_do(log: Log, operator: Any) -> None:
    await given(log.store, log.mapper, *news(an_organisation()))
    with pytest.raises(UnknownProjection, match=r"no read model guilds\. There are: organisations"):
        named("guilds", [ORGANISATIONS])
    with pytest.raises(NothingToSwitchTo, match=r"Generation 1 is read.*rebuild organisations"):
        await switch(operator, ORGANISATIONS)
    with pytest.raises(NoSuchGeneration, match=r"no generation 7 of organisations\. There are: 1"):
        await switch(operator, ORGANISATIONS, 7)
    with pytest.raises(NothingToGoBackTo, match="switch --generation"):
        await back(operator, ORGANISATIONS, 1)
    await begun(log)
    with pytest.raises(NotReady, match="still being built, and is at position 0"):
        await switch(operator, ORGANISATIONS)
    await prepare(log.dsn, [shouting()])
    with pytest.raises(OfOtherCode, match="start that version"):
        await switch(operator, ORGANISATIONS, 3)


# dropping


async def test_what_is_read_is_not_dropped_by_whatever_version(operator: Any) -> None:
    ours = shouting()
    with pytest.raises(InUse, match="is read: switch to another one first"):
        await drop(operator, ORGANISATIONS, 1)
    with pytest.raises(InUse, match="what another version of the program reads"):
        await drop(operator, ours, 1)


async def test_what_a_process_of_another_version_folds_is_not_dropped(
    log: Log, operator: Any
) -> None:
    async with projecting(log, **ONLY) as projector:
        await made(log, projector)
        with pytest.raises(InUse, match="is folded by another version"):
            await drop(operator, shouting(), 2)
        await drop(operator, ORGANISATIONS, 2)
        assert [each.number for each in await all_of(log.dsn, ORGANISATIONS)] == [1]


async def test_a_number_that_was_dropped_is_never_given_again(log: Log, operator: Any) -> None:
    assert await begun(log) == 2
    await drop(operator, ORGANISATIONS, 2)
    assert await begun(log) == 3


# leases


async def test_a_leader_whose_lease_ran_out_writes_in_no_generation_after_its_successor(
    log: Log,
) -> None:
    number = await begun(log)
    connection: asyncpg.Connection[Record] = await asyncpg.connect(log.dsn)
    slow = [Lease(ORGANISATIONS, each, "slow", 0.0) for each in (1, number)]
    fast = Lease(ORGANISATIONS, number, "fast", 0.0)
    for lease in (*slow, fast):
        assert await lease.claim(connection)
    await slow[0].advance(connection, 5)
    with pytest.raises(LeaseLost):
        await slow[1].advance(connection, 5)
    await fast.advance(connection, 5)
    await connection.close()


async def test_who_leads_a_paused_generation_can_write_no_more(operator: Any) -> None:
    lease = Lease(ORGANISATIONS, 1, "leader", 60.0)
    assert await lease.claim(operator)
    assert await pause(operator, await chosen(operator, ORGANISATIONS, None))
    with pytest.raises(LeaseLost):
        await lease.advance(operator, 5)
    assert not await lease.claim(operator)


# pausing and trying again


async def test_a_paused_read_model_stays_as_it_is_until_it_is_resumed(
    log: Log, operator: Any
) -> None:
    async with projecting(log, **ONLY, lease=0.5) as projector, reading(log, projector) as reads:
        generation = await chosen(operator, ORGANISATIONS, None)
        await ready(log.dsn, ORGANISATIONS, 1)
        assert await pause(operator, generation)
        assert not await pause(operator, generation)
        position = await given(log.store, log.mapper, *news(an_organisation()))
        (hindrance,) = await hindered(projector, "PAUSED")
        assert hindrance.everywhere, "to take this process away would help nobody"
        assert await names(reads) == []
        assert await resume(operator, generation)
        async with asyncio.timeout(SOON):
            while projector.position()["organisations"] < position:
                await asyncio.sleep(0.02)
        assert await names(reads) == ["Atmo Normandie"]
        assert projector.hindrances() == []


async def test_what_has_stopped_goes_on_when_it_is_tried_again(log: Log, operator: Any) -> None:
    generation = await chosen(operator, ORGANISATIONS, None)
    assert not await retry(operator, generation)
    async with projecting(log, projections=[broken("Atmo Normandie", ValueError())]):
        position = await given(log.store, log.mapper, *news(an_organisation()))
        async with asyncio.timeout(SOON):
            while (await all_of(log.dsn, ORGANISATIONS))[0].state is not ProjectionState.STOPPED:
                await asyncio.sleep(0.02)
        (stopped,) = await all_of(log.dsn, ORGANISATIONS)
        assert (stopped.failing_position, stopped.lag) == (1, 1)
        # Somebody whose code is mended has run since before it stopped, and had its one try.
    async with projecting(log, **ONLY) as projector:
        assert await projector.wait_until(position, SOON)
    await operator.execute("update log.generation set error = 'x', failing_position = 1")
    assert await retry(operator, generation)


# what else is known


async def test_a_table_has_moved_when_its_rows_have(log: Log) -> None:
    async with projecting(log, projections=[ORGANISATIONS, COHORTS]) as projector:
        assert projector.moved("organisation") == (1, 0)
        position = await given(log.store, log.mapper, *news(an_organisation()))
        assert await projector.wait_until(position, SOON)
        assert projector.moved("organisation") == (1, position)
        assert projector.moved("contact") == projector.moved("cohort") == (1, 0)
        async with opened(log.dsn) as elsewhere, projecting(elsewhere, workers=False) as follower:
            assert follower.moved("organisation") == (1, position)


async def test_another_generation_has_moved_wherever_it_is(log: Log, operator: Any) -> None:
    async with projecting(log, **ONLY) as projector:
        position = await given(log.store, log.mapper, *news(an_organisation()))
        assert await projector.wait_until(position, SOON)
        await made(log, projector)
        await switch(operator, ORGANISATIONS)
        await follows(projector, 2)
        assert projector.moved("organisation") == (2, position)


async def test_who_only_follows_knows_what_others_have_folded(log: Log) -> None:
    async with projecting(log, **ONLY), projecting(log, **ONLY, workers=False) as follower:
        organisation: Organisation = an_organisation()
        position = await given(log.store, log.mapper, *news(organisation))
        assert await follower.wait_until(position, SOON)
        async with reading(log, follower) as reads:
            assert await names(reads) == ["Atmo Normandie"]


async def test_a_version_whose_own_cannot_be_made_says_so_though_it_reads_what_is_there(
    log: Log,
) -> None:
    ours = replace(ORGANISATIONS, fold=broken("Atmo Normandie", ValueError()).fold)
    await given(log.store, log.mapper, *news(an_organisation()))
    await prepare(log.dsn, [ours])
    async with projecting(log, **ONLY), projecting(log, projections=[ours]) as newer:
        (hindrance,) = await hindered(newer, "STOPPED")
        assert hindrance.reason.startswith("Generation 2, which is to be read by this code,")
        assert newer.path == "read_organisations_1"
