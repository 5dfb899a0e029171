"""Alliances: those of a territory who work on its transition together."""

from api.blame import blamed
from api.differences import compared
from api.entity import connection, entity, many, one
from api.facets import by, facets, folded, year
from api.history.connection import history
from api.node import Node
from projections.alliances import AllianceErratumRow, AllianceRow, AllianceThemeRow


@entity(
    id="Its id.",
    version="How many facts about it were recorded; give it as expectedVersion.",
    entered_at="When it was entered.",
    updated_at="When the last fact about it was recorded.",
    name="The name that it bears.",
    kind="What it is made for.",
    status="Whether it is at work.",
    launched_on="The day on which it was launched, where that is known.",
    horizon="The year to which it looks.",
    purpose="What it is for.",
    closed_on="The day on which it ended.",
    agreed_objectives="The objectives on which its members agreed in the end.",
    common_actions="The actions on which they decided together in the end.",
    report_title="The title of its report.",
    report_url="Where its report can be read.",
    report_summary="What its report says, in short.",
    conclusion_corrected_because="Why its conclusion was corrected, where it was.",
)
class Alliance(AllianceRow, Node):
    """An alliance: those of a territory who work on its transition together."""

    territory = one("The territory for which it works.")
    parent = one("The alliance of which it is a part.")
    parts = many("The alliances that are parts of it, by name; a few.")
    themes = many("The themes on which it works, in the order of their opening; a few.")
    members = connection("Those who belong to it, or did, in the order in which they joined.")
    member_counts = many("How many members it has beside those known by name, by kind; a few.")
    commitments = connection("What its members give to its themes, theme by theme.")
    experts = connection("Those who help, the first ones first.")
    working_groups = many("Its working groups, the oldest first; a few.")
    meetings = connection("Its meetings, in the order of their days; those without one come last.")
    surveys = many("Its surveys, in the order of their opening days; a few.")
    indicators = connection("What it measures, by name.")
    prioritisations = many("Where it asked what comes first, the oldest first; a few.")
    reviews = many("Its yearly reviews, in the order of the years; a few.")
    roadmaps = many("Its roadmaps, the oldest first; a few.")
    actions = connection("The actions of its plan, the oldest first.")
    errata = many("What is recorded of it and wrong, in words; a few.")
    diff = compared()
    blame = blamed()
    history = history("alliance")


@entity(
    theme="The theme.",
    title="What this alliance calls it, where it has a title of its own.",
    opened_at="When it was opened.",
)
class AllianceTheme(AllianceThemeRow):
    """A theme on which an alliance works."""

    alliance = one("The alliance.")
    commitments = connection("What members give to it, in the order of their ids.")
    experts = many("Those who help with it, the first ones first; a few.")
    meetings = connection("The meetings on it, in the order of their days.")
    indicators = connection("What is measured of it, by name.")


@entity(
    subject="What is wrong.",
    correction="What is right.",
    reason="Why it was noted.",
    noted_at="When it was noted.",
)
class AllianceErratum(AllianceErratumRow):
    """What is recorded of an alliance and wrong, in words that say how."""


ALLIANCES = facets(
    AllianceRow,
    "Alliance",
    orders=("name", "entered_at"),
    name=folded("Its name."),
    kind=by("What it is made for."),
    status=by("Whether it is at work."),
    territory=by("The territory for which it works.", "territory_key", shows="territory"),
    parent=by("The alliance of which it is a part.", "parent_id", shows="parent"),
    theme=by("A theme on which it works.", via=("themes",)),
    horizon=by("The year to which it looks."),
    launched_on=by("The day on which it was launched.", grouped=False),
    launched_year=year("The year in which it was launched.", "launched_on"),
    entered_at=by("When it was entered.", grouped=False),
)
"""By what alliances can be chosen."""
