"""How fast the event store appends, as ratios to pgbench on the same server in the same run.

``make bench`` or ``python -m tests.bench.append`` starts a PostgreSQL of its own, with fsync on,
and measures in turns, so that what the machine does besides weighs on both alike:

- the store: so many callers, each of which appends one event and waits for the outcome;
- pgbench: as many connections, each of which inserts one row of the same columns and size into a
  table with the same two unique keys, and does nothing else.

The targets: 1.2 times pgbench at 32 callers with 99 of 100 appends under 10 ms, 1.5 times at 128.
"""

import argparse
import asyncio
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import asyncpg
import uvloop

from infra.migrate import migrate
from infra.postgres import EmbeddedPostgres, programs
from infra.store import Append, Appended, EventStore, NewEvent

CALLERS = (1, 32, 128)
STATE = b'{"name": "' + b"x" * 180 + b'"}'
META = b'{"actor": "coordinator", "command": "RegisterOrganisation"}'

_REFERENCE_TABLE = """
create table public.reference (
    position bigserial primary key, stream_id uuid not null, version int not null,
    topic text not null, class_version smallint not null, state bytea not null,
    meta bytea not null, command_id uuid not null,
    recorded_at timestamptz not null default clock_timestamp(),
    unique (stream_id, version)
)
"""
_REFERENCE_INSERT = f"""
insert into public.reference
    (stream_id, version, topic, class_version, state, meta, command_id)
values (gen_random_uuid(), 1, 'organisation.registered', 1, '{STATE.decode()}', '{META.decode()}',
    gen_random_uuid());
"""  # noqa: S608  (constants of this module)


def commands(count: int) -> Iterator[Append]:
    """Make commands that record one event each, in streams of their own."""
    for _ in range(count):
        stream_id = uuid4()
        yield Append(
            command_id=uuid4(),
            request_hash=b"sixteen bytes in",
            stream_id=stream_id,
            version=1,
            meta=META,
            events=(NewEvent(stream_id, 1, "organisation.registered", 1, STATE),),
        )


async def store_run(store: EventStore, callers: int, count: int) -> tuple[float, list[float]]:
    """Append `count` commands; give the rate per second, and how long each append took."""
    # Made before the clock starts: pgbench's rows are made by the server, too.
    asked = iter(list(commands(count)))
    took = []

    async def caller() -> None:
        for command in asked:
            start = time.perf_counter()
            outcome = await store.append(command)
            took.append(time.perf_counter() - start)
            assert type(outcome) is Appended

    start = time.perf_counter()
    await asyncio.gather(*(caller() for _ in range(callers)))
    return count / (time.perf_counter() - start), took


async def pgbench_run(dsn: str, script: Path, callers: int, seconds: float) -> float:
    """Let pgbench insert over so many connections; give the rate per second."""
    pgbench = await asyncio.create_subprocess_exec(
        *(programs() / "pgbench", "--no-vacuum", "--protocol=prepared", f"--file={script}"),
        *(f"--client={callers}", f"--jobs={min(callers, 2)}", f"--time={max(1, round(seconds))}"),
        dsn,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    printed, complaint = await pgbench.communicate()
    rate = re.search(rb"tps = ([0-9.]+)", printed)
    if rate is None:
        raise RuntimeError(complaint.decode())
    return float(rate[1])


async def measure(rounds: int, seconds: float) -> None:
    """Measure every number of callers in turns, and print the medians."""
    folder = Path(tempfile.mkdtemp(prefix="cordee-bench-"))
    script = folder / "insert.sql"
    script.write_text(_REFERENCE_INSERT)
    try:
        async with EmbeddedPostgres(folder / "data") as server:
            await migrate(server.dsn)
            connection = await asyncpg.connect(server.dsn)
            await connection.execute(_REFERENCE_TABLE)
            fsync = await connection.fetchval("show fsync")
            await connection.close()
            store = await EventStore.open(server.dsn)
            await store_run(store, 32, 5_000)
            print(f"fsync {fsync}, medians of {rounds} rounds in turns, appends per second")
            for callers in CALLERS:
                # The first run only tells how many commands a run of that length takes.
                rate, _ = await store_run(store, callers, 200 * callers)
                rates, references, took = [], [], []
                for _ in range(rounds):
                    rate, times = await store_run(store, callers, round(rate * seconds))
                    rates.append(rate)
                    took += times
                    references.append(await pgbench_run(server.dsn, script, callers, seconds))
                report(callers, rates, references, took)
            await store.close()
    finally:
        shutil.rmtree(folder)


def report(callers: int, rates: list[float], references: list[float], took: list[float]) -> None:
    """Print one line: the ratio first."""
    ratio = statistics.median(rates) / statistics.median(references)
    percentiles = statistics.quantiles(took, n=100)
    print(
        f"{callers:4} callers: {ratio:5.2f} x pgbench "
        f"({statistics.median(rates):7.0f} to {statistics.median(references):7.0f}), "
        f"p50 {percentiles[49] * 1e3:5.2f} ms, p99 {percentiles[98] * 1e3:5.2f} ms, "
        f"longest {max(took) * 1e3:.0f} ms",
        flush=True,
    )


def main(arguments: list[str]) -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2.0, help="for each run of a round")
    options = parser.parse_args(arguments)
    uvloop.run(measure(options.rounds, options.seconds))


if __name__ == "__main__":
    main(sys.argv[1:])
