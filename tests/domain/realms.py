"""Realms: one of everything in one territory, to ask of every command who may give it there."""

from collections.abc import Coroutine
from dataclasses import MISSING, fields, is_dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from types import UnionType
from typing import Any, Final, Union, get_args, get_origin, get_type_hints
from uuid import UUID

from domain.access import admit
from domain.action import ProposeAction
from domain.agenda import ScheduleMeeting
from domain.aggregate import Aggregate
from domain.alliance import LaunchAlliance
from domain.allies import JoinAlliance, OpenTheme
from domain.challenge import OpenChallenge, ParticipantAudience
from domain.cohort import OpenCohort
from domain.command import Command
from domain.enrolment import AdmitOrganisation, ApplyToCohort, EnrolOrganisation
from domain.hosting import HoldWorkshop, ScheduleWorkshop
from domain.identity import Id, external, internal
from domain.organisation import DesignateContact, OrganisationKind, RegisterOrganisation
from domain.principal import OpenPrincipal
from domain.refusal import Refusal
from domain.roadmap import DraftRoadmap
from domain.role import PLATFORM, Role, Scope, ScopeKind
from domain.standing import Grant, Standing
from domain.theme import Theme
from tests.domain.challenges import a_batch
from tests.domain.intentions import NOUN_OF, SENT_ALONG
from tests.domain.work import Memory, MemoryWork

SOMEBODY: Final = UUID(int=0x5EED)
"""Whoever holds the roles that a test gives."""

_SAMPLES: Final[dict[str, Any]] = {
    "role": Role.FACILITATOR,
    "scope_kind": ScopeKind.COHORT,
    "theme": Theme.WATER,
}
_PLAIN: Final[dict[type, Any]] = {
    bool: False,
    int: 1,
    str: "Été",
    Decimal: Decimal(1),
    date: date(2026, 1, 20),
}
_WANTED: Final = {"organisation", "alliance", "territory", "theme", "scope"}
"""What is not left out, although it may be: it says where a command lies."""


