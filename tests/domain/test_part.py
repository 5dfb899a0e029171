"""Parts of a roadmap: those that are not there, and bad texts in every field."""

from collections.abc import Callable
from decimal import Decimal
from uuid import UUID, uuid4

import pytest

from domain import identity
from domain.part import Lever, Objective, PartDropped, PlanItem, RoadmapPart
from domain.refusal import (
    BlankText,
    ControlCharacters,
    NotFound,
    Refusal,
    TextTooLong,
    TooManyItems,
)
from domain.roadmap import LEVERS, MOBILISATIONS, OBJECTIVES, PLAN_ITEMS, Roadmap
from domain.unit import UnknownUnit
from tests.domain.roadmaps import (
    COMMITTEE,
    FUNDING,
    GOVERNANCE,
    NOW,
    TODAY,
    UNKNOWN,
    YOUNG_PEOPLE,
    bilan,
    complete,
    measure,
    refused,
    submitted,
)

# what is not there


ADDRESSED: list[tuple[str, UUID, Callable[[Roadmap, UUID], None]]] = [
    ("lever", GOVERNANCE, lambda r, part: r.reword_lever(part, Lever(title="x"))),
    ("lever", GOVERNANCE, lambda r, part: r.add_objective(uuid4(), part, Objective(wording="x"))),
    ("objective", COMMITTEE, lambda r, part: r.reword_objective(part, Objective(wording="x"))),
    (
        "objective",
        COMMITTEE,
        lambda r, part: r.measure_objective(part, value=Decimal(1), measured_on=TODAY),
    ),
    ("plan_item", FUNDING, lambda r, part: r.reword_plan_item(part, PlanItem(title="x"))),
    ("plan_item", FUNDING, lambda r, part: r.turn_plan_item_into_action(part, uuid4())),
]

DROPPING: list[tuple[str, Callable[[Roadmap, UUID], None]]] = [
    ("lever", lambda r, part: r.drop_lever(part, "x")),
    ("objective", lambda r, part: r.drop_objective(part, "x")),
    ("plan_item", lambda r, part: r.drop_plan_item(part, "x")),
    ("ecosystem_mobilisation", lambda r, part: r.drop_ecosystem_mobilisation(part)),
]


@pytest.mark.parametrize(
    ("noun", "address"), [(noun, address) for noun, _, address in ADDRESSED] + DROPPING
)
def test_a_part_that_was_never_added_is_not_found(
    noun: str, address: Callable[[Roadmap, UUID], None]
) -> None:
    roadmap = complete()
    with refused(roadmap, NotFound, noun) as caught:
        address(roadmap, UNKNOWN)
    assert caught.value.facts["id"] == identity.external(noun, UNKNOWN)


@pytest.mark.parametrize(("noun", "part", "address"), ADDRESSED)
def test_a_part_that_was_dropped_is_not_changed(
    noun: str, part: UUID, address: Callable[[Roadmap, UUID], None]
) -> None:
    roadmap = complete()
    roadmap.drop_plan_item(FUNDING, "x")
    roadmap.drop_lever(GOVERNANCE, "x")
    with refused(roadmap, PartDropped, noun):
        address(roadmap, part)


# endless lists

ADDING: list[tuple[int, Callable[[Roadmap], None]]] = [
    (LEVERS, lambda r: r.add_lever(uuid4(), Lever(title="x"))),
    (OBJECTIVES, lambda r: r.add_objective(uuid4(), GOVERNANCE, Objective(wording="x"))),
    (PLAN_ITEMS, lambda r: r.add_plan_item(uuid4(), PlanItem(title="x"))),
    (MOBILISATIONS, lambda r: r.add_ecosystem_mobilisation(uuid4(), "x")),
]


@pytest.mark.parametrize(("limit", "add"), ADDING)
def test_a_roadmap_has_so_many_parts_of_a_kind_and_no_more(
    limit: int, add: Callable[[Roadmap], None]
) -> None:
    roadmap = complete()
    for _ in range(limit - 1):
        add(roadmap)
    with refused(roadmap, TooManyItems, "roadmap"):
        add(roadmap)


