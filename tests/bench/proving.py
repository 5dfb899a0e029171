"""How fast the log is proved, and what that costs those who append.

``python -m tests.bench.proving`` starts a PostgreSQL of its own, with fsync on, and measures

- appending with a sealer beside it and without, in turns: the median of the ratios of neighbours;
- what sealing costs of the processors beside what appending costs, whatever else they do meanwhile;
- sealing a log that is there, and verifying it;
- a proof that an event is in it, and one that it goes on from an earlier head;
- the position of an instant, beside a look-up by the primary key.

The targets: sealing takes no more than 5 % of append throughput, and keeps up with 20 000 events a
second; 1 000 000 events are verified within a minute.
"""

import argparse
import asyncio
import os
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path

import asyncpg
import uvloop

from infra.keeping.inspection.finding import Finding, Findings
from infra.keeping.kept import Connection
from infra.keys.keyring import Keyring
from infra.migrate import migrate
from infra.moments import Moments
from infra.postgres import EmbeddedPostgres
from infra.proving.proofs import Proofs
from infra.proving.sealer import Sealer, connect
from infra.proving.sealing import resume, seal
from infra.proving.signing import held_public_key
from infra.proving.verification import verify
from infra.store import EventStore
from tests.bench.append import store_run
from tests.bench.keeping import KEYRING, fill

CALLERS = (32, 128)


async def compare_appends(server: EmbeddedPostgres, rounds: int, seconds: float) -> None:
    """Append with and without a sealer, in turns, and print the ratio."""
    await migrate(server.dsn)
    await _own(server.dsn, KEYRING)
    store = await EventStore.open(server.dsn)
    await store_run(store, 32, 5_000)
    for callers in CALLERS:
        rate, _ = await store_run(store, callers, 200 * callers)
        ratios, rates, lags = [], [], []
        for turn in range(2 * rounds):
            # Which one comes first changes, so that what a run leaves behind weighs on both.
            pair: dict[bool, float] = {}
            for sealed in (turn % 2 == 0, turn % 2 == 1):
                sealer = Sealer(server.dsn, store, KEYRING) if sealed else None
                await _until_sealed(server.dsn, store) if sealed else None
                pair[sealed], _ = await store_run(store, callers, round(rate * seconds))
                if sealer is not None:
                    began = time.perf_counter()
                    await _until_sealed(server.dsn, store)
                    lags.append(time.perf_counter() - began)
                    await sealer.stop()
            ratios.append(pair[True] / pair[False])
            rates.append(pair[True])
        print(
            f"{callers:4} callers: {statistics.median(ratios):5.3f} x appends without a sealer"
            f" ({statistics.median(rates):.0f} per second), all sealed"
            f" {statistics.median(lags):.2f} s after the last",
            flush=True,
        )
    await store.close()


async def measure_cost(server: EmbeddedPostgres, folder: Path, count: int) -> None:
    """Append without a sealer, then seal that, and print what both took of the processors."""
    store = await EventStore.open(server.dsn)
    await _seal_all(server.dsn)
    before = _processors(folder)
    await store_run(store, 32, count)
    between = _processors(folder)
    sealed = await _seal_all(server.dsn)
    after = _processors(folder)
    appending, sealing = (between - before) / count, (after - between) / sealed
    print(
        f"of the processors, for an event: {appending * 1e6:.1f} µs to append,"
        f" {sealing * 1e6:.1f} µs to seal ({sealing / appending:.3f})",
        flush=True,
    )
    await store.close()


async def _seal_all(dsn: str) -> int:
    """Seal what is there, and tell how many events that are."""
    connection, sealed = await connect(dsn), 0
    tree = await resume(connection, KEYRING)
    while events := await seal(connection, KEYRING, tree):
        sealed += events
    await connection.close()
    return sealed


def _processors(folder: Path) -> float:
    """Give the seconds that this process and a PostgreSQL have had of the processors."""
    (pid,) = {each.read_text().split()[0] for each in folder.rglob("postmaster.pid")}
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            process, _, rest = stat.read_text().rpartition(") ")
        except OSError:
            continue  # it has ended
        values = rest.split()
        if values[1] == pid:
            ticks += int(values[11]) + int(values[12])
        elif process.split()[0] == pid:
            ticks += sum(map(int, values[11:15]))  # with those of its children that have ended
    return ticks / os.sysconf("SC_CLK_TCK") + time.process_time()


