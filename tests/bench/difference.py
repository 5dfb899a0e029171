"""How long it takes to tell what is another in a roadmap with 200 objectives, and who wrote it.

``python -m tests.bench.difference`` starts the whole program on a PostgreSQL of its own, lets a
roadmap be written, submitted, revised and submitted again, and asks for what the two versions
differ in, word by word. The target is 50 ms. The limit is reading the rows of both states by bare
SQL; the figures are medians of interleaved runs, over the interface but without a network.
"""

import argparse
import shutil
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import asyncpg
import httpx
import uvloop

from infra.postgres import EmbeddedPostgres
from infra.projector.generation import schema_of
from infra.settings import Settings
from infra.system import system
from tests.api.calling import Caller
from tests.api.conftest import OURSELVES
from tests.api.ports import Always

TARGET: Final = 50.0
"""Milliseconds."""
LEVERS: Final = 20
OBJECTIVES: Final = 200

WORDS: Final = (
    "D’ici à {year}, {share} % des trajets de l’association et de ses membres se font à pied, à "
    "vélo ou en train ; le reste est partagé. Un bilan est publié chaque année, et discuté avec "
    "les territoires voisins."
)

DIFFER: Final = """
query ($id: ID!, $from: StateAt!, $to: StateAt!) {
  roadmap(id: $id) { diff(from: $from, to: $to) {
    fields { field label before after words { text change } }
    parts {
      noun id title changes placeBefore placeAfter
      fields { field label before after words { text change } }
    }
  } }
}
"""
BLAME: Final = """
query ($id: ID!, $field: String) {
  roadmap(id: $id) { blame(field: $field) {
    noun part field value sentence { text } position
    entry { recordedAt sentence actor { label } reason command }
  } }
}
"""
BARE: Final = """
select {columns} from {schema}.{table}_past p
where {owner} = $1 and since <= $2 and until > $2
    and epoch = (
        select number from {schema}.roadmaps_epoch
        where relation = '{table}' and since <= $2 order by since desc limit 1
    )
order by {order}
"""
TABLES: Final = (
    ("roadmap", "id", "title, horizon, status, turning_point, generative_question, new_course"),
    ("lever", "roadmap_id", "id, title, description"),
    (
        *("objective", "roadmap_id"),
        "id, lever_id, wording, scope, indicator, unit, baseline, target, due_year",
    ),
    ("plan_item", "roadmap_id", "id, lever_id, title, due, action_id"),
)


@dataclass(frozen=True)
class Written:
    """A roadmap, and the positions of its two submissions."""

    roadmap: str
    first: int
    second: int


async def write(caller: Caller) -> Written:
    """Let a roadmap be submitted, and revised in half of what it says."""
    cohort = await caller.make("OpenCohort", name="CEC Ouest", territories=["region:53"])
    association = await caller.organisation("Territoire apprenant", "region:53")
    await caller.enrol(cohort, association)
    roadmap = await caller.make(
        "DraftRoadmap", organisation=association, cohort=cohort, horizon=2030
    )
    await caller.do("AskGenerativeQuestion", roadmap=roadmap, text="Comment aider ? " * 40)
    await caller.do("SetNewCourse", roadmap=roadmap, text="Une ville verte. Et calme. " * 40)
    levers = [
        await caller.make("AddLever", roadmap=roadmap, title=f"Levier {number}")
        for number in range(LEVERS)
    ]
    objectives = []
    for number in range(OBJECTIVES):
        lever, wording = levers[number % LEVERS], WORDS.format(year=2030, share=number)
        objectives.append(
            await caller.make("AddObjective", roadmap=roadmap, lever=lever, wording=wording)
        )
        await caller.make("AddPlanItem", roadmap=roadmap, lever=lever, title=f"Étape {number}")
    await caller.do("SubmitRoadmap", roadmap=roadmap, submittedOn="2024-01-10")
    first = int(caller.position)
    await caller.do("OpenRevision", roadmap=roadmap, reason="Le bilan de l’année")
    await caller.do("SetNewCourse", roadmap=roadmap, text="Une ville verte. Et sans voiture. " * 40)
    for number, objective in enumerate(objectives):
        if number % 2:
            wording = WORDS.format(year=2028, share=number + 1).replace("discuté", "débattu")
            await caller.do(
                "RewordObjective", roadmap=roadmap, objective=objective, wording=wording
            )
    await caller.do("ReorderLevers", roadmap=roadmap, levers=levers[::-1])
    await caller.do("SubmitRoadmap", roadmap=roadmap, submittedOn="2025-01-10")
    return Written(roadmap, first, int(caller.position))


def questions(
    caller: Caller, bare: Any, written: Written
) -> dict[str, Callable[[], Awaitable[Any]]]:
    """Give what is measured, by name; the limit comes first."""
    schema = schema_of("roadmaps_past", 1)
    statements = [
        BARE.format(
            schema=schema, table=table, owner=owner, columns=columns, order=columns.split(",")[0]
        )
        for table, owner, columns in TABLES
    ]

    async def rows() -> list[Any]:
        return [
            await bare.fetch(statement, written.roadmap, position)
            for position in (written.first, written.second)
            for statement in statements
        ]

    def asked(query: str, **variables: Any) -> Callable[[], Awaitable[Any]]:
        return lambda: caller.ask(query, id=written.roadmap, **variables)

    numbers = {"from": {"submission": 1}, "to": {"submission": 2}}
    positions = {
        "from": {"position": str(written.first)},
        "to": {"position": str(written.second)},
    }
    return {
        "rows of both states, bare SQL": rows,
        "diff of two submitted versions": asked(DIFFER, **numbers),
        "diff of two positions": asked(DIFFER, **positions),
        "blame of one text": asked(BLAME, field="newCourse"),
        "blame of everything": asked(BLAME),
    }


async def measure(arguments: argparse.Namespace, caller: Caller, dsn: str) -> None:
    """Ask by turns, and print the medians."""
    begun = time.perf_counter()
    written = await write(caller)
    print(f"{written.second} events written in {time.perf_counter() - begun:.1f} s")
    bare = await asyncpg.connect(dsn)
    asked = questions(caller, bare, written)
    times: dict[str, list[float]] = {name: [] for name in asked}
    for turn in range(arguments.rounds + 3):
        for name, ask in asked.items():
            begun = time.perf_counter()
            await ask()
            if turn >= 3:  # the first warm plans and caches
                times[name].append(1000 * (time.perf_counter() - begun))
    await bare.close()
    medians = {name: statistics.median(each) for name, each in times.items()}
    limit = next(iter(medians.values()))
    print(f"{'':34}{'ms':>8}{'times the limit':>18}   target {TARGET:.0f} ms")
    for name, median in medians.items():
        print(f"{name:34}{median:8.1f}{median / limit:18.1f}")


async def bench(arguments: argparse.Namespace) -> None:
    """Start everything, measure, and end it."""
    folder = Path(tempfile.mkdtemp(prefix="cordee-bench-"))
    try:
        async with EmbeddedPostgres(folder) as postgres:
            settings = Settings.from_environment(
                {"CORDEE_DATA_DIR": str(folder / "data"), "DATABASE_URL": postgres.dsn}
            )
            async with system(settings, postgres.dsn, identities=Always(OURSELVES)) as running:
                transport = httpx.ASGITransport(running.app)
                async with httpx.AsyncClient(transport=transport, base_url="http://test") as http:
                    await measure(arguments, Caller(http, running.app), postgres.dsn)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main() -> None:
    """Read the arguments and measure."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=30)
    uvloop.run(bench(parser.parse_args()))


if __name__ == "__main__":
    main()
