"""Meetings of alliances and their working groups."""

from api.entity import connection, entity, many, one
from api.facets import by, facets, year
from api.node import Node
from projections.meetings import MeetingRow, WorkingGroupMemberRow, WorkingGroupRow


@entity(
    id="Its id.",
    name="Its name.",
    mandate="What it is to do.",
    theme="The theme on which it works, if it is one.",
    formed_at="When it was formed.",
    ended_at="When it ended, where it did.",
    outcome="What came of its mandate.",
)
class WorkingGroup(WorkingGroupRow, Node):
    """Members of an alliance who took on a mandate together."""

    alliance = one("The alliance.")
    members = many("The members in it, in the order of their ids; bounded.")
    meetings = connection("Its meetings, in the order of their days.")


@entity()
class WorkingGroupMember(WorkingGroupMemberRow):
    """A member of an alliance that is in a working group."""

    working_group = one("The working group.")
    organisation = one("The member.")


@entity(
    id="Its id.",
    kind="What it is for.",
    title="Its title, if it has one.",
    theme="The theme on which it works, if it is one.",
    number="Which step of the work it is.",
    day="The day that was planned, where it is known.",
    not_before="The first day on which it may be, until it is known.",
    not_after="The last day on which it may be, until it is known.",
    place="Where it takes place.",
    status="Whether it has taken place.",
    held_on="The day on which it took place, where that is known.",
    attendance="How many came, where that is known.",
    outcome="What came of it.",
    scheduled_at="When it was entered.",
    moved_because="Why it was moved, where it was.",
    cancelled_because="Why it was cancelled, where it was.",
    corrected_because="Why what is known of it was corrected, where it was.",
)
class Meeting(MeetingRow, Node):
    """A meeting of an alliance: its day, or the span in which it lies until that is known."""

    alliance = one("The alliance.")
    working_group = one("The working group that meets, if it is one.")


MEETINGS = facets(
    MeetingRow,
    "Meeting",
    orders=("day", "held_on"),
    alliance=by("The alliance.", "alliance_id", shows="alliance"),
    working_group=by("The working group that meets.", "working_group_id", shows="working_group"),
    kind=by("What it is for."),
    theme=by("The theme on which it works."),
    status=by("Whether it is to come, was held or was cancelled."),
    day=by("The day for which it is scheduled.", grouped=False),
    held_on=by("The day on which it was held.", grouped=False),
    held_year=year("The year in which it was held.", "held_on"),
    measures={"attendance": "How many came."},
)
"""By what meetings can be chosen and grouped, and what is summed up of them."""
