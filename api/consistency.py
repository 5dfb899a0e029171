"""Reading one's own write: every answer tells its position, a question may ask for one."""

from collections.abc import Mapping
from typing import Any, Final

from api.context import Context, Operation
from api.faults import refused
from api.scalars import position
from domain.refusal import Refusal

PATIENCE: Final = 5.0
"""Seconds for which an operation waits until the read model is where it is wanted."""
MIN_POSITION: Final = "minPosition"


class PositionNotReached(Refusal):
    """The read model has not reached position {position} yet, it is at {reached}. Ask again."""

    FRENCH = (
        "Le modèle de lecture n’a pas encore atteint la position {position}, il est à {reached}. "
        "Redemandez."
    )


class PositionMalformed(Refusal):
    """{value} is no position: write a string of digits."""

    FRENCH = "{value} n’est pas une position : écrivez une suite de chiffres."


async def catch_up(operation: Operation, wanted: int) -> None:
    """Wait until the read model is at a position.

    Raises:
        PositionNotReached: it did not get there in time.
    """
    positions = operation.positions
    if operation.position < wanted:
        if not await positions.reached(wanted, PATIENCE):
            raise PositionNotReached(position=wanted, reached=positions.position())
        operation.position = max(wanted, positions.position())


async def begin(
    context: Context, cost: Mapping[str, int], extensions: Mapping[str, Any] | None
) -> Operation:
    """Begin an operation that was paid for, as late as its `minPosition` asks for.

    Raises:
        GraphQLError: the position is none, or was not reached in time.
    """
    operation = Operation(context, cost)
    try:
        wanted = _wanted(context, extensions or {})
        if wanted is not None:
            await catch_up(operation, wanted)
    except Refusal as refusal:
        raise refused(refusal, context.caller.language) from None
    return operation


def _wanted(context: Context, extensions: Mapping[str, Any]) -> int | None:
    given = extensions.get(MIN_POSITION)
    if given is None:
        return context.min_position
    try:
        return position(given)
    except ValueError:
        raise PositionMalformed(MIN_POSITION, value=str(given)[:40]) from None
