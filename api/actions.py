"""Actions: what alliances, and organisations by their roadmaps, set out to do."""

from api.blame import blamed
from api.differences import compared
from api.entity import connection, entity, many, one
from api.facets import by, facets, year
from api.history.connection import history
from api.node import Node
from projections.actions import ActionRow


@entity(
    id="Its id.",
    version="How many facts about it were recorded; give it as expectedVersion.",
    proposed_at="When it was entered.",
    updated_at="When the last fact about it was recorded.",
    code="Its code in its plan, exactly as it was given: 1_112 is a text, no number.",
    title="What is to be done.",
    description="What it consists of.",
    objectives="What it is to reach, in words.",
    expected_effects="What it is expected to change.",
    means="With what people and things it is done.",
    indicators="By what it is to be followed, in words.",
    axis="The axis of the plan in which it stands, as the plan writes it.",
    sub_axis="The part of that axis.",
    sub_sub_axis="The part of that part.",
    category="What it does for jobs and skills, where that is stated.",
    participation="What part citizens have in it, where that is stated.",
    priority="How much it matters in its plan, where that is stated.",
    visibility="Who may read it.",
    status="Where its execution stands. Its standing in a yearly review is another thing.",
    obstacle="What is in its way, where it is blocked and that is known.",
    starts_on="The first day, where it is known.",
    ends_on="The last day, where it is known.",
    settled_on="The day on which it was done or abandoned, where it was.",
    abandoned_because="Why it was abandoned, where it was.",
    percent="How far it was on the latest day for which that was reported: 0 to 100.",
    reported_on="The day of which percent speaks.",
    budget_answer="Whether its budget is known, and if not, whether it was asked for.",
    planned_amount=(
        "What it is to cost in all, in euros: the stated total, or else the sum of its lines; "
        "null where they have different bases."
    ),
    planned_basis="Whether tax is in plannedAmount.",
    spent_amount="What it has cost in all, in euros, as for plannedAmount.",
    spent_basis="Whether tax is in spentAmount.",
    funding="How it is paid for, in words.",
    origin_version="The version of its origin that was adopted; compare it with origin.version.",
    adopted_at="When it was adopted from its origin, where it was.",
)
class Action(ActionRow, Node):
    """An action of an alliance, or of an organisation by a lever of its roadmap."""

    alliance = one("The alliance in whose plan it stands, where it does.")
    roadmap = one("The roadmap under one of whose levers it stands, where it does.")
    lever = one("The lever under which it stands, where it does.")
    part_of = one("The action of which it is a part.")
    parts = connection("The actions that are parts of it, the oldest first.")
    origin = one("The action elsewhere from which it was adopted.")
    adoptions = connection("The actions elsewhere that were adopted from it, the oldest first.")
    plan_item = one("The line of a roadmap's action plan from which it comes.")
    serves = connection("The impact objectives that it serves, in the order of linking.")
    themes = many("The themes that it serves, in order; a few.")
    audiences = many("For whom it is, in order; a few.")
    territories = many("Where it takes place, in order; a few.")
    assignments = connection("Who carries it, in which role, in the order of naming.")
    budget_lines = connection("The lines of its budget, in the order of commitment.")
    budget_totals = many("What it costs in all, as it was stated at each stage; two at most.")
    progress_reports = connection("How far it was, day by day, the first one first.")
    years = many("How far it was at last in each year, and how it was to go on; a few.")
    findings = many("Where yearly reviews found it, the first year first; a few.")
    steps = connection("Its steps, in order.")
    notes = connection("What was noted about it, the oldest first.")
    documents = connection("What there is to read about it, the oldest link first.")
    impacts = connection("What it was found to have changed, the oldest finding first.")
    diff = compared()
    blame = blamed()
    history = history("action")


ACTIONS = facets(
    ActionRow,
    "Action",
    orders=("proposed_at", "updated_at", "starts_on", "ends_on", "planned_amount"),
    alliance=by("The alliance in whose plan it stands.", "alliance_id", shows="alliance"),
    roadmap=by("The roadmap under one of whose levers it stands.", "roadmap_id", shows="roadmap"),
    lever=by("The lever under which it stands.", "lever_id", shows="lever"),
    origin=by("The action from which it was adopted.", "origin_id", grouped=False),
    code=by("Its code, as it was given.", grouped=False),
    title=by("What is to be done.", grouped=False),
    axis=by("The axis of the plan in which it stands."),
    sub_axis=by("The part of that axis."),
    category=by("What it does for jobs and skills."),
    theme=by("A theme that it serves.", via=("themes",)),
    audience=by("For whom it is.", via=("audiences",)),
    territory=by(
        "A territory in which it takes place.",
        "territory_key",
        via=("territories",),
        shows="territory",
    ),
    organisation=by(
        "An organisation that has a role in it.",
        "organisation_id",
        via=("assignments",),
        shows="organisation",
    ),
    participation=by("What part citizens have in it."),
    priority=by("How much it matters in its plan."),
    visibility=by("Who may read it."),
    status=by("Where its execution stands."),
    standing=by("Where a yearly review left it.", via=("findings",)),
    reviewed_year=by("A year whose review tells where it stands.", "year", via=("findings",)),
    budget_answer=by("Whether its budget is known, and if not, whether it was asked for."),
    planned_amount=by("What it is to cost in all.", grouped=False),
    planned_basis=by("Whether tax is in what it is to cost."),
    percent=by("How far it is.", grouped=False),
    starts_on=by("The first day.", grouped=False),
    ends_on=by("The last day.", grouped=False),
    starting_year=year("The year in which it begins.", "starts_on"),
    ending_year=year("The year in which it ends.", "ends_on"),
    proposed_at=by("When it was entered.", grouped=False),
    updated_at=by("When the last fact about it was recorded.", grouped=False),
    measures={
        "planned_amount": "What they are to cost in all, in euros.",
        "spent_amount": "What they have cost in all, in euros.",
        "percent": "How far they are, in percent.",
    },
)
"""By what actions can be chosen and grouped, and what is summed up of them."""
