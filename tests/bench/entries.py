"""How long a page of 50 history entries takes on a long log, with all that they changed.

``python -m tests.bench.entries`` starts a PostgreSQL of its own, writes a log of a million events
that ends with a roadmap of 400 events and an action of 200, builds the read models and their past,
and asks for pages of both by somebody who may see them. The target is 20 ms. The limit is reading
the same 50 rows of the log by bare SQL; what the other parts of the page cost is shown as well.
"""

import argparse
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID, uuid5

import asyncpg
import msgspec
import orjson
import uvloop

from api import schema
from api.context import Context
from api.ports import Caller
from domain.action import ProposeAction
from domain.aggregate import AggregateEvent
from domain.alliance import LaunchAlliance
from domain.cohort import OpenCohort
from domain.enrolment import AdmitOrganisation, ApplyToCohort, EnrolOrganisation
from domain.execution import ReportProgress
from domain.follow_up import AddStep, CompleteStep
from domain.identity import Id, external, internal
from domain.lever import AddLever, AddObjective, RewordLever, RewordObjective
from domain.organisation import OrganisationKind, RegisterOrganisation
from domain.principal import Principal, PrincipalKind
from domain.record import Metadata
from domain.roadmap import DraftRoadmap, SetNewCourse
from domain.role import Role, Scope, ScopeKind
from infra import garbage
from infra.histories import Histories
from infra.keys.keyring import Keyring
from infra.keys.person_keys import PersonKeys
from infra.mapper import EventMapper
from infra.migrate import migrate
from infra.postgres import EmbeddedPostgres
from infra.projector import prepare
from infra.projector.building.builder import builder
from infra.projector.generation import schema_of
from infra.reads import Reads
from infra.store import EventStore
from projections.catalogue import PASTS, PROJECTIONS
from projections.projection import Projection
from tests.api.ports import Still
from tests.bench import history
from tests.domain.work import IDS, Memory

SECRET: Final = bytes(range(32))
NAMES: Final = ("organisations", "cohorts", "roadmaps", "alliances", "actions", "principals")
"""The read models that are read."""
TARGET: Final = 20.0
"""Milliseconds."""
COLUMNS: Final = (
    *("position", "stream_id", "version", "topic", "class_version", "state"),
    *("meta", "command_id", "recorded_at"),
)
SOMEBODY: Final = UUID(int=0xB0B)
LONG: Final = "La coopération territoriale se travaille à chaque rencontre, avec tous. " * 12

_ENTRIES: Final = """
history(first: 50, after: $after) {
  nodes { position version type sentence recordedAt effectiveOn isLate isCorrection command
          commandId reason actor { role label placeName } %s }
  pageInfo { hasNextPage endCursor }
}
"""
CHANGES: Final = """
changes { part { noun id became } field label before { kind text } after { kind text } }
"""


def story() -> tuple[list[AggregateEvent], tuple[str, Id], tuple[str, Id]]:
    """Tell of a roadmap of 400 events, an action of 200, and somebody who may see both."""
    memory = Memory()
    memory.decisions = 10**6  # its ids follow from their numbers, as those of the towns do
    told: list[AggregateEvent] = []

    def tell(command: object) -> Memory.Decided:
        decided = memory.do(command)
        told.extend(decided.events)
        return decided

    association = OrganisationKind.ASSOCIATION
    organisation = tell(RegisterOrganisation(name="Atmo Normandie", kind=association)).id
    cohort = tell(OpenCohort(name="CEC", territories=["region:28"])).id
    for step in (ApplyToCohort, AdmitOrganisation, EnrolOrganisation):
        tell(step(cohort=cohort, organisation=organisation))
    alliance = tell(LaunchAlliance(name="Alliance", territory="region:28")).id
    told += _somebody(memory, organisation, alliance)
    roadmap = tell(DraftRoadmap(organisation=organisation, cohort=cohort, horizon=2030)).id
    action = tell(ProposeAction(alliance=alliance, title="Mesurer", description=LONG)).id
    _write(tell, memory, roadmap)
    _act(tell, memory, action)
    return told, ("roadmap", roadmap), ("action", action)


