"""Under what actions are counted and may be counted more than once: themes, audiences, places."""

from api.entity import entity, one
from projections.classifications import ActionAudienceRow, ActionTerritoryRow, ActionThemeRow


@entity(theme="The theme.", place="Its place among the themes, the lowest first.")
class ActionTheme(ActionThemeRow):
    """A theme that an action serves."""

    action = one("The action.")


@entity(audience="The audience.", place="Its place among the audiences, the lowest first.")
class ActionAudience(ActionAudienceRow):
    """An audience that an action is for."""

    action = one("The action.")


@entity(place="Its place among the territories, the lowest first.")
class ActionTerritory(ActionTerritoryRow):
    """A territory in which an action takes place."""

    action = one("The action.")
    territory = one("The territory.")
