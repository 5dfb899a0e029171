"""How fast live work catches up with a log that went on without it.

``make bench`` or ``python -m tests.bench.backlog`` starts a PostgreSQL of its own, with fsync on,
and writes a hundred thousand events while nobody follows. Then the ordinary workers of one process
begin: one for the largest read model alone, then one for each that there is, side by side.

The target: the largest takes in 20 000 events per second, each with its rows in a transaction.
"""

import argparse
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import asyncpg
import uvloop

from infra import garbage
from infra.keys.keyring import Keyring
from infra.keys.person_keys import PersonKeys
from infra.mapper import EventMapper
from infra.migrate import migrate
from infra.postgres import EmbeddedPostgres
from infra.projector import Projector, prepare
from infra.store import EventStore
from projections.actions import ACTIONS
from projections.catalogue import PROJECTIONS
from projections.projection import Projection
from tests.bench import history

SECRET = bytes(range(32))
TARGET = 20_000


async def catch_up(
    server: EmbeddedPostgres, name: str, projections: Sequence[Projection], events: int
) -> tuple[int, float]:
    """Let workers catch up in a fresh database; give how many events they folded, and how fast."""
    connection: Any = await asyncpg.connect(server.dsn_of("postgres"))
    await connection.execute(f"create database {name}")
    await connection.close()
    dsn = server.dsn_of(name)
    await migrate(dsn)
    await prepare(dsn, projections)
    async with asyncpg.create_pool(dsn, min_size=1, max_size=2) as pool:
        mapper = EventMapper(PersonKeys(pool, Keyring(SECRET)))
        head = await history.write(dsn, mapper, events)
        topics = [list(projection.topics) for projection in projections]
        followed = sum(
            [
                await pool.fetchval("select count(*) from log.event where topic = any($1)", each)
                for each in topics
            ]
        )
        store = await EventStore.open(dsn)
        start = time.perf_counter()
        projector = await Projector.start(dsn, store, mapper, projections=projections)
        assert await projector.wait_until(head, 600)
        took = time.perf_counter() - start
        await projector.stop()
        await store.close()
    return followed, followed / took


async def main(events: int, rounds: int) -> bool:
    """Measure, and tell whether the target is met."""
    garbage.settle()
    folder = Path(tempfile.mkdtemp(prefix="cordee-bench-"))
    rates: dict[str, list[float]] = {"actions": [], "all": []}
    counts: dict[str, int] = {}
    try:
        async with EmbeddedPostgres(folder / "data") as server:
            for turn in range(rounds):
                for name, projections in (("actions", [ACTIONS]), ("all", PROJECTIONS)):
                    folded, rate = await catch_up(server, f"{name}_{turn}", projections, events)
                    rates[name].append(rate)
                    counts[name] = folded
    finally:
        shutil.rmtree(folder)
    for name, found in rates.items():
        rate = statistics.median(found)
        print(
            f"{name:>8}: {counts[name]} events at {rate:.0f} per second,"
            f" {rate / TARGET:.2f} of {TARGET}"
        )
    return statistics.median(rates["actions"]) >= TARGET


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    if not uvloop.run(main(options.events, options.rounds)):
        sys.exit(f"slower than {TARGET} events per second")
