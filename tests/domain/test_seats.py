"""The law of seats: never more than offered, first come first served, nobody lost, nobody twice."""

from contextlib import suppress

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from domain.hosting import ChangeSeats
from domain.identity import Id
from domain.refusal import Refusal
from domain.registration import AlreadyRegistered, SeatStanding
from domain.seating import RegisterForWorkshop, ReleaseRegistration
from domain.workshop import SeatsOccupied, WorkshopBegun
from tests.domain.challenges import AFTER, BEFORE, Pavilion
from tests.domain.work import Memory, fold

PEOPLE = st.integers(0, 11)


class Queue(RuleBasedStateMachine):
    """Registrations, releases and seats in any order, beside a list of those who stand in line.

    The first of the line have the seats: that is all that the rules come to.
    """

    @initialize(seats=st.integers(1, 4))
    def open(self, seats: int) -> None:
        self.world = Pavilion(seats)
        self.offered = seats
        self.line: list[tuple[int, Id]] = []
        self.gone: list[Id] = []
        self.done: list[tuple[object, Memory.Decided]] = []

    @rule(person=PEOPLE)
    def register(self, person: int) -> None:
        command = RegisterForWorkshop(
            workshop=self.world.workshop, name="Quelqu’un", email=f"p{person}@exemple.fr"
        )
        twice = person in [one for one, _ in self.line]
        decided = self.tried(command, AlreadyRegistered if twice else None)
        if decided is None:
            return
        self.line.append((person, decided.part("registration")))
        self.done.append((command, decided))

    @precondition(lambda self: self.line)
    @rule(chance=st.integers(0, 50))
    def release(self, chance: int) -> None:
        index = chance % len(self.line)
        registration = self.line[index][1]
        command = ReleaseRegistration(workshop=self.world.workshop, registration=registration)
        decided = self.tried(command)
        if decided is None:
            return
        del self.line[index]
        self.gone.append(registration)
        self.done.append((command, decided))

    @rule(seats=st.integers(1, 6))
    def change_seats(self, seats: int) -> None:
        command = ChangeSeats(workshop=self.world.workshop, seats=seats)
        taken = min(len(self.line), self.offered)
        if self.tried(command, SeatsOccupied if seats < taken else None) is not None:
            self.offered = seats

    @precondition(lambda self: self.done)
    @rule(chance=st.integers(0, 50))
    def repeat(self, chance: int) -> None:
        command, decided = self.done[chance % len(self.done)]
        with suppress(Refusal):  # the same person came back, or it is too late
            assert not self.world.do(command, decided.decision).events

    @rule(begun=st.booleans())
    def let_time_pass(self, begun: bool) -> None:
        self.world.now = AFTER if begun else BEFORE

    @invariant()
    def the_first_of_the_line_have_the_seats(self) -> None:
        if not hasattr(self, "world"):
            return
        workshop = self.world.state
        seated = [self.world.standing(one) for _, one in self.line[: self.offered]]
        waiting = [self.world.standing(one) for _, one in self.line[self.offered :]]
        assert set(seated) <= {SeatStanding.SEATED}
        assert set(waiting) <= {SeatStanding.WAITING}
        assert {self.world.standing(one) for one in self.gone} <= {SeatStanding.RELEASED}
        assert len(workshop.registrations) == len(self.line) + len(self.gone)
        assert (workshop.taken, workshop.waiting) == (len(seated), len(waiting))
        assert workshop.taken <= workshop.seats == self.offered
        history = self.world.streams[workshop.id]
        assert fold(history).state() == workshop.state()

    def tried(self, command: object, refusal: type[Refusal] | None = None) -> Memory.Decided | None:
        """Send a command that is refused for a reason, or because it is too late, and else not."""
        if self.world.now >= self.world.state.hours.starts_at:
            refusal = WorkshopBegun
        if refusal is None:
            return self.world.do(command)
        with pytest.raises(refusal):
            self.world.do(command)
        return None


TestQueue = Queue.TestCase
TestQueue.settings = settings(max_examples=50, stateful_step_count=40, deadline=None)
