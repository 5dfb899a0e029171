"""How far actions were, day by day and year by year."""

from api.entity import entity, one
from api.facets import by, facets
from projections.progress import ActionYearRow, ProgressReportRow


@entity(
    reported_on="The day of which it speaks.",
    percent="How far the action was: 0 to 100.",
    reported_by="Who says so, in words.",
    note="What one should know about it.",
    reported_at="When it was recorded.",
    corrected_because="Why what was reported before was wrong, where it was.",
)
class ProgressReport(ProgressReportRow):
    """How far an action was on a day, as it was reported or corrected last."""

    action = one("The action.")
    organisation = one("The organisation that says so, where it is registered.")


@entity(
    year="The year.",
    percent="How far the action was at last in the year: 0 to 100; null where nobody reported.",
    reported_on="The day of which percent speaks.",
    renewed="Whether the action was renewed for the year.",
    refocused_because="Why it has another aim from the year on, where it has.",
)
class ActionYear(ActionYearRow):
    """An action in a year: how far it was at last, and whether it was to go on, and how."""

    action = one("The action.")


ACTION_YEARS = facets(
    ActionYearRow,
    "ActionYear",
    orders=("year", "percent"),
    year=by("The year."),
    alliance=by(
        "The alliance in whose plan the action stands.",
        "alliance_id",
        via=("action",),
        shows="alliance",
    ),
    theme=by("A theme that the action serves.", via=("action", "themes")),
    category=by("What the action does for jobs and skills.", via=("action",)),
    audience=by("For whom the action is.", via=("action", "audiences")),
    territory=by(
        "A territory in which the action takes place.",
        "territory_key",
        via=("action", "territories"),
        shows="territory",
    ),
    status=by("Where the execution of the action stands.", via=("action",)),
    renewed=by("Whether the action was renewed for the year."),
    percent=by("How far the action was at last in the year.", grouped=False),
    measures={"percent": "How far actions were at last in their years, in percent."},
)
"""By what the years of actions can be chosen and grouped, and what is summed up of them."""
