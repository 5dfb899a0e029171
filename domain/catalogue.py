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
    granting,
    hosting,
    lever,
    lineage,
    observation,
    plan,
    programme,
    questionnaire,
    seating,
    steering,
    upkeep,
)
from domain.action import Action
from domain.aggregate import Aggregate
from domain.alliance import Alliance
from domain.challenge import Challenge
from domain.claim import Claim
from domain.cohort import Cohort
from domain.command import COMMANDS
from domain.footprint_batch import FootprintBatch
from domain.organisation import Organisation
from domain.person import Person
from domain.principal import Principal
from domain.roadmap import Roadmap
from domain.workshop import Workshop

__all__ = ["AGGREGATES", "COMMANDS"]

AGGREGATES: tuple[type[Aggregate], ...] = (
    Claim,
    Organisation,
    Cohort,
    Roadmap,
    Alliance,
    Action,
    Person,
    Challenge,
    Workshop,
    FootprintBatch,
    Principal,
)
"""All aggregates."""
