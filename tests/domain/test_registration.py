"""Registrations: seats are taken first come, first served, and given back."""

from typing import Any

import pytest

from domain import registration
from domain.hosting import ChangeSeats
from domain.identity import Id
from domain.refusal import (
    BlankText,
    ControlCharacters,
    InvalidNumber,
    NotFound,
    TextTooLong,
    WrongKindOfId,
)
from domain.registration import AlreadyRegistered, InvalidEmail, SeatStanding, WaitingListFull
from domain.seating import RegisterForWorkshop, ReleaseRegistration
from domain.workshop import SeatsOccupied, Workshop
from tests.domain.challenges import Pavilion
from tests.domain.given import BELL, LONG

SEATED, WAITING, RELEASED = SeatStanding


def test_whoever_comes_when_all_seats_are_taken_waits() -> None:
    world = Pavilion(seats=15)
    came = [world.register(f"p{number}") for number in range(16)]

    assert [world.standing(one) for one in came] == [*[SEATED] * 15, WAITING]
    assert (world.state.taken, world.state.waiting) == (15, 1)


def test_who_waited_longest_moves_up_when_a_seat_is_released() -> None:
    world = Pavilion(seats=1)
    first, second, third = (world.register(name) for name in ("awa", "ben", "clé"))
    world.release(first)

    standing = [world.standing(one) for one in (first, second, third)]
    assert standing == [RELEASED, SEATED, WAITING]


def test_nobody_moves_up_when_who_leaves_was_waiting() -> None:
    world = Pavilion(seats=1)
    first, second, third = (world.register(name) for name in ("awa", "ben", "clé"))
    world.release(second)

    standing = [world.standing(one) for one in (first, second, third)]
    assert standing == [SEATED, RELEASED, WAITING]


def test_to_release_twice_releases_no_second_seat() -> None:
    world = Pavilion(seats=1)
    first, second, third = (world.register(name) for name in ("awa", "ben", "clé"))
    world.release(first)
    again = ReleaseRegistration(workshop=world.workshop, registration=first)

    assert world.send(again) == []
    assert (world.standing(second), world.standing(third)) == (SEATED, WAITING)


def test_who_waits_moves_up_in_order_when_seats_are_added() -> None:
    world = Pavilion(seats=1)
    came = [world.register(name) for name in ("awa", "ben", "clé", "dan")]
    changed, *moved = world.send(ChangeSeats(workshop=world.workshop, seats=3))

    assert isinstance(changed, Workshop.SeatsChanged)
    assert len(moved) == 2
    assert [world.standing(one) for one in came] == [SEATED, SEATED, SEATED, WAITING]


def test_fewer_seats_are_offered_only_down_to_those_taken() -> None:
    world = Pavilion(seats=3)
    for name in ("awa", "ben"):
        world.register(name)
    with pytest.raises(SeatsOccupied):
        world.send(ChangeSeats(workshop=world.workshop, seats=1))
    world.send(ChangeSeats(workshop=world.workshop, seats=2))

    assert world.send(ChangeSeats(workshop=world.workshop, seats=2)) == []


@pytest.mark.parametrize("seats", [0, -1, 501])
def test_a_number_of_seats_is_one_that_can_be(seats: int) -> None:
    world = Pavilion()
    with pytest.raises(InvalidNumber):
        world.send(ChangeSeats(workshop=world.workshop, seats=seats))


@pytest.mark.parametrize(
    "email",
    [
        "zoé@café.fr",
        "ZOÉ@Café.FR",
        "  Zoé@café.fr ",
        "zoe\u0301@cafe\u0301.fr",
        "ｚｏé＠café．fr",
        "zoé@xn--caf-dma.fr",
        "zoé@XN--CAF-DMA.fr",
    ],
    ids=["same", "case", "space", "accents apart", "wide", "name service", "its case"],
)
def test_a_person_registers_once_however_the_address_is_written(email: str) -> None:
    world = Pavilion()
    for name, address in (("Zoé", "zoé@café.fr"), ("Zoe", "zoe@cafe.fr")):
        world.send(RegisterForWorkshop(workshop=world.workshop, name=name, email=address))
    with pytest.raises(AlreadyRegistered) as refused:
        world.send(RegisterForWorkshop(workshop=world.workshop, name="Awa", email=email))

    assert refused.value.path == "email"


