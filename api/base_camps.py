"""Base camps: who looks after which organisations between the sessions."""

from api.entity import entity, many, one
from api.node import Node
from projections.base_camps import BaseCampRow, CampMemberRow


@entity(
    "camp",
    id="Its id.",
    name="What it is called.",
    coach="The coach, by their function.",
    facilitator="The facilitator, by their function.",
    formed_at="When it was formed.",
    dissolved_at="When it was dissolved, where it was.",
    dissolved_because="Why it was dissolved.",
)
class BaseCamp(BaseCampRow, Node):
    """A coach and a facilitator with the organisations under their wing between sessions."""

    cohort = one("The cohort.")
    members = many("Its organisations; a few.")


@entity()
class CampMember(CampMemberRow):
    """An organisation's place in a base camp."""

    base_camp = one("The base camp.")
    organisation = one("The organisation.")
