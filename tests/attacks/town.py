"""A town to besiege: the whole program over HTTP, with the demo and two realms in its log.

In each realm there is one of everything, something to hide of every kind, and somebody for every
role and place in which it can be held. All of them prove who they are by real tokens.
"""

import itertools
from collections.abc import Callable, Coroutine, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast, get_args, get_type_hints

import httpx
import uvloop

from api.node import noun_of
from api.ports import Caller, Done
from domain.action import ProposeAction
from domain.assignment import SteeringRole
from domain.challenge import ParticipantAudience
from domain.command import Command
from domain.enrolment import AdmitOrganisation, ApplyToCohort, EnrolOrganisation
from domain.granting import GrantRole
from domain.hosting import ScheduleWorkshop
from domain.identity import Id
from domain.lever import AddLever, AddObjective
from domain.part import ImpactScope, RoadmapPart
from domain.principal import OpenPrincipal
from domain.roadmap import (
    AskGenerativeQuestion,
    CommentOnRoadmap,
    DraftRoadmap,
    PublishRoadmap,
    SetNewCourse,
    SubmitRoadmap,
)
from domain.role import HELD_AT, Role, ScopeKind
from domain.seating import RegisterForWorkshop
from domain.steering import NameParty
from domain.upkeep import RestrictAction
from infra import command_file
from infra.identity.built_in import NAME
from infra.identity.demo import Demo
from infra.settings import Settings
from infra.system import System, system
from tests.domain.realms import Realm
from tests.domain.work import Memory

AT_ONCE: Final = 30
"""Commands in a request."""

PROGRAM: Final = Caller("command line", "en", trusted=True)
BUDGETS: Final = (
    "CORDEE_CALLER_REQUESTS",
    "CORDEE_CALLER_COST",
    "CORDEE_ADDRESS_REQUESTS",
    "CORDEE_ADDRESS_COST",
)
ROLES: Final = [(role, kind) for role in HELD_AT for kind in ScopeKind if kind in role.held_at]
"""Every role, in every kind of place in which it can be held."""


@dataclass(frozen=True, slots=True)
class Persona:
    """Somebody who can call, and by which token; without one they are anybody."""

    name: str
    role: Role | None = None
    place: ScopeKind | None = None
    realm: Realm | None = None
    token: str | None = None

    def __str__(self) -> str:
        return self.name


ANYBODY: Final = Persona("anybody")


class Place(Realm):
    """A realm whose commands can be sent."""

    def command(self, kind: type[Command], **given: Any) -> Command:
        """A command of a kind on what there is in it."""
        scope = get_type_hints(kind).get("scope")
        if ImpactScope in (scope, *get_args(scope)):  # and not that of a role
            given = {"scope": ImpactScope.LOCAL, **given}
        return super().command(kind, **given)


class Log(Memory):
    """What a realm is told to, so that it lies in a real log."""

    def __init__(self, give: Callable[[Any], Done]) -> None:
        super().__init__()
        self._give = give

    def do(self, *command: Any, **_given: Any) -> Any:
        """Give a command as the program itself."""
        return Given(self._give(command[0]))


@dataclass(frozen=True, slots=True)
class Given:
    """What came of it."""

    done: Done

    @property
    def id(self) -> Id:
        """That of which it spoke."""
        return self.done.id

    def part(self, noun: str) -> Id:
        """What it made."""
        assert noun_of(self.done.created or "") == noun
        return cast(Id, self.done.created)


