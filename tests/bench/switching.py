"""What a switch of generations costs those who read: the slowest request with and without it.

The demo is served by a process of its own and asked a steady number of times a second. Every two
seconds all its read models are switched at once to other generations, and back. Limit: no request
is slower than 100 ms because of that.
"""

import argparse
import asyncio
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg
import httpx
from asyncpg import Record

from infra.postgres import dsn_of_running
from infra.projector.generation import LOCK, begin
from infra.projector.status import ProjectionState, generations
from infra.projector.switching import switch
from projections.catalogue import PROJECTIONS

LIMIT = 0.1
EVERY = 2.0
QUERIES = (
    "{ cohorts { nodes { name edition sessions { number town startsOn } } } }",
    "{ organisations(first: 20) { totalCount nodes { name roadmaps { nodes { id } } } } }",
    "{ alliances { nodes { name members { nodes { organisation { name } } } } } }",
    "{ actions(first: 20) { nodes { title category } } }",
)
LIVE = [projection for projection in PROJECTIONS if projection.topics]


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """Serve the demo, and give its address."""
    process = subprocess.Popen(
        [sys.executable, "-m", "infra.main", "demo"],
        env=os.environ | {"CORDEE_DATA_DIR": str(folder), "CORDEE_PORT": "0"},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    try:
        for line in process.stdout:
            if found := re.search(r"(http://\S+/graphql)", line):
                break
        else:
            raise SystemExit("the demo ended without an address")
        yield found[1]
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)


async def steadily(url: str, rate: int, seconds: float) -> list[float]:
    """Ask so many times a second, whatever becomes of it, and give how long each took."""
    took: list[float] = []

    async def ask(http: httpx.AsyncClient, query: str) -> None:
        began = time.perf_counter()
        answer = await http.post(url, json={"query": query})
        took.append(time.perf_counter() - began)
        assert answer.status_code == 200, answer.text
        assert "errors" not in answer.json(), answer.text

    async with httpx.AsyncClient(timeout=10) as http, asyncio.TaskGroup() as asking:
        began = time.perf_counter()
        for number in range(int(rate * seconds)):
            await asyncio.sleep(max(began + number / rate - time.perf_counter(), 0))
            asking.create_task(ask(http, QUERIES[number % len(QUERIES)]))
    return sorted(took)


async def made(connection: "asyncpg.Connection[Record]") -> None:
    """Let there be a second generation of everything, and wait until all are ready."""
    async with connection.transaction():
        await connection.execute(LOCK)
        for projection in LIVE:
            await begin(connection, projection, automatic=False)
    while not all(
        each.state is ProjectionState.LIVE for each in await generations(connection, LIVE)
    ):
        await asyncio.sleep(0.1)


async def switching(connection: "asyncpg.Connection[Record]", seconds: float) -> int:
    """Switch everything to and fro, and tell how often."""
    times, end = 0, time.perf_counter() + seconds
    while time.perf_counter() + EVERY < end:
        await asyncio.sleep(EVERY)
        for projection in LIVE:
            await switch(connection, projection, 2 - times % 2)
        times += 1
    return times


async def measure(url: str, dsn: str, rate: int, seconds: float) -> None:
    """Ask in turns with and without switching, and print what it came to."""
    connection: asyncpg.Connection[Record] = await asyncpg.connect(dsn)
    await steadily(url, rate, 3)
    await made(connection)
    for _ in range(2):
        quiet = await steadily(url, rate, seconds)
        asking = asyncio.create_task(steadily(url, rate, seconds))
        times = await switching(connection, seconds)
        disturbed = await asking
        for name, took in (("as it is", quiet), (f"{times} switches", disturbed)):
            p50, p99 = took[len(took) // 2], took[len(took) * 99 // 100]
            print(
                f"{name:>12}: {len(took)} answers at {rate}/s, p50 {p50 * 1e3:.1f} ms,"
                f" p99 {p99 * 1e3:.1f} ms, slowest {took[-1] * 1e3:.1f} ms,"
                f" {took[-1] / LIMIT:.2f} of the limit"
            )
    await connection.close()


def main() -> None:
    """Measure on a demo of its own."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rate", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=12.0)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="cordee-switching-") as scratch:
        folder = Path(scratch)
        with serving(folder) as url:
            dsn = dsn_of_running(folder / "postgres")
            assert dsn is not None
            asyncio.run(measure(url, dsn, chosen.rate, chosen.seconds))


if __name__ == "__main__":
    main()
