"""What actions serve: the impact objectives of roadmaps to which they are linked."""

from api.entity import entity, one
from projections.lineages import ServedObjectiveRow


@entity(linked_at="When the two were linked.")
class ServedObjective(ServedObjectiveRow):
    """An impact objective of a roadmap that an action serves."""

    action = one("The action.")
    objective = one("The impact objective.")
    roadmap = one("The roadmap.")
