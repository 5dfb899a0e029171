"""Every command by every role: held where it counts, held elsewhere, and not held at all."""

import pytest

from domain.catalogue import COMMANDS
from domain.command import Command
from domain.refusal import Forbidden, NotFound, NotSignedIn, Refusal
from domain.role import HELD_AT, Role, ScopeKind
from domain.standing import ANYBODY, Standing
from tests.domain.realms import SOMEBODY, Realm, Still, holding
from tests.domain.work import Memory

MEMORY = Memory()
HERE = Realm(MEMORY, "region:28")
ELSEWHERE = Realm(MEMORY, "region:53")
STILL = Still(MEMORY)

GRANTABLE = [(role, kind) for role, kinds in HELD_AT.items() for kind in ScopeKind if kind in kinds]
COORDINATORS = {Role.COHORT_COORDINATOR: "cohort", Role.ALLIANCE_COORDINATOR: "alliance"}

LIES_IN = {
    "organisation": {ScopeKind.ORGANISATION},
    "cohort": {ScopeKind.COHORT},
    "roadmap": {ScopeKind.ORGANISATION, ScopeKind.COHORT},
    "alliance": {ScopeKind.ALLIANCE},
    "action": {ScopeKind.ALLIANCE, ScopeKind.ACTION},
    "challenge": set[ScopeKind](),
    "workshop": {ScopeKind.ORGANISATION},
    "principal": set[ScopeKind](),
}
"""The kinds of place, beside a territory and the platform, in which such a thing lies here."""

ON_A_THEME = {
    "ScheduleMeeting",
    "MoveMeeting",
    "CancelMeeting",
    "HoldMeeting",
    "CorrectMeeting",
    "AssociateExpert",
    "SetActionStanding",
    "StateThemeProgress",
}

LIES_WITH = {
    "DraftRoadmap": "organisation",
    "DraftAllianceRoadmap": "alliance",
    "ProposeAction": "alliance",
    "AdoptAction": "alliance",
    "TurnPlanItemIntoAction": "roadmap",
    "ScheduleWorkshop": "challenge",
    "RecordFootprints": "workshop",
    "WithdrawFootprints": "workshop",
    "ForgetPerson": "organisation",
    "GrantRole": "cohort",
    "RevokeRole": "cohort",
}
"""What tells where a command lies, if that is not what it speaks of."""

CREATING = {"RegisterOrganisation", "OpenCohort", "LaunchAlliance", "OpenChallenge"}
"""These say by their territory where that is going to lie which they make."""


def may(kind: type[Command], command: Command, role: Role, place: ScopeKind) -> bool:
    """Whether a role counts that is held in the place of a kind which there is here."""
    rule, name = kind.RULE, kind.__name__
    noun = LIES_WITH.get(name, kind.SUBJECT.TOPIC)
    if role in rule.by_anywhere:
        return True
    if role in rule.by_organisation and place is ScopeKind.ORGANISATION:
        return True
    return role in command.entitled and counts(role, place, name, noun)


def counts(role: Role, place: ScopeKind, name: str, noun: str) -> bool:
    """Whether what is held in the place of a kind reaches a command on something."""
    match place:
        case ScopeKind.PLATFORM:
            return True
        case ScopeKind.TERRITORY if noun != "principal":
            coordinated = {"roadmap": "cohort", "action": "alliance"}.get(noun, noun)
            return COORDINATORS.get(role, coordinated) == coordinated
        case ScopeKind.THEME:
            return name in ON_A_THEME
        case _:
            return name not in CREATING and place in LIES_IN[noun]


def told(refusal: Refusal | None) -> type[Refusal] | None:
    return None if refusal is None else type(refusal)


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_a_command_is_given_by_whoever_holds_a_role_where_it_counts(name: str) -> None:
    kind = COMMANDS[name]
    command = HERE.command(kind)
    public = Role.PUBLIC in kind.RULE.by
    for role, place in GRANTABLE:
        here = told(STILL.admission(command, holding(role, HERE.scope(place))))
        assert (here is None) is (public or may(kind, command, role, place)), (role, place)
        assert here in (None, Forbidden, NotFound)


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_a_role_that_is_held_elsewhere_does_not_count(name: str) -> None:
    kind = COMMANDS[name]
    command = HERE.command(kind)
    for role, place in GRANTABLE:
        if place in (ScopeKind.PLATFORM, ScopeKind.NETWORK):
            continue
        there = told(STILL.admission(command, holding(role, ELSEWHERE.scope(place))))
        counts = Role.PUBLIC in kind.RULE.by or role in kind.RULE.by_anywhere
        assert (there is None) is counts, (role, place)


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_without_a_role_nothing_is_changed_but_what_is_for_everybody(name: str) -> None:
    kind = COMMANDS[name]
    command = HERE.command(kind)
    if Role.PUBLIC in kind.RULE.by:
        assert STILL.admission(command, ANYBODY) is None
        return
    assert told(STILL.admission(command, ANYBODY)) is NotSignedIn
    assert told(STILL.admission(command, Standing(SOMEBODY))) in (Forbidden, NotFound)


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.PARTNER_NETWORK])
def test_who_audits_and_who_follows_changes_nothing(role: Role) -> None:
    for kind in COMMANDS.values():
        assert role not in kind.RULE.by | kind.RULE.beside
