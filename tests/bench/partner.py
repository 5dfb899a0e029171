"""What a partner who was away comes to: the kit that catches up, and a page of news.

``python -m tests.bench.partner`` starts a PostgreSQL of its own, with fsync on, and writes the year
of some thousand towns into its log, a month of which is as long as is said. One process serves it.
A program with the partner's kit catches up with all of it over one connection, in its usual
pages; the limit is the same program on a bare server that gives one ready page as often as it
takes. Then somebody who follows one region asks for the first page of news and for the summary,
at the beginning, in the middle and at the end of the log; the limit is the page of the feed that
tells the same.

What is told besides: the memory of the two processes, before and after. It must not grow with the
length of the log.
"""

import argparse
import asyncio
import multiprocessing
import shutil
import socket
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import asyncpg
import httpx
import psutil
import uvicorn
import uvloop
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

import api.app
from api.ports import Identity
from api.publication.asked import MOST
from api.publication.feed import SCANNED
from api.publication.kit.cordee_events import BATCH, Feed
from domain.identity import external
from infra import garbage
from infra.bookmarks import Bookmarks
from infra.feed import Feed as Log
from infra.keys.keyring import Keyring
from infra.keys.person_keys import PersonKeys
from infra.mapper import EventMapper
from infra.postgres import EmbeddedPostgres
from infra.reads import Reads
from infra.store import EventStore
from tests.api.ports import Always, Still
from tests.bench.feed import SECRET, Schemas, build

READER: Final = UUID(int=2)
REGION: Final = "region:28"
SETTLED: Final = 10
"""Pages after which the partner's process has what it needs."""
ASKED: Final = 20
"""How often the same is asked for."""
GROWTH: Final = 64
"""Megabytes by which the partner's process may grow while it reads a month."""
NEWS: Final = """
query ($where: EventWhere) {
  news(bookmark: "region", where: $where) {
    entries(first: 20) { nodes { position title subject recordedAt } scanned }
  }
}
"""
SUMMARY: Final = """
query ($where: EventWhere) {
  news(bookmark: "region", where: $where) {
    summary { counts { type count things } total scanned complete }
  }
}
"""
MARK: Final = """
mutation ($position: Position!) {
  markRead(input: { bookmark: "region", position: $position, back: true }) { __typename }
}
"""


def serve(dsn: str, path: str, head: int, listening: Sequence[socket.socket]) -> None:
    """Serve the interface to somebody signed in, and ready pages, until it is ended."""

    async def main() -> None:
        store = await EventStore.open(dsn)
        pool = await asyncpg.create_pool(dsn, min_size=1, max_size=2)
        reader = Identity(actor=external("principal", READER), principal=READER)
        unused: Any = None
        app = api.app.create(
            commands=unused,
            reads=await Reads.open(dsn, Schemas(path), pool_size=4),
            positions=Still(head),
            feed=Log(store, EventMapper(PersonKeys(pool, Keyring(SECRET)))),
            sheets=unused,
            identities=Always(reader),
            bookmarks=Bookmarks(pool),
        )
        ready = b""

        async def page(request: Request) -> Response:
            nonlocal ready
            ready = ready or await request.body()
            scanned = int(request.query_params.get("after", 0)) + MOST
            headers = {SCANNED: str(scanned), "link": f'</events?after={scanned}>; rel="next"'}
            return Response(ready, media_type=BATCH, headers=headers)

        bare = Starlette(routes=[Route("/events", page, methods=["GET", "POST"])])
        garbage.settle()  # as the program does
        config: dict[str, Any] = {"http": "httptools", "lifespan": "off", "access_log": False}
        served = (
            uvicorn.Server(uvicorn.Config(each, log_config=None, **config)).serve(sockets=[taken])
            for each, taken in zip((app, bare), listening, strict=True)
        )
        await asyncio.gather(*served)

    uvloop.run(main())


@dataclass(frozen=True, slots=True)
class Caught:
    """What it came to that a partner caught up."""

    events: int
    seconds: float
    grown: float
    """Megabytes by which the partner's process grew after its first pages."""

    @property
    def rate(self) -> float:
        """Events per second."""
        return self.events / self.seconds


