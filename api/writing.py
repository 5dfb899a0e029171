"""Writing: what is not made from rows, but short to give, is written without the executor.

The executor takes some 8 µs for each leaf, more than it takes to find out what a page of history
says. A type that is `Written` says that its fields, and those of what they give, are attributes or
short functions of what it holds; the same answer in a schema that is not compiled. Where they lead
to rows these are read as elsewhere (`api.leads`).
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from operator import attrgetter
from types import SimpleNamespace
from typing import Any, TypeAlias

from graphql import (
    GraphQLField,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    is_leaf_type,
)
from graphql.execution.values import get_argument_values

from api.context import Operation
from api.leads import Lead
from api.naming import camel
from api.question import Fields, Question, definition_of, name_of
from projections.table import Row

Follow: TypeAlias = Callable[[Lead, GraphQLObjectType, Fields], Awaitable[Any]]
"""Gives what is asked of the row of a type to which something leads."""


class Written:
    """Something that is written without the executor, with all that its fields give, but rows."""


@dataclass(frozen=True, slots=True)
class _Write:
    """What writes a value: at once, or as something to wait for."""

    of: Callable[[Any], Any]
    waits: bool = False


class Writer:
    """Writes what one operation asks for."""

    def __init__(self, question: Question, operation: Operation, follow: Follow) -> None:
        self._question = question
        self._info = SimpleNamespace(context=operation)
        self._follow = follow

    async def write(self, type: GraphQLOutputType, details: Fields, value: object) -> Any:
        """Write what is asked of something.

        Raises:
            Exception: whatever one of its fields raises.
        """
        written = self._value(type, details)
        return await written.of(value) if written.waits else written.of(value)

    def _value(self, type: GraphQLOutputType, details: Fields) -> _Write:
        if isinstance(type, GraphQLNonNull):
            return self._value(type.of_type, details)
        if isinstance(type, GraphQLList):
            return _or_null(_of_each(self._value(type.of_type, details)))
        if is_leaf_type(type):
            return _or_null(_Write(type.serialize))
        assert isinstance(type, GraphQLObjectType), "what is written is of one type"
        if issubclass(definition_of(type).origin, Row):
            return _or_null(_Write(lambda lead: self._follow(lead, type, details), waits=True))
        return _or_null(self._object(type, details))

    def _object(self, type: GraphQLObjectType, details: Fields) -> _Write:
        asked = self._question.inner(type, details)
        parts = {key: self._field(type, inner) for key, inner in asked.items()}
        at_once = [(key, part.of) for key, part in parts.items() if not part.waits]
        waiting = [(key, part.of) for key, part in parts.items() if part.waits]
        if not waiting:
            return _Write(lambda value: {key: of(value) for key, of in at_once})

        async def write(value: object) -> dict[str, Any]:
            written = {key: of(value) for key, of in at_once}
            found = await asyncio.gather(*(of(value) for _, of in waiting))
            written |= zip((key for key, _ in waiting), found, strict=True)
            return {key: written[key] for key in parts}

        return _Write(write, waits=True)

    def _field(self, type: GraphQLObjectType, details: Fields) -> _Write:
        name = name_of(details)
        if name == "__typename":
            return _Write(lambda _: type.name)
        field = type.fields[name]
        read, written = self._reader(field, details), self._value(field.type, details)
        if not read.waits and not written.waits:
            return _Write(lambda value: written.of(read.of(value)))

        async def write(value: object) -> Any:
            found = await read.of(value) if read.waits else read.of(value)
            return await written.of(found) if written.waits else written.of(found)

        return _Write(write, waits=True)

    def _reader(self, field: GraphQLField, details: Fields) -> _Write:
        definition = definition_of(field)
        resolver = definition.base_resolver
        if resolver is None:
            return _Write(attrgetter(definition.python_name))
        node = details[0]
        names = {camel(each.python_name): each.python_name for each in definition.arguments}
        given: dict[str, Any] = {
            names[name]: value
            for name, value in get_argument_values(
                field, node.node, self._question.variables, node.fragment_variable_values
            ).items()
        }
        if resolver.info_parameter is not None:
            given[resolver.info_parameter.name] = self._info
        resolve = resolver.wrapped_func
        return _Write(lambda value: resolve(value, **given), resolver.is_async)


def _or_null(written: _Write) -> _Write:
    of = written.of
    if not written.waits:
        return _Write(lambda value: None if value is None else of(value))

    async def write(value: object) -> Any:
        return None if value is None else await of(value)

    return _Write(write, waits=True)


def _of_each(written: _Write) -> _Write:
    of = written.of
    if not written.waits:
        return _Write(lambda values: [of(value) for value in values])

    async def write(values: Sequence[object]) -> list[Any]:
        return await asyncio.gather(*map(of, values))

    return _Write(write, waits=True)
