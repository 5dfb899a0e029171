"""Roadmaps: what they say, when they may change, and what a submission needs."""

import pickle
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest

from domain.aggregate import AggregateEvent
from domain.part import Lever, Objective, PlanItem, RoadmapPart, WrongPart
from domain.refusal import InvalidNumber, NotFound
from domain.roadmap import (
    DayStillToCome,
    NothingSubmitted,
    Roadmap,
    RoadmapArchived,
    RoadmapFrozen,
    RoadmapIncomplete,
    RoadmapOwner,
    RoadmapStatus,
    SubmissionOutOfOrder,
)
from tests.domain.roadmaps import (
    ALLIANCE,
    COHORT,
    COMMITTEE,
    FOOTPRINT,
    FUNDING,
    GOVERNANCE,
    HANDED_IN,
    IMPACT,
    MANY_LINES,
    NOW,
    ORGANISATION,
    TODAY,
    TOMORROW,
    UNKNOWN,
    YOUNG_PEOPLE,
    archived,
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
)

# drafting


def test_a_roadmap_begins_as_a_draft_of_its_owner() -> None:
    roadmap = drafted()

    assert roadmap.status is RoadmapStatus.DRAFT
    assert facts(roadmap) == [
        (
            "Drafted",
            {
                "organisation": ORGANISATION,
                "cohort": COHORT,
                "alliance": None,
                "territory": None,
                "horizon": 2030,
                "title": None,
            },
        )
    ]


def test_an_alliance_owns_a_roadmap_for_its_territory() -> None:
    owner = RoadmapOwner(alliance=ALLIANCE, territory="epci:246300701")
    roadmap = Roadmap.draft(uuid4(), now=NOW, owner=owner, horizon=2026, title="Alliance")

    assert roadmap.owner == owner
    assert owner.claim == ("roadmap", ALLIANCE.hex, "epci:246300701")


def test_an_owner_is_claimed_by_organisation_and_cohort() -> None:
    owner = RoadmapOwner(organisation=ORGANISATION, cohort=COHORT)

    assert owner.claim == ("roadmap", ORGANISATION.hex, COHORT.hex)


@pytest.mark.parametrize(
    "owner",
    [
        {},
        {"organisation": ORGANISATION},
        {"cohort": COHORT},
        {"alliance": ALLIANCE},
        {"territory": "FR"},
        {"organisation": ORGANISATION, "territory": "FR"},
        {"organisation": ORGANISATION, "cohort": COHORT, "alliance": ALLIANCE},
        {"organisation": ORGANISATION, "cohort": COHORT, "alliance": ALLIANCE, "territory": "FR"},
    ],
)
def test_half_an_owner_or_two_are_impossible(owner: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="either an organisation in a cohort"):
        RoadmapOwner(**owner)


@pytest.mark.parametrize("horizon", [-1, 0, 1999, 2101, 10**30])
def test_a_horizon_is_a_year_of_this_century(horizon: int) -> None:
    owner = RoadmapOwner(organisation=ORGANISATION, cohort=COHORT)
    with pytest.raises(InvalidNumber) as caught:
        Roadmap.draft(uuid4(), now=NOW, owner=owner, horizon=horizon)
    assert caught.value.path == "horizon"


# what it says

SAYINGS = [
    (Roadmap.tell_turning_point, "TurningPointTold"),
    (Roadmap.ask_generative_question, "GenerativeQuestionAsked"),
    (Roadmap.set_new_course, "NewCourseSet"),
]


@pytest.mark.parametrize(("say", "fact"), SAYINGS)
def test_what_is_said_is_recorded_with_its_lines(
    say: Callable[[Roadmap, str], None], fact: str
) -> None:
    roadmap = settled(drafted())
    say(roadmap, f"  {MANY_LINES}\r\nFin. ")

    assert facts(roadmap) == [(fact, {"text": f"{MANY_LINES}\nFin."})]


