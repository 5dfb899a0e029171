"""What it costs to ask about a moment of a long log, against asking about now.

``python -m tests.bench.past`` starts a PostgreSQL of its own, writes a log of a million events,
builds the read models and their past, and asks the same questions of now and as of an early, a
middle and a late position, in turns. The targets: at most twice the time for a list of 50 with
relations, at most four times for a count and for groups. Present-time questions are asked as well
while the past is there and while it is not: that it is there must not matter.
"""

import argparse
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import asyncpg
import orjson
import uvloop

from api import schema
from api.context import Context
from api.ports import Caller
from infra import garbage
from infra.keys.keyring import Keyring
from infra.keys.person_keys import PersonKeys
from infra.mapper import EventMapper
from infra.migrate import migrate
from infra.moments import Moments
from infra.postgres import EmbeddedPostgres
from infra.projector import prepare
from infra.projector.building.builder import builder
from infra.projector.generation import schema_of
from infra.reads import Reads
from projections.catalogue import PASTS, PROJECTIONS
from projections.projection import Projection
from tests.api.ports import Still
from tests.bench import history

SECRET: Final = bytes(range(32))
NAMES: Final = ("organisations", "cohorts", "roadmaps", "alliances", "actions", "passages")
"""The read models that the questions read."""


@dataclass(frozen=True)
class Asked:
    """A question, and how much longer it may take of the past."""

    name: str
    query: str
    times: float
    trusted: bool = False
    """Whether the program itself asks, for whom there are drafts."""


ASKED: Final = (
    Asked(
        "50 actions with relations",
        "actions(first: 50{}) {{ nodes {{ id title status percent alliance {{ id name }}"
        " themes {{ theme }} steps {{ nodes {{ title doneOn }} }}"
        " progressReports {{ nodes {{ percent reportedOn }} }} }} }}",
        2,
    ),
    Asked(
        "50 roadmaps with relations",
        "roadmaps(first: 50{}) {{ nodes {{ id title status organisation {{ id name }}"
        " levers {{ title objectives {{ wording }} }} }} }}",
        2,
        trusted=True,
    ),
    Asked("count of actions", "actions(first: 1{}) {{ totalCount }}", 4),
    Asked(
        "actions by status",
        "actionStats(groupBy: [STATUS]{}) {{ groups {{ status count }} }}",
        4,
    ),
    Asked(
        "progress by year",
        "actionYearStats(groupBy: [YEAR]{}) {{ groups {{ year count }} }}",
        4,
    ),
)


class Schemas:
    """The schemas that are read."""

    def __init__(self, projections: Sequence[Projection]) -> None:
        self.path = ", ".join(schema_of(each.name, _number(each)) for each in projections)

    async def look(self) -> None:
        """Learn nothing."""


def _number(projection: Projection) -> int:
    return 2 if projection.name.removesuffix("_past") in NAMES else 1


class Asking:
    """Asks a read model, without a server around it."""

    def __init__(self, reads: Reads, moments: Moments, head: int) -> None:
        self._context = Context(
            commands=None,  # type: ignore[arg-type]
            reads=reads,
            positions=Still(head),
            feed=None,  # type: ignore[arg-type]
            sheets=None,  # type: ignore[arg-type]
            moments=moments,
            pasts=Still(head),
            caller=Caller("bench", "en"),
        )
        self._schema = schema.create()
        self.bytes = 0
        """How long the last answer was."""

    async def seconds(self, asked: Asked, position: int | None) -> float:
        """Ask once, and tell how long it took."""
        moment = "" if position is None else f', asOf: {{ position: "{position}" }}'
        query = "{ " + asked.query.format(moment) + " }"
        caller = Caller("bench", "en", trusted=asked.trusted)
        context = replace(self._context, caller=caller)
        start = time.perf_counter()
        result = await self._schema.execute(query, context_value=context)
        took = time.perf_counter() - start
        assert not result.errors, result.errors
        self.bytes = len(orjson.dumps(result.data))
        return took


async def build(dsn: str, mapper: EventMapper, projection: Projection) -> None:
    """Build a read model, and tell how fast that was."""
    async with builder(dsn, mapper, owner="bench", memory=4 << 30) as building:
        start = time.perf_counter()
        outcome = await building.anew(projection)
        took = time.perf_counter() - start
    rate = outcome.built.events / took
    print(f"{projection.name:>24}: {outcome.built.events} events, {rate:.0f}/s")


async def main(options: argparse.Namespace) -> list[str]:
    """Measure, and give what misses its target."""
    folder = Path(tempfile.mkdtemp(prefix="cordee-bench-", dir=options.folder))
    try:
        async with EmbeddedPostgres(folder / "data") as server:
            dsn = server.dsn
            await migrate(dsn)
            await prepare(dsn, (*PROJECTIONS, *PASTS))
            async with asyncpg.create_pool(dsn, min_size=1, max_size=2) as pool:
                mapper = EventMapper(PersonKeys(pool, Keyring(SECRET)))
                head = await history.write(dsn, mapper, options.events)
                print(f"a log of {head} events")
                for each in (*PROJECTIONS, *PASTS):
                    if _number(each) == 2:
                        await build(dsn, mapper, each)
                await pool.execute("vacuum analyze")
                return await compare(dsn, pool, head, options.rounds)
    finally:
        shutil.rmtree(folder)


async def compare(dsn: str, pool: Any, head: int, rounds: int) -> list[str]:
    """Ask now and then, in turns."""
    missed: list[str] = []
    garbage.settle()
    reads = await Reads.open(dsn, Schemas((*PROJECTIONS, *PASTS)), pool_size=1)
    alone = await Reads.open(dsn, Schemas(PROJECTIONS), pool_size=1)
    moments = Moments(pool)
    asking, without = Asking(reads, moments, head), Asking(alone, moments, head)
    positions = {"early": head // 10, "middle": head // 2, "late": head * 9 // 10, "last": head}
    print(f"\n{'':>26}{'now, ms':>10}{'no past':>9}" + "".join(f"{n:>9}" for n in positions))
    for asked in ASKED:
        found: dict[str, list[float]] = {n: [] for n in ("now", "no past", *positions)}
        for number in range(rounds + 5):
            took = {
                "now": await asking.seconds(asked, None),
                "no past": await without.seconds(asked, None),
            }
            for name, position in positions.items():
                took[name] = await asking.seconds(asked, position)
            if number >= 5:
                for name, seconds in took.items():
                    found[name].append(seconds)
        median = {name: statistics.median(each) for name, each in found.items()}
        ratios = {name: each / median["now"] for name, each in median.items()}
        print(
            f"{asked.name:>26}{1e3 * median['now']:10.2f}"
            + "".join(f"{ratio:8.2f}×" for name, ratio in ratios.items() if name != "now")
            + f"  of {asked.times} × ({asking.bytes} bytes)"
        )
        missed += [
            f"{asked.name}, {name}: {ratios[name]:.2f} of {asked.times} ×"
            for name in positions
            if ratios[name] > asked.times
        ]
    await reads.close()
    await alone.close()
    return missed


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--folder", help="where to put the database")
    options = parser.parse_args()
    if missed := uvloop.run(main(options)):
        sys.exit("; ".join(missed))
