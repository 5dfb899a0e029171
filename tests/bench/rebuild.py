"""How fast read models are made anew from a log of a million events, and within which memory.

``make bench`` or ``python -m tests.bench.rebuild`` starts a PostgreSQL of its own, with fsync on,
and writes the year of some thousand towns into its log. Each rebuild runs in a process of its own,
as `cordee projections rebuild` does: from the first event until the tables have their indexes, some
aggregates were held against the log, and the generation is ready.

The targets, in events that are folded per second: 150 000 where folding them is trivial, 60 000 for
the largest read model; where it is trivial, 20 × the projection runner of eventsourcing, which
counts as well, over the first thousands of events of a log of its own (how many follow does not
change its rate); and the memory that is set is not exceeded. The limit is reading and decoding the
log alone.
"""

import argparse
import asyncio
import json
import os
import resource
import shutil
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import asyncpg
import uvloop

from domain.aggregate import AggregateEvent
from domain.catalogue import AGGREGATES
from domain.record import Recorded
from infra import garbage
from infra.keys.keyring import Keyring
from infra.keys.person_keys import PersonKeys
from infra.mapper import EventMapper
from infra.migrate import migrate
from infra.postgres import EmbeddedPostgres
from infra.projector import prepare
from infra.projector.building.builder import builder, connections
from infra.projector.building.stretch import HEAD, stretches
from projections.access import EVERYONE
from projections.catalogue import PROJECTIONS
from projections.projection import Projection
from projections.rows import Rows
from projections.table import Row, row
from tests.bench import history

SECRET = bytes(range(32))
READING = "reading"
TRIVIAL, LARGEST = "tally", "actions"
TARGETS = {TRIVIAL: 150_000, LARGEST: 60_000}
TIMES = 20
LITTLE = 192
"""Megabytes in which the largest read model does not fit, so that its rows are written out."""
RUNNER = 3_000
"""Events that the library's runner takes in."""


@row("tally", seen=EVERYONE, key=("topic",))
class TallyRow(Row):
    """How many events of a kind there are."""

    topic: str
    count: int


def _count(rows: Rows, recorded: Recorded[AggregateEvent]) -> None:
    topic = recorded.event.TOPIC
    if rows.get(TallyRow, topic) is None:
        rows.put(TallyRow(topic=topic, count=0))
    rows.change(TallyRow, topic).count += 1


TALLY = Projection(
    name=TRIVIAL,
    ddl="create table tally (topic text primary key, count bigint not null);",
    rows=(TallyRow,),
    follows=tuple(AGGREGATES),
    fold=_count,
)
NAMED = {projection.name: projection for projection in (TALLY, *PROJECTIONS)}


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What one rebuild took."""

    events: int
    seconds: float
    megabytes: float
    spills: int

    @property
    def rate(self) -> float:
        """Events per second."""
        return self.events / self.seconds


class Marks(NamedTuple):
    """What rebuilds are held against, in events per second."""

    library: float
    limit: float


async def rebuild(dsn: str, name: str, memory: int) -> None:
    """Build a generation, and print what it took: the work of a process of its own."""
    garbage.settle()
    async with asyncpg.create_pool(dsn, min_size=1, max_size=2) as pool:
        mapper = EventMapper(PersonKeys(pool, Keyring(SECRET)))
        async with builder(dsn, mapper, owner="bench", memory=memory << 20) as building:
            start = time.perf_counter()
            outcome = await building.anew(NAMED[name])
            took = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps([outcome.built.events, took, peak, outcome.built.spills]))


async def read(dsn: str) -> None:
    """Read and decode the log and do no more, and print what it took: the limit of a rebuild."""
    garbage.settle()
    async with asyncpg.create_pool(dsn, min_size=1, max_size=2) as pool:
        mapper = EventMapper(PersonKeys(pool, Keyring(SECRET)))
        async with connections(dsn, 1) as (connection,):
            head = await connection.fetchval(HEAD)
            start, events = time.perf_counter(), 0
            async for page in stretches(connection, TALLY.topics, after=0, upto=head):
                events += len(await mapper.decode(page.events))
            took = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps([events, took, peak, 0]))


async def apart(dsn: str, name: str, memory: int) -> Rebuilt:
    """Build a generation in a process of its own."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.bench.rebuild", "--build", name),
        *("--memory", str(memory)),
        env=os.environ | {"DATABASE_URL": dsn},
        stdout=asyncio.subprocess.PIPE,
    )
    told, _ = await process.communicate()
    assert process.returncode == 0, name
    return Rebuilt(*json.loads(told))


