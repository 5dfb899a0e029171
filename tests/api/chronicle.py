"""A roadmap that was written, handed in and published, by people with roles: its history."""

import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import asyncpg
import httpx
import orjson

from api.context import Context
from api.executor import Schema
from api.ports import Caller as Asker
from api.ports import Identity
from domain.identity import Id, internal
from infra.histories import Histories
from infra.moments import Moments
from infra.projector.generation import schema_of
from infra.reads import Reads
from infra.settings import Settings
from infra.system import system
from projections.catalogue import PASTS
from tests.api.both_ways import COMPILED
from tests.api.calling import Caller
from tests.api.ports import Happening, Intakes, Known, Scripted, Still
from tests.generations import PATH
from tests.history import MASTER_KEY, opened

OURSELVES: Final = Identity(actor="command line", trusted=True)
EVERYWHERE: Final = Still(10**9)
"""A read model, and a past, that are beyond every position."""


class Schemas:
    """The schemas of present and past."""

    path = f"{PATH}, {', '.join(schema_of(each.name, 1) for each in PASTS)}"

    async def look(self) -> None:
        """Learn nothing."""


@dataclass
class Told:
    """What was told, and who there is."""

    dsn: str
    organisation: Id
    cohort: Id
    roadmap: Id
    lever: Id
    objective: Id
    leader: UUID
    coordinator: UUID
    alliance: Id
    action: Id


async def tell(dsn: str, folder: Path) -> Told:
    """Let it happen, by a program that ends when all of it is in the past."""
    known = Known()
    known.everybody = OURSELVES
    environment = {
        "CORDEE_DATA_DIR": str(folder),
        "DATABASE_URL": dsn,
        "CORDEE_MASTER_KEY": base64.b64encode(MASTER_KEY).decode(),
    }
    settings = Settings.from_environment(environment)
    async with system(settings, dsn, identities=known) as running:
        transport = httpx.ASGITransport(running.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as http:
            caller = Caller(http, running.app)
            told = await _tell(caller, known, dsn)
            await caller.ask(  # waits until the past is gathered up to the last fact
                "query($p: Position!) { organisations(asOf: {position: $p}) { nodes { id } } }",
                p=caller.position,
            )
    return told


async def _tell(caller: Caller, known: Known, dsn: str) -> Told:
    organisation = Id(await caller.organisation("Atmo Normandie", "region:28"))
    cohort = Id(await caller.make("OpenCohort", name="CEC Ouest", territories=["region:28"]))
    await caller.enrol(cohort, organisation)
    leader = await _person(caller, "Ada", "ORGANISATION_LEADER", "ORGANISATION", organisation)
    coordinator = await _person(caller, "Grace", "COHORT_COORDINATOR", "COHORT", cohort)
    given = {"function": "Direction", "name": "Hedy Lamarr", "email": "hedy@example.org"}
    await caller.make("DesignateContact", organisation=organisation, **given)

    known.everybody = identity(leader)
    roadmap = Id(
        await caller.make("DraftRoadmap", organisation=organisation, cohort=cohort, horizon=2030)
    )
    part = {"roadmap": roadmap}
    lever = Id(await caller.make("AddLever", **part, title="Éco-concevoir"))
    await caller.do(
        "RewordLever",
        **part,
        lever=lever,
        title="Éco-concevoir tout",
        reason="Le conseil l’a voulu",
    )
    wording = "Moins de trajets"
    objective = Id(await caller.make("AddObjective", **part, lever=lever, wording=wording))
    dropped = await caller.make("AddObjective", **part, lever=lever, wording="Trop vague")
    await caller.do("DropObjective", **part, objective=dropped, reason="Il était trop vague")
    await caller.do("AskGenerativeQuestion", **part, text="Comment avancer ensemble ?")
    await caller.do("SetNewCourse", **part, text="Un commun du territoire")

    await caller.do("SubmitRoadmap", **part, effectiveOn="2024-01-15")

    known.everybody = identity(coordinator)
    await caller.make("CommentOnRoadmap", **part, about="LEVER", part=lever, text="Bravo !")
    await caller.do("PublishRoadmap", **part)

    known.everybody = OURSELVES
    alliance = Id(await caller.make("LaunchAlliance", name="Alliance", territory="region:28"))
    action = Id(await caller.make("ProposeAction", alliance=alliance, title="Une action gardée"))
    review = await caller.make("OpenReview", alliance=alliance, year=2025)
    await caller.do(
        "SetActionStanding", alliance=alliance, review=review, action=action, standing="NEW"
    )
    return Told(
        dsn, organisation, cohort, roadmap, lever, objective, leader, coordinator, alliance, action
    )


async def _person(caller: Caller, name: str, role: str, kind: str, place: Id) -> UUID:
    """Make somebody known, with a role."""
    issuer = "https://login.example"
    id = Id(await caller.make("OpenPrincipal", issuer=issuer, subject=name, name=name))
    await caller.do("GrantRole", principal=id, role=role, scopeKind=kind, scope=place)
    return internal("principal", id)


def identity(principal: UUID) -> Identity:
    """Give somebody who proved who they are."""
    return Identity(actor=f"prn_{principal.hex}", principal=principal)


PROGRAM: Final = OURSELVES.caller("fr")
ANYBODY: Final = Identity().caller("fr")


@dataclass
class Asking:
    """Somebody who asks what happened, of the log and of the past as they are."""

    told: Told
    reads: Reads
    histories: Histories
    moments: Moments
    pasts: Still = EVERYWHERE

    async def write(self, statement: str, *arguments: object) -> None:
        """Let the read model show something else from now on."""
        connection = await asyncpg.connect(
            self.told.dsn, server_settings={"search_path": Schemas.path}
        )
        await connection.execute(statement, *arguments)
        await connection.close()

    async def ask(
        self, query: str, asker: Asker = PROGRAM, by: Schema = COMPILED, **given: Any
    ) -> Any:
        """Ask, and give data and the codes of what was refused."""
        context = Context(
            commands=Scripted(),
            reads=self.reads,
            positions=EVERYWHERE,
            feed=Happening(),
            sheets=Intakes(),
            histories=self.histories,
            moments=self.moments,
            pasts=self.pasts,
            caller=asker,
        )
        result = await by.execute(query, variable_values=given, context_value=context)
        codes = [str((error.extensions or {}).get("code", error)) for error in result.errors or ()]
        return orjson.loads(orjson.dumps(result.data)), codes


@asynccontextmanager
async def asking(told: Told) -> AsyncIterator[Asking]:
    """Open what it takes to ask."""
    async with opened(told.dsn) as log:
        reads = await Reads.open(told.dsn, Schemas(), pool_size=2)
        connection = await asyncpg.connect(told.dsn)
        try:
            yield Asking(told, reads, Histories(log.store, log.mapper), Moments(connection))
        finally:
            await connection.close()
            await reads.close()
