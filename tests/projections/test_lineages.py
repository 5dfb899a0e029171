"""Given what actions serve, when it is folded, then this can be read."""

from domain.identity import external
from domain.part import Lever
from projections.actions import ACTIONS
from projections.lineages import ServedObjectiveRow
from tests.domain.roadmaps import FOOTPRINT, GOVERNANCE, bilan
from tests.history import AT, news
from tests.projections.folding import folded, only, shown
from tests.projections.test_actions import an_action
from tests.projections.test_roadmaps import a_roadmap


def test_an_action_names_the_objective_that_it_serves_until_it_does_no_more() -> None:
    roadmap, action = a_roadmap(), an_action()
    roadmap.add_lever(GOVERNANCE, Lever(title="Gouverner"))
    roadmap.add_objective(FOOTPRINT, GOVERNANCE, bilan())
    action.link_objective(roadmap, FOOTPRINT)
    linked = news(action)
    row = only(folded(ACTIONS, *linked), ServedObjectiveRow)
    assert row.action_id == external("action", action.id)
    assert row.objective_id == external("objective", FOOTPRINT)
    assert (row.roadmap_id, row.linked_at) == (external("roadmap", roadmap.id), AT)
    action.unlink_objective(FOOTPRINT)
    assert not shown(folded(ACTIONS, *linked, *news(action)), ServedObjectiveRow, "action_id")