def catch_up(port: int, head: int) -> Caught:
    """Read all that there is with the kit."""

    async def read() -> Caught:
        memory, events, pages, before = psutil.Process().memory_info, 0, 0, 0
        begun = time.perf_counter()
        feed = Feed(f"http://127.0.0.1:{port}", wait=0)
        async with aclosing(feed.pages()) as found:
            async for page in found:
                events, pages = events + len(page.events), pages + 1
                if pages == SETTLED:
                    before = memory().rss
                if page.scanned >= head:
                    break
        grown = (memory().rss - before) / 2**20
        return Caught(events, time.perf_counter() - begun, grown)

    return asyncio.run(read())


def news(port: int, query: str, position: int) -> float:
    """Ask for news beyond a position, and give the seconds that it takes."""
    url = f"http://127.0.0.1:{port}/graphql"
    with httpx.Client() as client:

        def ask(query: str, **given: object) -> object:
            answer = client.post(url, json={"query": query, "variables": given}).json()
            assert "errors" not in answer, answer
            return answer["data"]

        ask(MARK, position=str(position))
        times = []
        for _ in range(ASKED):
            begun = time.perf_counter()
            ask(query, where={"territories": [REGION]})
            times.append(time.perf_counter() - begun)
    return statistics.median(times)


def page(port: int, position: int) -> float:
    """Ask for the page of the feed that tells the same, and give the seconds that it takes."""
    address = f"http://127.0.0.1:{port}/events?after={position}&limit=20&territories={REGION}"
    with httpx.Client() as client:
        times = []
        for _ in range(ASKED):
            begun = time.perf_counter()
            client.get(address).raise_for_status().json()
            times.append(time.perf_counter() - begun)
    return statistics.median(times)


def measure(ports: tuple[int, int], server: psutil.Process, head: int, rounds: int) -> list[str]:
    """Let a partner catch up, and a reader look, in turns; print what it came to."""
    ours, bare = ports
    # The first answer takes as long as the server needs to start.
    ready = httpx.get(f"http://127.0.0.1:{ours}/events?after=0&limit={MOST}", timeout=60).content
    httpx.post(f"http://127.0.0.1:{bare}/events", content=ready)
    found: dict[str, list[Caught]] = {"the kit": [], "ready pages": []}
    grown = list[float]()
    with multiprocessing.get_context("spawn").Pool(1, maxtasksperchild=1) as partner:
        for _ in range(rounds):
            before = server.memory_info().rss
            found["the kit"].append(partner.apply(catch_up, (ours, head)))
            grown.append((server.memory_info().rss - before) / 2**20)
            found["ready pages"].append(partner.apply(catch_up, (bare, head)))
    rates = {name: statistics.median(each.rate for each in turns) for name, turns in found.items()}
    own = max(each.grown for each in found["the kit"])
    print(
        f"the kit: {rates['the kit']:.0f} events/s, {rates['the kit'] / rates['ready pages']:.2f}"
        f" of the limit ({rates['ready pages']:.0f}); it grew by {own:.0f} MB,"
        f" the server by {grown[0]:.0f} MB, then by {max(grown[1:], default=0.0):.0f} MB"
    )
    for where in (0, head // 2, head - head // 100):
        turns = [
            (news(ours, NEWS, where), news(ours, SUMMARY, where), page(ours, where))
            for _ in range(rounds)
        ]
        first, summary, limit = (1e3 * statistics.median(each) for each in zip(*turns, strict=True))
        print(
            f"news beyond {where}: {first:.1f} ms, {first / limit:.1f} times a page of the feed"
            f" ({limit:.1f} ms); the summary {summary:.1f} ms"
        )
    return [f"the kit grew by {own:.0f} of {GROWTH} MB"] if own > GROWTH else []


async def main(options: argparse.Namespace) -> list[str]:
    """Measure, and give what misses its target."""
    folder = Path(tempfile.mkdtemp(prefix="cordee-bench-"))
    listening = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
    ours, bare = (each.getsockname()[1] for each in listening)
    try:
        async with EmbeddedPostgres(folder / "data") as postgres:
            path, head = await build(postgres.dsn, options.events)
            print(f"a log of {head} events")
            server = multiprocessing.get_context("spawn").Process(
                target=serve, args=(postgres.dsn, path, head, listening)
            )
            server.start()
            try:
                assert server.pid is not None
                process = psutil.Process(server.pid)
                return await asyncio.to_thread(measure, (ours, bare), process, head, options.rounds)
            finally:
                server.kill()
                server.join()
    finally:
        for each in listening:
            each.close()
        shutil.rmtree(folder)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--events", type=int, default=300_000)
    parser.add_argument("--rounds", type=int, default=3)
    if missed := uvloop.run(main(parser.parse_args())):
        sys.exit("; ".join(missed))
