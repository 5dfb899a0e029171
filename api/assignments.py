"""Who carries an action: organisations, bodies and people, each in a role."""

from api.entity import entity, one
from api.node import Node
from projections.assignments import AssignmentRow


@entity(
    id="Its id.",
    place="Its place among those of its action, the lowest first.",
    role="The role.",
    designation="In words who it is: a body, a department, a person's role.",
    person="The name of a person, where it has to be known; null once they were forgotten.",
    named_at="Since when they have the role.",
)
class Assignment(AssignmentRow, Node):
    """A party to an action in a role."""

    action = one("The action.")
    organisation = one("The organisation, where it is registered.")
