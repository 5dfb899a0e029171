"""How fast questions are answered, as ratios to what a server written by hand does in the same run.

``python -m tests.bench.reads`` starts a PostgreSQL and, in one process, the interface twice, with
its answer cache and without, and beside it bare Starlette routes: some send the JSON of a statement
that was written by hand for the same question, others send bytes that never change. Sixteen
connections ask in turns, first one then the other, so that what the machine does besides weighs on
all alike; the time that the process has had of processors says it even where others take turns.

- Three questions, asked again and again and each time answered by a statement: 50 rows of 8
  fields, 50 rows nested twice, one row by its id. A hand takes a connection of asyncpg's own pool.
- The same while nothing has moved, out of memory: against a reply of that size which never changes.
- The same, so that no two requests are alike: what is asked has to be read each time, by hand not.
- Asked by GET by somebody who has the answer, and is told that it still holds.
- What it takes to plan a document that was never seen.
- The last page of a million rows, against the first.
"""

import argparse
import asyncio
import json
import multiprocessing
import shutil
import socket
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import orjson
import uvicorn
import uvloop

import api.app
import api.schema
from api.answers import PLANS
from api.executor import Chosen
from infra import garbage
from infra.budgets import Budgets
from infra.migrate import migrate
from infra.postgres import EmbeddedPostgres
from infra.projector.schema import prepare
from infra.reads import Reads
from infra.server import configured
from infra.settings import Settings
from projections.guard import Eyes
from tests.api.ports import Still
from tests.bench.by_hand import by_hand
from tests.bench.load import post
from tests.bench.questions import ASKED, MANY, Asked, fill, grow
from tests.bench.turns import Measure, Way, compare
from tests.generations import FIRST

CONNECTIONS = 16
PLANNED = 1_000
CACHE = 64 * 1024 * 1024
UNBOUNDED = {
    "CORDEE_ADDRESS_REQUESTS": "900000000/minute",
    "CORDEE_ADDRESS_COST": "900000000/minute",
}
"""Budgets that are counted, and never spent."""


def serve(dsn: str, computed: socket.socket, kept: socket.socket, bare: socket.socket) -> None:
    """Serve the interface twice and the bare routes, in this process, until it is ended."""

    async def main() -> None:
        reads = await Reads.open(dsn, FIRST, pool_size=CONNECTIONS)
        unused: Any = None
        interfaces = [
            api.app.create(
                commands=unused,
                reads=reads,
                positions=Still(),
                feed=unused,
                sheets=unused,
                budgets=Budgets(Settings.from_environment(UNBOUNDED)),
                answer_bytes=answer_bytes,
            )
            for answer_bytes in (0, CACHE)
        ]
        as_it_comes = uvicorn.Config(
            await by_hand(dsn, CONNECTIONS),
            http="httptools",
            lifespan="off",
            access_log=False,
            log_config=None,
        )
        configurations = *(configured(each, asyncio.Event()) for each in interfaces), as_it_comes
        served = [
            uvicorn.Server(configuration).serve(sockets=[listening])
            for configuration, listening in zip(configurations, (computed, kept, bare), strict=True)
        ]
        garbage.settle()  # as the program does
        await asyncio.gather(*served)

    uvloop.run(main())


@dataclass(frozen=True)
class Ports:
    """Where to ask."""

    computed: int
    kept: int
    bare: int


_numbers = count()


def fresh(path: str, asked: Asked) -> Callable[[], Iterator[bytes]]:
    """Write requests of which no two are alike."""

    def requests() -> Iterator[bytes]:
        for number in _numbers:
            question = {
                "query": asked.query,
                "variables": asked.variables(number),
                "extensions": {"number": number},
            }
            yield post(path, orjson.dumps(question))

    return requests


def same(request: bytes) -> Callable[[], Iterator[bytes]]:
    """Write one request again and again."""

    def requests() -> Iterator[bytes]:
        while True:
            yield request

    return requests


async def again(ports: Ports, measure: Measure) -> None:
    """Compare what is asked again, answered anew each time, with what a hand would write."""
    print(f"\n{'asked again, answered anew':26}{'ours':>9}{'by hand':>9}  ratio")
    for number, asked in enumerate(ASKED):
        body = orjson.dumps({"query": asked.query, "variables": asked.variables(7)})
        await compare(
            asked.name,
            measure,
            Way(ports.computed, same(post("/graphql", body))),
            Way(ports.bare, same(post(f"/{number}", body))),
        )


async def kept(ports: Ports, measure: Measure) -> None:
    """Compare what is asked again, and kept, with what never changes."""
    print(f"\n{'asked again, and kept':26}{'ours':>9}{'static':>9}  ratio")
    for asked in ASKED:
        request = post(
            "/graphql", orjson.dumps({"query": asked.query, "variables": asked.variables(7)})
        )
        size = len(await _body(ports.kept, request))
        await compare(
            asked.name,
            measure,
            Way(ports.kept, same(request)),
            Way(ports.bare, same(post(f"/static/{size}", b"{}"))),
        )
    asked = ASKED[0]
    parameters = urlencode({"query": asked.query, "variables": json.dumps(asked.variables(7))})
    line = f"GET /graphql?{parameters} HTTP/1.1\r\n"
    revalidating = f"{line}host: bench\r\nif-none-match: *\r\n\r\n".encode()
    await compare(
        "304, by If-None-Match",
        measure,
        Way(ports.kept, same(revalidating)),
        Way(ports.bare, same(post("/static/9", b"{}"))),
    )


