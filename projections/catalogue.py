"""Every projection there is."""

from projections.actions import ACTIONS
from projections.alliances import ALLIANCES
from projections.challenges import CHALLENGES
from projections.cohorts import COHORTS
from projections.disclosure import Rule
from projections.footprint_batches import FOOTPRINT_BATCHES, projection
from projections.organisations import ORGANISATIONS
from projections.participations import PARTICIPATIONS
from projections.passages import PASSAGES
from projections.persons import PERSONS
from projections.principals import PRINCIPALS
from projections.projection import Projection
from projections.roadmaps import ROADMAPS
from projections.territories import TERRITORIES
from projections.workshops import WORKSHOPS

PROJECTIONS: tuple[Projection, ...] = (
    TERRITORIES,
    ORGANISATIONS,
    COHORTS,
    ROADMAPS,
    ALLIANCES,
    ACTIONS,
    CHALLENGES,
    WORKSHOPS,
    FOOTPRINT_BATCHES,
    PARTICIPATIONS,
    PASSAGES,
    PERSONS,
    PRINCIPALS,
)
"""All projections; each is led by one worker, and each stands for itself."""


def under(threshold: int) -> tuple[Projection, ...]:
    """Give all projections, where footprints are told of so many people at least together."""
    told = projection(Rule(threshold=threshold))
    return tuple(told if each is FOOTPRINT_BATCHES else each for each in PROJECTIONS)
