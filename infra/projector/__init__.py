"""The projector: it keeps the read model up with the log, and says how far it has come."""

from infra.projector.projector import Projector
from infra.projector.schema import prepare
from infra.projector.status import GenerationStatus, ProjectionState, status

__all__ = ["GenerationStatus", "ProjectionState", "Projector", "prepare", "status"]
