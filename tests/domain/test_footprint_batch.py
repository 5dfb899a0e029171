"""Batches of footprints: recorded whole, of enough people, and nobody's."""

from dataclasses import replace
from decimal import Decimal
from random import Random
from typing import Any

import msgspec
import pytest

from domain.footprint import (
    DomainTwice,
    FootprintDomain,
    InvalidFootprint,
    Tonnes,
    TooFewPeople,
)
from domain.footprint_batch import FootprintBatch, RecordFootprints, WithdrawFootprints
from domain.refusal import BlankText, InvalidNumber, NotFound, TooManyItems, WrongKindOfId
from domain.workshop import MoreThanCame, Workshop, WorkshopNotHeld
from tests.domain.challenges import Pavilion, a_batch, committed, footprints, tonnes


def held(came: int = 15) -> Pavilion:
    """A workshop to which so many people came."""
    world = Pavilion()
    world.hold(came)
    return world


def recorded(world: Pavilion, command: RecordFootprints) -> FootprintBatch.Recorded:
    """The batch that a command recorded."""
    counted, batch = world.send(command)
    assert isinstance(counted, Workshop.FootprintsCounted)
    assert isinstance(batch, FootprintBatch.Recorded)
    return batch


def test_a_batch_is_recorded_and_the_workshop_knows_only_of_how_many() -> None:
    world = held()
    counted, batch = world.send(a_batch(world.workshop, 12, commitments=committed(food=7)))

    assert isinstance(counted, Workshop.FootprintsCounted)
    assert counted.people == 12
    assert isinstance(batch, FootprintBatch.Recorded)
    assert len(batch.footprints) == 12
    assert [(one.domain, one.people) for one in batch.commitments] == [(FootprintDomain.FOOD, 7)]


def test_nothing_of_the_order_in_which_footprints_were_given_is_recorded() -> None:
    given = footprints(12)
    shuffled = list(given)
    Random(2).shuffle(shuffled)  # noqa: S311
    batches = []
    for order in (given, shuffled):
        world = held()
        batches.append(recorded(world, a_batch(world.workshop, footprints=order)).footprints)

    assert batches[0] == batches[1]
    assert msgspec.json.encode(batches[0]) == msgspec.json.encode(batches[1])


def test_nothing_of_the_order_is_left_in_the_command_by_which_a_repetition_is_known() -> None:
    world = held()
    given = footprints(12)
    one, other = (a_batch(world.workshop, footprints=o) for o in (given, given[::-1]))

    assert msgspec.json.encode(one) == msgspec.json.encode(other)
    assert replace(one, method_version="2") == replace(other, method_version="2")


def test_values_are_recorded_with_the_same_number_of_digits_however_they_were_written() -> None:
    world = held()
    written = footprints(9)
    written.append(replace(written[0], before=tonnes("9", food="2.50", public_services="-0")))
    batch = recorded(world, a_batch(world.workshop, footprints=written))

    parts = [
        value
        for one in batch.footprints
        for half in (one.before, one.in_2050)
        for value in half.by_domain().values()
    ]
    assert {value.as_tuple().exponent for value in parts} == {-3}
    assert not any(value.is_signed() for value in parts)


@pytest.mark.parametrize("count", [0, 1, 9])
def test_a_batch_below_the_threshold_is_refused(count: int) -> None:
    world = held()
    with pytest.raises(TooFewPeople):
        world.send(a_batch(world.workshop, count))


def test_a_late_entry_is_refused_unless_it_is_a_batch_by_itself() -> None:
    world = held(came=25)
    world.send(a_batch(world.workshop, 12))
    with pytest.raises(TooFewPeople):
        world.send(a_batch(world.workshop, 1))
    world.send(a_batch(world.workshop, 12))


def test_no_more_footprints_than_people_who_came() -> None:
    world = held(came=25)
    with pytest.raises(MoreThanCame):
        world.send(a_batch(world.workshop, 26))
    world.send(a_batch(world.workshop, 15))
    with pytest.raises(MoreThanCame):
        world.send(a_batch(world.workshop, 11))