@pytest.mark.parametrize("say", ["add", "reword"])
def test_an_objective_in_a_unit_that_nobody_knows_is_refused(say: str) -> None:
    roadmap = complete()
    with refused(roadmap, UnknownUnit, "unit"):
        if say == "add":
            roadmap.add_objective(uuid4(), GOVERNANCE, bilan(unit="zork"))
        else:
            roadmap.reword_objective(COMMITTEE, bilan(unit="zork"))


# bad texts, in every field that takes one

TEXTS: list[tuple[str, Callable[[Roadmap, str], None]]] = [
    ("text", Roadmap.tell_turning_point),
    ("text", Roadmap.ask_generative_question),
    ("text", Roadmap.set_new_course),
    ("title", lambda r, bad: r.add_lever(uuid4(), Lever(title=bad))),
    ("description", lambda r, bad: r.add_lever(uuid4(), Lever(title="x", description=bad))),
    ("title", lambda r, bad: r.reword_lever(GOVERNANCE, Lever(title=bad))),
    ("description", lambda r, bad: r.reword_lever(GOVERNANCE, Lever(title="x", description=bad))),
    ("reason", lambda r, bad: r.drop_lever(GOVERNANCE, bad)),
    ("wording", lambda r, bad: r.add_objective(uuid4(), GOVERNANCE, Objective(wording=bad))),
    ("indicator", lambda r, bad: r.add_objective(uuid4(), GOVERNANCE, bilan(indicator=bad))),
    ("unit", lambda r, bad: r.add_objective(uuid4(), GOVERNANCE, bilan(unit=bad))),
    ("wording", lambda r, bad: r.reword_objective(COMMITTEE, Objective(wording=bad))),
    ("reason", lambda r, bad: r.drop_objective(COMMITTEE, bad)),
    ("source", lambda r, bad: measure(r, "1", source=bad)),
    ("note", lambda r, bad: measure(r, "1", note=bad)),
    ("title", lambda r, bad: r.add_plan_item(uuid4(), PlanItem(title=bad))),
    ("title", lambda r, bad: r.reword_plan_item(FUNDING, PlanItem(title=bad))),
    ("reason", lambda r, bad: r.drop_plan_item(FUNDING, bad)),
    ("text", lambda r, bad: r.add_ecosystem_mobilisation(uuid4(), bad)),
    ("audience", lambda r, bad: r.add_ecosystem_mobilisation(uuid4(), "x", bad)),
    ("reason", lambda r, bad: r.drop_ecosystem_mobilisation(YOUNG_PEOPLE, bad)),
    ("text", lambda r, bad: r.comment(uuid4(), bad, RoadmapPart.ROADMAP)),
    ("reason", Roadmap.archive),
]


@pytest.mark.parametrize(
    ("bad", "refusal"),
    [
        ("", BlankText),
        (" \u200b\n ", BlankText),
        ("x" * 10_000, TextTooLong),
        ("x" * 1_000_000, TextTooLong),
        ("a\x00b", ControlCharacters),
        ("a\x1b[31mb", ControlCharacters),
        ("a\ud800b", ControlCharacters),
    ],
    ids=["empty", "invisible", "long", "abusive", "nul", "escape", "surrogate"],
)
@pytest.mark.parametrize(("field", "say"), TEXTS)
def test_a_bad_text_is_refused_in_every_field(
    field: str, say: Callable[[Roadmap, str], None], bad: str, refusal: type[Refusal]
) -> None:
    roadmap = complete()
    with refused(roadmap, refusal, field):
        say(roadmap, bad)


def test_a_bad_reason_opens_no_revision_and_a_bad_title_no_draft() -> None:
    roadmap = submitted()
    with refused(roadmap, BlankText, "reason"):
        roadmap.open_revision(" ")
    with pytest.raises(TextTooLong):
        Roadmap.draft(uuid4(), now=NOW, owner=roadmap.owner, horizon=2030, title="x" * 201)