class Town:
    """The program, and all who can call it."""

    def __init__(self, dsn: str, folder: Path) -> None:
        self.loop = uvloop.new_event_loop()
        self._parts = AsyncExitStack()
        self.dsn = dsn
        self.demo = Demo.open(folder)
        self.system: System = self.run(self._open(folder))
        self.http = httpx.AsyncClient(
            transport=httpx.ASGITransport(self.system.app), base_url="http://town"
        )
        self.position = 0
        self.ids: dict[str, Id] = {}
        self._load()
        memory = Log(self.give)
        self.here, self.elsewhere = (_told(memory, at) for at in ("departement:76", "region:53"))
        self.personas = [ANYBODY, *self._personas()]
        self.stage = _told(memory, "region:24")
        self.everything = self._everything()

    async def _open(self, folder: Path) -> System:
        environment = {
            "CORDEE_DATA_DIR": str(folder),
            "DATABASE_URL": self.dsn,
            "CORDEE_LIMITS": f"mutations={AT_ONCE}, root_fields={AT_ONCE}",
        }
        settings = Settings.from_environment(environment | dict.fromkeys(BUDGETS, "off"))
        return await self._parts.enter_async_context(system(settings, self.dsn, demo=self.demo))

    def close(self) -> None:
        """End it."""
        self.run(self.http.aclose())
        self.run(self._parts.aclose())
        self.loop.close()

    def run(self, awaitable: Coroutine[Any, Any, Any]) -> Any:
        """Wait for something."""
        return self.loop.run_until_complete(awaitable)

    def give(self, command: Any, caller: Caller = PROGRAM) -> Done:
        """Give a command past the interface."""
        done: Done = self.run(self.system.commands.execute(command, caller))
        self.position = max(self.position, done.position)
        return done

    def post(
        self, query: str, by: Persona = ANYBODY, headers: dict[str, str] | None = None, **given: Any
    ) -> httpx.Response:
        """Send an operation as somebody."""
        proof = {} if by.token is None else {"authorization": f"Bearer {by.token}"}
        at = {"min-position": str(self.position)}
        body = {"query": query, "variables": given}
        sent = self.http.post("/graphql", json=body, headers={**at, **proof, **(headers or {})})
        return cast(httpx.Response, self.run(sent))

    def ask(self, query: str, by: Persona = ANYBODY, **given: Any) -> dict[str, Any]:
        """Send an operation as somebody and give its data, which must be there."""
        body = self.post(query, by, **given).json()
        assert "errors" not in body, body["errors"]
        data: dict[str, Any] = body["data"]
        return data

    def catch_up(self) -> None:
        """Wait until all that happened is shown."""
        self.position = self.run(self.system.store.head())
        self.ask("{viewer {id}}")

    def _load(self) -> None:
        names: command_file.Names = {}
        bus = cast(Any, self.system.commands)
        for file in command_file.DEMO:
            self.run(command_file.carry_out(file, bus, PROGRAM, lambda _done, _of: None, names))
        self.demo_names = names

    def _personas(self) -> Iterator[Persona]:
        for realm, (role, kind) in itertools.product((self.here, self.elsewhere), ROLES):
            subject = f"{realm.territory} {role} {kind}"
            principal = self.give(OpenPrincipal(issuer=NAME, subject=subject)).id
            at = realm.named(kind)
            self.give(GrantRole(principal=principal, role=role, scope_kind=kind, scope=at))
            yield Persona(subject, role, kind, realm, self.demo.token_of(subject))
        for persona in self.demo.all():
            yield Persona(persona.subject, token=self.demo.token(persona))
        nobody = "somebody without a role"
        self.give(OpenPrincipal(issuer=NAME, subject=nobody))
        yield Persona(nobody, token=self.demo.token_of(nobody))

    def _everything(self) -> Persona:
        """Somebody who may do everything on the stage."""
        subject = "everything"
        principal = self.give(OpenPrincipal(issuer=NAME, subject=subject)).id
        for role, kind in ROLES:
            at = self.stage.named(kind)
            self.give(GrantRole(principal=principal, role=role, scope_kind=kind, scope=at))
        return Persona(subject, token=self.demo.token_of(subject))


def _told(memory: Memory, territory: str) -> Place:
    """A realm with something to hide of every kind."""
    realm = Place(memory, territory)
    cohort = realm.ids["cohort"]
    realm.ids["draft"] = realm.ids["roadmap"]
    for name in ("submitted", "published"):
        organisation = realm.another(name)
        for step in (ApplyToCohort, AdmitOrganisation, EnrolOrganisation):
            memory.do(step(cohort=cohort, organisation=organisation))
        roadmap = memory.do(DraftRoadmap(organisation=organisation, cohort=cohort, horizon=2030)).id
        _written(memory, roadmap)
        memory.do(SubmitRoadmap(roadmap=roadmap))
        realm.ids[name] = roadmap
        realm.ids[f"{name} organisation"] = organisation
    memory.do(PublishRoadmap(roadmap=realm.ids["published"]))
    realm.ids["lever"] = _written(memory, realm.ids["draft"])
    realm.ids["comment"] = memory.do(
        CommentOnRoadmap(
            roadmap=realm.ids["draft"], about=RoadmapPart.NEW_COURSE, text="Entre nous"
        )
    ).part("comment")
    restricted = memory.do(
        ProposeAction(title="En secret", alliance=realm.ids["alliance"], code="S1")
    ).id
    realm.ids["assignment"] = memory.do(
        NameParty(action=restricted, role=SteeringRole.HOLDER, person="Quelqu’un")
    ).part("assignment")
    memory.do(RestrictAction(action=restricted))
    realm.ids["restricted"] = restricted
    coming = memory.do(
        ScheduleWorkshop(
            challenge=realm.ids["challenge"],
            starts="2026-12-20T14:00",
            ends="2026-12-20T17:00",
            place="Pavillon",
            seats=15,
            audience=ParticipantAudience.CITIZENS,
            host=realm.ids["organisation"],
        )
    ).id
    realm.ids["coming"] = coming
    realm.ids["registration"] = memory.do(
        RegisterForWorkshop(workshop=coming, name="Quelqu’un", email="quelquun@exemple.fr")
    ).part("registration")
    return realm


def _written(memory: Memory, roadmap: Id) -> Id:
    memory.do(AskGenerativeQuestion(roadmap=roadmap, text="Comment ?"))
    memory.do(SetNewCourse(roadmap=roadmap, text="Cap"))
    lever = memory.do(AddLever(roadmap=roadmap, title="Mesurer")).part("lever")
    memory.do(AddObjective(roadmap=roadmap, lever=lever, wording="Un bilan"))
    memory.do(ProposeAction(title="Agir", roadmap=roadmap, lever=lever))
    return lever
