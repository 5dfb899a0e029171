"""Workshops: what is planned, and what came of it."""

from typing import Any

import pytest

from domain.challenge import ChallengeClosed, CloseChallenge
from domain.hosting import (
    CancelWorkshop,
    ChangeSeats,
    CorrectTurnout,
    HoldWorkshop,
    MoveWorkshop,
    NoteAttendance,
)
from domain.hours import EndsBeforeStart, HourDoesNotExist, InvalidLocalTime, UnknownTimeZone
from domain.identity import Id
from domain.organisation import DissolveOrganisation, OrganisationDissolved
from domain.refusal import (
    BlankText,
    ControlCharacters,
    InvalidNumber,
    NotFound,
    TextTooLong,
    TooManyItems,
    WrongKindOfId,
)
from domain.registration import CameAndDidNot, RegistrationReleased
from domain.seating import RegisterForWorkshop
from domain.workshop import (
    MoreThanCame,
    TurnoutContradicted,
    Workshop,
    WorkshopBegun,
    WorkshopCancelled,
    WorkshopHeld,
    WorkshopNotBegun,
    WorkshopNotHeld,
)
from tests.domain.challenges import AFTER, Pavilion, a_batch
from tests.domain.given import BELL, LONG

NOBODY = Id("reg_00000000000000000000000000000007")


# what is planned


