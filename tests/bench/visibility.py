"""How long it takes until what was recorded can be read, and how fast a backlog is worked off.

``python -m tests.bench.visibility`` starts a PostgreSQL of its own, with fsync on. It records
events at a steady rate, 500 a second unless told otherwise, and takes for each the time from the
call of the append to the moment at which every projection shows it. Then it prepares the read
model anew and takes the time until all that was recorded is folded again.

The target: 99 of 100 under 50 ms, at 500 events a second.
"""

import argparse
import asyncio
import shutil
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import asyncpg
import uvloop

from domain.aggregate import AggregateEvent
from domain.cohort import Cohort
from domain.organisation import Organisation, OrganisationKind
from domain.roadmap import Roadmap, RoadmapOwner
from infra.migrate import migrate
from infra.postgres import EmbeddedPostgres
from infra.projector import Projector, prepare
from tests.history import Log, given, news, opened

STORIES = 50
"""How many cohorts fill at the same time."""

BACKLOG_COMMAND = 500
"""Events of one command while the backlog is built up."""


def happenings() -> Iterator[AggregateEvent]:
    """Give facts without end, in the mixture of a day's work: each follows from those before."""
    while True:
        now = datetime.now(UTC)
        cohort = Cohort.open(uuid4(), now=now, name="CEC", territories=["region:28"])
        yield from news(cohort)
        for number in range(20):
            organisation = Organisation.register(
                uuid4(), now=now, name=f"Organisation {number}", kind=OrganisationKind.COMPANY
            )
            organisation.join_network("AASQA")
            yield from news(organisation)
            cohort.receive_application(organisation)
            cohort.admit(organisation)
            cohort.enrol(organisation)
            yield from news(cohort)
            owner = RoadmapOwner(organisation=organisation.id, cohort=cohort.id)
            roadmap = Roadmap.draft(uuid4(), now=now, owner=owner, horizon=2030)
            roadmap.ask_generative_question("Comment faire du transport un commun ?")
            yield from news(roadmap)


async def steadily(log: Log, projector: Projector, rate: int, seconds: float) -> list[float]:
    """Record events at a rate; give for each the seconds until it was visible."""
    took: list[float] = []
    begin = time.perf_counter()

    async def see(began: float, position: int) -> None:
        assert await projector.wait_until(position, 30)
        took.append(time.perf_counter() - began)

    async def tell(number: int) -> None:
        """Tell one story, event by event: no two facts of a stream are on their way at once."""
        events = happenings()
        for turn in range(int(rate * seconds) // STORIES):
            due = begin + (turn + number / STORIES) * STORIES / rate
            await asyncio.sleep(due - time.perf_counter())
            began = time.perf_counter()
            position = await given(log.store, log.mapper, next(events))
            group.create_task(see(began, position))

    async with asyncio.TaskGroup() as group:
        for number in range(STORIES):
            group.create_task(tell(number))
    return took


async def measure(dsn: str, rate: int, seconds: float, backlog: int) -> None:
    """Measure and print."""
    await migrate(dsn)
    await prepare(dsn)
    async with opened(dsn) as log:
        projector = await Projector.start(dsn, log.store, log.mapper)
        await steadily(log, projector, rate, 1)
        took = sorted(await steadily(log, projector, rate, seconds))
        p50, p99 = took[len(took) // 2], took[len(took) * 99 // 100]
        print(f"{rate} events/s: visible after {p50 * 1e3:.1f} ms (p50), {p99 * 1e3:.1f} ms (p99)")
        await projector.stop()

        events = happenings()
        for _ in range(backlog // BACKLOG_COMMAND):
            await given(log.store, log.mapper, *(next(events) for _ in range(BACKLOG_COMMAND)))
        connection = await asyncpg.connect(dsn)
        await connection.execute(
            "update log.generation set code_hash = 'other code', shape_hash = 'other shape'"
        )
        await connection.close()
        await prepare(dsn)
        head = await log.store.head()
        began = time.perf_counter()
        projector = await Projector.start(dsn, log.store, log.mapper)
        while not await projector.wait_until(head, 600):
            print(projector.position())
        took_all = time.perf_counter() - began
        print(f"a backlog of {head} events: {took_all:.1f} s, {head / took_all:.0f} events/s")
        await projector.stop()


async def main(rate: int, seconds: float, backlog: int) -> None:
    """Measure on a server of its own."""
    folder = Path(tempfile.mkdtemp(prefix="cordee-bench-"))
    try:
        async with EmbeddedPostgres(folder) as postgres:
            await measure(postgres.dsn, rate, seconds, backlog)
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rate", type=int, default=500)
    arguments.add_argument("--seconds", type=float, default=6)
    arguments.add_argument("--backlog", type=int, default=50_000)
    uvloop.run(main(**vars(arguments.parse_args())))
