"""Hosting: what those who run a challenge do with its workshops."""

from collections.abc import Sequence
from typing import Annotated, TypeVar

from domain import identity, text
from domain.challenge import Challenge, ChallengeClosed, OutsideChallenge, ParticipantAudience
from domain.command import Command, Work, command
from domain.hours import HOURS, Hours
from domain.identity import Id
from domain.organisation import LIVING, Organisation
from domain.registration import CameAndDidNot, RegistrationReleased
from domain.role import Place, ScopeKind
from domain.workshop import (
    HOSTS,
    MoreThanCame,
    SeatsOccupied,
    Turnout,
    TurnoutContradicted,
    Workshop,
    WorkshopBegun,
    WorkshopCancelled,
    WorkshopHeld,
    WorkshopNotBegun,
    WorkshopNotHeld,
)

T = TypeVar("T")

PLANNED = (WorkshopCancelled, WorkshopHeld)
OVER = (WorkshopCancelled, WorkshopNotBegun, TurnoutContradicted)


@command(by=HOSTS, refuses=(ChallengeClosed, OutsideChallenge, *HOURS, *LIVING), creates="workshop")
class ScheduleWorkshop(Command):
    """Announce a workshop of a challenge, by the clocks of the place where it is."""

    challenge: Annotated[Id, "The challenge."]
    starts: Annotated[str, "The local day and time at which it starts, such as 2025-03-30T14:00."]
    ends: Annotated[str, "The local day and time at which it ends."]
    time_zone: Annotated[str, "The time zone of the place, by its IANA name."] = "Europe/Paris"
    starts_later: Annotated[
        bool, "Whether, in the hour that clocks show twice, the second time is meant."
    ] = False
    ends_later: Annotated[bool, "The same for the end."] = False
    place: Annotated[str, "The place, 1 to 200 characters."]
    seats: Annotated[int, "How many seats it offers, 1 to 500."]
    audience: Annotated[ParticipantAudience, "Whom it is for."]
    host: Annotated[Id | None, "The organisation that hosts it, if registered."] = None
    payer: Annotated[Id | None, "The organisation that pays for it, if another one."] = None

    async def decide(self, work: Work) -> Workshop:
        challenge = await work.get(Challenge, self.challenge)
        return work.add(
            Workshop.schedule(
                work.new_id(),
                now=work.now,
                challenge=challenge,
                hours=Hours.of(
                    self.starts,
                    self.ends,
                    self.time_zone,
                    starts_later=self.starts_later,
                    ends_later=self.ends_later,
                ),
                place=self.place,
                seats=self.seats,
                audience=self.audience,
                host=None if self.host is None else await work.get(Organisation, self.host),
                payer=None if self.payer is None else await work.get(Organisation, self.payer),
            )
        )

    async def ground(self, work: Work) -> Challenge:
        """The challenge."""
        return await work.get(Challenge, self.challenge)

    async def nearby(self, subject: Challenge, work: Work) -> Sequence[Place]:  # noqa: ARG002
        """The organisation that is to host it."""
        if self.host is None:
            return ()
        return (Place.of(ScopeKind.ORGANISATION, identity.internal("organisation", self.host)),)


