"""How fast events go to the broker, as ratios to messages that are ready, in one run.

``python -m tests.bench.relay`` starts a PostgreSQL and a NATS server of its own, both of which
write to the disk what they acknowledge, and puts the year of some hundred towns into the log and
the read models by which it is decided who hears what. In turns, the relay fills a stream from the
first event on; the client of NATS publishes the same messages, ready, by its own means, and waits
for all acknowledgements; and the relay's volleys send them.

The target: a relay that catches up is at least half as fast as a client that has nothing to read,
to decide and to write.
"""

import argparse
import asyncio
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Final

import asyncpg
import uvloop
from nats.js.client import JetStreamContext

from api.publication.search import Reader
from infra import garbage
from infra.broker.connection import connected
from infra.broker.relay import TOGETHER, Relay
from infra.broker.stream import Stream
from infra.broker.volley import Message, Volley
from infra.feed import Feed
from infra.keys.keyring import Keyring
from infra.keys.person_keys import PersonKeys
from infra.mapper import EventMapper
from infra.postgres import EmbeddedPostgres
from infra.reads import Reads
from infra.settings import BrokerSettings
from infra.store import EventStore
from projections.guard import Eyes
from tests.api.ports import Still
from tests.bench.feed import SECRET, Schemas, build
from tests.broker.servers import alone, client_of
from tests.broker.stage import BASE, broker_of, messages_of

TARGET: Final = 0.5
"""Of the rate at which the client publishes what is ready."""

_STREAMS: Final = count(1)


class Way:
    """One way to fill a stream, and what it came to each time."""

    def __init__(self, name: str, fill: Callable[[BrokerSettings], Awaitable[None]]) -> None:
        self.name = name
        self.fill = fill
        self.rates: list[float] = []

    @property
    def rate(self) -> float:
        """Messages per second, in the middle."""
        return statistics.median(self.rates)

    async def measure(self, settings: BrokerSettings, messages: int) -> None:
        """Fill a stream of its own."""
        begun = time.perf_counter()
        await self.fill(replace(settings, stream=f"bench-{next(_STREAMS)}"))
        self.rates.append(messages / (time.perf_counter() - begun))


async def main(options: argparse.Namespace) -> list[str]:
    """Measure, and give what misses its target."""
    folder = Path(tempfile.mkdtemp(prefix="cordee-bench-"))
    try:
        async with EmbeddedPostgres(folder / "data") as postgres, alone(folder) as server:
            path, head = await build(postgres.dsn, options.events)
            store = await EventStore.open(postgres.dsn)
            client = await client_of(server)
            async with asyncpg.create_pool(postgres.dsn, min_size=1, max_size=2) as pool:
                feed = Feed(store, EventMapper(PersonKeys(pool, Keyring(SECRET))))
                reads = await Reads.open(postgres.dsn, Schemas(path), pool_size=4)
                reader = Reader(Eyes(), Still(head), reads, BASE)

                async def relay(settings: BrokerSettings) -> None:
                    await relayed(postgres.dsn, settings, feed, reader, head)

                settings = broker_of(server)
                await relay(settings)
                jetstream = client.jetstream(timeout=30)
                ready = await messages_ready(jetstream, settings.stream)
                print(f"a log of {head} events, {len(ready)} of which anybody hears")
                garbage.settle()  # as the program does
                ways = (
                    Way("relay", relay),
                    Way("client", lambda to: published(jetstream, to, ready)),
                    Way("volleys", lambda to: sent(to, ready)),
                )
                for _ in range(options.rounds):
                    for way in ways:
                        await way.measure(settings, len(ready))
                await reads.close()
            await client.close()
            await store.close()
    finally:
        shutil.rmtree(folder)
    return told(ways)


def told(ways: Sequence[Way]) -> list[str]:
    """Print what the ways came to, and give what misses the target."""
    limit = ways[1].rate
    for way in ways:
        print(f"{way.name:>8}: {way.rate:7.0f} events/s, {way.rate / limit:.2f} of the limit")
    missed = ways[0].rate < TARGET * limit
    return [f"{ways[0].rate / limit:.2f} of the limit, not {TARGET}"] if missed else []


async def relayed(
    dsn: str, settings: BrokerSettings, feed: Feed, reader: Reader, head: int
) -> None:
    """Let a relay fill a stream."""
    relay = Relay(dsn, settings, feed, reader)
    connection = await asyncpg.connect(dsn)
    asked = "select position from log.relay where stream = $1"
    while (await connection.fetchval(asked, settings.stream) or 0) < head:
        await asyncio.sleep(0.02)
    await connection.close()
    await relay.stop()


async def messages_ready(jetstream: JetStreamContext, stream: str) -> list[Message]:
    """Give what a relay has published."""
    return [
        Message(each.subject.partition(".")[2], (each.headers or {})["Nats-Msg-Id"], each.data)
        for each in await messages_of(jetstream, stream)
    ]


async def published(
    jetstream: JetStreamContext, settings: BrokerSettings, ready: Sequence[Message]
) -> None:
    """Publish what is ready as the client of NATS does it, as much at once as it lets."""
    await Stream(jetstream, settings).prepare()
    for message in ready:
        await jetstream.publish_async(
            f"{settings.stream}.{message.subject}",
            message.body,
            headers={"Nats-Msg-Id": message.id},
        )
    await jetstream.publish_async_completed()


async def sent(settings: BrokerSettings, ready: Sequence[Message]) -> None:
    """Send what is ready as the relay does it."""
    async with connected(settings.urls, "bench") as connection:
        await Stream(connection.client.jetstream(), settings).prepare()
        volley = Volley(connection, settings.stream, 0)
        await volley.open()
        for place in range(0, len(ready), TOGETHER):
            named = [
                each._replace(subject=f"{settings.stream}.{each.subject}")
                for each in ready[place : place + TOGETHER]
            ]
            await volley.send(named)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    if missed := uvloop.run(main(parser.parse_args())):
        sys.exit("; ".join(missed))
