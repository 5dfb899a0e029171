"""Submitted versions of roadmaps, which can be read for ever."""

from api.entity import entity, many, one
from api.node import Node
from projections.submissions import (
    SubmissionRow,
    SubmittedLeverRow,
    SubmittedMobilisationRow,
    SubmittedObjectiveRow,
    SubmittedPlanItemRow,
)


@entity(
    id="Its id.",
    number="Its number, 1 for the first.",
    submitted_on="The day on which it was submitted.",
    submitted_at="When that was recorded.",
    published_at="When it was published, where it was.",
    title="The title, as it was submitted.",
    horizon="The year by which it was to be true.",
    turning_point="What made the organisation turn.",
    generative_question="The question from which the roadmap grew.",
    new_course="Where the organisation was heading.",
)
class Submission(SubmissionRow, Node):
    """A version of a roadmap as it was submitted."""

    roadmap = one("The roadmap.")
    levers = many("Its levers, in order; a few.")
    objectives = many("The impact objectives of all its levers, in order; a few.")
    plan_items = many("The lines of its action plan, in order; a few dozen.")
    ecosystem_mobilisations = many("How it takes others along, in order; a few.")


@entity(
    lever_id="The id of the lever.",
    position="Its place among the levers, the lowest first.",
    title="Its title.",
    description="What it means.",
)
class SubmittedLever(SubmittedLeverRow):
    """A lever as a submitted version words it."""

    submission = one("The submitted version.")
    lever = one("The lever as it is now; null where it was dropped since.")
    objectives = many("Its impact objectives, in order; a few.")


@entity(
    objective_id="The id of the objective.",
    lever_id="The id of its lever.",
    position="Its place among the objectives, the lowest first.",
    wording="What is to be true.",
    scope="Whether it is local or global, where that is said.",
    indicator="By what it is measured, where it is.",
    unit="The unit of its figures.",
    baseline="The figure at the start.",
    target="The figure to reach.",
    due_year="The year by which it is to be reached.",
)
class SubmittedObjective(SubmittedObjectiveRow):
    """An impact objective as a submitted version words it."""

    submission = one("The submitted version.")
    objective = one("The objective as it is now; null where it was dropped since.")


@entity(
    plan_item_id="The id of the line.",
    lever_id="The id of the lever to which it belongs.",
    position="Its place in the plan, the lowest first.",
    title="What is to be done.",
    due="The day by which it is to be done.",
    action_id="The id of the action that it had become, where it had.",
)
class SubmittedPlanItem(SubmittedPlanItemRow):
    """A line of the action plan as a submitted version words it."""

    submission = one("The submitted version.")
    plan_item = one("The line as it is now; null where it was dropped since.")
    action = one("The action that it had become, as that is now.")


@entity(
    ecosystem_mobilisation_id="The id of the mobilisation.",
    position="Its place, the lowest first.",
    text="What is to be done, and with whom.",
    audience="Who is to be taken along.",
)
class SubmittedMobilisation(SubmittedMobilisationRow):
    """A way to take others along as a submitted version words it."""

    submission = one("The submitted version.")
