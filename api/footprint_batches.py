"""Batches of footprints: how many, whence and how; what they say is told by statistics alone."""

from api.entity import entity, one
from api.facets import by, facets, year
from api.history.connection import history
from api.node import Node
from projections.footprint_batches import FootprintBatchRow


@entity(
    id="Its id.",
    version="How many facts about it were recorded; give it as expectedVersion.",
    recorded_at="When it was recorded.",
    updated_at="When the last fact about it was recorded.",
    audience="Whom its workshop was for.",
    method="How the footprints were calculated.",
    method_version="The version of the method.",
    people="How many people's footprints it has.",
    publication="Whether it counts in what is told of footprints. What was published together "
    "with a batch that was withdrawn since does not count any more.",
)
class FootprintBatch(FootprintBatchRow, Node):
    """A batch of footprints, recorded after a workshop without a trace of whose they are."""

    challenge = one("The challenge.")
    workshop = one("The workshop.")
    history = history("footprint_batch")


FOOTPRINTS = facets(
    FootprintBatchRow,
    "Footprint",
    challenge=by("The challenge.", "challenge_id", shows="challenge"),
    workshop=by("The workshop.", "workshop_id", shows="workshop"),
    audience=by("Whom the workshop was for."),
    territory=by(
        "The territory of the challenge.", "territory_key", via=("challenge",), shows="territory"
    ),
    host=by(
        "The organisation that hosted the workshop.", "host_id", via=("workshop",), shows="host"
    ),
    year=year("The year of the workshop.", "day", via=("workshop",)),
    method=by("How the footprints were calculated."),
)
"""By what footprints can be chosen and grouped: by what is known of their batches, never by
what is in them."""


FOOTPRINT_BATCHES = facets(
    FootprintBatchRow,
    "FootprintBatch",
    orders=("recorded_at",),
    challenge=by("The challenge.", "challenge_id", shows="challenge"),
    workshop=by("The workshop.", "workshop_id", shows="workshop"),
    territory=by(
        "The territory of the challenge.", "territory_key", via=("challenge",), shows="territory"
    ),
    audience=by("Whom the workshop was for."),
    method=by("How the footprints were calculated."),
    publication=by("Whether it counts in what is told of footprints."),
    recorded_at=by("When it was recorded.", grouped=False),
)
"""By what batches of footprints can be chosen; their statistics have facets of their own."""
