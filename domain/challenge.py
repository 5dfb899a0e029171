"""A challenge: a territory takes its people along, workshop by workshop, towards two tonnes."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Self
from uuid import UUID

from domain import territory as reference
from domain import text
from domain.aggregate import Aggregate, AggregateCreated, AggregateEvent
from domain.command import Command, Work, command, value
from domain.identity import Id
from domain.label import Label
from domain.organisation import LIVING, Organisation
from domain.refusal import Refusal
from domain.role import Place, Role, ScopeKind, around


class ParticipantAudience(Label):
    """Through whom people come to a challenge."""

    CITIZENS = "CITIZENS", "citoyens", "citizens"
    STAFF = "STAFF", "personnel, par l’employeur", "staff, through their employer"


# refusals


class ChallengeClosed(Refusal):
    """This challenge is closed and does not change any more."""

    FRENCH = "Ce challenge est clos et ne change plus."


class AudienceTwice(Refusal):
    """The audience {audience} has two targets. Give it one."""

    FRENCH = "Le public {audience} a deux objectifs. Donnez-lui-en un seul."


class OutsideChallenge(Refusal):
    """{day} lies outside the challenge, which lasts from {starts_on} to {ends_on}."""

    FRENCH = "Le {day} est hors du challenge, qui dure du {starts_on} au {ends_on}."


@value
class ParticipantTarget:
    """How many people a challenge wants to reach."""

    audience: Annotated[ParticipantAudience, "Through whom they come."]
    people: Annotated[int, "How many people, 1 to 10 000 000."]
    approximate: Annotated[bool, "Whether that is a round number, such as about 1 000."] = False


class Challenge(Aggregate):
    """A challenge of a territory: its period, its host, and how many people it wants to reach."""

    TOPIC = "challenge"

    class Event(AggregateEvent, frozen=True):
        """A fact about a challenge."""

    class Opened(Event, AggregateCreated, frozen=True, kw_only=True):
        """A territory began a challenge."""

        TOPIC = "challenge.opened"
        name: str
        territory: str
        starts_on: date
        ends_on: date
        targets: tuple[ParticipantTarget, ...]
        host: UUID | None = None

    class TargetSet(Event, frozen=True, kw_only=True):
        """It wants to reach that many people of an audience from now on."""

        TOPIC = "challenge.target_set"
        target: ParticipantTarget
        reason: str | None = None

        def apply(self, challenge: "Challenge") -> None:
            challenge.targets[self.target.audience] = self.target

    class Closed(Event, frozen=True, kw_only=True):
        """It came to its end."""

        TOPIC = "challenge.closed"
        reason: str | None = None

        def apply(self, challenge: "Challenge") -> None:
            challenge.closed = True

    # decisions

    @classmethod
    def open(
        cls,
        id: UUID,
        *,
        now: datetime,
        name: str,
        territory: str,
        starts_on: date,
        ends_on: date,
        targets: Sequence[ParticipantTarget] = (),
        host: Organisation | None = None,
    ) -> Self:
        """Begin a challenge."""
        text.within(starts_on.year, 2000, 2100, "starts_on")
        text.within(ends_on.year, 2000, 2100, "ends_on")
        text.ordered(starts_on, ends_on, "ends_on")
        if host is not None:
            host.require_living("host")
        return cls._create(
            cls.Opened,
            id=id,
            timestamp=now,
            name=text.name(name, "name"),
            territory=reference.known(territory, "territory"),
            starts_on=starts_on,
            ends_on=ends_on,
            targets=_targets(targets),
            host=None if host is None else host.id,
        ).at(now)

    def set_target(self, target: ParticipantTarget, reason: str | None = None) -> None:
        """Say how many people of an audience it wants to reach."""
        self.require_open()
        _check(target, "people")
        reason = text.optional_text(reason, "reason")
        if self.targets.get(target.audience) != target:
            self.record(self.TargetSet, target=target, reason=reason)

    def close(self, reason: str | None = None) -> None:
        """State that it came to its end; the workshops that are planned take place."""
        reason = text.optional_text(reason, "reason")
        if not self.closed:
            self.record(self.Closed, reason=reason)

    def require_open(self, path: str = "challenge") -> None:
        """Refuse what comes after the end."""
        if self.closed:
            raise ChallengeClosed(path)

    def require_within(self, day: date, path: str) -> None:
        """Refuse a day on which it does not take place."""
        if not self.starts_on <= day <= self.ends_on:
            raise OutsideChallenge(path, day=day, starts_on=self.starts_on, ends_on=self.ends_on)

    # access

    def places(self) -> Sequence[Place]:
        """The organisation that runs it, and its territory."""
        host = () if self.host is None else (Place.of(ScopeKind.ORGANISATION, self.host),)
        return (*host, *around(self.territory, ScopeKind.CHALLENGE))

    async def beyond(self, work: Work) -> Sequence[Place]:
        """The organisations in which the one that runs it went up."""
        return await survivors(self.host, work)

    # evolution

    def __init__(
        self,
        territory: str,
        starts_on: date,
        ends_on: date,
        targets: tuple[ParticipantTarget, ...],
        host: UUID | None,
    ) -> None:
        self.territory = territory
        self.starts_on = starts_on
        self.ends_on = ends_on
        self.targets = {target.audience: target for target in targets}
        self.host = host
        self.closed = False


async def survivors(organisation: UUID | None, work: Work) -> Sequence[Place]:
    """The organisations that stand for one since it went up in them."""
    places: list[Place] = []
    while organisation is not None:
        found = await work.look(Organisation, organisation)
        organisation = None if found is None else found.survivor
        if organisation is not None:
            places.append(Place.of(ScopeKind.ORGANISATION, organisation))
    return places


def _targets(targets: Sequence[ParticipantTarget]) -> tuple[ParticipantTarget, ...]:
    seen: set[ParticipantAudience] = set()
    for index, target in enumerate(text.at_most(targets, 10, "targets")):
        _check(target, f"targets.{index}.people")
        if target.audience in seen:
            raise AudienceTwice(f"targets.{index}.audience", audience=target.audience.value)
        seen.add(target.audience)
    return tuple(targets)


def _check(target: ParticipantTarget, path: str) -> None:
    text.within(target.people, 1, 10_000_000, path)


# commands

RUNS = (Role.TERRITORY_ADMINISTRATOR, Role.ORGANISATION_LEADER)
"""Who may say what becomes of a challenge: for an organisation, the one that runs it."""


@command(
    by=(Role.TERRITORY_ADMINISTRATOR,),
    refuses=(AudienceTwice, reference.UnknownTerritory, *LIVING),
    creates="challenge",
)
class OpenChallenge(Command):
    """Begin a challenge in a territory."""

    name: Annotated[str, "Its name, 1 to 200 characters."]
    territory: Annotated[str, "The territory, such as epci:200023414."]
    starts_on: Annotated[date, "Its first day."]
    ends_on: Annotated[date, "Its last day."]
    targets: Annotated[
        list[ParticipantTarget] | None, "How many people it wants to reach, each audience once."
    ] = None
    host: Annotated[Id | None, "The organisation that runs it, if registered."] = None

    async def decide(self, work: Work) -> Challenge:
        host = None if self.host is None else await work.get(Organisation, self.host)
        return work.add(
            Challenge.open(
                work.new_id(),
                now=work.now,
                name=self.name,
                territory=self.territory,
                starts_on=self.starts_on,
                ends_on=self.ends_on,
                targets=self.targets or (),
                host=host,
            )
        )

    async def places(self, work: Work) -> Sequence[Place]:  # noqa: ARG002
        """The territory in which it is to take place."""
        return around(reference.known(self.territory, "territory"), ScopeKind.CHALLENGE)


@command(by=RUNS, refuses=(ChallengeClosed,))
class SetParticipantTarget(Command):
    """Say how many people of an audience a challenge wants to reach."""

    challenge: Annotated[Id, "The challenge."]
    audience: Annotated[ParticipantAudience, "The audience."]
    people: Annotated[int, "How many people, 1 to 10 000 000."]
    approximate: Annotated[bool, "Whether that is a round number, such as about 1 000."] = False
    reason: Annotated[str | None, "Why that changes."] = None

    async def decide(self, work: Work) -> Challenge:
        challenge = await work.get(Challenge, self.challenge)
        target = ParticipantTarget(
            audience=self.audience, people=self.people, approximate=self.approximate
        )
        challenge.set_target(target, self.reason)
        return challenge


@command(by=RUNS)
class CloseChallenge(Command):
    """State that a challenge came to its end; the workshops that are planned take place."""

    challenge: Annotated[Id, "The challenge."]
    reason: Annotated[str | None, "Why it ends."] = None

    async def decide(self, work: Work) -> Challenge:
        challenge = await work.get(Challenge, self.challenge)
        challenge.close(self.reason)
        return challenge
