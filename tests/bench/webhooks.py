"""How fast webhooks are delivered, as a ratio to the same client without a queue, in one run.

``python -m tests.bench.webhooks`` starts a PostgreSQL of its own, with fsync on, records some
thousand facts and folds them. A receiver in a process of its own answers each request at once. One
process delivers to it all that anybody may see: from the log through the queue, in order for each
thing, each attempt written down. The limit is the same client posting bodies of the same size,
ready and signed, as many at a time, with no queue. Both take turns.

The target: 500 deliveries per second.
"""

import argparse
import asyncio
import multiprocessing
import socket
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import asyncpg
import httptools
import httpx
import orjson
import uvloop

from api.webhooks.port import NewWebhook
from infra.feed import Feed
from infra.migrate import migrate
from infra.positions import Positions
from infra.postgres import EmbeddedPostgres
from infra.projector import Projector, prepare
from infra.reads import Reads
from infra.webhooks.courier import Terms, delivering
from infra.webhooks.line import AT_ONCE, Line
from infra.webhooks.owner import Owners
from infra.webhooks.reach import Reach
from infra.webhooks.registry import Registry
from infra.webhooks.secret import SecretBox
from tests.bench.visibility import happenings
from tests.history import Log, given, opened

TARGET: Final = 500
"""Deliveries per second."""
LISTED: Final = Reach.listing(["127.0.0.0/8"])
HEADERS: Final = {
    "content-type": "application/cloudevents+json",
    "webhook-id": "0199c3a8-4c2b-7f6e-8a49-3f1d0b6c2e11",
    "webhook-timestamp": "1764579600",
    "webhook-signature": "v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=",
}


class Answering(asyncio.Protocol):
    """Answers each request at once, and echoes the challenge."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to read."""
        self._transport: Any = transport
        self._parser = httptools.HttpRequestParser(self)
        self._body = b""

    def data_received(self, data: bytes) -> None:
        """Read on."""
        self._parser.feed_data(data)

    def on_body(self, body: bytes) -> None:
        """Take in a piece of a body."""
        self._body += body

    def on_message_complete(self) -> None:
        """Answer."""
        said = b""
        if b"webhook.challenge" in self._body:
            said = orjson.dumps(orjson.loads(self._body)["data"])
        head = b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % len(said)
        self._transport.write(head + said)
        self._body = b""


def receive(listening: socket.socket) -> None:
    """Receive until ended."""

    async def main() -> None:
        server = await asyncio.get_running_loop().create_server(Answering, sock=listening)
        await server.serve_forever()

    uvloop.run(main())


@contextmanager
def receiver() -> Iterator[str]:
    """Give the address of a receiver in a process of its own."""
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listening:
        process = multiprocessing.get_context("fork").Process(target=receive, args=(listening,))
        process.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}/"
        finally:
            process.kill()
            process.join()


@asynccontextmanager
async def folded(log: Log, facts: int) -> AsyncIterator[tuple[Projector, Reads]]:
    """Record facts and fold them."""
    story = happenings()
    for _ in range(facts // 100):
        await given(log.store, log.mapper, *islice(story, 100))
    projector = await Projector.start(log.dsn, log.store, log.mapper)
    reads = await Reads.open(log.dsn, projector, pool_size=4)
    try:
        assert await projector.wait_until(await log.store.head(), 120)
        yield projector, reads
    finally:
        await reads.close()
        await projector.stop()


async def by_queue(
    pool: Any, registry: Registry, principal: Any, webhook: Any
) -> tuple[int, float]:
    """Have everything told once more; give how much that was, and the seconds."""
    await pool.execute("delete from webhook.delivery")
    began = time.perf_counter()
    await registry.replay(principal, webhook, 0)
    head = await pool.fetchval("select max(position) from log.event")
    while True:
        await asyncio.sleep(0.05)
        found = await registry.find(principal, webhook)
        assert found is not None
        if found.position == head and not found.waiting:
            break
    took = time.perf_counter() - began
    delivered = await pool.fetchval(
        "select count(*) from webhook.delivery where state = 'DELIVERED'"
    )
    assert await pool.fetchval("select count(*) from webhook.attempt") == delivered
    return delivered, took


async def without(url: str, size: int, count: int) -> float:
    """Post as many ready bodies as fast as the client can, and give the seconds."""
    line = Line(url, LISTED, httpx.create_ssl_context())
    bodies = iter(range(count))
    body = b" " * size

    async def post() -> None:
        for _ in bodies:
            answer = await line.post(body, HEADERS)
            assert answer.error is None

    began = time.perf_counter()
    await asyncio.gather(*(post() for _ in range(AT_ONCE)))
    took = time.perf_counter() - began
    await line.close()
    return took


async def measure(dsn: str, url: str, facts: int, rounds: int) -> None:
    """Let both take turns, and print what they come to."""
    await migrate(dsn)
    await prepare(dsn)
    terms = Terms(reach=LISTED, patience=timedelta(hours=72), base="https://cordee.example/")
    box = SecretBox(b"bench")
    async with (
        opened(dsn) as log,
        folded(log, facts) as (projector, reads),
        asyncpg.create_pool(dsn, min_size=1, max_size=2) as pool,
        delivering(
            dsn,
            terms,
            growth=log.store,
            feed=Feed(log.store, log.mapper),
            positions=Positions(projector),
            reads=reads,
            box=box,
        ),
    ):
        registry, principal = Registry(pool, Owners(reads), box, LISTED), uuid4()
        new = NewWebhook(
            principal=principal, url=url, label=None, filter="", after=10**9, secret=None
        )
        webhook = (await registry.register(new)).webhook.id
        while not await pool.fetchval("select verified from webhook.endpoint"):
            await asyncio.sleep(0.05)
        rates, limits = list[float](), list[float]()
        for number in range(rounds + 1):
            count, took = await by_queue(pool, registry, principal, webhook)
            bare = await without(url, 700, count)
            if number:  # the first one warms up
                rates.append(count / took)
                limits.append(count / bare)
            print(
                f"  {count} deliveries: {count / took:.0f}/s, without a queue {count / bare:.0f}/s"
            )
    rate, limit = statistics.median(rates), statistics.median(limits)
    print(f"deliveries: {rate:.0f}/s, {rate / TARGET:.2f} of {TARGET}/s", end="; ")
    print(f"{rate / limit:.3f} of the same client without a queue, {limit:.0f}/s")


def main() -> None:
    """Measure deliveries."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--facts", type=int, default=5_000, help="facts in the log")
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()

    async def run() -> None:
        with tempfile.TemporaryDirectory(prefix="cordee-webhooks-") as folder, receiver() as url:
            async with EmbeddedPostgres(Path(folder)) as postgres:
                await measure(postgres.dsn, url, asked.facts, asked.rounds)

    uvloop.run(run())


if __name__ == "__main__":
    main()