@pytest.mark.parametrize(("say", "fact"), SAYINGS)
def test_what_is_said_later_counts_and_the_same_again_records_nothing(
    say: Callable[[Roadmap, str], None], fact: str
) -> None:
    roadmap = settled(drafted())
    for wording in ("Été", "E\u0301te\u0301", "Hiver", "Hiver ", "Été"):
        say(roadmap, wording)

    assert [said["text"] for _, said in facts(roadmap)] == ["Été", "Hiver", "Été"]
    assert set(names(roadmap)) == {fact}


# comments


@pytest.mark.parametrize(
    ("about", "part"),
    [
        (RoadmapPart.ROADMAP, None),
        (RoadmapPart.TURNING_POINT, None),
        (RoadmapPart.GENERATIVE_QUESTION, None),
        (RoadmapPart.NEW_COURSE, None),
        (RoadmapPart.LEVER, GOVERNANCE),
        (RoadmapPart.OBJECTIVE, COMMITTEE),
        (RoadmapPart.PLAN_ITEM, FUNDING),
        (RoadmapPart.ECOSYSTEM_MOBILISATION, YOUNG_PEOPLE),
    ],
)
def test_a_comment_names_what_it_is_about(about: RoadmapPart, part: UUID | None) -> None:
    roadmap, comment = submitted(), uuid4()
    roadmap.comment(comment, "À préciser", about, part)
    with refused(roadmap, WrongPart, "part"):
        roadmap.comment(uuid4(), "À préciser", about, None if part else GOVERNANCE)

    assert facts(roadmap) == [
        ("Commented", {"comment": comment, "text": "À préciser", "about": about, "part": part})
    ]


def test_a_comment_on_a_part_that_was_never_there_is_refused() -> None:
    roadmap = complete()
    with refused(roadmap, NotFound, "part"):
        roadmap.comment(uuid4(), "Où ?", RoadmapPart.LEVER, UNKNOWN)
    with refused(roadmap, NotFound, "part"):
        roadmap.comment(uuid4(), "Où ?", RoadmapPart.LEVER, COMMITTEE)


def test_a_comment_may_ask_why_a_part_was_dropped() -> None:
    roadmap = complete()
    roadmap.drop_objective(COMMITTEE, "Trop vague")
    roadmap.comment(uuid4(), "Pourquoi ?", RoadmapPart.OBJECTIVE, COMMITTEE)

    assert names(roadmap) == ["ObjectiveDropped", "Commented"]


# submission, publication, revision


def test_a_submission_is_numbered_and_keeps_its_day() -> None:
    roadmap, submission = complete(), uuid4()
    roadmap.submit(submission, HANDED_IN)

    assert facts(roadmap) == [
        ("Submitted", {"submission": submission, "number": 1, "submitted_on": HANDED_IN})
    ]
    assert roadmap.status is RoadmapStatus.SUBMITTED


def test_a_submission_without_a_day_is_of_today() -> None:
    roadmap = complete()
    roadmap.submit(uuid4())

    assert facts(roadmap)[0][1]["submitted_on"] == TODAY


def test_a_submission_again_records_nothing() -> None:
    roadmap = submitted()
    roadmap.submit(uuid4())
    roadmap.submit(uuid4(), HANDED_IN)

    assert facts(roadmap) == []


def test_a_submission_again_on_another_day_needs_a_revision() -> None:
    roadmap = submitted()
    with refused(roadmap, RoadmapFrozen, "submitted_on"):
        roadmap.submit(uuid4(), TODAY)


def test_nothing_is_submitted_before_it_happens() -> None:
    roadmap = complete()
    with refused(roadmap, DayStillToCome, "submitted_on"):
        roadmap.submit(uuid4(), TOMORROW)


def test_a_version_is_not_older_than_the_one_before() -> None:
    roadmap = in_revision()
    with refused(roadmap, SubmissionOutOfOrder, "submitted_on") as caught:
        roadmap.submit(uuid4(), HANDED_IN - timedelta(days=1))
    assert caught.value.facts == {"number": 1, "day": HANDED_IN}


