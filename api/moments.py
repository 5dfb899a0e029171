"""Moments: instants and positions of the log, each of which tells the other.

The clock of the log never runs backwards, so what was recorded by an instant is what stands up to a
position. Before the first event is position 0, at which there was nothing.
"""

from datetime import datetime
from typing import Annotated, Any

import strawberry
from strawberry import UNSET

from api import ports
from api.context import Info, Operation
from api.prices import MOMENT, PRICE, Price
from domain.refusal import Refusal
from projections.column import Position


class MomentAhead(Refusal):
    """{moment} is yet to come: the log is at position {head} now. Ask for an earlier moment."""

    FRENCH = (
        "{moment} est encore à venir : le journal en est à la position {head}. Demandez un moment "
        "antérieur."
    )


@strawberry.input(
    one_of=True, description="A moment: exactly one of a position of the log and an instant."
)
class AsOf:
    """A moment: exactly one of a position of the log and an instant."""

    position: Position | None = strawberry.field(
        default=UNSET, description="After this many events; 0 is before the first one."
    )
    time: datetime | None = strawberry.field(
        default=UNSET, description="After everything that was recorded by this instant."
    )


@strawberry.type(description="A moment between an event, which was recorded, and the next one.")
class Moment:
    """A moment between an event, which was recorded, and the next one."""

    position: Position = strawberry.field(
        description="The position of the last event before it; 0 before the first one."
    )

    @strawberry.field(
        description="When that event was recorded; null before the first one.",
        metadata={PRICE: Price(once=MOMENT)},
    )
    async def recorded_at(self, info: Info) -> datetime | None:
        """Give the instant from which it holds."""
        return await _moments(info.context).recorded_at(self.position)

    @strawberry.field(
        description="The moment after the next event; null while there is none.",
        metadata={PRICE: Price(once=MOMENT)},
    )
    async def next(self, info: Info) -> "Moment | None":
        """Give the moment that follows."""
        after = Position(self.position + 1)
        known = await _moments(info.context).recorded_at(after)
        return None if known is None else Moment(position=after)


async def position_of(as_of: AsOf, operation: Operation) -> int:
    """Give the position after which a moment is.

    Raises:
        MomentAhead: it is yet to come.
        ReadsUnavailable: the log does not answer.
    """
    moments = _moments(operation)
    if isinstance(as_of.time, datetime):
        return await moments.position_at(as_of.time)
    assert isinstance(as_of.position, int), "one of both is given"
    await moments.come_to(as_of.position)
    return as_of.position


def moment(description: str) -> Any:
    """Make the question for a moment."""

    async def resolve(
        info: Info,
        as_of: Annotated[AsOf, strawberry.argument(description="The moment that is meant.")],
    ) -> Moment | None:
        return Moment(position=Position(await position_of(as_of, info.context)))

    return strawberry.field(
        resolver=resolve, description=description, metadata={PRICE: Price(once=MOMENT)}
    )


def _moments(operation: Operation) -> ports.Moments:
    assert operation.moments is not None, "whoever reads a log can tell its moments"
    return operation.moments
