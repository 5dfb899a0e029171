"""What is not there for a caller's commands is not there for their questions, and the other way."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from api.context import eyes_of
from api.ports import Caller
from domain.action import Action, ProposeAction
from domain.aggregate import Aggregate, AggregateEvent
from domain.alliance_roadmap import DraftAllianceRoadmap
from domain.assignment import SteeringRole
from domain.enrolment import AdmitOrganisation, ApplyToCohort, EnrolOrganisation
from domain.granting import GrantRole
from domain.identity import Id, internal
from domain.lever import AddLever, AddObjective
from domain.organisation import MergeOrganisation
from domain.principal import ClosePrincipal, OpenPrincipal, Principal
from domain.roadmap import (
    AskGenerativeQuestion,
    DraftRoadmap,
    OpenRevision,
    PublishRoadmap,
    Roadmap,
    SetNewCourse,
    SubmitRoadmap,
)
from domain.role import HELD_AT, Role, ScopeKind
from domain.standing import ANYBODY, Standing
from domain.steering import NameParty
from domain.upkeep import RestrictAction
from projections import guard
from projections.actions import ActionRow
from projections.catalogue import PROJECTIONS
from projections.principals import PrincipalRow
from projections.roadmaps import RoadmapRow
from projections.rows import Rows
from projections.table import Row
from tests.domain.realms import Realm, Still
from tests.domain.work import Memory, MemoryWork
from tests.generations import PATH, first_table
from tests.history import recorded

ROWS: list[tuple[type[Aggregate], type[Row]]] = [
    (Roadmap, RoadmapRow),
    (Action, ActionRow),
    (Principal, PrincipalRow),
]
"""What may be hidden, and where the read model keeps it."""


class Chronicle(Memory):
    """A memory that knows in which order all of it happened."""

    def __init__(self) -> None:
        super().__init__()
        self.events: list[AggregateEvent] = []

    def do(self, *command: Any, **given: Any) -> Memory.Decided:
        """Decide a command, and note what comes of it."""
        decided = super().do(*command, **given)
        self.events += decided.events
        return decided


def told() -> Chronicle:
    """Two territories, in them roadmaps and actions of every reach, and callers of all kinds."""
    memory = Chronicle()
    realms = [Realm(memory, "departement:76"), Realm(memory, "region:53")]
    for realm, other in zip(realms, reversed(realms), strict=True):
        _roadmaps(memory, realm)
        _actions(memory, realm, other)
        _callers(memory, realm)
    here, there = realms
    merged = here.another("Disparue")
    memory.do(MergeOrganisation(organisation=merged, into=here.ids["into"]))
    for realm, noun in ((here, "organisation"), (there, "into")):
        _callers(memory, realm, suffix=" later", organisation=here.ids["into"])
        memory.do(MergeOrganisation(organisation=realm.ids[noun], into=here.ids["into"]))
    return memory


def _roadmaps(memory: Memory, realm: Realm) -> None:
    cohort = realm.ids["cohort"]
    for organisation in (realm.ids["into"], realm.another("Ensuite"), realm.another("Enfin")):
        for step in (ApplyToCohort, AdmitOrganisation, EnrolOrganisation):
            memory.do(step(cohort=cohort, organisation=organisation))
        draft = DraftRoadmap(organisation=organisation, cohort=cohort, horizon=2030)
        realm.ids["roadmap"] = submitted(memory, memory.do(draft).id)
    memory.do(PublishRoadmap(roadmap=realm.ids["roadmap"]))
    memory.do(OpenRevision(roadmap=realm.ids["roadmap"], reason="Une suite"))
    alliances = DraftAllianceRoadmap(alliance=realm.ids["alliance"], horizon=2030)
    roadmap = memory.do(alliances).id
    if realm.territory == "region:53":
        submitted(memory, roadmap)


def submitted(memory: Memory, roadmap: Id) -> Id:
    """A roadmap that was handed in."""
    memory.do(AskGenerativeQuestion(roadmap=roadmap, text="Comment ?"))
    memory.do(SetNewCourse(roadmap=roadmap, text="Cap"))
    lever = memory.do(AddLever(roadmap=roadmap, title="Mesurer")).part("lever")
    memory.do(AddObjective(roadmap=roadmap, lever=lever, wording="Un bilan"))
    memory.do(ProposeAction(title="Agir", roadmap=roadmap, lever=lever))
    restricted = memory.do(ProposeAction(title="Agir en secret", roadmap=roadmap, lever=lever)).id
    memory.do(RestrictAction(action=restricted))
    memory.do(SubmitRoadmap(roadmap=roadmap))
    return roadmap


def _actions(memory: Memory, realm: Realm, other: Realm) -> None:
    action = memory.do(ProposeAction(title="Ensemble", alliance=realm.ids["alliance"])).id
    memory.do(RestrictAction(action=action))
    realm.ids["action"] = action
    holder = other.ids["organisation"]
    shared = memory.do(ProposeAction(title="À deux", alliance=realm.ids["alliance"])).id
    memory.do(RestrictAction(action=shared))
    memory.do(NameParty(action=shared, role=SteeringRole.HOLDER, organisation=holder))


def _callers(
    memory: Memory, realm: Realm, suffix: str = "", organisation: Id | None = None
) -> None:
    for role, kind in ((role, kind) for role in HELD_AT for kind in ScopeKind):
        if kind not in role.held_at:
            continue
        opened = OpenPrincipal(issuer=realm.territory, subject=f"{role} {kind}{suffix}")
        principal = memory.do(opened).id
        scope = realm.named(kind)
        if kind is ScopeKind.ORGANISATION and organisation is not None:
            scope = organisation
        memory.do(GrantRole(principal=principal, role=role, scope_kind=kind, scope=scope))
    closed = OpenPrincipal(issuer=realm.territory, subject=f"closed{suffix}")
    principal = memory.do(closed).id
    memory.do(GrantRole(principal=principal, role=Role.AUDITOR, scope_kind=ScopeKind.PLATFORM))
    memory.do(ClosePrincipal(principal=principal))


@pytest.fixture(scope="module")
def memory() -> Chronicle:
    """All that was told."""
    return told()


async def test_commands_and_questions_find_the_same(memory: Chronicle, prepared: str) -> None:
    connection = await asyncpg.connect(
        prepared, server_settings={"search_path": PATH, "timezone": "UTC"}
    )
    await _write(connection, memory)
    still = Still(memory)
    known = list(_known(still))
    callers: list[tuple[UUID | None, Standing]] = [(None, ANYBODY)]
    callers += [(one.id, one.standing) for one in known if isinstance(one, Principal)]
    wrong = []
    for principal, standing in callers:
        seen = await _seen(connection, principal)
        wrong += [
            (one.TOPIC, one.id, "seen" if one.id in seen else "known", standing.grants)
            for one in known
            if not _is_pilot(one) and _open(one, standing, still) is not (one.id in seen)
        ]
    await connection.close()
    assert wrong == []


def _known(still: Still) -> Iterator[Aggregate]:
    for uuid in list(still.streams):
        found = still.find(Aggregate, uuid)
        if isinstance(found, Roadmap | Action | Principal):
            yield found


def _is_pilot(aggregate: Aggregate) -> bool:
    """Whoever has a role in an action only is shown to fewer than may know of them."""
    return isinstance(aggregate, Principal) and any(
        grant.scope.kind is ScopeKind.ACTION for grant in aggregate.grants
    )


def _open(aggregate: Aggregate, standing: Standing, still: Still) -> bool:
    try:
        aggregate.open_to(standing, MemoryWork(still, 1)).send(None)
    except StopIteration as end:
        return bool(end.value)
    raise AssertionError("it waited for something")


async def _write(connection: Any, memory: Chronicle) -> None:
    history = list(recorded(memory.events))
    for projection in PROJECTIONS:
        rows = Rows()
        for each in history:
            if type(each.event).TOPIC in projection.topics:
                projection.take(rows, each)
        for kind in projection.rows:
            if folded := list(rows.all(kind)):
                await first_table(kind).upsert(connection, folded)


async def _seen(connection: Any, principal: UUID | None) -> set[UUID]:
    eyes = eyes_of(Caller("somebody", "en", principal))
    viewer = eyes.viewer(1)
    seen: set[UUID] = set()
    for kind, row in ROWS:
        table = row.TABLE
        rule = " and ".join(guard.seen(table, "t", viewer)) or "true"
        text = f"select array_agg(t.id) from {table.name} t where {rule}"  # noqa: S608
        found = await connection.fetchval(guard.complete(text, viewer).text, *eyes.arguments)
        seen |= {internal(kind.TOPIC, id) for id in found or ()}
    return seen


def test_of_everything_there_is_something_that_is_hidden_from_somebody(memory: Chronicle) -> None:
    still = Still(memory)
    hidden = {type(one) for one in _known(still) if not _open(one, ANYBODY, still)}
    assert hidden == {Roadmap, Action, Principal}
