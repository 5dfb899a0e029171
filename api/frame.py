"""Frames: the results of subscriptions as they leave, each written once for all who are told it."""

from collections.abc import Mapping, Sequence
from time import monotonic
from typing import Any, Final, Self

import orjson
from graphql import GraphQLError
from strawberry.types import ExecutionResult
from strawberry.types.execution import PreExecutionError

_END: Final = b"}}"
"""How the body of a frame ends that can be paid: behind its extensions."""


class Frame:
    """A result, written as JSON."""

    __slots__ = ("body", "errors", "position")

    def __init__(
        self,
        body: bytes,
        position: int | None = None,
        errors: Sequence[GraphQLError] = (),
    ) -> None:
        self.body = body
        self.position = position
        """Where the fact stands that it tells; None where it tells of something else."""
        self.errors = errors
        """What kept the operation from being executed at all."""

    @classmethod
    def of(cls, result: ExecutionResult) -> Self:
        """Write a result as it is."""
        errors = (result.errors or ()) if isinstance(result, PreExecutionError) else ()
        return cls(orjson.dumps(body_of(result)), errors=errors)

    @classmethod
    def told(cls, data: bytes, position: int, at: int | None = None) -> Self:
        """Write data that are JSON already, and the position that they reflect.

        ``at`` is where the fact stands that they tell, if they tell one.
        """
        return cls(b'{"data":%b,"extensions":{"position":"%d"}}' % (data, position), at)

    def paid(self, cost: Mapping[str, int]) -> Self:
        """Give the same as it is told to somebody who has just paid for it."""
        assert self.body.endswith(_END), "it has extensions"
        told = self.body.removesuffix(_END) + b',"cost":' + orjson.dumps(cost) + _END
        return type(self)(told, self.position)

    def message(self, id: bytes) -> bytes:
        """Write it as a message of graphql-transport-ws to an operation, whose id is JSON."""
        return b'{"id":%b,"type":"next","payload":%b}' % (id, self.body)

    def event(self) -> bytes:
        """Write it as a server-sent event, on one line: PostgreSQL breaks those of its JSON."""
        line = self.body.replace(b"\r", b" ").replace(b"\n", b" ")
        if self.position is None:
            return b"event: next\ndata: %b\n\n" % line
        return b"event: next\nid: %d\ndata: %b\n\n" % (self.position, line)


class Telling:
    """Frames that are told together."""

    __slots__ = ("_events", "after", "at", "frames", "when")

    def __init__(self, frames: Sequence[Frame], after: int = 0, at: int = 0) -> None:
        self.frames = frames
        self.after = after
        """The position after which they tell everything that is meant, …"""
        self.at = at
        """… and the one up to which they do."""
        self.when = monotonic()
        """When it was decided who is told them."""
        self._events: bytes | None = None

    def beyond(self, position: int) -> "Telling":
        """Give what of it lies beyond a position."""
        if position <= self.after:
            return self
        late = [each for each in self.frames if (each.position or 0) > position]
        rest = Telling(late, position, self.at)
        rest.when = self.when
        return rest

    def paid(self, cost: Mapping[str, int]) -> "Telling":
        """Give it as it is told to somebody who has just paid for what begins with it."""
        first, *rest = self.frames
        return Telling([first.paid(cost), *rest], self.after, self.at)

    def events(self) -> bytes:
        """Write it as server-sent events, once."""
        if self._events is None:
            self._events = b"".join([each.event() for each in self.frames])
        return self._events


def body_of(result: ExecutionResult) -> dict[str, Any]:
    """Write a result as every transport carries it; what was not executed has no data."""
    body: dict[str, Any] = {}
    if not isinstance(result, PreExecutionError):
        body["data"] = result.data
    if result.errors:
        body["errors"] = [error.formatted for error in result.errors]
    if result.extensions:
        body["extensions"] = result.extensions
    return body


def failed(error: GraphQLError) -> Frame:
    """Write what went wrong in the midst of an operation."""
    return Frame.of(ExecutionResult(None, [error]))
