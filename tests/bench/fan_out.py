"""How many subscribers one process serves, how fast, and in how much memory.

``python -m tests.bench.fan_out`` starts a PostgreSQL of its own, with fsync on, and the whole
program in one process, in which everybody may listen. Subscribers are raw connections in another
process, all with the same document, each with an id of its own; what happens is appended by a
third. It prints

- how many frames a second 1 000 subscribers over WebSocket are told, all facts at once and one
  fact after the other, as a ratio to what a bare Starlette broadcast of one ready frame delivers to
  the same listeners in the same run (the target: half);
- how long it takes from the commit of a fact until a subscriber has it, with 500 subscribers and
  200 facts a second (the target: 99 of 100 in less than 100 ms);
- the memory of the process that holds 10 000 streams of server-sent events (the target: less than
  1.5 GB), and how long it takes until all of them have a fact.
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
import urllib.request
from base64 import b64encode
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import psutil
import uvicorn
import uvloop
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from domain.organisation import Organisation, OrganisationKind
from infra import garbage
from infra.postgres import EmbeddedPostgres
from infra.server import configured
from infra.settings import Settings
from infra.system import system
from tests.bench.listeners import Heard, Listeners, listeners, many_files
from tests.history import AT, MASTER_KEY, Log, given, news, opened

HALF: Final = 0.5
"""Of the rate of a bare broadcast."""
SOON: Final = 0.1
"""Seconds from commit to subscriber."""
ROOM: Final = 1.5e9
"""Bytes."""
SILENCE: Final = 15.0
"""Seconds for which it is watched while nothing happens: each stream says once that it is there."""
PATIENCE: Final = 120.0
UNBOUNDED: Final = {
    "CORDEE_ADDRESS_REQUESTS": "off",
    "CORDEE_ADDRESS_COST": "off",
    "CORDEE_MASTER_KEY": b64encode(MASTER_KEY).decode(),
}
FRAME: Final = (
    '{"id":"%s","type":"next","payload":{"data":{"events":{"type":"organisation.registered",'
    '"subject":"org_%032x","position":"%d"}},"extensions":{"position":"%d"}}}'
)


def serve(dsn: str, folder: str, listening: socket.socket) -> None:
    """Run the program on a database, until it is ended."""
    many_files()

    async def main() -> None:
        settings = Settings.from_environment({**UNBOUNDED, "CORDEE_DATA_DIR": folder})
        async with system(settings, dsn) as running:
            app = running.app
            garbage.settle()
            await uvicorn.Server(configured(app, running.parting)).serve(sockets=[listening])

    uvloop.run(main())


def serve_bare(listening: socket.socket) -> None:
    """Send one ready frame to all who are connected, as often as it is asked for."""
    many_files()
    sockets: list[WebSocket] = []

    async def connect(websocket: WebSocket) -> None:
        await websocket.accept("graphql-transport-ws")
        sockets.append(websocket)
        with suppress(WebSocketDisconnect):
            while True:
                await websocket.receive_text()

    async def broadcast(request: Request) -> Response:
        frame = FRAME % (uuid4(), 7, 7_000, 7_000)
        for _ in range(int(request.query_params["times"])):
            for each in sockets:
                await each.send_text(frame)
        return Response()

    routes = [WebSocketRoute("/graphql", connect), Route("/", broadcast)]
    config = uvicorn.Config(
        Starlette(routes=routes),
        lifespan="off",
        access_log=False,
        log_config=None,
        ws_per_message_deflate=False,
    )
    uvloop.run(uvicorn.Server(config).serve(sockets=[listening]))


@dataclass(frozen=True, slots=True)
class Served:
    """A server in a process of its own."""

    port: int
    process: psutil.Process

    def worked(self) -> float:
        """Give the seconds that it has had of a processor."""
        return float(sum(self.process.cpu_times()[:2]))

    def holds(self) -> int:
        """Give the bytes of memory that are its alone."""
        return int(self.process.memory_full_info().uss)


@contextmanager
def process(target: Any, *arguments: object) -> Iterator[Served]:
    """Serve from a process of its own."""
    with socket.create_server(("127.0.0.1", 0), backlog=2048) as listening:
        server = multiprocessing.get_context("spawn").Process(
            target=target, args=(*arguments, listening)
        )
        server.start()
        try:
            assert server.pid is not None
            yield Served(listening.getsockname()[1], psutil.Process(server.pid))
        finally:
            server.kill()
            server.join()


@dataclass(slots=True)
class Writer:
    """Registers organisations, and notes when each stood in the log."""

    log: Log
    committed: dict[int, float] = field(default_factory=dict)

    async def one(self) -> int:
        """Register one, and give its position."""
        organisation = Organisation.register(
            uuid4(), now=AT, name="Air Normandie", kind=OrganisationKind.ASSOCIATION
        )
        position = await given(self.log.store, self.log.mapper, *news(organisation))
        self.committed[position] = time.perf_counter()
        return position

    async def many(self, count: int) -> None:
        """Register many at once."""
        await asyncio.gather(*(self.one() for _ in range(count)))

    async def steadily(self, rate: int, seconds: float) -> None:
        """Register so many in each second, whatever comes of it."""
        begun, tasks = time.perf_counter(), list[asyncio.Task[int]]()
        for number in range(int(rate * seconds)):
            await asyncio.sleep(max(0.0, begun + number / rate - time.perf_counter()))
            tasks.append(asyncio.create_task(self.one()))
        await asyncio.gather(*tasks)

    async def head(self) -> int:
        """Give the position of the last event."""
        return await self.log.store.head()


async def broadcast(
    writer: Writer, program: Served, bare: Served, options: argparse.Namespace
) -> list[str]:
    """Compare the rates at which frames are delivered, in turns."""
    count: int = options.sockets
    facts: int = options.facts
    after = await writer.head()
    with (
        listeners("websocket", program.port, count, after) as ours,
        listeners("websocket", bare.port, count, after) as theirs,
    ):
        for each in (ours, theirs):
            await asyncio.to_thread(each.begun)
        await settled(writer, ours, count)

        async def ready() -> float:
            begun = time.perf_counter()
            url = f"http://127.0.0.1:{bare.port}/?times={facts}"
            await asyncio.to_thread(urllib.request.urlopen, url)
            heard = await asyncio.to_thread(theirs.heard, facts * count, PATIENCE)
            return (heard.last - begun) / facts

        async def at_once() -> float:
            begun = time.perf_counter()
            await writer.many(facts)
            heard = await asyncio.to_thread(ours.heard, facts * count, PATIENCE)
            return (heard.last - begun) / facts

        async def one_by_one() -> float:
            took = 0.0
            for _ in range(facts):
                begun = time.perf_counter()
                await writer.one()
                heard = await asyncio.to_thread(ours.heard, count, PATIENCE)
                took += heard.last - begun
            return took / facts

        ways = {
            "a bare broadcast": (bare, ready),
            "facts at once": (program, at_once),
            "one by one": (program, one_by_one),
        }
        took: dict[str, list[float]] = {name: [] for name in ways}
        work: dict[str, list[float]] = {name: [] for name in ways}
        for _ in range(options.rounds):
            for name, (server, deliver) in ways.items():
                worked = server.worked()
                took[name].append(await deliver() / count)
                work[name].append((server.worked() - worked) / facts / count)
    print(f"{count} subscribers over WebSocket, {facts} facts each time")
    limit = 1 / statistics.median(took["a bare broadcast"])
    for name in ways:
        rate = 1 / statistics.median(took[name])
        print(
            f"{name:>18}: {rate:9,.0f} frames/s, {rate / limit:.2f} of the limit;"
            f" {1e6 * statistics.median(work[name]):.1f} µs of the server's processor for each"
        )
    reached = {name: 1 / statistics.median(took[name]) / limit for name in ways}
    return [
        f"{name}: {ratio:.2f} of a bare broadcast, not {HALF}"
        for name, ratio in reached.items()
        if ratio < HALF
    ]


async def soon(writer: Writer, program: Served, options: argparse.Namespace) -> list[str]:
    """Measure how long it takes from the commit of a fact until subscribers have it."""
    count, rate, seconds = options.steady, options.rate, options.seconds
    after = await writer.head()
    with listeners("websocket", program.port, count, after) as ours:
        await asyncio.to_thread(ours.begun)
        await settled(writer, ours, count)
        work = program.worked()
        await writer.steadily(rate, seconds)
        heard = await asyncio.to_thread(ours.heard, int(rate * seconds) * count, PATIENCE)
        work = (program.worked() - work) / seconds
    late = latencies(heard, writer)
    median, most = (late[int(share * len(late))] for share in (0.5, 0.99))
    print(
        f"{count} subscribers, {rate} facts/s: from commit to subscriber {1000 * median:.1f} ms in"
        f" the median, {1000 * most:.1f} ms for 99 of 100, {1000 * late[-1]:.1f} ms at most;"
        f" {100 * work:.0f} % of a core"
    )
    return [] if most < SOON else [f"{1000 * most:.0f} ms from commit to subscriber"]


def latencies(heard: Heard, writer: Writer) -> list[float]:
    """Give how long it took each time, in order, in seconds."""
    pairs = zip(heard.positions, heard.times, strict=True)
    return sorted(then - writer.committed[position] for position, then in pairs)


async def settled(writer: Writer, ours: Listeners, count: int) -> None:
    """Let all of them hear one fact: from there on they are at the end of the log."""
    await writer.one()
    await asyncio.to_thread(ours.heard, count, PATIENCE)


async def hold(writer: Writer, program: Served, options: argparse.Namespace) -> list[str]:
    """Measure the memory that many streams take."""
    count = options.streams
    before = program.holds()
    after = await writer.head()
    with listeners("sse", program.port, count, after) as ours:
        took = await asyncio.to_thread(ours.begun)
        await settled(writer, ours, count)
        late = []
        for _ in range(5):
            await writer.one()
            heard = await asyncio.to_thread(ours.heard, count, PATIENCE)
            late.append(latencies(heard, writer)[-1])
        held, idle = program.holds(), program.worked()
        await asyncio.sleep(SILENCE)
        idle = (program.worked() - idle) / SILENCE
    print(
        f"{count} streams, begun in {took:.1f} s: {held / 1e6:,.0f} MB,"
        f" {(held - before) / count / 1e3:.1f} kB for each; all have a fact"
        f" {1000 * statistics.median(late):.0f} ms after its commit;"
        f" {100 * idle:.0f} % of a core while nothing happens"
    )
    return [] if held < ROOM else [f"{held / 1e9:.2f} GB"]


@asynccontextmanager
async def measured(folder: Path) -> AsyncIterator[tuple[Writer, Served]]:
    """Run the program beside somebody who writes into its log."""
    async with EmbeddedPostgres(folder / "data") as postgres:
        with process(serve, postgres.dsn, str(folder)) as program:
            await up(program.port)
            async with opened(postgres.dsn) as log:
                yield Writer(log), program


async def up(port: int) -> None:
    """Wait until the program is ready."""
    while True:
        try:
            url = f"http://127.0.0.1:{port}/health/ready"
            await asyncio.to_thread(urllib.request.urlopen, url)
        except OSError:
            await asyncio.sleep(0.1)
        else:
            return


async def main(options: argparse.Namespace) -> list[str]:
    """Measure, and give what misses its target."""
    folder, missed = Path(tempfile.mkdtemp(prefix="cordee-bench-")), list[str]()
    try:
        async with measured(folder) as (writer, program):
            if "broadcast" in options.parts:
                with process(serve_bare) as bare:
                    missed += await broadcast(writer, program, bare, options)
            if "soon" in options.parts:
                missed += await soon(writer, program, options)
            if "hold" in options.parts:
                missed += await hold(writer, program, options)
    finally:
        shutil.rmtree(folder)
    return missed


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("parts", nargs="*", default=["broadcast", "soon", "hold"])
    parser.add_argument("--sockets", type=int, default=1_000)
    parser.add_argument("--facts", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steady", type=int, default=500)
    parser.add_argument("--rate", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--streams", type=int, default=10_000)
    if missed := uvloop.run(main(parser.parse_args())):
        sys.exit("; ".join(missed))