def test_a_submission_of_an_empty_draft_is_told_all_that_it_lacks() -> None:
    roadmap = drafted()
    with refused(roadmap, RoadmapIncomplete, "roadmap") as caught:
        roadmap.submit(uuid4())

    assert caught.value.message("en") == (
        "This roadmap cannot be submitted yet. "
        "Add what it lacks: generative question, new course, lever."
    )
    assert caught.value.message("fr") == (
        "Cette feuille de route ne peut pas encore être remise. "
        "Ajoutez ce qui manque : question générative, nouveau cap, levier."
    )


def test_a_submission_needs_an_objective_on_every_lever() -> None:
    roadmap = complete()
    roadmap.add_lever(IMPACT, Lever(title="{Mesure}"))
    with refused(roadmap, RoadmapIncomplete, "roadmap") as caught:
        roadmap.submit(uuid4())

    assert caught.value.message("en").endswith(": impact objective on the lever “{Mesure}”.")
    assert caught.value.message("fr").endswith(": objectif d’impact pour le levier « {Mesure} ».")


CHANGES: list[Callable[[Roadmap], None]] = [
    lambda r: r.tell_turning_point("x"),
    lambda r: r.ask_generative_question("x"),
    lambda r: r.set_new_course("x"),
    lambda r: r.add_lever(uuid4(), Lever(title="x")),
    lambda r: r.reword_lever(GOVERNANCE, Lever(title="x")),
    lambda r: r.reorder_levers([GOVERNANCE]),
    lambda r: r.drop_lever(GOVERNANCE, "x"),
    lambda r: r.add_objective(uuid4(), GOVERNANCE, Objective(wording="x")),
    lambda r: r.reword_objective(COMMITTEE, Objective(wording="x")),
    lambda r: r.drop_objective(COMMITTEE, "x"),
    lambda r: r.add_plan_item(uuid4(), PlanItem(title="x")),
    lambda r: r.reword_plan_item(FUNDING, PlanItem(title="x")),
    lambda r: r.drop_plan_item(FUNDING, "x"),
    lambda r: r.add_ecosystem_mobilisation(uuid4(), "x"),
    lambda r: r.drop_ecosystem_mobilisation(YOUNG_PEOPLE),
]


@pytest.mark.parametrize("change", CHANGES)
def test_what_is_submitted_is_frozen(change: Callable[[Roadmap], None]) -> None:
    roadmap = submitted()
    with refused(roadmap, RoadmapFrozen, "roadmap") as caught:
        change(roadmap)
    assert "2023-12-10" in caught.value.message("fr")


@pytest.mark.parametrize("change", CHANGES)
def test_what_is_submitted_changes_again_once_a_revision_is_open(
    change: Callable[[Roadmap], None],
) -> None:
    change(in_revision())


def test_a_revision_leads_to_the_next_version() -> None:
    roadmap = submitted()
    roadmap.open_revision("Le conseil a changé")
    roadmap.open_revision("Le conseil a changé")
    roadmap.submit(uuid4(), HANDED_IN)

    assert names(roadmap) == ["RevisionOpened", "Submitted"]
    assert facts(roadmap)[1][1]["number"] == 2


def test_what_was_never_submitted_is_neither_published_nor_revised() -> None:
    roadmap = complete()
    with refused(roadmap, NothingSubmitted, "roadmap"):
        roadmap.publish()
    with refused(roadmap, NothingSubmitted, "roadmap"):
        roadmap.open_revision("Pour voir")


def test_the_latest_submitted_version_is_published_once_even_while_it_is_revised() -> None:
    roadmap = in_revision()
    roadmap.publish()
    roadmap.publish()
    roadmap.submit(uuid4())
    roadmap.publish()

    assert facts(roadmap)[0] == ("Published", {"number": 1})
    assert [fact for fact in facts(roadmap) if fact[0] == "Published"][1:] == [
        ("Published", {"number": 2})
    ]


# the archive


def test_a_roadmap_is_archived_once() -> None:
    roadmap = complete()
    roadmap.archive("Remplacée")
    roadmap.archive("Encore")

    assert facts(roadmap) == [("Archived", {"reason": "Remplacée"})]