async def measure_moments(connection: Connection, count: int) -> None:
    """Look for the positions of instants, and for as many rows by their key."""
    moments, chance = Moments(connection), random.Random(2)  # noqa: S311
    took: dict[str, list[float]] = {"instant": [], "key": []}
    for _ in range(500):
        position = chance.randint(1, count - 1)
        began = time.perf_counter()
        at = await moments.recorded_at(position)
        took["key"].append(time.perf_counter() - began)
        assert at is not None
        began = time.perf_counter()
        assert await moments.position_at(at) >= position
        took["instant"].append(time.perf_counter() - began)
    instant, key = (statistics.median(took[name]) for name in ("instant", "key"))
    print(f"the position of an instant: {instant * 1e3:.2f} ms, {instant / key:.1f} x a row by key")


async def measure_log(server: EmbeddedPostgres, count: int) -> None:
    """Seal and verify a log that is there, and prove what is in it."""
    dsn = server.dsn_of("proved")
    await migrate(dsn)
    await fill(dsn, count)
    connection = await connect(dsn)
    tree = await resume(connection, KEYRING)
    began, sealed = time.perf_counter(), 0
    while events := await seal(connection, KEYRING, tree):
        sealed += events
    _tell("sealed", sealed, time.perf_counter() - began)
    trusted = await held_public_key(connection, KEYRING)
    began = time.perf_counter()
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        await verify(connection, Findings(_refuse), _silent, trusted=trusted)
    _tell("verified", sealed, time.perf_counter() - began)
    proofs, chance = Proofs(connection), random.Random(1)  # noqa: S311
    took: dict[str, list[float]] = {"inclusion": [], "consistency": []}
    for _ in range(200):
        position = chance.randint(1, sealed)
        began = time.perf_counter()
        assert await proofs.inclusion(position) is not None
        took["inclusion"].append(time.perf_counter() - began)
        began = time.perf_counter()
        assert await proofs.consistency(position, sealed) is not None
        took["consistency"].append(time.perf_counter() - began)
    for name, times in took.items():
        print(f"{name}: {statistics.median(times) * 1e3:.2f} ms")
    await measure_moments(connection, sealed)
    size = await connection.fetchval(
        "select pg_total_relation_size('log.head') + pg_total_relation_size('log.block')"
    )
    print(f"{size / sealed:.0f} bytes an event for the tree")
    await connection.close()


async def measure(count: int, rounds: int, seconds: float) -> None:
    """Measure everything."""
    with tempfile.TemporaryDirectory(prefix="cordee-bench-") as place:
        async with EmbeddedPostgres(Path(place) / "data") as server:
            connection = await asyncpg.connect(server.dsn_of("postgres"))
            await connection.execute("create database proved")
            await connection.close()
            await compare_appends(server, rounds, seconds)
            await measure_cost(server, Path(place), count // 5)
            await measure_log(server, count)


async def _own(dsn: str, keyring: Keyring) -> None:
    connection = await asyncpg.connect(dsn)
    await connection.execute(
        "insert into keys.master_key (fingerprint) values ($1)", keyring.current
    )
    await connection.close()


async def _until_sealed(dsn: str, store: EventStore) -> None:
    head = await store.head()
    connection = await asyncpg.connect(dsn)
    while await connection.fetchval("select coalesce(max(size), 0) from log.head") < head:
        await asyncio.sleep(0.01)
    await connection.close()


def _tell(what: str, events: int, seconds: float) -> None:
    print(f"{events} events {what} in {seconds:.1f} s: {events / seconds:.0f} per second")


def _silent(_done: int, _of: int) -> None:
    pass


def _refuse(finding: Finding) -> None:
    raise AssertionError(str(finding))


def main(arguments: list[str]) -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--seconds", type=float, default=1.0, help="for each run of a round")
    options = parser.parse_args(arguments)
    uvloop.run(measure(options.events, options.rounds, options.seconds))


if __name__ == "__main__":
    main(sys.argv[1:])
