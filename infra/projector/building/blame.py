"""Blame: why a generation cannot be built, and what is told of it."""

import asyncpg

from infra.mapper import UnreadableEvent
from infra.projector import fault
from infra.projector.building.engine import Wrong
from infra.projector.building.working_set import Unfoldable
from infra.projector.generation import Generation


def blame(error: Exception) -> tuple[str | None, int | None]:
    """Say why a generation cannot be built, and the event to blame; None for what may pass."""
    position = None
    match error:
        case Unfoldable():
            reason, position = fault.told(error.cause), error.position
        case UnreadableEvent():
            reason, position = fault.told(error), error.position
        case Wrong():
            reason = str(error)
        case asyncpg.DiskFullError():  # which live work waits out
            reason = "the disk of PostgreSQL is full"
        case asyncpg.DataError():  # an interface error, but one of what was to be written
            reason = fault.told(error)
        case asyncpg.PostgresError() if not isinstance(error, fault.AWAY):
            reason = fault.told(error)
        case _:
            return None, None
    return reason, position


def sentence(generation: Generation, reason: str, position: int | None) -> str:
    """Tell an operator what is so, and what to do."""
    at = "" if position is None else f" at position {position}"
    return (
        f"{str(generation).capitalize()} could not be built{at}: {reason}. What is read stays as it"
        f" is. Mend the cause; then `cordee projections retry {generation.name} --generation"
        f" {generation.number}` lets it be tried again, or `rebuild` makes another."
    )
