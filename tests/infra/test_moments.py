"""Instants and positions of a log, also where clocks run back and others append at the moment."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.moments import MomentAhead
from api.ports import ReadsUnavailable
from infra.keeping.kept import Connection
from infra.moments import Moments
from infra.store import EventStore, GapInLog
from tests.store.asking import append, event, tamper

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
MICROSECOND = timedelta(microseconds=1)

_INSERT = """
insert into log.event
select n, gen_random_uuid(), 1, 'thing.happened', 1, '', '', gen_random_uuid(), at
from unnest($1::timestamptz[]) with ordinality e (at, n)
"""


@pytest.fixture
async def log(database: str) -> AsyncIterator[Connection]:
    """A connection to an empty log."""
    connection = await asyncpg.connect(database)
    yield connection
    await connection.close()


async def recorded(log: Connection, instants: Sequence[datetime]) -> Moments:
    """Let events be recorded at some instants."""
    await log.execute(_INSERT, instants)
    return Moments(log)


async def now_of(log: Connection) -> datetime:
    """Tell what the clock of the server shows."""
    now: datetime = await log.fetchval("select clock_timestamp()")
    return now


async def test_an_instant_is_the_last_position_recorded_by_then(log: Connection) -> None:
    moments = await recorded(log, [NOON, NOON + SECOND, NOON + SECOND, NOON + 3 * SECOND])

    assert await moments.position_at(NOON - MICROSECOND) == 0
    assert await moments.position_at(NOON) == 1
    assert await moments.position_at(NOON + SECOND - MICROSECOND) == 1
    assert await moments.position_at(NOON + SECOND) == 3
    assert await moments.position_at(NOON + 3 * SECOND) == 4


async def test_a_position_has_the_instant_of_its_event_and_others_have_none(
    log: Connection,
) -> None:
    moments = await recorded(log, [NOON, NOON + SECOND])

    assert [await moments.recorded_at(each) for each in (0, 1, 2, 3)] == [
        None,
        NOON,
        NOON + SECOND,
        None,
    ]


async def test_before_the_first_event_there_is_nothing_and_no_error(log: Connection) -> None:
    assert await Moments(log).position_at(await now_of(log)) == 0
    moments = await recorded(log, [NOON])
    assert await moments.position_at(datetime(1, 1, 1, tzinfo=UTC)) == 0


async def test_after_the_last_event_is_the_head_until_now_and_no_further(log: Connection) -> None:
    moments = await recorded(log, [NOON, NOON])
    now = await now_of(log)

    assert await moments.position_at(now) == 2
    with pytest.raises(MomentAhead) as refused:
        await moments.position_at(now + timedelta(minutes=1))
    assert refused.value.facts["head"] == 2


async def test_the_clock_of_the_log_goes_on_from_its_newest_event_when_that_of_the_server_ran_back(
    log: Connection, database: str
) -> None:
    late = await now_of(log) + timedelta(hours=1)
    moments = await recorded(log, [NOON, late])
    store = await EventStore.open(database, pool_size=1)
    await store.append(append(event()))
    await store.close()

    assert await moments.recorded_at(3) == late
    assert await moments.position_at(late - MICROSECOND) == 1
    assert await moments.position_at(late) == 3
    with pytest.raises(MomentAhead):
        await moments.position_at(late + MICROSECOND)


async def test_an_event_put_in_by_hand_with_an_older_instant_moves_no_moment_beside_it(
    log: Connection,
) -> None:
    instants = [NOON + n * SECOND for n in range(32)]
    instants[20] = NOON - SECOND  # `cordee verify` names it
    moments = await recorded(log, instants)

    assert await moments.position_at(NOON + 5 * SECOND) == 6
    assert await moments.position_at(NOON + 30 * SECOND) == 31


async def test_an_instant_is_answered_once_whoever_appends_has_done_so(
    log: Connection, database: str
) -> None:
    async with asyncpg.create_pool(database, min_size=1, max_size=1) as pool:
        moments = Moments(pool)
        under_way = log.transaction()
        await under_way.start()
        await log.fetchrow(
            "select log.append_one($1::uuid, '', $2, 1, '', array[$2::uuid], '{1}', '{thing}',"
            " '{1}', array[''::bytea], '{}', '{}')",
            uuid4(),
            uuid4(),
        )
        asked = asyncio.create_task(moments.position_at(await now_of(log)))
        done, _ = await asyncio.wait((asked,), timeout=0.1)
        await under_way.commit()

        assert not done
        assert await asked == 1


async def test_a_log_that_lacks_an_event_is_not_guessed_at(log: Connection, database: str) -> None:
    moments = await recorded(log, [NOON, NOON, NOON])
    await tamper(database, "delete from log.event where position = 2")

    with pytest.raises(GapInLog):
        await moments.position_at(NOON)


async def test_a_database_that_is_away_is_unavailable(log: Connection) -> None:
    await log.close()

    with pytest.raises(ReadsUnavailable):
        await Moments(log).position_at(NOON)
    with pytest.raises(ReadsUnavailable):
        await Moments(log).recorded_at(1)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    steps=st.lists(st.integers(0, 3), max_size=40),
    asked=st.lists(st.integers(-1, 60), min_size=1, max_size=5),
)
async def test_halves_find_what_a_count_finds(
    log: Connection, steps: list[int], asked: list[int]
) -> None:
    at, instants = NOON, []
    for step in steps:
        at += step * SECOND
        instants.append(at)
    transaction = log.transaction()
    await transaction.start()
    try:
        moments = await recorded(log, instants)
        for seconds in asked:
            instant = NOON + seconds * SECOND
            expected = sum(each <= instant for each in instants)
            assert await moments.position_at(instant) == expected
    finally:
        await transaction.rollback()