@pytest.mark.parametrize(
    ("field", "wrong", "refusal"),
    [
        ("place", " ", BlankText),
        ("place", LONG, TextTooLong),
        ("place", BELL, ControlCharacters),
        ("seats", 0, InvalidNumber),
        ("seats", 501, InvalidNumber),
        ("starts", "2025-03-30T02:30", HourDoesNotExist),
        ("ends", "2025-03-30T13:00", EndsBeforeStart),
        ("challenge", "cha_00000000000000000000000000000007", NotFound),
        ("challenge", "wks_00000000000000000000000000000007", WrongKindOfId),
        ("host", "org_00000000000000000000000000000007", NotFound),
        ("payer", "org_00000000000000000000000000000007", NotFound),
    ],
)
def test_what_makes_no_sense_is_refused(field: str, wrong: Any, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        Pavilion().scheduled(**{field: wrong})


@pytest.mark.parametrize("party", ["host", "payer"])
def test_an_organisation_that_is_gone_neither_hosts_nor_pays(party: str) -> None:
    world = Pavilion()
    world.send(DissolveOrganisation(organisation=world.host))
    with pytest.raises(OrganisationDissolved) as refused:
        world.scheduled(**{"host": None, party: world.host})

    assert refused.value.path == party


def test_a_workshop_moves_and_keeps_what_is_not_said() -> None:
    world = Pavilion()
    (moved,) = world.send(MoveWorkshop(workshop=world.workshop, place="Le 108"))
    (later,) = world.send(MoveWorkshop(workshop=world.workshop, ends="2025-03-30T18:00"))

    assert isinstance(moved, Workshop.Moved)
    assert isinstance(later, Workshop.Moved)
    assert moved.hours.starts == later.hours.starts == "2025-03-30T14:00"
    assert (later.place, later.hours.ends) == ("Le 108", "2025-03-30T18:00")
    assert world.send(MoveWorkshop(workshop=world.workshop, place="Le 108")) == []


def test_a_workshop_does_not_move_into_the_hour_that_does_not_exist() -> None:
    world = Pavilion()
    with pytest.raises(HourDoesNotExist):
        world.send(MoveWorkshop(workshop=world.workshop, starts="2025-03-30T02:30"))


def test_a_workshop_in_the_hour_that_comes_twice_keeps_the_one_that_was_meant() -> None:
    world = Pavilion()
    night = world.scheduled(
        starts="2025-10-26T02:15",
        starts_later=True,
        ends="2025-10-26T02:45",
        ends_later=True,
    )
    (longer,) = world.send(MoveWorkshop(workshop=night, ends="2025-10-26T05:00"))
    assert isinstance(longer, Workshop.Moved)
    assert f"{longer.hours.starts_at:%H:%M}" == "01:15"

    (earlier,) = world.send(MoveWorkshop(workshop=night, starts_later=False))
    assert isinstance(earlier, Workshop.Moved)
    assert f"{earlier.hours.starts_at:%H:%M}" == "00:15"
    assert world.send(MoveWorkshop(workshop=night, starts="2025-10-26T02:15")) == []


@pytest.mark.parametrize(
    ("field", "wrong", "refusal"),
    [
        ("starts", "", InvalidLocalTime),
        ("ends", "2025-03-30T13:00", EndsBeforeStart),
        ("time_zone", "", UnknownTimeZone),
    ],
)
def test_hours_that_cannot_be_move_nothing(
    field: str, wrong: Any, refusal: type[Exception]
) -> None:
    world = Pavilion()
    with pytest.raises(refusal):
        world.send(MoveWorkshop(workshop=world.workshop, **{field: wrong}))


def test_a_workshop_stays_where_it_is_once_its_challenge_is_closed() -> None:
    world = Pavilion()
    world.send(CloseChallenge(challenge=world.challenge))
    with pytest.raises(ChallengeClosed):
        world.send(MoveWorkshop(workshop=world.workshop, place="Le 108"))


def test_a_cancelled_workshop_says_why_and_does_not_change_any_more() -> None:
    world = Pavilion()
    cancel = CancelWorkshop(workshop=world.workshop, reason="Crue")
    (cancelled,) = world.send(cancel)

    assert isinstance(cancelled, Workshop.Cancelled)
    assert world.send(cancel) == []
    for refused in (
        MoveWorkshop(workshop=world.workshop, place="Le 108"),
        ChangeSeats(workshop=world.workshop, seats=3),
        RegisterForWorkshop(workshop=world.workshop, name="Awa", email="awa@exemple.fr"),
    ):
        with pytest.raises(WorkshopCancelled):
            world.send(refused)
    world.now = AFTER
    with pytest.raises(WorkshopCancelled):
        world.send(HoldWorkshop(workshop=world.workshop, came=1))


@pytest.mark.parametrize(("reason", "refusal"), [(" ", BlankText), (LONG, TextTooLong)])
def test_a_cancellation_needs_a_reason(reason: str, refusal: type[Exception]) -> None:
    world = Pavilion()
    with pytest.raises(refusal):
        world.send(CancelWorkshop(workshop=world.workshop, reason=reason))


# what came of it


def test_nothing_is_held_before_it_begins() -> None:
    world = Pavilion()
    with pytest.raises(WorkshopNotBegun):
        world.send(HoldWorkshop(workshop=world.workshop, came=1))
    with pytest.raises(WorkshopNotBegun):
        world.send(NoteAttendance(workshop=world.workshop, came=[world.register("awa")]))


def test_a_workshop_is_held_once_and_corrected_with_a_reason() -> None:
    world = Pavilion()
    world.hold(came=12)

    assert world.send(HoldWorkshop(workshop=world.workshop, came=12)) == []
    with pytest.raises(WorkshopHeld):
        world.send(HoldWorkshop(workshop=world.workshop, came=13))
    correct = CorrectTurnout(workshop=world.workshop, came=13, absent=2, reason="Oubli")
    (corrected,) = world.send(correct)
    assert isinstance(corrected, Workshop.TurnoutCorrected)
    assert world.send(correct) == []


def test_a_held_workshop_is_neither_moved_nor_cancelled() -> None:
    world = Pavilion()
    world.hold(came=12)
    for refused in (
        MoveWorkshop(workshop=world.workshop, place="Le 108"),
        CancelWorkshop(workshop=world.workshop, reason="Crue"),
    ):
        with pytest.raises(WorkshopHeld):
            world.send(refused)


def test_a_workshop_to_which_somebody_came_is_neither_moved_nor_cancelled() -> None:
    world = Pavilion()
    awa = world.register("awa")
    world.now = AFTER
    world.send(NoteAttendance(workshop=world.workshop, came=[awa]))
    for refused in (
        MoveWorkshop(workshop=world.workshop, starts="2025-05-30T14:00", ends="2025-05-30T17:00"),
        CancelWorkshop(workshop=world.workshop, reason="Crue"),
    ):
        with pytest.raises(WorkshopHeld):
            world.send(refused)


def test_nothing_is_corrected_before_it_is_held() -> None:
    world = Pavilion()
    world.now = AFTER
    with pytest.raises(WorkshopNotHeld):
        world.send(CorrectTurnout(workshop=world.workshop, came=1, reason="Oubli"))


@pytest.mark.parametrize("count", [-1, 1_001])
@pytest.mark.parametrize("field", ["came", "absent"])
def test_a_turnout_is_a_number_that_can_be(field: str, count: int) -> None:
    world = Pavilion()
    world.now = AFTER
    with pytest.raises(InvalidNumber):
        world.send(HoldWorkshop(workshop=world.workshop, **{"came": 1, field: count}))


def test_who_came_is_noted_and_may_be_noted_otherwise_later() -> None:
    world = Pavilion()
    awa, ben = world.register("awa"), world.register("ben")
    world.now = AFTER
    (noted,) = world.send(NoteAttendance(workshop=world.workshop, came=[awa], absent=[ben]))
    assert isinstance(noted, Workshop.AttendanceNoted)
    assert (len(noted.came), len(noted.absent)) == (1, 1)

    (otherwise,) = world.send(NoteAttendance(workshop=world.workshop, came=[awa, ben]))
    assert isinstance(otherwise, Workshop.AttendanceNoted)
    assert (len(otherwise.came), len(otherwise.absent)) == (1, 0)


def test_the_turnout_does_not_contradict_what_was_noted() -> None:
    world = Pavilion()
    awa, ben = world.register("awa"), world.register("ben")
    world.now = AFTER
    world.send(NoteAttendance(workshop=world.workshop, came=[awa], absent=[ben]))
    for came, absent in ((0, 1), (1, 0)):
        with pytest.raises(TurnoutContradicted):
            world.send(HoldWorkshop(workshop=world.workshop, came=came, absent=absent))
    world.send(HoldWorkshop(workshop=world.workshop, came=1, absent=1))
    with pytest.raises(TurnoutContradicted):
        world.send(NoteAttendance(workshop=world.workshop, came=[ben]))


def test_whoever_is_not_registered_cannot_be_noted() -> None:
    world = Pavilion()
    gone = world.register("awa")
    world.release(gone)
    world.now = AFTER
    for named, refusal in ((NOBODY, NotFound), (gone, RegistrationReleased)):
        with pytest.raises(refusal):
            world.send(NoteAttendance(workshop=world.workshop, came=[named]))
    with pytest.raises(CameAndDidNot):
        world.send(NoteAttendance(workshop=world.workshop, came=[gone], absent=[gone]))
    with pytest.raises(WrongKindOfId):
        world.send(NoteAttendance(workshop=world.workshop, absent=[world.workshop]))
    with pytest.raises(TooManyItems):
        world.send(NoteAttendance(workshop=world.workshop, absent=[gone] * 1_001))


def test_no_fewer_came_than_footprints_were_recorded() -> None:
    world = Pavilion()
    world.hold(came=12)
    world.send(a_batch(world.workshop, 12))
    with pytest.raises(MoreThanCame):
        world.send(CorrectTurnout(workshop=world.workshop, came=11, reason="Oubli"))


def test_the_seats_of_a_workshop_that_began_do_not_change() -> None:
    world = Pavilion()
    awa = world.register("awa")
    world.now = world.state.hours.starts_at
    with pytest.raises(WorkshopBegun):
        world.register("ben")
    with pytest.raises(WorkshopBegun):
        world.release(awa)
    with pytest.raises(WorkshopBegun):
        world.send(ChangeSeats(workshop=world.workshop, seats=3))
