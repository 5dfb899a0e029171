"""Every projection there is."""

from projections.actions import ACTIONS
from projections.alliances import ALLIANCES
from projections.cohorts import COHORTS
from projections.organisations import ORGANISATIONS
from projections.passages import PASSAGES
from projections.projection import Projection
from projections.roadmaps import ROADMAPS
from projections.territories import TERRITORIES

PROJECTIONS: tuple[Projection, ...] = (
    TERRITORIES,
    ORGANISATIONS,
    COHORTS,
    ROADMAPS,
    ALLIANCES,
    ACTIONS,
    PASSAGES,
)
"""All projections; each is led by one worker, and each stands for itself."""
