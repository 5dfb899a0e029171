"""How fast somebody who was away catches up over the feed, as ratios to ready pages in one run.

``python -m tests.bench.feed`` starts a PostgreSQL of its own, with fsync on, writes the year of
some thousand towns into its log and the read models by which it is decided who sees what, and
serves both from one process. One reader after the other, over one connection, follows the links
from the first event to the last and parses every page: anybody; an auditor, who may know who did
what; and somebody who follows one region. The limit is the same reader of a bare server that gives
one page of the feed, ready, as often as it takes.

The target: 50 000 events per second for whoever catches up with a million of them.
"""

import argparse
import asyncio
import http.client
import multiprocessing
import shutil
import socket
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import asyncpg
import orjson
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
from api.publication.cloud_event import BATCH
from infra import garbage
from infra.feed import Feed
from infra.keys.keyring import Keyring
from infra.keys.person_keys import PersonKeys
from infra.mapper import EventMapper
from infra.migrate import migrate
from infra.postgres import EmbeddedPostgres
from infra.projector import prepare
from infra.projector.building.builder import builder
from infra.projector.generation import schema_of
from infra.reads import Reads
from infra.store import EventStore
from projections.actions import ACTIONS
from projections.alliances import ALLIANCES
from projections.catalogue import PROJECTIONS
from projections.challenges import CHALLENGES
from projections.cohorts import COHORTS
from projections.organisations import ORGANISATIONS
from projections.roadmaps import ROADMAPS
from projections.workshops import WORKSHOPS
from tests.api.ports import Always, Still
from tests.bench import history

TARGET: Final = 50_000
"""Events per second."""
SECRET: Final = bytes(range(32))
AUDITOR: Final = UUID(int=1)
DECIDING: Final = (
    ORGANISATIONS,
    COHORTS,
    ROADMAPS,
    ALLIANCES,
    ACTIONS,
    CHALLENGES,
    WORKSHOPS,
)
"""The read models in which the towns are."""


@dataclass(frozen=True, slots=True)
class Schemas:
    """The generations that were built, and the first ones of the others."""

    path: str

    async def look(self) -> None:
        """Learn nothing: no others will be."""


@dataclass(frozen=True, slots=True)
class Read:
    """What one reader came to."""

    events: int
    scanned: int
    seconds: float
    pages: int
    work: float = 0.0
    """Seconds of the server's processor."""

    @property
    def rate(self) -> float:
        """Events of the log per second that were told, or passed over."""
        return self.scanned / self.seconds


def serve(dsn: str, path: str, head: int, listening: Sequence[socket.socket]) -> None:
    """Serve the feed to anybody and to the auditor, and a ready page, until it is ended."""

    async def main() -> None:
        store = await EventStore.open(dsn)
        pool = await asyncpg.create_pool(dsn, min_size=1, max_size=2)
        feed = Feed(store, EventMapper(PersonKeys(pool, Keyring(SECRET))))
        reads = await Reads.open(dsn, Schemas(path), pool_size=4)
        unused: Any = None
        callers = Identity(), Identity(actor=f"prn_{AUDITOR.hex}", principal=AUDITOR)
        apps = [
            api.app.create(
                commands=unused,
                reads=reads,
                positions=Still(head),
                feed=feed,
                sheets=unused,
                identities=Always(caller),
            )
            for caller in callers
        ]
        ready = b""

        async def page(request: Request) -> Response:
            nonlocal ready
            ready = ready or await request.body()
            return Response(ready, media_type=BATCH)

        bare = Starlette(routes=[Route("/events", page, methods=["GET", "POST"])])
        garbage.settle()  # as the program does
        served = (
            uvicorn.Server(
                uvicorn.Config(
                    app, http="httptools", lifespan="off", access_log=False, log_config=None
                )
            ).serve(sockets=[each])
            for app, each in zip((*apps, bare), listening, strict=True)
        )
        await asyncio.gather(*served)

    uvloop.run(main())


def follow(port: int, head: int, filters: str = "") -> Read:
    """Follow the links from the first event to the last."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("GET", f"/events?after=0&limit={MOST}{filters}")
    events = pages = scanned = 0
    begun = time.perf_counter()
    while scanned < head:
        response = connection.getresponse()
        body = response.read()
        assert response.status == 200, body
        link = response.headers["link"]
        scanned = int(response.headers["cordee-scanned"])
        if scanned < head:  # the next page is asked for before this one is read
            connection.request("GET", link[1 : link.index(">")])
        events += len(orjson.loads(body))
        pages += 1
    return Read(events, scanned, time.perf_counter() - begun, pages)


def repeat(port: int, pages: int) -> Read:
    """Take one page that is ready as often as a reader took pages of the feed."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("GET", "/events")
    events = 0
    begun = time.perf_counter()
    for left in reversed(range(pages)):
        body = connection.getresponse().read()
        if left:
            connection.request("GET", "/events")
        events += len(orjson.loads(body))
    return Read(events, events, time.perf_counter() - begun, pages)


