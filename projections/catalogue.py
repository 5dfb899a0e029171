"""Every projection there is."""

from projections.cohorts import COHORTS
from projections.organisations import ORGANISATIONS
from projections.projection import Projection
from projections.roadmaps import ROADMAPS
from projections.territories import TERRITORIES

PROJECTIONS: tuple[Projection, ...] = (TERRITORIES, ORGANISATIONS, COHORTS, ROADMAPS)
"""All projections; each is led by one worker, and each stands for itself."""
