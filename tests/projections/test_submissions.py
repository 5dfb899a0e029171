"""Given submitted versions, when it is folded, then each can be read for ever as it was."""

from datetime import date
from uuid import uuid4

from domain.identity import external
from domain.part import Lever, PlanItem
from domain.roadmap import Roadmap
from projections.roadmaps import ROADMAPS
from projections.submissions import (
    SubmissionRow,
    SubmittedLeverRow,
    SubmittedMobilisationRow,
    SubmittedObjectiveRow,
    SubmittedPlanItemRow,
)
from tests.domain.roadmaps import COMMITTEE, FUNDING, GOVERNANCE, YOUNG_PEOPLE, bilan
from tests.history import AT, news
from tests.projections.folding import folded, only, shown
from tests.projections.test_roadmaps import a_roadmap


def complete() -> Roadmap:
    """A roadmap that can be submitted, with a part of every kind."""
    roadmap = a_roadmap()
    roadmap.tell_turning_point("Un été")
    roadmap.ask_generative_question("Comment ?")
    roadmap.set_new_course("Là-bas")
    roadmap.add_lever(GOVERNANCE, Lever(title="Gouverner", description="Ensemble"))
    roadmap.add_objective(COMMITTEE, GOVERNANCE, bilan())
    roadmap.add_plan_item(FUNDING, PlanItem(title="Chercher", lever=GOVERNANCE))
    roadmap.add_ecosystem_mobilisation(YOUNG_PEOPLE, "Sensibiliser", "lycéens")
    return roadmap


def test_a_version_holds_all_that_the_roadmap_says() -> None:
    roadmap, submission = complete(), uuid4()
    roadmap.submit(submission, date(2023, 12, 10))
    rows = folded(ROADMAPS, *news(roadmap))
    version = only(rows, SubmissionRow)
    assert (version.id, version.number) == (external("submission", submission), 1)
    assert (version.submitted_on, version.submitted_at) == (date(2023, 12, 10), AT)
    assert (version.title, version.horizon) == ("Cap 2030", 2030)
    assert (version.turning_point, version.generative_question, version.new_course) == (
        "Un été",
        "Comment ?",
        "Là-bas",
    )
    lever = only(rows, SubmittedLeverRow)
    assert (lever.lever_id, lever.title, lever.description, lever.position) == (
        external("lever", GOVERNANCE),
        "Gouverner",
        "Ensemble",
        1,
    )
    objective = only(rows, SubmittedObjectiveRow)
    assert (objective.lever_id, objective.wording) == (lever.lever_id, "Un bilan carbone")
    item = only(rows, SubmittedPlanItemRow)
    assert (item.title, item.lever_id) == ("Chercher", lever.lever_id)
    assert only(rows, SubmittedMobilisationRow).audience == "lycéens"


def test_a_version_stays_as_it_was_whatever_a_revision_changes() -> None:
    roadmap, first, second = complete(), uuid4(), uuid4()
    roadmap.submit(first, date(2023, 12, 10))
    facts = news(roadmap)
    before = folded(ROADMAPS, *facts)
    roadmap.open_revision("Le conseil a changé")
    roadmap.set_new_course("Ailleurs")
    roadmap.reword_lever(GOVERNANCE, Lever(title="Gouverner autrement"))
    roadmap.drop_plan_item(FUNDING, "Financé")
    roadmap.submit(second, date(2024, 3, 1))
    rows = folded(ROADMAPS, *facts, *news(roadmap))
    versions = shown(rows, SubmissionRow, "number")
    assert versions[0] == only(before, SubmissionRow)
    assert [version.new_course for version in versions] == ["Là-bas", "Ailleurs"]
    levers = {row.submission_id: row.title for row in rows.all(SubmittedLeverRow)}
    assert levers == {
        external("submission", first): "Gouverner",
        external("submission", second): "Gouverner autrement",
    }
    assert only(rows, SubmittedPlanItemRow).submission_id == external("submission", first)


def test_a_published_version_says_since_when() -> None:
    roadmap = complete()
    roadmap.submit(uuid4(), date(2023, 12, 10))
    roadmap.publish()
    assert only(folded(ROADMAPS, *news(roadmap)), SubmissionRow).published_at == AT