class Realm:
    """One of everything, at home in one territory."""

    def __init__(self, memory: Memory, territory: str) -> None:
        self.memory = memory
        self.territory = territory
        organisation = self.another("Ici")
        cohort = memory.do(OpenCohort(name="CEC", territories=[territory])).id
        for step in (ApplyToCohort, AdmitOrganisation, EnrolOrganisation):
            memory.do(step(cohort=cohort, organisation=organisation))
        roadmap = memory.do(DraftRoadmap(organisation=organisation, cohort=cohort, horizon=2030)).id
        alliance = memory.do(LaunchAlliance(name="Alliance", territory=territory)).id
        memory.do(OpenTheme(alliance=alliance, theme=Theme.WATER))
        memory.do(JoinAlliance(alliance=alliance, organisation=organisation))
        meeting = memory.do(ScheduleMeeting(alliance=alliance, theme=Theme.WATER))
        challenge = memory.do(
            OpenChallenge(
                name="Deux tonnes",
                territory=territory,
                starts_on=date(2026, 1, 1),
                ends_on=date(2026, 12, 31),
            )
        ).id
        workshop = memory.do(
            ScheduleWorkshop(
                challenge=challenge,
                starts="2026-01-20T14:00",
                ends="2026-01-20T17:00",
                place="Pavillon",
                seats=15,
                audience=ParticipantAudience.CITIZENS,
                host=organisation,
            )
        ).id
        memory.do(HoldWorkshop(workshop=workshop, came=12))
        principal = memory.do(OpenPrincipal(issuer="https://issuer", subject=territory))
        contact = memory.do(
            DesignateContact(organisation=organisation, function="directrice", name="Quelqu’un")
        )
        self.ids: dict[str, Id] = {
            "organisation": organisation,
            "into": self.another("Là"),
            "cohort": cohort,
            "roadmap": roadmap,
            "alliance": alliance,
            "action": memory.do(ProposeAction(title="Agir", alliance=alliance)).id,
            "meeting": meeting.part("meeting"),
            "challenge": challenge,
            "workshop": workshop,
            "footprint_batch": memory.do(a_batch(workshop)).id,
            "principal": principal.id,
            "contact": contact.part("contact"),
            "scope": cohort,
        }

    def scope(self, kind: ScopeKind) -> Scope:
        """The place of a kind that there is in it."""
        match kind:
            case ScopeKind.PLATFORM:
                return PLATFORM
            case ScopeKind.TERRITORY:
                return Scope(kind=kind, key=self.territory)
            case ScopeKind.THEME:
                return Scope.theme(internal("alliance", self.ids["alliance"]), Theme.WATER)
            case ScopeKind.NETWORK:
                return Scope.of(kind, UUID(int=1))
            case _:
                noun = kind.value.lower()
                return Scope.of(kind, internal(noun, self.ids[noun]))

    def named(self, kind: ScopeKind) -> str | None:
        """How a caller names that place."""
        match kind:
            case ScopeKind.PLATFORM:
                return None
            case ScopeKind.TERRITORY:
                return self.territory
            case ScopeKind.THEME:
                return f"{self.ids['alliance']}/{Theme.WATER}"
            case _:
                return external(kind.value.lower(), self.scope(kind).uuid)

    def command(self, kind: type[Command], **given: Any) -> Command:
        """A command of a kind on what there is in it; what a rule does not need is left out."""
        hints = get_type_hints(kind)
        drawn = {
            field.name: self._value(hints[field.name], field.name)
            for field in fields(kind)  # type: ignore[arg-type]
            if field.name not in SENT_ALONG and (field.default is MISSING or field.name in _WANTED)
        }
        return kind(**{**drawn, **given})

    def another(self, name: str) -> Id:
        """Another organisation that is at home there."""
        kind = OrganisationKind.ASSOCIATION
        return self.memory.do(
            RegisterOrganisation(name=name, kind=kind, territory=self.territory)
        ).id

    def _value(self, hint: Any, name: str) -> Any:
        if name in self.ids:
            return self.ids[name]
        if get_origin(hint) in (Union, UnionType):
            hint = get_args(hint)[0]
        if get_origin(hint) is list:
            return [self._value(get_args(hint)[0], name)]
        if is_dataclass(hint):
            inner = get_type_hints(hint)
            drawn = {one.name: self._value(inner[one.name], one.name) for one in fields(hint)}
            return hint(**drawn)  # type: ignore[operator]
        return self._plain(hint, name)

    def _plain(self, hint: type[Any], name: str) -> Any:
        if name in ("territory", "territories"):
            return self.territory
        if hint is Id:
            noun = NOUN_OF.get(name, name)
            return self.ids.get(noun) or external(noun, UUID(int=9))
        if issubclass(hint, Enum):
            sample = _SAMPLES.get(name)
            return sample if isinstance(sample, hint) else next(iter(hint))
        return _PLAIN[hint]


class Still(Memory):
    """A memory in which nothing changes any more, and which folds every history once."""

    def __init__(self, memory: Memory) -> None:
        super().__init__()
        self.streams, self._folded = memory.streams, dict[UUID, Aggregate | None]()

    def find(self, kind: type[Any], uuid: UUID) -> Any:
        """The aggregate under an id, if it is of a kind."""
        if uuid not in self._folded:
            self._folded[uuid] = super().find(Aggregate, uuid)
        found = self._folded[uuid]
        return found if isinstance(found, kind) else None

    def admission(self, command: Command, standing: Standing) -> Refusal | None:
        """Why a caller may not give a command; None if they may."""
        try:
            _done(admit(command, standing, MemoryWork(self, 1)))
        except Refusal as refusal:
            return refusal
        return None


def holding(role: Role, *scopes: Scope) -> Standing:
    """Somebody who holds a role in some places."""
    return Standing(SOMEBODY, frozenset(Grant(role=role, scope=scope) for scope in scopes))


def _done(work: Coroutine[Any, Any, None]) -> None:
    try:
        work.send(None)
    except StopIteration:
        return
    raise AssertionError("admission waited for something")
