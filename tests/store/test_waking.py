"""Readers are woken when the log grows, whoever made it grow."""

import asyncio
from collections.abc import AsyncIterator
from time import monotonic

import asyncpg
import pytest

from infra.store import EventStore
from tests.store import asking
from tests.store.wire import Wire

LONG = 10.0


@pytest.fixture
async def other(database: str) -> AsyncIterator[EventStore]:
    """A second process, as far as the database can tell."""
    store = await EventStore.open(database, pool_size=1)
    yield store
    await store.close()


async def test_a_reader_that_is_behind_does_not_wait(store: EventStore) -> None:
    await store.append(asking.append(asking.event()))

    assert await store.wait_beyond(0, LONG) == 1


async def test_a_reader_is_woken_by_its_own_process_at_once(store: EventStore) -> None:
    readers = [asyncio.create_task(store.wait_beyond(0, LONG)) for _ in range(3)]
    await asyncio.sleep(0)

    began = monotonic()
    await store.append(asking.append(asking.event()))
    await asyncio.gather(*readers)

    assert monotonic() - began < 0.5
    assert [reader.result() for reader in readers] == [1, 1, 1]


async def test_a_reader_is_woken_by_another_process(database: str, other: EventStore) -> None:
    # So slow in asking that only a NOTIFY can be the news.
    store = await EventStore.open(database, pool_size=1, poll=LONG)
    reader = asyncio.create_task(store.wait_beyond(0, LONG / 2))
    await asyncio.sleep(0)

    began = monotonic()
    await other.append(asking.append(asking.event()))

    assert await reader == 1
    assert monotonic() - began < 0.5
    await store.close()


async def test_many_commits_make_few_notifications(database: str, other: EventStore) -> None:
    heard: asyncio.Queue[object] = asyncio.Queue()
    connection = await asyncpg.connect(database)
    await connection.add_listener("log_event", lambda *message: heard.put_nowait(message[-1]))

    for _ in range(100):
        await other.append(asking.append(asking.event()))
    notifications = 1
    async with asyncio.timeout(LONG):
        while await heard.get() != "100":
            notifications += 1

    assert notifications < 60
    await connection.close()


async def test_waiting_ends_with_its_time(store: EventStore) -> None:
    assert await store.wait_beyond(0, 0.05) == 0
    assert await store.wait_beyond(0, 0) == 0


async def test_a_reader_far_ahead_sleeps_on(store: EventStore) -> None:
    reader = asyncio.create_task(store.wait_beyond(2, LONG))

    for _ in range(2):
        await store.append(asking.append(asking.event()))
        await asyncio.sleep(0)
        assert not reader.done()
    await store.append(asking.append(asking.event()))

    assert await reader == 3


async def test_a_cancelled_reader_leaves_the_others_waiting(store: EventStore) -> None:
    readers = [asyncio.create_task(store.wait_beyond(0, LONG)) for _ in range(2)]
    await asyncio.sleep(0)
    readers[0].cancel()

    await store.append(asking.append(asking.event()))

    assert await readers[1] == 1
    assert readers[0].cancelled()


async def test_a_store_knows_the_head_that_it_finds(store: EventStore, database: str) -> None:
    await store.append(asking.append(*asking.events(asking.event().stream_id, range(1, 4))))

    late = await EventStore.open(database)

    assert await late.wait_beyond(0, 0) == 3
    await late.close()


async def test_what_no_notification_tells_is_asked_for(database: str) -> None:
    polling = await EventStore.open(database, poll=0.1)
    reader = asyncio.create_task(polling.wait_beyond(0, LONG))
    connection = await asyncpg.connect(database)

    await connection.execute("notify log_event, 'nonsense'")
    await connection.execute(
        """
        select log.append_one(
            gen_random_uuid(), '', gen_random_uuid(), 1, '{}', array[gen_random_uuid()], '{1}',
            '{thing.happened}', '{1}', array['{}'::bytea], array[gen_random_uuid()], '{0}'
        )
        """
    )

    assert await reader == 1
    await connection.close()
    await polling.close()


async def test_a_closed_listening_connection_is_replaced_at_once(
    database: str, other: EventStore
) -> None:
    async with Wire(database) as wire:
        store = await EventStore.open(wire.dsn, poll=LONG)
        wire.connection("watch").cut()
        await wire.until_connections("watch", 2)

        await other.append(asking.append(asking.event()))

        assert await store.wait_beyond(0, LONG / 2) == 1
        await store.close()


async def test_a_listening_connection_that_died_in_silence_is_replaced(
    database: str, other: EventStore
) -> None:
    async with Wire(database) as wire:
        store = await EventStore.open(wire.dsn, poll=0.1)
        reader = asyncio.create_task(store.wait_beyond(0, LONG))
        wire.connection("watch").hold()

        await other.append(asking.append(asking.event()))

        assert await reader == 1
        assert len(wire.connections("watch")) == 2
        await store.close()


async def test_what_was_committed_without_a_listening_connection_is_told_afterwards(
    database: str, other: EventStore
) -> None:
    async with Wire(database) as wire:
        store = await EventStore.open(wire.dsn, poll=LONG)
        # Its appender lives on; only the connection that tells others is gone.
        wire.refuses = True
        wire.connection("watch").cut()
        await store.append(asking.append(asking.event()))
        wire.refuses = False

        assert await other.wait_beyond(0, LONG) == 1
        await store.close()
