"""Given under what actions are counted, when it is folded, then this can be read."""

from domain.sheet import Audience, Classification
from domain.theme import Theme
from projections.actions import ACTIONS
from projections.classifications import ActionAudienceRow, ActionTerritoryRow, ActionThemeRow
from tests.history import news
from tests.projections.folding import folded, shown
from tests.projections.test_actions import an_action

CLASSIFIED = Classification(
    themes=(Theme.PRODUCING, Theme.MOVING),
    audiences=(Audience.COMPANIES,),
    territories=("region:28", "departement:76"),
)


def test_an_action_counts_under_each_of_its_themes_audiences_and_territories_in_order() -> None:
    rows = folded(ACTIONS, *news(an_action(classification=CLASSIFIED)))
    themes = shown(rows, ActionThemeRow, "place")
    assert [row.theme for row in themes] == [Theme.PRODUCING, Theme.MOVING]
    assert [row.audience for row in shown(rows, ActionAudienceRow, "place")] == [Audience.COMPANIES]
    territories = shown(rows, ActionTerritoryRow, "place")
    assert [row.territory_key for row in territories] == ["region:28", "departement:76"]


def test_an_action_counts_under_what_was_stated_last_and_nothing_else() -> None:
    action = an_action(classification=CLASSIFIED)
    action.set_themes([Theme.MOVING, Theme.HOUSING])
    action.set_audiences([])
    action.set_territories(["departement:27"])
    rows = folded(ACTIONS, *news(action))
    themes = shown(rows, ActionThemeRow, "place")
    assert [row.theme for row in themes] == [Theme.MOVING, Theme.HOUSING]
    assert not shown(rows, ActionAudienceRow, "place")
    (territory,) = shown(rows, ActionTerritoryRow, "place")
    assert territory.territory_key == "departement:27"