def _somebody(memory: Memory, organisation: Id, alliance: Id) -> list[AggregateEvent]:
    principal = Principal.open(SOMEBODY, now=memory.now, kind=PrincipalKind.PERSON)
    for role, kind, id in (
        (Role.ORGANISATION_LEADER, ScopeKind.ORGANISATION, internal("organisation", organisation)),
        (Role.ALLIANCE_COORDINATOR, ScopeKind.ALLIANCE, internal("alliance", alliance)),
    ):
        principal.grant(role, Scope.of(kind, id))
    return [each for each in principal.collect_events() if isinstance(each, AggregateEvent)]


def _write(tell: Callable[[object], Memory.Decided], memory: Memory, roadmap: Id) -> None:
    """Let a roadmap have 400 events."""
    levers = [tell(AddLever(roadmap=roadmap, title=f"Levier {n}")).part("lever") for n in range(5)]
    objectives = [
        tell(AddObjective(roadmap=roadmap, lever=lever, wording=f"Objectif {n}")).part("objective")
        for lever in levers
        for n in range(10)
    ]
    uuid, number = internal("roadmap", roadmap), 0
    while len(memory.streams[uuid]) < 400:
        number += 1
        lever, objective = levers[number % 5], objectives[number % 50]
        match number % 4:
            case 0:
                tell(SetNewCourse(roadmap=roadmap, text=f"{LONG}{number}"))
            case 1:
                tell(RewordLever(roadmap=roadmap, lever=lever, title=f"Levier {number}"))
            case _:
                wording = f"Objectif {number} : la moitié des déplacements d’ici à 2030"
                tell(RewordObjective(roadmap=roadmap, objective=objective, wording=wording))


def _act(tell: Callable[[object], Memory.Decided], memory: Memory, action: Id) -> None:
    """Let an action have 200 events."""
    uuid, number = internal("action", action), 0
    while len(memory.streams[uuid]) < 200:
        number += 1
        day = memory.now.date() - timedelta(days=400 - number)
        tell(ReportProgress(action=action, percent=number % 100, reported_on=day))
        step = tell(AddStep(action=action, title=f"Étape {number}")).part("step")
        tell(CompleteStep(action=action, step=step))


async def append(dsn: str, mapper: EventMapper, told: Sequence[AggregateEvent], after: int) -> int:
    """Write events behind a log, by somebody, and give the last position."""
    actor = external("principal", SOMEBODY)
    meta = msgspec.json.encode(Metadata(actor=actor, command="RewordLever", reason="parce que"))
    encoded = await mapper.encode(told)
    records = [
        (
            position,
            event.originator_id,
            event.originator_version,
            *each,
            meta,
            uuid5(IDS, str(position)),
            history.FIRST + timedelta(milliseconds=position),
        )
        for position, (event, each) in enumerate(zip(told, encoded, strict=True), after + 1)
    ]
    connection = await asyncpg.connect(dsn)
    await connection.copy_records_to_table(
        "event", schema_name="log", columns=COLUMNS, records=records
    )
    await connection.close()
    return after + len(records)


class Generations:
    """The schemas that are read."""

    def __init__(self) -> None:
        every: tuple[Projection, ...] = (*PROJECTIONS, *PASTS)
        self.path = ", ".join(schema_of(each.name, number_of(each)) for each in every)

    async def look(self) -> None:
        """Learn nothing."""


def number_of(projection: Projection) -> int:
    """Give the generation of a projection that is read."""
    return 2 if projection.name.removesuffix("_past") in NAMES else 1


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
                told, *things = story()
                head = await history.write(dsn, mapper, options.events - len(told))
                head = await append(dsn, mapper, told, head)
                print(f"a log of {head} events")
                for each in (*PROJECTIONS, *PASTS):
                    if number_of(each) == 2:
                        async with builder(dsn, mapper, owner="bench", memory=4 << 30) as building:
                            await building.anew(each)
                await pool.execute("vacuum analyze")
                return await compare(dsn, mapper, head, things, options.rounds)
    finally:
        shutil.rmtree(folder)


