"""Workshops of challenges: when and where they are, and how their seats stand."""

from api.blame import blamed
from api.differences import compared
from api.entity import connection, entity, one
from api.facets import by, facets, year
from api.history.connection import history
from api.node import Node
from projections.workshops import WorkshopRow


@entity(
    id="Its id.",
    version="How many facts about it were recorded; give it as expectedVersion.",
    scheduled_at="When it was entered.",
    updated_at="When the last fact about it was recorded.",
    day="The day on which it starts, on the calendar of the place.",
    starts="The start on the clocks of the place, such as 2025-03-30T14:00.",
    ends="The end on the clocks of the place.",
    time_zone="The time zone of the place, by its IANA name.",
    starts_at="The instant at which it starts.",
    ends_at="The instant at which it ends.",
    place="Where it is.",
    audience="Whom it is for.",
    status="Whether it has taken place.",
    seats="How many seats it offers.",
    taken="How many of them are taken.",
    free="How many of them are free.",
    waiting="How many wait for a seat.",
    came="How many came, where that is known.",
    absent="How many had a seat and did not come, where that is known.",
    moved_because="Why it was moved, where it was.",
    cancelled_because="Why it was cancelled, where it was.",
    corrected_because="Why the number of those who came was corrected, where it was.",
    revision="How often its hours or its place changed, or it was cancelled.",
)
class Workshop(WorkshopRow, Node):
    """A workshop of a challenge."""

    challenge = one("The challenge.")
    host = one("The organisation that hosts it.")
    payer = one("The organisation that pays for it, where that is another one.")
    registrations = connection("Who registered, first come first; for those who host it.")
    diff = compared()
    blame = blamed()
    history = history("workshop")


WORKSHOPS = facets(
    WorkshopRow,
    "Workshop",
    orders=("starts_at", "free"),
    challenge=by("The challenge.", "challenge_id", shows="challenge"),
    territory=by(
        "The territory of its challenge.", "territory_key", via=("challenge",), shows="territory"
    ),
    audience=by("Whom it is for."),
    status=by("Whether it has taken place."),
    host=by("The organisation that hosts it.", "host_id", shows="host"),
    payer=by("The organisation that pays for it.", "payer_id", shows="payer"),
    starts_at=by("When it starts.", grouped=False),
    day=by("The day on which it starts."),
    year=year("The year in which it takes place.", "day"),
    free=by("How many seats are free.", grouped=False),
    measures={
        "seats": "How many seats they offer.",
        "taken": "How many seats are taken.",
        "waiting": "How many people wait for a seat.",
        "came": "How many people came.",
        "absent": "How many people had a seat and did not come.",
    },
)
"""By what workshops can be chosen and grouped, and what is summed up of them."""
