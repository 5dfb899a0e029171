"""Every aggregate and every command there is; to import it is to know every event."""

# The modules with an aggregate's commands make them known when they are imported.
from domain import (  # noqa: F401
    account,
    agenda,
    alliance_roadmap,
    allies,
    classification,
    deliberation,
    enrolment,
    execution,
    follow_up,
    funding,
    lever,
    lineage,
    observation,
    plan,
    programme,
    questionnaire,
    steering,
    upkeep,
)
from domain.action import Action
from domain.aggregate import Aggregate
from domain.alliance import Alliance
from domain.claim import Claim
from domain.cohort import Cohort
from domain.command import COMMANDS
from domain.organisation import Organisation
from domain.roadmap import Roadmap

__all__ = ["AGGREGATES", "COMMANDS"]

AGGREGATES: tuple[type[Aggregate], ...] = (Claim, Organisation, Cohort, Roadmap, Alliance, Action)
"""All aggregates."""
