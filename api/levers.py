"""Levers of a roadmap, their impact objectives, and where these stood."""

from api.entity import connection, entity, many, one
from api.node import Node
from projections.levers import LeverRow, ObjectiveMeasurementRow, ObjectiveRow


@entity(
    id="Its id.",
    position="Its place among the levers, the lowest first.",
    title="Its title.",
    description="What it means.",
    added_at="When it was added.",
    updated_at="When the last fact about it was recorded.",
)
class Lever(LeverRow, Node):
    """A lever of a roadmap: where the organisation acts to change."""

    roadmap = one("The roadmap.")
    objectives = many("Its impact objectives, in order; a few.")
    plan_items = many("The lines of the action plan that belong to it, in order; a few.")
    actions = connection("The actions under it, the oldest first.")
    launched_cohorts = connection("The cohorts that it launched, the oldest first.")


@entity(
    id="Its id.",
    position="Its place among the objectives, the lowest first.",
    wording="What is to be true.",
    scope="Whether it is local or global, where that is said.",
    indicator="By what it is measured, where it is.",
    unit="The unit of its figures.",
    baseline="The figure at the start.",
    target="The figure to reach.",
    due_year="The year by which it is to be reached.",
    added_at="When it was added.",
    updated_at="When the last fact about it was recorded.",
)
class Objective(ObjectiveRow, Node):
    """An impact objective of a lever. Many are words without a number."""

    roadmap = one("The roadmap.")
    lever = one("The lever.")
    served_by = connection("The actions that serve it, in the order of linking.")
    measurements = connection("Where it stood, in the order of the days.")


@entity(
    measured_on="The day of which it speaks.",
    value="The figure.",
    source="Who produced it, and how.",
    note="What else is to be known.",
    measured_at="When it was recorded.",
    superseded_at="When a later measurement for the same day and source took its place.",
)
class ObjectiveMeasurement(ObjectiveMeasurementRow):
    """Where an objective stood on a day."""

    roadmap = one("The roadmap.")
    objective = one("The objective.")
