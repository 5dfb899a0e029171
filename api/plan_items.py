"""Action plans of roadmaps, and how they take others along."""

from api.entity import entity, one
from api.node import Node
from projections.plan_items import EcosystemMobilisationRow, PlanItemRow


@entity(
    id="Its id.",
    position="Its place in the plan, the lowest first.",
    title="What is to be done.",
    due="The day by which it is to be done.",
    action_id="The id of the action that it became.",
    added_at="When it was added.",
    updated_at="When the last fact about it was recorded.",
)
class PlanItem(PlanItemRow, Node):
    """A line of an action plan."""

    roadmap = one("The roadmap.")
    lever = one("The lever to which it belongs.")
    action = one("The action that it became.")


@entity(
    id="Its id.",
    position="Its place, the lowest first.",
    text="What is to be done, and with whom.",
    audience="Who is to be taken along.",
    added_at="When it was added.",
)
class EcosystemMobilisation(EcosystemMobilisationRow, Node):
    """A way in which a roadmap takes others along."""

    roadmap = one("The roadmap.")
