"""The herald: processes wake each other over the broker, and without it as before."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from time import monotonic

import asyncpg
import pytest

from infra.broker.herald import Herald
from infra.store import EventStore
from tests.broker.servers import Server, alone, client_of
from tests.store import asking

KEY = b"a secret of the database"
SUBJECT = "cordee.head"
LONG = 10.0
"""Seconds from one look at the head to the next: who wakes long before was woken by another."""


@asynccontextmanager
async def process(dsn: str, server: Server) -> AsyncIterator[EventStore]:
    """Open the log as a process of its own, which tells and hears over the broker."""
    herald = Herald([server.url], SUBJECT, KEY)
    store = await EventStore.open(dsn, pool_size=1, poll=LONG, herald=herald)
    try:
        yield store
    finally:
        await store.close()


async def until_connected(*stores: EventStore) -> None:
    """Wait until processes tell and hear over the broker."""
    async with asyncio.timeout(LONG):
        for store in stores:
            herald = store._watch._herald
            assert isinstance(herald, Herald)
            while herald._connection is None:
                await asyncio.sleep(0.01)


@pytest.fixture
async def notified(database: str) -> AsyncIterator[asyncio.Queue[object]]:
    """What PostgreSQL tells those who listen."""
    heard: asyncio.Queue[object] = asyncio.Queue()
    connection = await asyncpg.connect(database)
    await connection.add_listener("log_event", lambda *message: heard.put_nowait(message[-1]))
    yield heard
    await connection.close()


async def test_a_reader_is_woken_over_the_broker_and_postgresql_tells_nobody(
    database: str, broker: Server, notified: asyncio.Queue[object]
) -> None:
    async with process(database, broker) as writing, process(database, broker) as reading:
        await until_connected(writing, reading)
        waiting = asyncio.create_task(reading.wait_beyond(0, LONG))
        began = monotonic()
        await writing.append(asking.append(asking.event()))
        assert await waiting == 1
        assert monotonic() - began < LONG / 4
    assert notified.empty()


async def test_while_the_broker_is_away_postgresql_tells(
    database: str, folder: Path, notified: asyncio.Queue[object]
) -> None:
    async with (
        alone(folder) as server,
        process(database, server) as writing,
        process(database, server) as reading,
    ):
        await until_connected(writing, reading)
        server.kill()
        herald = writing._watch._herald
        assert isinstance(herald, Herald)
        while herald._connection is not None:
            await asyncio.sleep(0.01)
        waiting = asyncio.create_task(reading.wait_beyond(0, LONG))
        began = monotonic()
        await writing.append(asking.append(asking.event()))
        assert await waiting == 1
        assert monotonic() - began < LONG / 4
        assert await notified.get() == "1"
        server.start()
        await until_connected(writing, reading)


class Lost(Herald):
    """A herald whose messages all get lost on their way."""

    async def tell(self, head: int) -> bool:  # noqa: ARG002
        """Believe that others were told."""
        return True


async def test_a_wake_up_that_is_lost_is_found_by_looking(
    database: str, broker: Server, notified: asyncio.Queue[object]
) -> None:
    lost = Lost([broker.url], SUBJECT, KEY)
    writing = await EventStore.open(database, pool_size=1, herald=lost)
    reading = await EventStore.open(database, pool_size=1, poll=0.1)
    waiting = asyncio.create_task(reading.wait_beyond(0, LONG))
    await writing.append(asking.append(asking.event()))
    assert await waiting == 1
    assert notified.empty()
    await writing.close()
    await reading.close()


@pytest.mark.parametrize(
    "said", [b"", b"9", b"9 ", b"9 " + b"0" * 32, b"-9 x", "9 é".encode(), b"9" * 400]
)
async def test_what_others_make_up_wakes_nobody(broker: Server, said: bytes) -> None:
    heard: list[int] = []
    hearing = Herald([broker.url], SUBJECT, KEY)
    telling = Herald([broker.url], SUBJECT, KEY)
    stranger = Herald([broker.url], SUBJECT, b"another database")
    for herald in (hearing, telling, stranger):
        herald.attend(heard.append if herald is hearing else len)  # type: ignore[arg-type]
    while not await telling.tell(1) or not await stranger.tell(8):
        await asyncio.sleep(0.01)
    client = await client_of(broker)
    await client.publish(SUBJECT, said)
    await client.flush()
    while 2 not in heard:
        await telling.tell(2)
        await asyncio.sleep(0.01)
    assert set(heard) <= {1, 2}
    await client.close()
    for herald in (hearing, telling, stranger):
        await herald.stop()