async def compare(
    dsn: str, mapper: EventMapper, head: int, things: Sequence[tuple[str, Id]], rounds: int
) -> list[str]:
    """Ask for pages in the middle of both histories, in turns with the bare rows."""
    missed: list[str] = []
    garbage.settle()
    reads = await Reads.open(dsn, Generations(), pool_size=4)
    store = await EventStore.open(dsn, pool_size=1)
    connection = await asyncpg.connect(dsn)
    asking = Asking(reads, Histories(store, mapper), head)
    for noun, id in things:
        stream, after = internal(noun, id), await asking.cursor(noun, id)
        parts: dict[str, Callable[[], Awaitable[object]]] = {
            "bare rows": lambda stream=stream: connection.fetch(BARE, stream),  # type: ignore[misc]
            "with changes": lambda n=noun, i=id, a=after: asking.page(n, i, CHANGES, a),  # type: ignore[misc]
            "without": lambda n=noun, i=id, a=after: asking.page(n, i, "", a),  # type: ignore[misc]
        }
        found: dict[str, list[float]] = {name: [] for name in parts}
        for number in range(rounds + 5):
            for name, ask in parts.items():
                start = time.perf_counter()
                await ask()
                if number >= 5:
                    found[name].append(1e3 * (time.perf_counter() - start))
        median = {name: statistics.median(each) for name, each in found.items()}
        bare = median["bare rows"]
        shown = [f"{name} {ms:.2f} ms ({ms / bare:.1f} ×)" for name, ms in median.items()]
        print(f"{noun}: {', '.join(shown)}")
        if median["with changes"] > TARGET:
            missed.append(f"{noun}: {median['with changes']:.1f} ms of {TARGET:g}")
    await connection.close()
    await store.close()
    await reads.close()
    return missed


BARE: Final = """
select position, version, topic, state, meta, command_id, recorded_at
from log.event where stream_id = $1 and version <= 150 order by version desc limit 50
"""


class Asking:
    """Asks for histories, without a server around it."""

    def __init__(self, reads: Reads, histories: Histories, head: int) -> None:
        self._context = Context(
            commands=None,  # type: ignore[arg-type]
            reads=reads,
            positions=Still(head),
            feed=None,  # type: ignore[arg-type]
            sheets=None,  # type: ignore[arg-type]
            histories=histories,
            pasts=Still(head),
            caller=Caller(external("principal", SOMEBODY), "fr", SOMEBODY),
        )
        self._schema = schema.create()

    async def page(self, noun: str, id: Id, parts: str, after: str) -> Any:
        """Ask for a page of 50 entries."""
        query = f"query($id: ID!, $after: String) {{{noun}(id: $id) {{{_ENTRIES % parts}}}}}"
        return await self._ask(query, noun, id=id, after=after)

    async def cursor(self, noun: str, id: Id) -> str:
        """Give the place in the middle after which the pages begin."""
        query = (
            f"query($id: ID!) {{{noun}(id: $id) {{history(first: 50) {{pageInfo {{endCursor}}}}}}}}"
        )
        return str((await self._ask(query, noun, id=id))["pageInfo"]["endCursor"])

    async def _ask(self, query: str, noun: str, **variables: Any) -> Any:
        result = await self._schema.execute(
            query, variable_values=variables, context_value=self._context
        )
        assert not result.errors, result.errors
        told = orjson.loads(orjson.dumps(result.data))[noun]["history"]
        assert len(told.get("nodes", [""] * 50)) == 50
        return told


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--folder", help="where to put the database")
    options = parser.parse_args()
    if missed := uvloop.run(main(options)):
        sys.exit("; ".join(missed))
