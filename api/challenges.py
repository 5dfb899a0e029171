"""Challenges: where they are, whom they want to reach, and their workshops."""

from api.blame import blamed
from api.differences import compared
from api.entity import connection, entity, many, one
from api.facets import by, facets, folded, year
from api.history.connection import history
from api.node import Node
from projections.challenges import ChallengeRow, ParticipantTargetRow


@entity(
    id="Its id.",
    version="How many facts about it were recorded; give it as expectedVersion.",
    opened_at="When it was entered.",
    updated_at="When the last fact about it was recorded.",
    name="The name that it bears.",
    starts_on="Its first day.",
    ends_on="Its last day.",
    status="Whether it goes on.",
    closed_because="Why it was closed, where that was said.",
)
class Challenge(ChallengeRow, Node):
    """A challenge: a territory takes its people along, workshop by workshop."""

    territory = one("The territory.")
    host = one("The organisation that runs it.")
    targets = many("How many people it wants to reach, by audience; a few.")
    workshops = connection("Its workshops, in the order of their hours.")
    diff = compared()
    blame = blamed()
    history = history("challenge")


@entity(
    audience="The audience.",
    people="How many people of it.",
    approximate="Whether that is a round number, such as about 1 000.",
    changed_because="Why it was changed, where it was.",
)
class ParticipantTarget(ParticipantTargetRow):
    """How many people of an audience a challenge wants to reach."""

    challenge = one("The challenge.")


CHALLENGES = facets(
    ChallengeRow,
    "Challenge",
    orders=("name", "starts_on", "ends_on"),
    name=folded("Its name."),
    territory=by("The territory.", "territory_key", shows="territory"),
    status=by("Whether it goes on."),
    starts_on=by("Its first day.", grouped=False),
    ends_on=by("Its last day.", grouped=False),
    year=year("The year in which it begins.", "starts_on"),
)
"""By what challenges can be chosen."""
