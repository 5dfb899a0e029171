"""The action plan of a roadmap: its lines, and what becomes of them."""

from datetime import date
from uuid import uuid4

from domain import identity
from domain.part import PartDropped, PlanItem, PlanItemUnderWay
from domain.refusal import NotFound
from tests.domain.roadmaps import (
    FUNDING,
    GOVERNANCE,
    UNKNOWN,
    YOUNG_PEOPLE,
    complete,
    facts,
    refused,
    submitted,
)


def test_a_line_of_the_plan_may_serve_a_lever_by_a_day() -> None:
    roadmap = complete()
    item = uuid4()
    due = date(2024, 12, 31)
    roadmap.add_plan_item(item, PlanItem(title="Recruter", lever=GOVERNANCE, due=due))
    roadmap.reword_plan_item(item, PlanItem(title="Recruter", due=due))
    roadmap.reword_plan_item(item, PlanItem(title="Recruter ", due=due))

    assert facts(roadmap) == [
        (
            "PlanItemAdded",
            {"plan_item": item, "title": "Recruter", "lever": GOVERNANCE, "due": due},
        ),
        ("PlanItemReworded", {"plan_item": item, "title": "Recruter", "lever": None, "due": due}),
    ]


def test_a_line_of_the_plan_serves_a_lever_that_is_there() -> None:
    roadmap = complete()
    with refused(roadmap, NotFound, "lever"):
        roadmap.add_plan_item(uuid4(), PlanItem(title="Recruter", lever=UNKNOWN))
    with refused(roadmap, NotFound, "lever"):
        roadmap.reword_plan_item(FUNDING, PlanItem(title="Recruter", lever=UNKNOWN))
    roadmap.drop_lever(GOVERNANCE, "Abandonné")
    with refused(roadmap, PartDropped, "lever"):
        roadmap.add_plan_item(uuid4(), PlanItem(title="Recruter", lever=GOVERNANCE))


def test_a_line_of_the_plan_lives_on_as_an_action_though_the_roadmap_is_frozen() -> None:
    roadmap, action = submitted(), uuid4()
    roadmap.turn_plan_item_into_action(FUNDING, action)
    roadmap.turn_plan_item_into_action(FUNDING, action)

    assert facts(roadmap) == [
        ("PlanItemTurnedIntoAction", {"plan_item": FUNDING, "action": action})
    ]


def test_what_became_an_action_is_changed_there() -> None:
    roadmap, action = complete(), uuid4()
    roadmap.turn_plan_item_into_action(FUNDING, action)
    with refused(roadmap, PlanItemUnderWay, "plan_item") as caught:
        roadmap.turn_plan_item_into_action(FUNDING, uuid4())
    with refused(roadmap, PlanItemUnderWay, "plan_item"):
        roadmap.reword_plan_item(FUNDING, PlanItem(title="Autre chose"))
    with refused(roadmap, PlanItemUnderWay, "plan_item"):
        roadmap.drop_plan_item(FUNDING, "Fait ailleurs")
    assert identity.external("action", action) in caught.value.message("en")


def test_parts_are_dropped_once_with_a_reason() -> None:
    roadmap = complete()
    for _ in range(2):
        roadmap.drop_plan_item(FUNDING, "Sans financeur")
        roadmap.drop_ecosystem_mobilisation(YOUNG_PEOPLE)
        roadmap.drop_lever(GOVERNANCE, "Abandonné")

    assert [(name, fact.get("reason")) for name, fact in facts(roadmap)] == [
        ("PlanItemDropped", "Sans financeur"),
        ("EcosystemMobilisationDropped", None),
        ("ObjectiveDropped", "Abandonné"),
        ("LeverDropped", "Abandonné"),
    ]
