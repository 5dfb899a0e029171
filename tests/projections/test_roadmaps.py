"""Given what happened to roadmaps, when it is folded, then this can be read."""

from datetime import date
from uuid import uuid4

from domain.identity import external
from domain.part import Lever, PlanItem, RoadmapPart
from domain.roadmap import Roadmap, RoadmapOwner, RoadmapStatus
from projections.dropped_parts import DroppedPartRow
from projections.roadmaps import ROADMAPS, CommentRow, RoadmapRow
from tests.domain.roadmaps import (
    COHORT,
    COMMITTEE,
    FUNDING,
    GOVERNANCE,
    NOW,
    ORGANISATION,
    YOUNG_PEOPLE,
    bilan,
)
from tests.history import AT, METADATA, news
from tests.projections.folding import folded, only, shown


def a_roadmap() -> Roadmap:
    """A new roadmap."""
    owner = RoadmapOwner(organisation=ORGANISATION, cohort=COHORT)
    return Roadmap.draft(uuid4(), now=NOW, owner=owner, horizon=2030, title="Cap 2030")


def test_a_draft_can_be_read_with_its_owner() -> None:
    roadmap = a_roadmap()
    row = only(folded(ROADMAPS, *news(roadmap)), RoadmapRow)
    assert (row.id, row.version) == (external("roadmap", roadmap.id), 1)
    assert (row.drafted_at, row.updated_at) == (AT, AT)
    assert row.organisation_id == external("organisation", ORGANISATION)
    assert row.cohort_id == external("cohort", COHORT)
    assert (row.title, row.horizon, row.status) == ("Cap 2030", 2030, RoadmapStatus.DRAFT)
    assert row.submissions == 0


def test_the_roadmap_of_an_alliance_names_it_and_its_territory() -> None:
    alliance = uuid4()
    owner = RoadmapOwner(alliance=alliance, territory="epci:246300701")
    roadmap = Roadmap.draft(uuid4(), now=NOW, owner=owner, horizon=2026)
    row = only(folded(ROADMAPS, *news(roadmap)), RoadmapRow)
    assert (row.organisation_id, row.cohort_id) == (None, None)
    assert row.alliance_id == external("alliance", alliance)
    assert row.territory_key == "epci:246300701"


def test_the_latest_telling_question_and_course_count() -> None:
    roadmap = a_roadmap()
    for turn in ("d’abord", "ensuite"):
        roadmap.tell_turning_point(f"Le sursaut, {turn}")
        roadmap.ask_generative_question(f"La question, {turn}")
        roadmap.set_new_course(f"Le cap, {turn}")
    row = only(folded(ROADMAPS, *news(roadmap)), RoadmapRow)
    assert row.turning_point == "Le sursaut, ensuite"
    assert row.generative_question == "La question, ensuite"
    assert row.new_course == "Le cap, ensuite"
    assert row.version == 7


def test_a_roadmap_goes_from_draft_to_archive() -> None:
    roadmap = a_roadmap()
    roadmap.ask_generative_question("Comment ?")
    roadmap.set_new_course("Là-bas")
    roadmap.add_lever(GOVERNANCE, Lever(title="Une gouvernance partagée"))
    roadmap.add_objective(COMMITTEE, GOVERNANCE, bilan())
    roadmap.submit(uuid4(), date(2023, 12, 10))
    facts = news(roadmap)
    row = only(folded(ROADMAPS, *facts), RoadmapRow)
    assert (row.status, row.submissions) == (RoadmapStatus.SUBMITTED, 1)
    assert (row.submitted_on, row.published_number) == (date(2023, 12, 10), None)
    roadmap.publish()
    roadmap.open_revision("Le conseil a changé")
    facts += news(roadmap)
    row = only(folded(ROADMAPS, *facts), RoadmapRow)
    assert (row.status, row.published_number) == (RoadmapStatus.IN_REVISION, 1)
    assert row.revision_because == "Le conseil a changé"
    roadmap.archive("L’association a changé de cap")
    row = only(folded(ROADMAPS, *facts, *news(roadmap)), RoadmapRow)
    assert row.status is RoadmapStatus.ARCHIVED
    assert row.archived_because == "L’association a changé de cap"


def test_a_comment_names_its_author_and_what_it_is_about() -> None:
    roadmap = a_roadmap()
    roadmap.add_lever(GOVERNANCE, Lever(title="Une gouvernance partagée"))
    roadmap.comment(uuid4(), "Bravo", RoadmapPart.ROADMAP)
    roadmap.comment(uuid4(), "Comment ?", RoadmapPart.LEVER, GOVERNANCE)
    rows = shown(folded(ROADMAPS, *news(roadmap)), CommentRow, "text")
    assert [(row.about, row.part_id, row.text, row.author) for row in rows] == [
        (RoadmapPart.ROADMAP, None, "Bravo", METADATA.actor),
        (RoadmapPart.LEVER, external("lever", GOVERNANCE), "Comment ?", METADATA.actor),
    ]


def test_what_is_dropped_stays_readable_with_its_reason() -> None:
    roadmap = a_roadmap()
    roadmap.add_lever(GOVERNANCE, Lever(title="Une gouvernance partagée"))
    roadmap.add_objective(COMMITTEE, GOVERNANCE, bilan(wording="Un comité"))
    roadmap.add_plan_item(FUNDING, PlanItem(title="Un financement"))
    roadmap.add_ecosystem_mobilisation(YOUNG_PEOPLE, "Sensibiliser les jeunes", "lycéens")
    roadmap.drop_plan_item(FUNDING, "Financé")
    roadmap.drop_ecosystem_mobilisation(YOUNG_PEOPLE)
    roadmap.drop_lever(GOVERNANCE, "Acquise")
    rows = shown(folded(ROADMAPS, *news(roadmap)), DroppedPartRow, "version")
    assert [(row.part, row.wording, row.reason) for row in rows] == [
        (RoadmapPart.PLAN_ITEM, "Un financement", "Financé"),
        (RoadmapPart.ECOSYSTEM_MOBILISATION, "Sensibiliser les jeunes", None),
        (RoadmapPart.OBJECTIVE, "Un comité", "Acquise"),
        (RoadmapPart.LEVER, "Une gouvernance partagée", "Acquise"),
    ]