@command(by=HOSTS, refuses=(*PLANNED, ChallengeClosed, OutsideChallenge, *HOURS))
class MoveWorkshop(Command):
    """Let a workshop take place at other hours or elsewhere; what is left out stays as it is."""

    workshop: Annotated[Id, "The workshop."]
    starts: Annotated[str | None, "The local start from now on, such as 2025-03-30T14:00."] = None
    ends: Annotated[str | None, "The local end from now on."] = None
    time_zone: Annotated[str | None, "The time zone of the place, by its IANA name."] = None
    starts_later: Annotated[
        bool | None,
        "Whether, in the hour that clocks show twice, the second time is meant; left out, the "
        "first one of a new start.",
    ] = None
    ends_later: Annotated[bool | None, "The same for the end."] = None
    place: Annotated[str | None, "The place from now on."] = None
    reason: Annotated[str | None, "Why it moves."] = None

    async def decide(self, work: Work) -> Workshop:
        workshop = await work.get(Workshop, self.workshop)
        workshop.move(
            await work.load(Challenge, workshop.challenge),
            hours=self._hours(workshop.hours),
            place=self.place,
            reason=self.reason,
        )
        return workshop

    def _hours(self, now: Hours) -> Hours:
        said = (self.starts, self.ends, self.time_zone, self.starts_later, self.ends_later)
        if all(each is None for each in said):
            return now  # as it was agreed, whatever becomes of the rules of its time zone
        return Hours.of(
            _either(self.starts, now.starts),
            _either(self.ends, now.ends),
            _either(self.time_zone, now.time_zone),
            starts_later=_either(self.starts_later, self.starts is None and now.starts_later),
            ends_later=_either(self.ends_later, self.ends is None and now.ends_later),
        )


@command(by=HOSTS, refuses=(WorkshopHeld,))
class CancelWorkshop(Command):
    """State that a workshop will not take place."""

    workshop: Annotated[Id, "The workshop."]
    reason: Annotated[str, "Why it does not take place."]

    async def decide(self, work: Work) -> Workshop:
        workshop = await work.get(Workshop, self.workshop)
        workshop.cancel(self.reason)
        return workshop


@command(by=HOSTS, refuses=(*PLANNED, WorkshopBegun, SeatsOccupied))
class ChangeSeats(Command):
    """Offer another number of seats, before the workshop; those who waited longest move up."""

    workshop: Annotated[Id, "The workshop."]
    seats: Annotated[int, "How many seats it offers from now on, 1 to 500."]
    reason: Annotated[str | None, "Why that changes."] = None

    async def decide(self, work: Work) -> Workshop:
        workshop = await work.get(Workshop, self.workshop)
        workshop.change_seats(self.seats, self.reason)
        return workshop


@command(by=HOSTS, refuses=(*OVER, RegistrationReleased, CameAndDidNot))
class NoteAttendance(Command):
    """Say of people who are registered whether they came; what is not said stays as it is."""

    workshop: Annotated[Id, "The workshop."]
    came: Annotated[list[Id] | None, "Registrations of those who came, 1 000 at most."] = None
    absent: Annotated[list[Id] | None, "Registrations of those who did not, 1 000 at most."] = None

    async def decide(self, work: Work) -> Workshop:
        workshop = await work.get(Workshop, self.workshop)
        came = text.at_most(self.came or (), 1_000, "came")
        absent = text.at_most(self.absent or (), 1_000, "absent")
        workshop.note_attendance(
            [identity.internal("registration", one) for one in came],
            [identity.internal("registration", one) for one in absent],
        )
        return workshop


@command(by=HOSTS, refuses=(*OVER, WorkshopHeld))
class HoldWorkshop(Command):
    """State that a workshop took place, and before how many people."""

    workshop: Annotated[Id, "The workshop."]
    came: Annotated[int, "How many came, those who had not registered included."]
    absent: Annotated[int, "How many had a seat and did not come."] = 0

    async def decide(self, work: Work) -> Workshop:
        workshop = await work.get(Workshop, self.workshop)
        workshop.hold(Turnout(came=self.came, absent=self.absent))
        return workshop


@command(by=HOSTS, refuses=(*OVER, WorkshopNotHeld, MoreThanCame))
class CorrectTurnout(Command):
    """Put right how many came to a workshop; what was stated before stays in the history."""

    workshop: Annotated[Id, "The workshop."]
    came: Annotated[int, "How many came, those who had not registered included."]
    absent: Annotated[int, "How many had a seat and did not come."] = 0
    reason: Annotated[str, "Why what was stated before is wrong."]

    async def decide(self, work: Work) -> Workshop:
        workshop = await work.get(Workshop, self.workshop)
        workshop.correct_turnout(Turnout(came=self.came, absent=self.absent), self.reason)
        return workshop


def _either(said: T | None, now: T) -> T:
    """What is said, or what is there now."""
    return now if said is None else said
