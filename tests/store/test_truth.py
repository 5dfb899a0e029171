"""When the database goes away in the middle, every caller is told how things stand."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from infra.postgres import EmbeddedPostgres
from infra.store import Append, Appended, Duplicate, EventStore, Outcome, StoreUnavailable
from tests.store import asking
from tests.store.wire import Wire

BUDGET = 0.6


@pytest.fixture
async def wire(database: str) -> AsyncIterator[Wire]:
    """A wire to a fresh database."""
    async with Wire(database) as wire:
        yield wire


@pytest.fixture
async def wired(wire: Wire) -> AsyncIterator[EventStore]:
    """An event store at the far end of the wire, with little patience."""
    store = await EventStore.open(wire.dsn, pool_size=2, budget=BUDGET, answer_within=0.3)
    yield store
    await store.close()


@pytest.mark.parametrize("size", [1, 3], ids=["alone", "in a batch"])
async def test_a_stored_command_whose_answer_got_lost_is_appended(
    wire: Wire, wired: EventStore, size: int
) -> None:
    wire.connection("append").loses_answers = True

    outcomes = await asking.at_once(wired, [asking.append(asking.event()) for _ in range(size)])

    assert outcomes == [Appended(position) for position in range(1, size + 1)]
    assert await wired.head() == size


async def test_a_repetition_whose_answer_got_lost_is_still_a_repetition(
    wire: Wire, wired: EventStore
) -> None:
    command = asking.append()
    again = asking.append(asking.event(), command_id=command.command_id)
    await wired.append(command)
    wire.connection("append").loses_answers = True

    assert await wired.append(again) == Duplicate(0, command.stream_id, command.version)


async def test_a_command_that_never_arrived_is_sent_again(wire: Wire, wired: EventStore) -> None:
    wire.connection("append").cut()

    assert await wired.append(asking.append(asking.event())) == Appended(1)


async def test_a_line_that_went_dead_in_silence_is_replaced(wire: Wire, wired: EventStore) -> None:
    wire.connection("append").hold()

    assert await wired.append(asking.append(asking.event())) == Appended(1)


async def test_what_was_never_sent_is_not_stored(
    wire: Wire, wired: EventStore, database: str
) -> None:
    wire.break_off()
    await asyncio.sleep(0.05)
    # The first finds the line dead; it may have been sent. The second comes when it is known.
    first = asyncio.create_task(wired.append(asking.append(asking.event())))
    await asyncio.sleep(0.1)

    command = asking.append(asking.event())
    with pytest.raises(StoreUnavailable) as caught:
        await wired.append(command)

    assert caught.value.stored is False
    await asyncio.wait([first])
    assert isinstance(first.exception(), StoreUnavailable)
    assert not await _is_stored(database, command)


async def test_what_was_sent_and_not_answered_must_be_asked_again(
    wire: Wire, wired: EventStore, database: str
) -> None:
    wire.connection("append").loses_answers = True
    wire.refuses = True
    command = asking.append(asking.event())

    with pytest.raises(StoreUnavailable, match=r"did not answer for 0\.6 s") as caught:
        await wired.append(command)

    assert caught.value.stored is None
    assert await _is_stored(database, command), "or this test tests nothing"
    wire.refuses = False
    assert await wired.append(command) == Duplicate(1, command.stream_id, 1)


async def test_a_store_that_gave_up_serves_again_when_the_database_is_back(
    wire: Wire, wired: EventStore
) -> None:
    wire.break_off()
    with pytest.raises(StoreUnavailable):
        await wired.append(asking.append(asking.event()))
    with pytest.raises(StoreUnavailable) as caught:
        await wired.head()
    assert caught.value.stored is False

    wire.refuses = False

    outcome = await wired.append(asking.append(asking.event()))
    assert isinstance(outcome, Appended)
    assert await wired.head() == outcome.position


async def test_a_command_refused_by_a_full_disk_is_not_stored(
    wired: EventStore, database: str
) -> None:
    await _execute(
        database,
        """
        create function public.disk_full() returns trigger language plpgsql as $$
        begin raise exception 'no space left on device' using errcode = 'disk_full'; end $$;
        create trigger disk_full before insert on log.event for each row
            when (new.topic = 'large') execute function public.disk_full();
        """,
    )
    large, small = asking.append(asking.event(topic="large")), asking.append(asking.event())

    refused, appended = await asyncio.gather(
        wired.append(large), wired.append(small), return_exceptions=True
    )

    assert isinstance(refused, StoreUnavailable)
    assert refused.stored is False
    assert "no space left" in str(refused)
    assert appended == Appended(1)
    assert not await _is_stored(database, large)


async def test_a_store_does_not_open_on_a_database_that_is_not_migrated(
    server: EmbeddedPostgres,
) -> None:
    with pytest.raises(StoreUnavailable, match="cannot open"):
        await EventStore.open(server.dsn_of("postgres"))


async def test_a_closed_store_takes_nothing(database: str) -> None:
    store = await EventStore.open(database)
    await store.close()

    with pytest.raises(StoreUnavailable, match="closed") as caught:
        await store.append(asking.append(asking.event()))

    assert caught.value.stored is False


async def test_every_answer_is_true_while_backends_are_killed_and_the_server_restarts(
    own_server: EmbeddedPostgres,
) -> None:
    store = await EventStore.open(own_server.dsn, pool_size=2, budget=20)
    over = asyncio.Event()
    told: list[tuple[Append, Outcome]] = []

    async def caller() -> None:
        while not over.is_set():
            command = asking.append(*asking.events(asking.event().stream_id, range(1, 3)))
            told.append((command, await store.append(command)))

    callers = [asyncio.create_task(caller()) for _ in range(8)]
    for _ in range(10):
        await asyncio.sleep(0.03)
        await _execute(
            own_server.dsn,
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where application_name like 'cordee %'",
        )
    await own_server.stop()
    await asyncio.sleep(0.2)
    await own_server.start()
    await asyncio.sleep(0.2)
    over.set()
    await asyncio.gather(*callers)

    assert len(told) > 100
    head = await store.head()
    assert len(told) == head // 2, "each is stored once"
    for command, outcome in told:
        stored = await store.outcome_of(command.command_id)
        assert stored is not None
        assert outcome == Appended(stored.position)
    after = 0
    while (page := await store.page(after)).events:
        after = page.scanned
    assert after == head
    await store.close()


async def test_answers_are_true_when_the_server_stays_away(own_server: EmbeddedPostgres) -> None:
    store = await EventStore.open(own_server.dsn, pool_size=2, budget=0.5)
    told: list[tuple[Append, Outcome | StoreUnavailable]] = []
    over = asyncio.Event()

    async def caller() -> None:
        while not over.is_set():
            command = asking.append(asking.event())
            try:
                told.append((command, await store.append(command)))
            except StoreUnavailable as unavailable:
                told.append((command, unavailable))

    callers = [asyncio.create_task(caller()) for _ in range(8)]
    await asyncio.sleep(0.3)
    await own_server.stop()
    await asyncio.sleep(1)
    over.set()
    await asyncio.gather(*callers)
    await own_server.start()

    refusals = [answer for _, answer in told if isinstance(answer, StoreUnavailable)]
    assert any(refusal.stored is False for refusal in refusals)
    for command, answer in told:
        stored = await store.outcome_of(command.command_id)
        match answer:
            case Appended(position):
                assert stored is not None
                assert stored.position == position
            case StoreUnavailable(stored=False):
                assert stored is None
            case StoreUnavailable(stored=None):
                again = await store.append(command)
                assert isinstance(again, Appended if stored is None else Duplicate)
            case _:
                pytest.fail(f"{answer!r}")
    await store.close()


async def _is_stored(dsn: str, command: Append) -> bool:
    connection = await asyncpg.connect(dsn)
    try:
        found = "select exists (select from log.command where command_id = $1)"
        return bool(await connection.fetchval(found, command.command_id))
    finally:
        await connection.close()


async def _execute(dsn: str, statement: str) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
