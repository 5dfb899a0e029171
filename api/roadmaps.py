"""Roadmaps: what an organisation means to change, how, and by when."""

from api.blame import blamed
from api.differences import compared
from api.entity import connection, entity, many, one
from api.facets import by, facets
from api.history.connection import history
from api.node import Node
from projections.dropped_parts import DroppedPartRow
from projections.roadmaps import CommentRow, RoadmapRow


@entity(
    id="Its id.",
    version="How many facts about it were recorded; give it as expectedVersion.",
    drafted_at="When it was entered.",
    updated_at="When the last fact about it was recorded.",
    alliance_id="The id of the alliance that owns it, where one does.",
    title="Its title.",
    horizon="The year by which it is to be true.",
    status="How far it has come.",
    turning_point="What made the organisation turn.",
    generative_question="The question from which it grew.",
    new_course="Where the organisation is heading.",
    submitted_on="The day of its last submission.",
    published_number="The number of the submission that is published.",
    revision_because="Why it is under revision, where it is.",
    archived_because="Why it was archived.",
)
class Roadmap(RoadmapRow, Node):
    """A roadmap, of an organisation within a cohort or of an alliance for its territory."""

    organisation = one("The organisation whose roadmap it is.")
    cohort = one("The cohort within which it was drafted.")
    alliance = one("The alliance that owns it, where one does.")
    territory = one("The territory for which it is, where an alliance owns it.")
    levers = many("Its levers, in order; a few.")
    objectives = many("The impact objectives of all its levers, in order; a few.")
    plan_items = many("The lines of its action plan, in order; a few dozen.")
    actions = connection("The actions under its levers, the oldest first.")
    ecosystem_mobilisations = many("How it takes others along, in order; a few.")
    dropped_parts = connection("What was given up on the way, in the order in which it was.")
    comments = connection("What coordinators said about it, the oldest first.")
    submissions = many("Its submitted versions, the first one first; a few.")
    measurements = connection("Where its objectives stood, in the order of the days.")
    published_submission = one("The submitted version that is published.")
    launched_cohorts = connection("The cohorts that spring from it, the oldest first.")
    diff = compared()
    blame = blamed()
    history = history("roadmap")


@entity(
    id="Its id.",
    about="The part of the roadmap of which it speaks.",
    part_id="The id of that part, where there is one.",
    text="What was said.",
    author="Who said it.",
    commented_at="When it was said.",
)
class Comment(CommentRow, Node):
    """What a coordinator said about a roadmap or a part of it."""

    roadmap = one("The roadmap.")


@entity(
    id="The id that the part had.",
    version="The version of the roadmap with which it was given up.",
    part="What kind of part it was.",
    wording="How it was worded last.",
    reason="Why it was given up.",
    dropped_at="When it was given up.",
)
class DroppedPart(DroppedPartRow):
    """A lever, an objective, a line of the plan or a mobilisation that was given up, and why."""

    roadmap = one("The roadmap.")


ROADMAPS = facets(
    RoadmapRow,
    "Roadmap",
    orders=("drafted_at", "updated_at", "horizon"),
    organisation=by("The organisation.", "organisation_id", shows="organisation"),
    cohort=by("The cohort.", "cohort_id", shows="cohort"),
    alliance=by("The alliance that owns it.", "alliance_id", shows="alliance"),
    territory=by(
        "The territory for which it is, where an alliance owns it.",
        "territory_key",
        shows="territory",
    ),
    title=by("Its title.", grouped=False),
    horizon=by("The year by which it is to be true."),
    status=by("How far it has come."),
    submitted_on=by("The day of its last submission.", grouped=False),
    drafted_at=by("When it was entered.", grouped=False),
    updated_at=by("When the last fact about it was recorded.", grouped=False),
)
"""By what roadmaps can be chosen."""
