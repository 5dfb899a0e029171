"""A challenge with a workshop to start from, and ways to see what became of its seats."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from domain.aggregate import AggregateEvent
from domain.challenge import OpenChallenge, ParticipantAudience
from domain.footprint import CalculationMethod, Commitments, Footprint, FootprintDomain, Tonnes
from domain.footprint_batch import RecordFootprints
from domain.hosting import HoldWorkshop, ScheduleWorkshop
from domain.identity import Id, internal
from domain.organisation import OrganisationKind, RegisterOrganisation
from domain.refusal import Refusal
from domain.registration import SeatStanding
from domain.seating import RegisterForWorkshop, ReleaseRegistration
from domain.workshop import Workshop
from tests.domain.work import Memory, fold

ROUEN = "epci:200023414"
BEFORE = datetime(2025, 3, 1, 9, 0, tzinfo=UTC)
AFTER = datetime(2025, 3, 31, 9, 0, tzinfo=UTC)
"""Before and after the workshop of Sunday 30 March 2025."""


class Pavilion(Memory):
    """A memory with a challenge in it and one workshop, of as many seats as a test wants."""

    def __init__(self, seats: int = 2) -> None:
        super().__init__()
        self.now = BEFORE
        self.host = self.do(
            RegisterOrganisation(
                name="Métropole Rouen Normandie",
                kind=OrganisationKind.PUBLIC_AUTHORITY,
                territory=ROUEN,
            )
        ).id
        self.challenge = self.do(
            OpenChallenge(
                name="Challenge 2 tonnes",
                territory=ROUEN,
                starts_on=date(2025, 1, 1),
                ends_on=date(2026, 12, 31),
                host=self.host,
            )
        ).id
        self.workshop = self.scheduled(seats=seats)

    def scheduled(self, **fields: Any) -> Id:
        """A workshop, on the day on which the clocks change unless told otherwise."""
        given: dict[str, Any] = {
            "challenge": self.challenge,
            "starts": "2025-03-30T14:00",
            "ends": "2025-03-30T17:00",
            "place": "Pavillon des transitions",
            "seats": 2,
            "audience": ParticipantAudience.CITIZENS,
            "host": self.host,
        }
        return self.do(ScheduleWorkshop(**{**given, **fields})).id

    def send(self, command: Any) -> list[AggregateEvent]:
        """Send a command, and give what it recorded; an undeclared refusal is a fault."""
        try:
            return self.do(command).events
        except Refusal as refusal:
            if type(refusal) not in command.REFUSES:
                raise AssertionError(f"{refusal!r} is not declared") from refusal
            raise

    def register(self, who: str) -> Id:
        """Somebody registers, by the first part of an e-mail address."""
        email = f"{who}@exemple.fr"
        command = RegisterForWorkshop(workshop=self.workshop, name=who, email=email)
        return self.do(command).part("registration")

    def release(self, registration: Id) -> None:
        """Somebody gives up a seat."""
        self.send(ReleaseRegistration(workshop=self.workshop, registration=registration))

    def hold(self, came: int) -> None:
        """Let the workshop be over, and so many people have come."""
        self.now = AFTER
        self.send(HoldWorkshop(workshop=self.workshop, came=came))

    def standing(self, registration: Id) -> SeatStanding:
        """How a registration stands."""
        return self.state.registrations[internal("registration", registration)].standing

    @property
    def state(self) -> Workshop:
        """The workshop, by all that was recorded of it."""
        workshop = fold(self.streams[internal("workshop", self.workshop)])
        assert isinstance(workshop, Workshop)
        return workshop


def tonnes(total: str = "9.0", **domains: str) -> Tonnes:
    """A footprint by domain that comes to a total, most of it by mobility."""
    parts = {"housing": "2", "food": "2", "goods": "1", "public_services": "1"}
    values = {name: Decimal(value) for name, value in parts.items()}
    values["mobility"] = Decimal(total) - sum(values.values())
    return Tonnes(**{**values, **{name: Decimal(value) for name, value in domains.items()}})


def footprints(count: int) -> list[Footprint]:
    """So many footprints, each another one, the largest first."""
    return [
        Footprint(before=tonnes(f"{20 - index / 10}"), in_2050=tonnes(f"{8 - index / 100}"))
        for index in range(count)
    ]


def a_batch(workshop: Id, count: int = 10, **fields: Any) -> RecordFootprints:
    """A command that records so many footprints."""
    given: dict[str, Any] = {
        "method": CalculationMethod.TWO_TONNES,
        "method_version": "2025",
        "footprints": footprints(count),
    }
    return RecordFootprints(workshop=workshop, **{**given, **fields})


def committed(**people: int) -> list[Commitments]:
    """So many people who committed themselves, by domain."""
    return [
        Commitments(domain=FootprintDomain[domain.upper()], people=count)
        for domain, count in people.items()
    ]