def put_ready(source: int, bare: int) -> None:
    """Give the bare server a page of the feed."""
    connection = http.client.HTTPConnection("127.0.0.1", source)
    connection.request("GET", f"/events?after=0&limit={MOST}")
    page = connection.getresponse().read()
    connection = http.client.HTTPConnection("127.0.0.1", bare)
    connection.request("POST", "/events", body=page)
    connection.getresponse().read()


async def build(dsn: str, events: int) -> tuple[str, int]:
    """Write the log and the read models; give where the latter are, and how long the log is."""
    await migrate(dsn)
    await prepare(dsn)
    schemas = {projection.name: schema_of(projection.name, 1) for projection in PROJECTIONS}
    async with asyncpg.create_pool(dsn, min_size=1, max_size=2) as pool:
        mapper = EventMapper(PersonKeys(pool, Keyring(SECRET)))
        head = await history.write(dsn, mapper, events)
        async with builder(dsn, mapper, owner="bench") as building:
            for projection in DECIDING:
                built = (await building.anew(projection)).generation
                schemas[projection.name] = schema_of(built.name, built.number)
        path = ", ".join(schemas.values())
        await pool.execute(
            f"insert into {schemas['principals']}.role_grant"  # noqa: S608 - a name of ours
            " values ($1, 'AUDITOR', 'PLATFORM', '', '', false, now())",
            f"prn_{AUDITOR.hex}",
        )
    return path, head


async def main(options: argparse.Namespace) -> list[str]:
    """Measure, and give what misses its target."""
    folder = Path(tempfile.mkdtemp(prefix="cordee-bench-"))
    listening = [socket.create_server(("127.0.0.1", 0)) for _ in range(3)]
    anybody, auditor, bare = (each.getsockname()[1] for each in listening)
    try:
        async with EmbeddedPostgres(folder / "data") as postgres:
            path, head = await build(postgres.dsn, options.events)
            print(f"a log of {head} events, in pages of {MOST}")
            server = multiprocessing.get_context("spawn").Process(
                target=serve, args=(postgres.dsn, path, head, listening)
            )
            server.start()
            try:
                assert server.pid is not None
                process = psutil.Process(server.pid)
                ports = anybody, auditor, bare
                return await asyncio.to_thread(measure, ports, process, head, options.rounds)
            finally:
                server.kill()
                server.join()
    finally:
        for each in listening:
            each.close()
        shutil.rmtree(folder)


def measure(
    ports: tuple[int, int, int], process: psutil.Process, head: int, rounds: int
) -> list[str]:
    """Let all readers read in turns, and print what they came to."""
    anybody, auditor, bare = ports
    put_ready(anybody, bare)
    readers: dict[str, Callable[[], Read]] = {
        "anybody": lambda: follow(anybody, head),
        "an auditor": lambda: follow(auditor, head),
        "a region": lambda: follow(anybody, head, "&territories=region:28"),
        "ready pages": lambda: repeat(bare, -(-head // MOST)),
    }
    found: dict[str, list[Read]] = {name: [] for name in readers}
    for _ in range(rounds):
        for name, read in readers.items():
            before = sum(process.cpu_times()[:2])
            turn = read()
            found[name].append(replace(turn, work=sum(process.cpu_times()[:2]) - before))
    limit = statistics.median(each.rate for each in found["ready pages"])
    missed = []
    for name, turns in found.items():
        rate = statistics.median(each.rate for each in turns)
        work = statistics.median(1e6 * each.work / each.scanned for each in turns)
        one = turns[0]
        print(
            f"{name:>12}: {rate:9.0f} events/s, {rate / limit:.2f} of the limit,"
            f" {rate / TARGET:.2f} of the target; {work:.1f} µs of the server's processor for each;"
            f" {one.events} events in {one.pages} pages"
        )
        if rate < TARGET:
            missed.append(f"{name}: {rate:.0f} of {TARGET} events/s")
    return missed


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    if missed := uvloop.run(main(parser.parse_args())):
        sys.exit("; ".join(missed))
