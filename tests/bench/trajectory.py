"""How fast it is told what 100 000 footprints come to: the trajectory, domains, distributions.

    python -m tests.bench.trajectory

The batches are folded as the runner folds them, and asked for through the interface, so that the
figures hold all there is between a request and its answer but the network.
"""

import argparse
import asyncio
import shutil
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from random import Random
from uuid import UUID

import asyncpg
import httpx

import api.app
from domain.challenge import ParticipantAudience
from infra.migrate import migrate
from infra.postgres import EmbeddedPostgres
from infra.projector.generation import schema_of
from infra.projector.schema import prepare
from infra.projector.tables import write
from infra.reads import Reads
from projections.footprint_batches import FOOTPRINT_BATCHES
from projections.rows import Rows
from tests.api.ports import Happening, Intakes, Scripted, Still
from tests.generations import FIRST, PATH
from tests.history import recorded
from tests.projections.footprints import Batches, a_footprint

PEOPLE = 100_000
CHALLENGES = 10

TRAJECTORY = """figures {... on Footprints {people trajectory {year tonnes gap}}}"""
QUESTIONS = {
    "trajectory of all": f"{{footprintStats {{total {{{TRAJECTORY}}}}}}}",
    "of one audience": "{footprintStats(where: {audience: {eq: STAFF}})"
    f" {{total {{{TRAJECTORY}}}}}}}",
    "by challenge": f"{{footprintStats(groupBy: [CHALLENGE]) {{groups {{{TRAJECTORY}}}}}}}",
    "domains": "{footprintStats {total {figures {... on Footprints"
    " {byDomain {domain before in2050 committed}}}}}}",
    "distributions": "{footprintStats {total {figures {... on Footprints"
    " {distributions {domain bands {floor before in2050}}}}}}}",
}


async def fill(dsn: str) -> None:
    """Record batches of 10 to 15 people, and fold them."""
    chance = Random(0)  # noqa: S311 - made-up data
    history, rows, left = Batches(), Rows(), PEOPLE
    number = 0
    while left:
        size = min(left, chance.randint(10, 15)) if left > 25 else left
        history.record(
            [a_footprint(chance) for _ in range(size)],
            workshop=UUID(int=number + 1),
            challenge=UUID(int=number % CHALLENGES + 1),
            audience=list(ParticipantAudience)[number % 2],
        )
        left, number = left - size, number + 1
    begun = time.perf_counter()
    for each in recorded(history.events):
        FOOTPRINT_BATCHES.take(rows, each)
    print(f"{number} batches folded in {time.perf_counter() - begun:.1f} s")
    connection = await asyncpg.connect(dsn, server_settings={"search_path": PATH})
    await write(connection, schema_of(FOOTPRINT_BATCHES.name, 1), FOOTPRINT_BATCHES.rows, rows)
    await connection.execute(
        """
        insert into workshop (id, version, scheduled_at, updated_at, challenge_id, day, starts,
            ends, time_zone, starts_at, ends_at, place, audience, status, seats, taken, free,
            waiting, revision)
        select workshop_id, 1, now(), now(), challenge_id, date '2025-01-15' + (n % 700)::int,
            '', '', 'Europe/Paris', now(), now(), 'Pavillon des transitions', audience, 'HELD',
            15, 0, 15, 0, 0
        from (select row_number() over () as n, * from footprint_batch) b
        """
    )
    await connection.execute("vacuum analyze")
    await connection.close()


async def measure(http: httpx.AsyncClient, rounds: int) -> None:
    """Ask each question, and print the medians."""
    print(f"{'':20} {'median ms':>10} {'p95 ms':>8}")
    for name, query in QUESTIONS.items():
        times = []
        for turn in range(rounds + 3):
            begun = time.perf_counter()
            response = await http.post("/graphql", json={"query": query})
            if turn >= 3:  # the first warm plans and caches
                times.append(1000 * (time.perf_counter() - begun))
            assert "errors" not in response.json(), response.text
        p95 = statistics.quantiles(times, n=20)[-1]
        print(f"{name:20} {statistics.median(times):10.1f} {p95:8.1f}")


async def bench(arguments: argparse.Namespace) -> None:
    """Start everything, measure, and end it."""
    folder = Path(tempfile.mkdtemp(prefix="cordee-bench-"))
    try:
        async with EmbeddedPostgres(folder) as postgres:
            await migrate(postgres.dsn)
            await prepare(postgres.dsn)
            await fill(postgres.dsn)
            reads = await Reads.open(postgres.dsn, FIRST, pool_size=1)
            app = api.app.create(
                commands=Scripted(),
                reads=reads,
                positions=Still(),
                feed=Happening(),
                sheets=Intakes(),
            )
            transport = httpx.ASGITransport(app)
            async with httpx.AsyncClient(transport=transport, base_url="http://bench") as http:
                await measure(http, arguments.rounds)
            await reads.close()
    finally:
        shutil.rmtree(folder)


def main(argv: Sequence[str] | None = None) -> None:
    """Read the arguments and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=21, help="how many turns count")
    asyncio.run(bench(parser.parse_args(argv)))


if __name__ == "__main__":
    main()
