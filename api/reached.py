"""States that are asked for: at a moment, in a version of the log or in a submitted one."""

from dataclasses import dataclass
from datetime import datetime

import strawberry
from strawberry import UNSET

from api.context import Operation
from api.moments import AsOf, Moment, position_of
from api.past import at, gathered
from api.states import Thing, as_it_is, as_submitted
from domain.refusal import Refusal
from projections import annals
from projections.column import Position
from projections.difference import State


class UnknownVersion(Refusal):
    """There is no version {version} that you may see. The version that it has is the last one."""

    FRENCH = "Aucune version {version} que vous puissiez voir. Sa version actuelle est la dernière."


@strawberry.input(
    one_of=True,
    description="A state of a thing: as it was at a position or an instant, as it was once so many "
    "facts about it were recorded, or as it was submitted.",
)
class StateAt:
    """A state of a thing: exactly one of a moment, a version and a submission."""

    position: Position | None = strawberry.field(
        default=UNSET, description="After this many events; before the first one there is nothing."
    )
    time: datetime | None = strawberry.field(
        default=UNSET, description="After everything that was recorded by this instant."
    )
    version: int | None = strawberry.field(
        default=UNSET, description="When so many facts about it were recorded; 1 for the first."
    )
    submission: int | None = strawberry.field(
        default=UNSET,
        description="As the submitted version with this number says, for a roadmap; 1 for the "
        "first. A version is read by whoever may read that, whatever the roadmap was since.",
    )


@dataclass(frozen=True, slots=True)
class Reached:
    """A state that was found."""

    state: State
    moment: Moment | None
    """When that was; None for a submitted version, which does not change."""


async def reached(thing: Thing, asked: StateAt | None, operation: Operation) -> Reached:
    """Give a state of a thing: as it is, unless another one is asked for.

    Raises:
        api.moments.MomentAhead, UnknownVersion, api.states.UnknownSubmission: there is none such.
        api.past.PastNotGathered: the past cannot be asked about it yet.
        api.states.TooManyParts: it has too many of them.
    """
    if asked is None:
        return Reached(await as_it_is(thing, operation), moment_of(operation))
    if isinstance(asked.submission, int):
        return Reached(await as_submitted(thing, asked.submission, operation), None)
    position = await _position(thing, asked, operation)
    state = await as_it_is(thing, at(position or 0, operation))
    if position is None or (isinstance(asked.version, int) and not state.values):
        # Whoever may not see what it said learns neither that it came so far, nor when.
        raise UnknownVersion("version", version=asked.version)
    return Reached(state, Moment(position=Position(position)))


def moment_of(operation: Operation) -> Moment:
    """Give the moment at which an operation answers."""
    moment = operation.position if operation.moment is None else operation.moment
    return Moment(position=Position(moment))


async def _position(thing: Thing, asked: StateAt, operation: Operation) -> int | None:
    """Give the position that is meant, None where it never came to such a version."""
    if isinstance(asked.version, int):
        await gathered(operation.position, operation)
        table = thing.composition.whole.table
        bound = annals.position_of(table, thing.id, asked.version)
        ((found,),) = await operation.reads.rows(*bound)
        return None if found is None else int(found)
    position = await position_of(AsOf(position=asked.position, time=asked.time), operation)
    await gathered(position, operation)
    return position
