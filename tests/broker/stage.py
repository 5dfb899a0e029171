"""A stage: a log, a broker, and relays between them that are started and stopped as a test says."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import asyncpg
import nats.errors
import orjson
from nats.aio.msg import Msg
from nats.js.api import AckPolicy, ConsumerConfig
from nats.js.client import JetStreamContext

from api.publication.search import Reader
from domain.organisation import Organisation, OrganisationKind
from infra.broker.relay import Relay
from infra.feed import Feed
from infra.reads import Reads
from infra.settings import BrokerSettings
from projections.guard import Eyes
from tests.api.ports import Still
from tests.broker.servers import Server, client_of
from tests.faults.program import Program
from tests.generations import FIRST
from tests.history import AT, Log, given, news, opened

PATIENCE: Final = 20.0
BASE: Final = "http://test/"
_STREAMS: Final = count(1)


def broker_of(*servers: Server, **changes: Any) -> BrokerSettings:
    """Give the settings of a stream of its own on some servers."""
    settings = BrokerSettings(
        urls=tuple(each.url for each in servers),
        stream=f"stage-{next(_STREAMS)}",
        days=90,
        size=None,
        replicas=None,
        principal=None,
    )
    return replace(settings, **changes)


@dataclass
class Stage:
    """A log, a stream of the broker, and somebody to relay as."""

    log: Log
    feed: Feed
    reader: Reader
    settings: BrokerSettings
    jetstream: JetStreamContext

    async def record(self, many: int) -> int:
        """Let some organisations be registered, and give the last position."""
        kind = OrganisationKind.ASSOCIATION
        events = news(
            *(Organisation.register(uuid4(), now=AT, name="Atmo", kind=kind) for _ in range(many))
        )
        return await given(self.log.store, self.log.mapper, *events)

    @asynccontextmanager
    async def relaying(self, **changes: Any) -> AsyncIterator[Relay]:
        """Relay, with some settings changed."""
        settings = replace(self.settings, **changes)
        relay = Relay(self.log.dsn, settings, self.feed, self.reader)
        try:
            yield relay
        finally:
            await relay.stop()

    async def relayed(self, position: int) -> None:
        """Wait until everything is relayed up to a position."""
        await self.until(lambda row: row["position"] >= position and row["problem"] is None)

    async def problem(self) -> str:
        """Wait until something is in the way, and give what it is."""
        row = await self.until(lambda row: row["problem"] is not None)
        return str(row["problem"])

    async def until(self, so: Any) -> Any:
        """Wait until it is so in what is stored of the relay."""
        connection = await asyncpg.connect(self.log.dsn)
        try:
            async with asyncio.timeout(PATIENCE):
                while True:
                    row = await connection.fetchrow(
                        "select * from log.relay where stream = $1", self.settings.stream
                    )
                    if row is not None and so(row):
                        return row
                    await asyncio.sleep(0.01)
        finally:
            await connection.close()

    async def execute(self, statement: str) -> None:
        """Do something to the database."""
        connection = await asyncpg.connect(self.log.dsn)
        await connection.execute(statement)
        await connection.close()

    async def messages(self) -> list[Msg]:
        """Give all messages of the stream, in its order."""
        return await messages_of(self.jetstream, self.settings.stream)

    async def told(self) -> list[int]:
        """Give the positions of the events in the stream, in its order."""
        return [int(orjson.loads(each.data)["sequence"]) for each in await self.messages()]


def relay_of(stage: Stage, folder: Path) -> Program:
    """Give a relay in a process of its own."""
    return Program(
        [],
        stage.log.dsn,
        folder,
        module="tests.broker.relaying",
        CORDEE_NATS_URL=",".join(stage.settings.urls),
        CORDEE_NATS_STREAM=stage.settings.stream,
    )


async def messages_of(jetstream: JetStreamContext, stream: str) -> list[Msg]:
    """Give all messages of a stream, in its order; servers may be choosing who leads it."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return await _messages_of(jetstream, stream)
        except (nats.errors.Error, TimeoutError):
            if time.monotonic() > deadline:
                raise


async def _messages_of(jetstream: JetStreamContext, stream: str) -> list[Msg]:
    expected = (await jetstream.stream_info(stream)).state.messages
    unacknowledged = ConsumerConfig(ack_policy=AckPolicy.NONE)
    reading = await jetstream.pull_subscribe(
        f"{stream}.events.>", stream=stream, config=unacknowledged
    )
    found: list[Msg] = []
    while len(found) < expected:
        found += await reading.fetch(min(expected - len(found), 1_000), timeout=5)
    await reading.unsubscribe()
    return found


@asynccontextmanager
async def staged(dsn: str, *servers: Server) -> AsyncIterator[Stage]:
    """Open a log between which and some servers relays can be started."""
    reads = await Reads.open(dsn, FIRST, pool_size=2)
    client = await client_of(*servers)
    try:
        async with opened(dsn) as log:
            reader = Reader(Eyes(trusted=True), Still(1 << 40), reads, BASE)
            feed = Feed(log.store, log.mapper)
            yield Stage(log, feed, reader, broker_of(*servers), client.jetstream(timeout=2))
    finally:
        await client.close()
        await reads.close()
