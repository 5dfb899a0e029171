"""What follows an action up: its steps, notes, documents and impacts."""

from api.entity import entity, one
from api.node import Node
from projections.follow_ups import DocumentRow, ImpactRow, NoteRow, StepRow


@entity(
    id="Its id.",
    place="Its place among the steps, the lowest first.",
    title="What is to be done.",
    due="The day by which it is to be done.",
    done_on="The day on which it was done, where it was.",
    added_at="When it was added.",
)
class Step(StepRow, Node):
    """A step of an action."""

    action = one("The action.")


@entity(
    id="Its id.",
    text="What was noted.",
    author="Who noted it.",
    noted_at="When it was noted.",
)
class Note(NoteRow, Node):
    """What somebody noted about an action."""

    action = one("The action.")


@entity(
    id="Its id.",
    title="What is to be read there.",
    url="Where it is.",
    linked_at="When it was linked.",
)
class Document(DocumentRow, Node):
    """Something to read about an action on the web."""

    action = one("The action.")


@entity(
    id="Its id.",
    place="Its place among the findings, the lowest first.",
    what="What was measured.",
    value="How much of it, in the unit.",
    unit="The unit of the value.",
    measured_on="The day of which the value speaks.",
    source="Who measured it, or where the value comes from.",
    note="What one should know about it.",
    measured_at="When it was recorded or corrected last.",
    corrected_because="Why what was stated before was wrong, where it was.",
)
class Impact(ImpactRow, Node):
    """What an action was found to have changed."""

    action = one("The action.")
