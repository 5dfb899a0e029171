"""Levers and impact objectives: their order, their wording, their measurements."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID, uuid4

import pytest

from domain.part import Lever, Objective, PartDropped, RoadmapPart
from domain.quantity import InvalidQuantity
from domain.refusal import InvalidNumber, NotFound, TooManyItems
from domain.roadmap import DayStillToCome, IncompleteOrder, Roadmap, RoadmapIncomplete
from tests.domain.roadmaps import (
    COMMITTEE,
    FOOTPRINT,
    FUNDING,
    GOVERNANCE,
    IMPACT,
    SERVICES,
    TODAY,
    TOMORROW,
    UNKNOWN,
    bilan,
    complete,
    drafted,
    facts,
    in_revision,
    measure,
    names,
    refused,
    settled,
    submitted,
    with_three_levers,
)

# levers


def test_a_lever_is_added_below_the_others() -> None:
    roadmap = settled(drafted())
    roadmap.add_lever(GOVERNANCE, Lever(title="Gouvernance", description="Partagée"))
    roadmap.add_lever(IMPACT, Lever(title="Mesure"))

    assert list(roadmap.levers) == [GOVERNANCE, IMPACT]
    assert facts(roadmap)[0] == (
        "LeverAdded",
        {"lever": GOVERNANCE, "position": 1, "title": "Gouvernance", "description": "Partagée"},
    )
    assert facts(roadmap)[1][1]["position"] == 2


def test_a_lever_added_after_a_drop_stands_below_those_that_stayed() -> None:
    roadmap = with_three_levers()
    roadmap.drop_lever(GOVERNANCE, "Fusionné")
    roadmap.add_lever(anew := uuid4(), Lever(title="Encore"))

    assert facts(roadmap)[-1][1]["position"] == 4
    assert list(roadmap.levers) == [IMPACT, SERVICES, anew]


def test_levers_stand_in_the_order_that_was_set() -> None:
    roadmap = with_three_levers()
    roadmap.reorder_levers([SERVICES, GOVERNANCE, IMPACT])
    roadmap.reword_lever(GOVERNANCE, Lever(title="Gouvernance partagée"))

    assert list(roadmap.levers) == [SERVICES, GOVERNANCE, IMPACT]
    assert facts(roadmap)[0] == ("LeversReordered", {"levers": (SERVICES, GOVERNANCE, IMPACT)})


def test_the_order_that_stands_already_records_nothing() -> None:
    roadmap = with_three_levers()
    roadmap.reorder_levers([GOVERNANCE, IMPACT, SERVICES])

    assert facts(roadmap) == []


@pytest.mark.parametrize(
    "order",
    [
        [],
        [GOVERNANCE, IMPACT],
        [GOVERNANCE, IMPACT, IMPACT],
        [GOVERNANCE, IMPACT, SERVICES, GOVERNANCE],
    ],
)
def test_an_order_names_every_lever_once(order: list[UUID]) -> None:
    roadmap = with_three_levers()
    with refused(roadmap, IncompleteOrder, "levers") as caught:
        roadmap.reorder_levers(order)
    assert caught.value.facts == {"count": 3}


def test_an_order_names_no_lever_that_is_unknown_or_dropped() -> None:
    roadmap = with_three_levers()
    with refused(roadmap, NotFound, "levers"):
        roadmap.reorder_levers([GOVERNANCE, IMPACT, UNKNOWN])
    roadmap.drop_lever(SERVICES, "Abandonné")
    with refused(roadmap, PartDropped, "levers"):
        roadmap.reorder_levers([GOVERNANCE, IMPACT, SERVICES])


def test_an_order_of_endless_length_is_refused_before_it_is_read() -> None:
    roadmap = with_three_levers()
    with refused(roadmap, TooManyItems, "levers"):
        roadmap.reorder_levers([GOVERNANCE] * 10_000)


def test_a_lever_says_what_it_was_last_given() -> None:
    roadmap = with_three_levers()
    roadmap.reword_lever(IMPACT, Lever(title="Mesurer", description="Bilans"))
    roadmap.reword_lever(IMPACT, Lever(title=" Mesurer ", description="Bilans"))

    assert facts(roadmap) == [
        ("LeverReworded", {"lever": IMPACT, "title": "Mesurer", "description": "Bilans"})
    ]


def test_a_lever_is_dropped_with_its_objectives_and_its_plan_items_stay() -> None:
    roadmap = complete()
    roadmap.add_lever(IMPACT, Lever(title="Mesure"))
    roadmap.add_objective(FOOTPRINT, IMPACT, Objective(wording="Un bilan"))
    settled(roadmap).drop_lever(GOVERNANCE, "Confié à une autre instance")

    assert facts(roadmap) == [
        ("ObjectiveDropped", {"objective": COMMITTEE, "reason": "Confié à une autre instance"}),
        (
            "PlanItemReworded",
            {
                "plan_item": FUNDING,
                "title": "Chercher un financement",
                "lever": None,
                "due": None,
            },
        ),
        ("LeverDropped", {"lever": GOVERNANCE, "reason": "Confié à une autre instance"}),
    ]
    assert list(roadmap.objectives) == [FOOTPRINT]


# objectives


def test_an_objective_may_be_words_without_a_number() -> None:
    roadmap = settled(with_three_levers())
    roadmap.add_objective(COMMITTEE, GOVERNANCE, Objective(wording="Un comité"))

    assert facts(roadmap) == [
        (
            "ObjectiveAdded",
            {
                "objective": COMMITTEE,
                "lever": GOVERNANCE,
                "wording": "Un comité",
                "scope": None,
                "indicator": None,
                "unit": None,
                "baseline": None,
                "target": None,
                "due_year": None,
            },
        )
    ]


def test_an_objective_may_be_measured_against_a_baseline_and_a_target() -> None:
    roadmap = settled(with_three_levers())
    roadmap.add_objective(FOOTPRINT, IMPACT, bilan(target=Decimal("6.50")))

    assert roadmap.objectives[FOOTPRINT] == bilan(target=Decimal("6.50"))
    assert str(facts(roadmap)[0][1]["target"]) == "6.50"


def test_an_objective_says_what_it_was_last_given_and_nothing_else() -> None:
    roadmap = with_three_levers()
    roadmap.add_objective(FOOTPRINT, IMPACT, bilan())
    settled(roadmap).reword_objective(FOOTPRINT, Objective(wording="Un bilan par an"))
    roadmap.reword_objective(FOOTPRINT, Objective(wording="Un bilan par an"))

    assert names(roadmap) == ["ObjectiveReworded"]
    assert roadmap.objectives[FOOTPRINT].indicator is None
    assert roadmap.levers_of[FOOTPRINT] == IMPACT


@pytest.mark.parametrize("field", ["baseline", "target"])
@pytest.mark.parametrize(
    "number",
    ["NaN", "sNaN", "Infinity", "-Infinity", "1E+20", "1E+999999", "1E-20", "0E-99", "0E+999"],
)
def test_a_baseline_and_a_target_are_finite_and_bounded(field: str, number: str) -> None:
    roadmap = complete()
    objective = bilan(**{field: Decimal(number)})
    with refused(roadmap, InvalidQuantity, field):
        roadmap.add_objective(FOOTPRINT, GOVERNANCE, objective)
    with refused(roadmap, InvalidQuantity, field):
        roadmap.reword_objective(COMMITTEE, objective)


def test_a_number_is_written_out() -> None:
    roadmap = complete()
    objective = bilan(baseline=Decimal("1.2E+3"), target=Decimal(99999999999999999999))
    roadmap.add_objective(FOOTPRINT, GOVERNANCE, objective)

    added = facts(roadmap)[0][1]
    assert (str(added["baseline"]), str(added["target"])) == ("1200", "99999999999999999999")


@pytest.mark.parametrize("year", [-2030, 0, 1999, 2101])
def test_a_due_year_is_one_of_this_century(year: int) -> None:
    roadmap = complete()
    with refused(roadmap, InvalidNumber, "due_year"):
        roadmap.add_objective(FOOTPRINT, GOVERNANCE, bilan(due_year=year))
    with refused(roadmap, InvalidNumber, "due_year"):
        roadmap.reword_objective(COMMITTEE, bilan(due_year=year))


def test_a_dropped_objective_leaves_its_lever_without() -> None:
    roadmap = complete()
    roadmap.drop_objective(COMMITTEE, "Trop vague")
    roadmap.drop_objective(COMMITTEE, "Trop vague")

    assert facts(roadmap) == [
        ("ObjectiveDropped", {"objective": COMMITTEE, "reason": "Trop vague"})
    ]
    with refused(roadmap, RoadmapIncomplete):
        roadmap.submit(uuid4())


# measuring


def test_an_objective_is_measured_on_a_day_by_a_source() -> None:
    roadmap = complete()
    measure(roadmap, "7.25", source="Cabinet", note="Périmètre 1 et 2")

    assert facts(roadmap) == [
        (
            "ObjectiveMeasured",
            {
                "objective": COMMITTEE,
                "value": Decimal("7.25"),
                "measured_on": TODAY,
                "source": "Cabinet",
                "note": "Périmètre 1 et 2",
            },
        )
    ]


def test_a_measurement_given_twice_is_recorded_once_and_a_corrected_one_again() -> None:
    roadmap = complete()
    for value in ("7.25", "7.25", "7.3", "7.25"):
        measure(roadmap, value)
    measure(roadmap, "7.25", source="Cabinet")
    measure(roadmap, "7.25", source="Cabinet", note="Relu")

    assert len(facts(roadmap)) == 5


@pytest.mark.parametrize("given", [complete, submitted, in_revision])
def test_an_objective_is_measured_and_a_roadmap_commented_whether_it_is_frozen_or_not(
    given: Callable[[], Roadmap],
) -> None:
    roadmap = given()
    measure(roadmap, "1")
    roadmap.comment(uuid4(), "Bravo", RoadmapPart.ROADMAP)

    assert names(roadmap) == ["ObjectiveMeasured", "Commented"]


def test_nothing_is_measured_before_it_happens() -> None:
    roadmap = complete()
    with refused(roadmap, DayStillToCome, "measured_on") as caught:
        measure(roadmap, "1", measured_on=TOMORROW)
    assert caught.value.message("fr").startswith("Le 2024-04-30 est à venir.")


def test_the_day_is_that_of_paris() -> None:
    late_evening_in_utc = datetime(2024, 4, 29, 22, 30, tzinfo=UTC)
    roadmap = complete().at(late_evening_in_utc)
    measure(roadmap, "1", measured_on=TOMORROW)

    assert names(roadmap) == ["ObjectiveMeasured"]


@pytest.mark.parametrize("value", ["NaN", "sNaN", "Infinity", "1E+20", "0.123456789012345678901"])
def test_a_measured_value_is_finite_and_bounded(value: str) -> None:
    roadmap = complete()
    with refused(roadmap, InvalidQuantity, "value"):
        measure(roadmap, value)
