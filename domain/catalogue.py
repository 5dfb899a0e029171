"""Every aggregate and every command there is; to import it is to know every event."""

# The modules with an aggregate's commands make them known when they are imported.
from domain import enrolment, lever, plan, programme  # noqa: F401
from domain.aggregate import Aggregate
from domain.claim import Claim
from domain.cohort import Cohort
from domain.command import COMMANDS
from domain.organisation import Organisation
from domain.roadmap import Roadmap

__all__ = ["AGGREGATES", "COMMANDS"]

AGGREGATES: tuple[type[Aggregate], ...] = (Claim, Organisation, Cohort, Roadmap)
"""All aggregates."""