async def unlike(ports: Ports, measure: Measure) -> None:
    """Compare requests of which no two are alike with what a hand would write."""
    print(f"\n{'no two alike':26}{'ours':>9}{'by hand':>9}  ratio")
    for number, asked in enumerate(ASKED):
        await compare(
            asked.name,
            measure,
            Way(ports.computed, fresh("/graphql", asked)),
            Way(ports.bare, fresh(f"/{number}", asked)),
        )


async def _body(port: int, request: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    (length,) = (
        int(line.partition(b":")[2])
        for line in head.splitlines()
        if line.lower().startswith(b"content-length:")
    )
    body = await reader.readexactly(length)
    writer.close()
    return body


def planning() -> None:
    """Print what it takes to parse, check and plan documents that were never seen."""
    schema = api.schema.create()
    inner = "id name kind mobilisations { id name kind rhythm sessions { heldOn attendance } }"
    times = []
    for number in range(PLANNED):
        query = (
            f"query Q{number}($n: Int) {{ organisations(first: $n) {{ totalCount"
            f" pageInfo {{ hasNextPage endCursor }}"
            f" edges {{ cursor node {{ {inner} a{number}: siren }} }} }} }}"
        )
        begun = time.perf_counter()
        chosen = schema.choose(query, None, {"n": 50})
        assert isinstance(chosen, Chosen), chosen
        PLANS.plan(chosen.question, Eyes())
        times.append(1000 * (time.perf_counter() - begun))
    p50, p99 = statistics.median(times), statistics.quantiles(times, n=100)[-1]
    print(f"\nplanning a document that was never seen: p50 {p50:.2f} ms, p99 {p99:.2f} ms")


async def pages(dsn: str, rounds: int) -> None:
    """Print what the first and the last page of a million rows take."""
    await grow(dsn)
    reads = await Reads.open(dsn, FIRST, pool_size=1)
    schema = api.schema.create()
    body = "nodes { id name } pageInfo { hasNextPage hasPreviousPage endCursor }"
    forms = {"first": f"{{ organisations(first: 50) {{ {body} }} }}"}
    forms["last"] = f"{{ organisations(last: 50) {{ {body} }} }}"
    plans = {}
    for name, query in forms.items():
        chosen = schema.choose(query, None, None)
        assert isinstance(chosen, Chosen), chosen
        plans[name] = PLANS.plan(chosen.question, Eyes()).compiled, chosen.question.variables
    times: dict[str, list[float]] = {name: [] for name in forms}
    for turn in range(20 * rounds + 5):
        for name, (compiled, variables) in plans.items():
            assert compiled.statement is not None
            begun = time.perf_counter()
            await reads.answer(compiled.statement, compiled.arguments(variables))
            if turn >= 5:
                times[name].append(1000 * (time.perf_counter() - begun))
    await reads.close()
    first, last = (statistics.median(each) for each in times.values())
    print(
        f"a page of 50 of {MANY:,} rows: first {first:.2f} ms, last {last:.2f} ms, "
        f"ratio {last / first:.2f}"
    )


async def bench(arguments: argparse.Namespace) -> None:
    """Start everything, measure, and end it."""
    folder = Path(tempfile.mkdtemp(prefix="cordee-bench-"))
    listening = [socket.create_server(("127.0.0.1", 0)) for _ in range(3)]
    try:
        async with EmbeddedPostgres(folder) as postgres:
            await migrate(postgres.dsn)
            await prepare(postgres.dsn)
            await fill(postgres.dsn)
            server = multiprocessing.get_context("spawn").Process(
                target=serve, args=(postgres.dsn, *listening)
            )
            server.start()
            try:
                assert server.pid is not None
                computing, keeping, bare = (each.getsockname()[1] for each in listening)
                ports = Ports(computing, keeping, bare)
                measure = Measure(arguments.rounds, arguments.seconds, CONNECTIONS, server.pid)
                print("Answers per second and ratios | microseconds of the process and ratios")
                await again(ports, measure)
                await kept(ports, measure)
                await unlike(ports, measure)
            finally:
                server.kill()
                server.join()
            planning()
            await pages(postgres.dsn, arguments.rounds)
    finally:
        for each in listening:
            each.close()
        shutil.rmtree(folder)


def main(argv: Sequence[str] | None = None) -> None:
    """Read the arguments and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=1.0, help="how long each turn takes")
    parser.add_argument("--rounds", type=int, default=5, help="how many turns count")
    uvloop.run(bench(parser.parse_args(argv)))


if __name__ == "__main__":
    main()
