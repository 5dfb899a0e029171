"""Participation: how many people came to workshops, against how many are to be reached."""

from api.entity import entity, one
from api.facets import by, facets, year
from projections.participations import ParticipationRow


@entity(
    audience="The audience.",
    came="How many came to the workshop, where that is known.",
    target="How many people of the audience the challenge wants to reach, where this is said.",
)
class Participation(ParticipationRow):
    """How many came to a workshop, or how many of an audience a challenge wants to reach."""

    challenge = one("The challenge.")
    workshop = one("The workshop; null where this is a target.")


PARTICIPATIONS = facets(
    ParticipationRow,
    "Participation",
    challenge=by("The challenge.", "challenge_id", shows="challenge"),
    workshop=by("The workshop. A target has none.", "workshop_id", shows="workshop"),
    audience=by("The audience."),
    territory=by(
        "The territory of the challenge.", "territory_key", via=("challenge",), shows="territory"
    ),
    host=by(
        "The organisation that hosted the workshop. A target has none.",
        "host_id",
        via=("workshop",),
        shows="host",
    ),
    year=year("The year of the workshop. A target has none.", "day", via=("workshop",)),
    measures={
        "came": "How many people came to workshops.",
        "target": "How many people challenges want to reach.",
    },
)
"""By what participation can be chosen and grouped."""