async def runner(server: EmbeddedPostgres) -> float:
    """Give the rate of the library's own runner, in a database of its own."""
    from tests.bench import peer_runner

    connection: Any = await asyncpg.connect(server.dsn)
    try:
        await connection.execute("drop database if exists peer")
        await connection.execute("create database peer")
        return await asyncio.to_thread(peer_runner.measured, server.dsn_of("peer"), RUNNER)
    finally:
        await connection.close()


async def main(options: argparse.Namespace) -> list[str]:
    """Measure, and give what misses its target."""
    folder = Path(tempfile.mkdtemp(prefix="cordee-bench-"))
    missed: list[str] = []
    try:
        async with EmbeddedPostgres(folder / "data") as server:
            await migrate(server.dsn)
            await prepare(server.dsn, [TALLY])
            async with asyncpg.create_pool(server.dsn, min_size=1, max_size=2) as pool:
                mapper = EventMapper(PersonKeys(pool, Keyring(SECRET)))
                events = await history.write(server.dsn, mapper, options.events)
            print(f"a log of {events} events; {options.memory} MB for a rebuild")
            names = [READING, *options.names]
            found: dict[str, list[Rebuilt]] = {name: [] for name in names}
            peer: list[float] = []
            for _ in range(options.rounds):
                peer.append(await runner(server))
                for name in names:
                    found[name].append(await apart(server.dsn, name, options.memory))
            library = statistics.median(peer)
            print(f"{'runner of eventsourcing':>24}: {library:9.0f} events/s, 1 ×")
            limit = statistics.median(each.rate for each in found.pop(READING))
            print(f"{'reading and decoding':>24}: {limit:9.0f} events/s, the limit")
            marks = Marks(library, limit)
            for name, rounds in found.items():
                missed += _told(name, rounds, marks, options.memory, TARGETS.get(name))
            spilled = [await apart(server.dsn, LARGEST, LITTLE) for _ in range(options.rounds)]
            missed += _told(LARGEST, spilled, marks, LITTLE, None)
    finally:
        shutil.rmtree(folder)
    return missed


def _told(
    name: str, rounds: list[Rebuilt], marks: Marks, memory: int, wanted: int | None
) -> list[str]:
    """Print what the rounds of one rebuild came to; give what misses its target."""
    rate = statistics.median(each.rate for each in rounds)
    peak = max(each.megabytes for each in rounds)
    aim = "" if wanted is None else f", {rate / wanted:.2f} of the target"
    print(
        f"{name:>24}: {rate:9.0f} events/s, {rate / marks.library:.0f} ×,"
        f" {rate / marks.limit:.2f} of the limit, {rounds[0].events} events,"
        f" {peak:.0f} of {memory} MB, {rounds[0].spills} spills{aim}"
    )
    missed = []
    if wanted is not None and rate < wanted:
        missed.append(f"{name}: {rate:.0f} of {wanted} events/s")
    if name == TRIVIAL and rate < TIMES * marks.library:
        missed.append(f"{name}: {rate / marks.library:.0f} of {TIMES} × the library's runner")
    if peak > memory:
        missed.append(f"{name}: {peak:.0f} MB where {memory} are set")
    return missed


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--memory", type=int, default=512, help="megabytes of one rebuild")
    parser.add_argument("--build", help=argparse.SUPPRESS)
    parser.add_argument(
        "names", nargs="*", default=[TRIVIAL, LARGEST, "roadmaps", "workshops"], metavar="NAME"
    )
    options = parser.parse_args()
    if options.build == READING:
        uvloop.run(read(os.environ["DATABASE_URL"]))
    elif options.build:
        uvloop.run(rebuild(os.environ["DATABASE_URL"], options.build, options.memory))
    elif missed := uvloop.run(main(options)):
        sys.exit("; ".join(missed))
