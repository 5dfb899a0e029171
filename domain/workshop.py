"""A workshop of a challenge: the boundary of its seats."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from domain import identity, registration, text
from domain.aggregate import Aggregate, AggregateCreated, AggregateEvent
from domain.challenge import Challenge, ParticipantAudience, survivors
from domain.command import Work, places_of, value
from domain.hours import Hours
from domain.organisation import Organisation
from domain.personal import Personal
from domain.refusal import NotFound, Refusal
from domain.registration import (
    WAITING,
    AlreadyRegistered,
    CameAndDidNot,
    Registration,
    RegistrationReleased,
    SeatStanding,
    WaitingListFull,
)
from domain.role import Place, Role, ScopeKind

SEATS = 500
"""The most seats that a workshop offers."""

HOSTS = (
    Role.TERRITORY_ADMINISTRATOR,
    Role.ORGANISATION_LEADER,
    Role.PLANET_CHAMPION,
    Role.ORGANISATION_MEMBER,
)
"""Who runs workshops: people of the organisation that hosts them or runs the challenge."""


# refusals


class WorkshopCancelled(Refusal):
    """This workshop is cancelled. Choose another one, or schedule it anew."""

    FRENCH = "Cet atelier est annulé. Choisissez-en un autre, ou programmez-le de nouveau."


class WorkshopHeld(Refusal):
    """This workshop was held: what was planned for it does not change any more."""

    FRENCH = "Cet atelier a eu lieu : ce qui était prévu ne change plus."


class WorkshopBegun(Refusal):
    """This workshop began at {starts_at}: its seats do not change any more."""

    FRENCH = "Cet atelier a commencé à {starts_at} : ses places ne changent plus."


class WorkshopNotBegun(Refusal):
    """This workshop begins at {starts_at}: what came of it can be told after that."""

    FRENCH = "Cet atelier commence à {starts_at} : on n’en rend compte qu’ensuite."


class WorkshopNotHeld(Refusal):
    """It is not known yet how many came to this workshop. Hold it first."""

    FRENCH = "On ne sait pas encore combien de personnes sont venues. Constatez d’abord sa tenue."


class SeatsOccupied(Refusal):
    """{taken} seats are taken: fewer cannot be offered. Release some first."""

    FRENCH = "{taken} places sont prises : on ne peut en offrir moins. Libérez-en d’abord."


class TurnoutContradicted(Refusal):
    """{came} came and {absent} did not, says the list of those registered. Correct one of them."""

    FRENCH = (
        "D’après la liste des inscrits, {came} sont venues et {absent} non. "
        "Corrigez l’un ou l’autre."
    )


class MoreThanCame(Refusal):
    """{people} footprints are more than the {came} people who came. Correct one of them."""

    FRENCH = "{people} empreintes, c’est plus que les {came} personnes venues. Corrigez."


@value
class Turnout:
    """How many came to a workshop, and how many who had a seat did not."""

    came: Annotated[int, "How many came."]
    absent: Annotated[int, "How many had a seat and did not come."]


class Workshop(Aggregate):
    """A workshop, its hours and its seats, and who registered for them, first come first served.

    What people's footprints were is not here, and must never be: only of how many a batch was.
    """

    TOPIC = "workshop"

    class Event(AggregateEvent, frozen=True):
        """A fact about a workshop."""

    class Scheduled(Event, AggregateCreated, frozen=True, kw_only=True):
        """It was announced."""

        TOPIC = "workshop.scheduled"
        challenge: UUID
        hours: Hours
        place: str
        seats: int
        audience: ParticipantAudience
        host: UUID | None = None
        payer: UUID | None = None

    class Moved(Event, frozen=True, kw_only=True):
        """It takes place at other hours or elsewhere."""

        TOPIC = "workshop.moved"
        hours: Hours
        place: str
        reason: str | None = None

        def apply(self, workshop: "Workshop") -> None:
            workshop.hours = self.hours
            workshop.place = self.place

    class Cancelled(Event, frozen=True, kw_only=True):
        """It will not take place."""

        TOPIC = "workshop.cancelled"
        reason: str

        def apply(self, workshop: "Workshop") -> None:
            workshop.cancelled = True

    class SeatsChanged(Event, frozen=True, kw_only=True):
        """It offers another number of seats."""

        TOPIC = "workshop.seats_changed"
        seats: int
        reason: str | None = None

        def apply(self, workshop: "Workshop") -> None:
            workshop.seats = self.seats

    class Registered(Event, frozen=True, kw_only=True):
        """Somebody took a seat, or went to the end of the waiting list."""

        TOPIC = "workshop.registered"
        registration: UUID
        name: Personal
        email: Personal
        seated: bool

        def apply(self, workshop: "Workshop") -> None:
            standing = SeatStanding.SEATED if self.seated else SeatStanding.WAITING
            workshop.registrations[self.registration] = Registration(self.email, standing)
            workshop.count(standing, 1)

    class Released(Event, frozen=True, kw_only=True):
        """Somebody gave up a seat, or a place on the waiting list."""

        TOPIC = "workshop.released"
        registration: UUID

        def apply(self, workshop: "Workshop") -> None:
            workshop.stand(self.registration, SeatStanding.RELEASED)

    class MovedUp(Event, frozen=True, kw_only=True):
        """Who had waited longest got a seat."""

        TOPIC = "workshop.moved_up"
        registration: UUID

        def apply(self, workshop: "Workshop") -> None:
            workshop.stand(self.registration, SeatStanding.SEATED)

    class AttendanceNoted(Event, frozen=True, kw_only=True):
        """Some of those who are registered came, others did not."""

        TOPIC = "workshop.attendance_noted"
        came: tuple[UUID, ...]
        absent: tuple[UUID, ...]

        def apply(self, workshop: "Workshop") -> None:
            for one in self.came:
                workshop.registrations[one].came = True
            for one in self.absent:
                workshop.registrations[one].came = False

    class Held(Event, frozen=True, kw_only=True):
        """It took place."""

        TOPIC = "workshop.held"
        turnout: Turnout

        def apply(self, workshop: "Workshop") -> None:
            workshop.turnout = self.turnout

    class TurnoutCorrected(Event, frozen=True, kw_only=True):
        """Another number of people came than was said before."""

        TOPIC = "workshop.turnout_corrected"
        turnout: Turnout
        reason: str

        def apply(self, workshop: "Workshop") -> None:
            workshop.turnout = self.turnout

    class FootprintsCounted(Event, frozen=True, kw_only=True):
        """A batch with the footprints of that many people was recorded, apart from this."""

        TOPIC = "workshop.footprints_counted"
        batch: UUID
        people: int

        def apply(self, workshop: "Workshop") -> None:
            workshop.batches[self.batch] = self.people

    class FootprintsDiscounted(Event, frozen=True, kw_only=True):
        """A batch was withdrawn."""

        TOPIC = "workshop.footprints_discounted"
        batch: UUID

        def apply(self, workshop: "Workshop") -> None:
            workshop.batches.pop(self.batch, None)

    # decisions on what is planned

    @classmethod
    def schedule(
        cls,
        id: UUID,
        *,
        now: datetime,
        challenge: Challenge,
        hours: Hours,
        place: str,
        seats: int,
        audience: ParticipantAudience,
        host: Organisation | None = None,
        payer: Organisation | None = None,
    ) -> Self:
        """Announce a workshop of a challenge."""
        challenge.require_open()
        challenge.require_within(hours.day, "starts")
        for party, path in ((host, "host"), (payer, "payer")):
            if party is not None:
                party.require_living(path)
        return cls._create(
            cls.Scheduled,
            id=id,
            timestamp=now,
            challenge=challenge.id,
            hours=hours,
            place=text.name(place, "place"),
            seats=text.within(seats, 1, SEATS, "seats"),
            audience=audience,
            host=None if host is None else host.id,
            payer=None if payer is None else payer.id,
        ).at(now)

    def move(
        self,
        challenge: Challenge,
        *,
        hours: Hours | None = None,
        place: str | None = None,
        reason: str | None = None,
    ) -> None:
        """Let it take place at other hours or elsewhere; what is left out stays."""
        self._require_planned()
        challenge.require_open()
        hours = hours or self.hours
        challenge.require_within(hours.day, "starts")
        place = self.place if place is None else text.name(place, "place")
        reason = text.optional_text(reason, "reason")
        if (hours, place) != (self.hours, self.place):
            self.record(self.Moved, hours=hours, place=place, reason=reason)

    def cancel(self, reason: str) -> None:
        """State that it will not take place."""
        reason = text.text(reason, "reason")
        if self.cancelled:
            return
        self._require_planned()
        self.record(self.Cancelled, reason=reason)

    def change_seats(self, seats: int, reason: str | None = None) -> None:
        """Offer another number of seats; those who wait move up where there are more."""
        self._require_to_come()
        reason = text.optional_text(reason, "reason")
        if text.within(seats, 1, SEATS, "seats") < self.taken:
            raise SeatsOccupied("seats", taken=self.taken)
        if seats != self.seats:
            self.record(self.SeatsChanged, seats=seats, reason=reason)
            self._move_up()

    # decisions on who has a seat

    def register(self, id: UUID, *, name: str, email: str) -> None:
        """Give somebody a seat, or the last place on the waiting list when all are taken."""
        self._require_to_come()
        who, address = registration.person(id, name, email)
        if id in self.registrations:
            return
        if self._has_registered(address):
            raise AlreadyRegistered("email")
        if self.taken >= self.seats and self.waiting >= WAITING:
            raise WaitingListFull("workshop", waiting=self.waiting)
        self.record(
            self.Registered,
            registration=id,
            name=who,
            email=address,
            seated=self.taken < self.seats,
        )

    def release(self, id: UUID) -> None:
        """Give up a seat or a place on the waiting list; the next one moves up."""
        if not self._registration(id, "registration").stands:
            return
        self._require_to_come()
        self.record(self.Released, registration=id)
        self._move_up()

    def _move_up(self) -> None:
        while self.waiting and self.taken < self.seats:
            waiting = (
                id for id, one in self.registrations.items() if one.standing is SeatStanding.WAITING
            )
            self.record(self.MovedUp, registration=next(waiting))

    # decisions on what came of it

    def note_attendance(self, came: Iterable[UUID], absent: Iterable[UUID]) -> None:
        """Say of people who are registered whether they came; what is not said stays."""
        self._require_begun()
        said = dict.fromkeys(came, True)
        for id in absent:
            if said.setdefault(id, False):
                named = identity.external("registration", id)
                raise CameAndDidNot("absent", registration=named)
        for id, there in said.items():
            path = "came" if there else "absent"
            if not self._registration(id, path).stands:
                named = identity.external("registration", id)
                raise RegistrationReleased(path, registration=named)
        news = {id: there for id, there in said.items() if self.registrations[id].came != there}
        if self.turnout is not None:
            self._require_no_contradiction(self.turnout, {**self._noted(), **said})
        if news:
            self.record(
                self.AttendanceNoted,
                came=tuple(id for id, there in news.items() if there),
                absent=tuple(id for id, there in news.items() if not there),
            )

    def hold(self, turnout: Turnout) -> None:
        """State that it took place, how many came, and how many who had a seat did not."""
        self._check(turnout)
        if self.turnout == turnout:
            return
        if self.turnout is not None:
            raise WorkshopHeld("workshop")
        self.record(self.Held, turnout=turnout)

    def correct_turnout(self, turnout: Turnout, reason: str) -> None:
        """State that another number of people came than was said before."""
        reason = text.text(reason, "reason")
        self._check(turnout)
        if self.turnout is None:
            raise WorkshopNotHeld("workshop")
        if turnout.came < self.footprints:
            raise MoreThanCame("came", people=self.footprints, came=turnout.came)
        if turnout != self.turnout:
            self.record(self.TurnoutCorrected, turnout=turnout, reason=reason)

    def count_footprints(self, batch: UUID, people: int) -> None:
        """Let the footprints of so many of those who came be recorded in a batch."""
        if self.turnout is None:
            raise WorkshopNotHeld("workshop")
        together = self.footprints + people
        if together > self.turnout.came:
            raise MoreThanCame("footprints", people=together, came=self.turnout.came)
        self.record(self.FootprintsCounted, batch=batch, people=people)

    def discount_footprints(self, batch: UUID) -> None:
        """Let a batch be withdrawn."""
        if batch in self.batches:
            self.record(self.FootprintsDiscounted, batch=batch)

    def _check(self, turnout: Turnout) -> None:
        text.within(turnout.came, 0, 1_000, "came")
        text.within(turnout.absent, 0, 1_000, "absent")
        self._require_begun()
        self._require_no_contradiction(turnout, self._noted())

    # what decisions require

    def _require_planned(self) -> None:
        if self.cancelled:
            raise WorkshopCancelled("workshop")
        if self.turnout is not None or self._noted():
            raise WorkshopHeld("workshop")

    def _require_to_come(self) -> None:
        self._require_planned()
        if self.now >= self.hours.starts_at:
            raise WorkshopBegun("workshop", starts_at=self.hours.starts)

    def _require_begun(self) -> None:
        if self.cancelled:
            raise WorkshopCancelled("workshop")
        if self.now < self.hours.starts_at:
            raise WorkshopNotBegun("workshop", starts_at=self.hours.starts)

    def _require_no_contradiction(self, turnout: Turnout, noted: dict[UUID, bool]) -> None:
        came = sum(noted.values())
        absent = len(noted) - came
        if turnout.came < came or turnout.absent < absent:
            raise TurnoutContradicted("came", came=came, absent=absent)

    def _registration(self, id: UUID, path: str) -> Registration:
        if id not in self.registrations:
            external = identity.external("registration", id)
            raise NotFound(path, id=external, noun="registration")
        return self.registrations[id]

    def _has_registered(self, email: Personal) -> bool:
        return any(
            one.email.text == email.text and one.stands for one in self.registrations.values()
        )

    def _noted(self) -> dict[UUID, bool]:
        return {id: one.came for id, one in self.registrations.items() if one.came is not None}

    # access

    def places(self) -> Sequence[Place]:
        """The organisation that hosts it."""
        return () if self.host is None else (Place.of(ScopeKind.ORGANISATION, self.host),)

    async def beyond(self, work: Work) -> Sequence[Place]:
        """The organisations in which its host went up, and where its challenge lies."""
        host, challenge = self.host, self.challenge
        return (
            *await survivors(host, work),
            *await places_of(Challenge, challenge, work),
        )

    # evolution

    def __init__(
        self,
        *,
        challenge: UUID,
        hours: Hours,
        place: str,
        seats: int,
        audience: ParticipantAudience,
        host: UUID | None,
    ) -> None:
        self.challenge = challenge
        self.hours = hours
        self.place = place
        self.seats = seats
        self.audience = audience
        self.host = host
        self.registrations: dict[UUID, Registration] = {}  # in the order in which they came
        self.taken = 0
        self.waiting = 0
        self.turnout: Turnout | None = None
        self.batches: dict[UUID, int] = {}
        self.cancelled = False

    def stand(self, id: UUID, standing: SeatStanding) -> None:
        """Let a registration stand elsewhere, and keep count."""
        one = self.registrations[id]
        self.count(one.standing, -1)
        one.standing = standing
        self.count(standing, 1)

    def count(self, standing: SeatStanding, change: int) -> None:
        """Keep count of those seated and of those who wait."""
        if standing is SeatStanding.SEATED:
            self.taken += change
        elif standing is SeatStanding.WAITING:
            self.waiting += change

    @property
    def footprints(self) -> int:
        """Of how many people footprints are recorded."""
        return sum(self.batches.values())