def test_footprints_are_recorded_only_after_the_workshop() -> None:
    world = Pavilion()
    with pytest.raises(WorkshopNotHeld):
        world.send(a_batch(world.workshop))


@pytest.mark.parametrize(
    "wrong", ["-1", "10000", "100.001", "0.0001", "NaN", "Infinity", "1E+400", "-0.001"]
)
@pytest.mark.parametrize("half", ["before", "in_2050"])
def test_a_footprint_that_cannot_be_is_refused(wrong: str, half: str) -> None:
    world = held()
    given = footprints(10)
    given[3] = replace(given[3], **{half: tonnes(food=wrong) if wrong[0].isdigit() else odd(wrong)})
    with pytest.raises(InvalidFootprint) as refused:
        world.send(a_batch(world.workshop, footprints=given))

    assert refused.value.path == f"footprints.{half}.food"


def odd(food: str) -> Tonnes:
    """A footprint with a value that is not even a number of that kind."""
    return replace(tonnes(), food=Decimal(food))


def test_a_footprint_that_is_too_large_in_all_is_refused() -> None:
    world = held()
    given = footprints(10)
    large = dict.fromkeys(("housing", "mobility", "food", "goods", "public_services"), "41")
    given[0] = replace(given[0], before=tonnes(**large))
    with pytest.raises(InvalidFootprint) as refused:
        world.send(a_batch(world.workshop, footprints=given))

    assert refused.value.path == "footprints.before"


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"method_version": " "}, BlankText),
        ({"footprints": footprints(501)}, TooManyItems),
        ({"commitments": committed(food=11)}, InvalidNumber),
        ({"commitments": committed(food=-1)}, InvalidNumber),
        ({"commitments": committed(food=1) * 2}, DomainTwice),
        ({"commitments": committed(food=1) * 101}, TooManyItems),
        ({"workshop": "wks_00000000000000000000000000000007"}, NotFound),
        ({"workshop": "fpb_00000000000000000000000000000007"}, WrongKindOfId),
    ],
)
def test_what_makes_no_sense_is_refused(fields: dict[str, Any], refusal: type[Exception]) -> None:
    world = held(came=600)
    command = replace(a_batch(world.workshop), **fields)
    with pytest.raises(refusal):
        world.send(command)


def test_commitments_are_counts_in_the_order_of_the_domains() -> None:
    world = held()
    given = committed(mobility=3, housing=5)
    batch = recorded(world, a_batch(world.workshop, commitments=given))

    assert [one.domain.name for one in batch.commitments] == ["HOUSING", "MOBILITY"]


def test_a_batch_that_was_wrong_is_withdrawn_whole_and_recorded_anew() -> None:
    world = held(came=12)
    decided = world.do(a_batch(world.workshop, 12))
    withdraw = WithdrawFootprints(footprint_batch=decided.id, reason="Mauvais atelier")

    kinds = {type(event) for event in world.send(withdraw)}
    assert kinds == {FootprintBatch.Withdrawn, Workshop.FootprintsDiscounted}
    assert world.send(withdraw) == []
    world.send(a_batch(world.workshop, 11))


def test_a_withdrawal_needs_a_reason() -> None:
    world = held()
    batch = world.do(a_batch(world.workshop)).id
    with pytest.raises(BlankText):
        world.send(WithdrawFootprints(footprint_batch=batch, reason=" "))


def test_a_batch_says_nothing_of_registrations() -> None:
    world = Pavilion(seats=15)
    people = [world.register(f"p{number}") for number in range(12)]
    world.hold(came=12)
    counted, batch = world.send(a_batch(world.workshop, 12))

    stored = msgspec.json.encode([counted, batch]).decode()
    for person in people:
        digits = person.partition("_")[2]
        assert digits not in stored.replace("-", "")