def test_who_waits_is_registered_too() -> None:
    world = Pavilion(seats=1)
    world.register("awa")
    world.register("ben")
    with pytest.raises(AlreadyRegistered):
        world.register("ben")


def test_whoever_gave_a_seat_up_may_come_back_at_the_end() -> None:
    world = Pavilion(seats=1)
    first = world.register("awa")
    second = world.register("ben")
    world.release(first)
    again = world.register("awa")

    assert (world.standing(second), world.standing(again)) == (SEATED, WAITING)


def test_a_repeated_registration_is_the_same_one() -> None:
    world = Pavilion()
    command = RegisterForWorkshop(workshop=world.workshop, name="Awa", email="awa@exemple.fr")
    decided = world.do(command)

    assert world.do(command, decided.decision).events == []


def test_a_waiting_list_comes_to_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("domain.workshop.WAITING", 1)
    world = Pavilion(seats=1)
    world.register("awa")
    world.register("ben")
    with pytest.raises(WaitingListFull):
        world.register("clé")


@pytest.mark.parametrize(
    ("field", "wrong", "refusal"),
    [
        ("name", " ", BlankText),
        ("name", LONG, TextTooLong),
        ("name", BELL, ControlCharacters),
        ("email", "", BlankText),
        ("email", LONG, TextTooLong),
        ("email", "awa", InvalidEmail),
        ("email", "awa@exemple", InvalidEmail),
        ("email", "awa@@exemple.fr", InvalidEmail),
        ("email", "awa@exemple.fr, ben@exemple.fr", InvalidEmail),
        ("email", "awa@exemple..fr", InvalidEmail),
        ("email", "awa@exemple.fr.", InvalidEmail),
        ("email", "@exemple.fr", InvalidEmail),
        ("email", "＠@exemple.fr", InvalidEmail),
        ("email", "Awa Diop <awa@exemple.fr>", InvalidEmail),
        ("email", "<awa@exemple.fr>", InvalidEmail),
        ("email", "a\u200bwa@exemple.fr", InvalidEmail),
        ("email", "awa@exe_mple.fr", InvalidEmail),
        ("email", f"awa@{'e' * 64}.fr", InvalidEmail),
        ("email", "awa@exemple.fr\nBcc: ben@exemple.fr", ControlCharacters),
        ("workshop", "wks_00000000000000000000000000000007", NotFound),
        ("workshop", "ses_00000000000000000000000000000007", WrongKindOfId),
    ],
)
def test_what_makes_no_sense_is_refused(field: str, wrong: Any, refusal: type[Exception]) -> None:
    world = Pavilion()
    given = {"workshop": world.workshop, "name": "Awa", "email": "awa@exemple.fr"}
    with pytest.raises(refusal):
        world.send(RegisterForWorkshop(**{**given, field: wrong}))


@pytest.mark.parametrize(
    ("named", "refusal"),
    [
        ("reg_00000000000000000000000000000007", NotFound),
        ("reg_", NotFound),
        ("wks_00000000000000000000000000000007", WrongKindOfId),
    ],
)
def test_only_a_registration_can_be_released(named: Id, refusal: type[Exception]) -> None:
    world = Pavilion()
    with pytest.raises(refusal):
        world.send(ReleaseRegistration(workshop=world.workshop, registration=named))


def test_the_texts_of_a_person_do_not_show() -> None:
    world = Pavilion()
    (registered,) = world.send(
        RegisterForWorkshop(workshop=world.workshop, name="Awa Diop", email="awa@exemple.fr")
    )

    assert "Awa" not in repr(registered)
    assert "awa@" not in repr(world.state.registrations)


def test_a_refusal_does_not_repeat_an_address() -> None:
    for refusal in (InvalidEmail, AlreadyRegistered):
        assert "{" not in f"{refusal.__doc__}{refusal.FRENCH}"
    assert registration.WAITING > 1_000