@pytest.mark.parametrize(
    "change",
    [
        *CHANGES,
        lambda r: r.measure_objective(COMMITTEE, value=Decimal(1), measured_on=TODAY),
        lambda r: r.turn_plan_item_into_action(FUNDING, uuid4()),
        lambda r: r.comment(uuid4(), "x", RoadmapPart.ROADMAP),
        lambda r: r.submit(uuid4()),
        lambda r: r.publish(),
        lambda r: r.open_revision("x"),
    ],
)
def test_nothing_changes_in_the_archive(change: Callable[[Roadmap], None]) -> None:
    roadmap = archived()
    with refused(roadmap, RoadmapArchived, "roadmap"):
        change(roadmap)


# every fact


def test_every_fact_survives_its_way_through_the_store() -> None:
    roadmap = drafted()
    tell_the_whole_story(roadmap)
    events = [event for event in roadmap.pending_events if isinstance(event, AggregateEvent)]
    stored = [msgspec.json.encode(event) for event in events]
    read = [
        msgspec.json.decode(state, type=type(event))
        for state, event in zip(stored, events, strict=True)
    ]

    assert read == events
    assert {type(event) for event in events} == set(EVENTS)


def test_the_history_tells_the_same_story_again() -> None:
    roadmap = drafted()
    tell_the_whole_story(roadmap)
    again: Any = None
    for event in roadmap.pending_events:
        again = event.mutate(again)

    assert again.state() == roadmap.state()
    assert list(again.levers) == list(roadmap.levers)


def test_what_the_rules_read_survives_a_snapshot() -> None:
    roadmap = complete()
    measure(roadmap, "7.5")

    assert pickle.loads(pickle.dumps(roadmap.state())) == roadmap.state()  # noqa: S301


EVENTS = [
    event
    for name, event in vars(Roadmap).items()
    if isinstance(event, type) and issubclass(event, AggregateEvent) and name != "Event"
]


def tell_the_whole_story(roadmap: Roadmap) -> None:
    """Every decision once, so that every kind of fact is there."""
    roadmap.tell_turning_point("Un marathon de fresques")
    roadmap.ask_generative_question("Comment inspirer ?")
    roadmap.set_new_course(MANY_LINES)
    roadmap.add_lever(GOVERNANCE, Lever(title="Gouvernance"))
    roadmap.add_lever(IMPACT, Lever(title="Mesure", description="De l’impact"))
    roadmap.reword_lever(IMPACT, Lever(title="Mesurer"))
    roadmap.reorder_levers([IMPACT, GOVERNANCE])
    roadmap.add_objective(COMMITTEE, GOVERNANCE, Objective(wording="Un comité"))
    roadmap.add_objective(FOOTPRINT, IMPACT, bilan())
    roadmap.reword_objective(FOOTPRINT, bilan(due_year=2029))
    roadmap.measure_objective(FOOTPRINT, value=Decimal("7.20"), measured_on=TODAY)
    roadmap.add_plan_item(FUNDING, PlanItem(title="Financer", lever=GOVERNANCE))
    roadmap.reword_plan_item(FUNDING, PlanItem(title="Financer", due=TOMORROW))
    roadmap.add_plan_item(second := uuid4(), PlanItem(title="Recruter"))
    roadmap.drop_plan_item(second, "Sans budget")
    roadmap.add_ecosystem_mobilisation(YOUNG_PEOPLE, "Sensibiliser", "lycéens")
    roadmap.submit(uuid4(), HANDED_IN)
    roadmap.publish()
    roadmap.turn_plan_item_into_action(FUNDING, uuid4())
    roadmap.comment(uuid4(), "Bravo", RoadmapPart.LEVER, GOVERNANCE)
    roadmap.open_revision("Moins de leviers")
    roadmap.drop_ecosystem_mobilisation(YOUNG_PEOPLE, "Fait")
    roadmap.drop_objective(COMMITTEE, "Fait")
    roadmap.drop_lever(GOVERNANCE, "Fait")
    roadmap.archive("Remplacée")
