"""Facts as subscribers are told them: what was asked of each, written straight as JSON.

All that can be asked of an event is a value, so nothing has to be executed for it: a sketch of the
selection is made once, and what it says is taken from each event and written. Those who ask for
the same of the same facts, and see alike, follow one line (`api.fan_out`).
"""

from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson
from graphql import GraphQLField, get_named_type, is_leaf_type

from api.binding import ArgumentRefused, Binding
from api.context import Operation
from api.events import EVENTS, Asked, told
from api.fan_out import AT_ONCE, Facts, Line
from api.faults import fault
from api.frame import Frame, Telling
from api.hearing import hear_in_turn
from api.plans import Plans
from api.ports import Positions, Reads
from api.publication.cursor import Cursors
from api.question import Question, definition_of, name_of
from projections.guard import Eyes


@dataclass(frozen=True, slots=True)
class Sketch:
    """What is asked of each event, and under which keys."""

    key: str
    """The response key of all of it."""
    values: tuple[tuple[str, str, Callable[[Any], Any] | None], ...]
    """For each key of its own the name of a value, and how that is written; the name of the type
    itself has no more to it."""

    def write(self, event: Any) -> bytes:
        """Write what is asked of an event."""
        found = dict[str, Any]()
        for key, name, serialize in self.values:
            if serialize is None:
                found[key] = name
                continue
            value = getattr(event, name)
            if callable(value):
                value = value()
            found[key] = None if value is None else serialize(value)
        return orjson.dumps({self.key: found})


@dataclass(frozen=True, slots=True)
class Followed:
    """A subscription to events that needs no executor."""

    sketch: Sketch
    binding: Binding


def _followed(question: Question, _eyes: Eyes) -> Followed | None:
    root = question.schema.subscription_type
    assert root is not None, "there are subscriptions"
    fields = tuple(question.fields(root).items())
    if len(fields) != 1 or name_of(fields[0][1]) != EVENTS:
        return None
    key, details = fields[0]
    type = question.type("Event")
    values = tuple(
        _value(key, type.fields.get(name_of(inner)), type.name)
        for key, inner in question.inner(type, details).items()
    )
    binding = Binding(root.fields[EVENTS], details[0], lambda given: (Asked.read(given),))
    return Followed(Sketch(key, values), binding)


def _value(
    key: str, field: GraphQLField | None, type: str
) -> tuple[str, str, Callable[[Any], Any] | None]:
    if field is None:  # __typename
        return key, type, None
    leaf = get_named_type(field.type)
    assert is_leaf_type(leaf), "an event has values only"
    name: str = definition_of(field).python_name
    return key, name, leaf.serialize


FOLLOWED: Final = Plans(_followed)
"""The subscriptions to events that this process has prepared; None for any other."""


@dataclass(frozen=True, slots=True)
class Audience:
    """Those who see alike and ask for the same, and how what they are told is found out."""

    eyes: Eyes
    positions: Positions
    reads: Reads
    cursors: Cursors
    sketch: Sketch
    asked: Asked

    async def tell(self, facts: Facts) -> Sequence[Frame]:
        """Write those of some facts that they are told."""
        frames = []
        for heard in await hear_in_turn(facts, self, self.asked.wanted):
            data = self.sketch.write(told(heard, self.cursors, self.asked.filters))
            position = heard.recorded.position
            frames.append(Frame.told(data, position, position))
        return frames


async def follow(
    followed: Followed, question: Question, operation: Operation
) -> AsyncGenerator[Telling, None]:
    """Tell what happens: first what is there beyond a position, then what comes.

    What it cost is told with the first of it.

    Raises:
        GraphQLError: the arguments make no sense; the read model or the feed does not answer.
    """
    sketch, cost = followed.sketch, operation.cost
    try:
        (given,) = followed.binding.values(question.variables)
        assert isinstance(given, Asked)
        begin = await given.begins(operation)
        topics = given.wanted.topics

        def line() -> Line:
            audience = Audience(
                operation.eyes,
                operation.positions,
                operation.reads,
                operation.cursors,
                sketch,
                given,
            )
            return Line(operation.fan_out.feed, topics, audience.tell)

        take = AT_ONCE.get()

        def at_once(telling: Telling) -> bool:
            return take is not None and not cost and take(telling)

        key = sketch, given.filters, operation.eyes
        with operation.fan_out.joined(key, line) as shared:
            async for telling in shared.told(begin, at_once):
                yield telling.paid(cost) if cost else telling
                cost = {}
    except ArgumentRefused as wrong:
        raise fault(wrong.refusal, operation.caller.language, [sketch.key]) from None
    except Exception as error:
        raise fault(error, operation.caller.language, [sketch.key]) from error
