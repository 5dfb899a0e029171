"""Given what happened to action plans, when it is folded, then this can be read."""

from datetime import date
from uuid import uuid4

from domain.identity import external
from domain.part import Lever, PlanItem
from projections.plan_items import EcosystemMobilisationRow, PlanItemRow
from projections.roadmaps import ROADMAPS
from tests.domain.roadmaps import FUNDING, GOVERNANCE, YOUNG_PEOPLE
from tests.history import news
from tests.projections.folding import folded, only, shown
from tests.projections.test_roadmaps import a_roadmap


def test_lines_of_the_plan_stand_in_the_order_in_which_they_were_added() -> None:
    roadmap = a_roadmap()
    for number in range(3):
        roadmap.add_plan_item(uuid4(), PlanItem(title=f"Ligne {number}"))
    rows = shown(folded(ROADMAPS, *news(roadmap)), PlanItemRow, "position")
    assert [row.title for row in rows] == ["Ligne 0", "Ligne 1", "Ligne 2"]


def test_a_line_is_reworded_and_becomes_an_action() -> None:
    roadmap, action = a_roadmap(), uuid4()
    roadmap.add_lever(GOVERNANCE, Lever(title="Gouverner"))
    roadmap.add_plan_item(FUNDING, PlanItem(title="Chercher", lever=GOVERNANCE))
    roadmap.reword_plan_item(FUNDING, PlanItem(title="Trouver", due=date(2026, 6, 30)))
    roadmap.turn_plan_item_into_action(FUNDING, action)
    row = only(folded(ROADMAPS, *news(roadmap)), PlanItemRow)
    assert (row.title, row.lever_id, row.due) == ("Trouver", None, date(2026, 6, 30))
    assert row.action_id == external("action", action)


def test_the_items_of_a_dropped_lever_stay_without_it() -> None:
    roadmap = a_roadmap()
    roadmap.add_lever(GOVERNANCE, Lever(title="Gouverner"))
    roadmap.add_plan_item(FUNDING, PlanItem(title="Chercher", lever=GOVERNANCE))
    roadmap.drop_lever(GOVERNANCE, "Acquise")
    row = only(folded(ROADMAPS, *news(roadmap)), PlanItemRow)
    assert (row.title, row.lever_id) == ("Chercher", None)


def test_an_ecosystem_mobilisation_is_shown_until_it_is_dropped() -> None:
    roadmap = a_roadmap()
    roadmap.add_ecosystem_mobilisation(YOUNG_PEOPLE, "Sensibiliser", "lycéens")
    facts = news(roadmap)
    row = only(folded(ROADMAPS, *facts), EcosystemMobilisationRow)
    assert (row.text, row.audience) == ("Sensibiliser", "lycéens")
    roadmap.drop_ecosystem_mobilisation(YOUNG_PEOPLE, "Fait")
    rows = folded(ROADMAPS, *facts, *news(roadmap))
    assert not list(rows.all(EcosystemMobilisationRow))
