"""Plans that were made, kept for the next asking of the same operation."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from graphql import (
    GraphQLSchema,
    ListTypeNode,
    NamedTypeNode,
    NonNullTypeNode,
    OperationDefinitionNode,
    TypeNode,
)

from api.filters import FILTERS, GROUPINGS
from api.newest import Newest
from api.node import noun_of
from api.ordering import ORDERS
from api.question import Question
from projections.guard import Eyes

T = TypeVar("T")

MOST: Final = 1_000
"""Plans that are kept."""
HEAVIEST: Final = 500_000
"""Characters of the operations of all plans that are kept."""
_ABSENT: Final = object()
_OTHER: Final = object()


@dataclass(frozen=True, slots=True)
class _Kept(Generic[T]):
    plan: T
    # What is kept holds on to what its key names by address: nothing else can come to lie there.
    schema: GraphQLSchema
    operation: OperationDefinitionNode


class Plans(Generic[T]):
    """The newest plans, by operation, shape of the variables and kind of caller."""

    def __init__(self, make: Callable[..., T]) -> None:
        """``make`` is given a question, through whose eyes it is asked, and the part of it."""
        self._make = make
        self._kept: Newest[Hashable, _Kept[T]] = Newest(MOST, HEAVIEST)
        self.made = 0
        """How many plans were made since the process began."""

    def __len__(self) -> int:
        return len(self._kept)

    def plan(self, question: Question, eyes: Eyes, *part: Hashable) -> T:
        """Give the plan of an operation, or of a part, made now if it was not made before."""
        if question.shape is None:
            question.shape = _key(question)
        key = eyes.trusted, eyes.known, question.shape, *part
        kept = self._kept.get(key)
        if kept is None:
            kept = _Kept(self._make(question, eyes, *part), question.schema, question.operation)
            self.made += 1
            self._kept.keep(key, kept, _length(question.operation))
        return kept.plan


def _length(operation: OperationDefinitionNode) -> int:
    return operation.loc.end - operation.loc.start if operation.loc else 0


def _key(question: Question) -> Hashable:
    """Name what a plan depends on: the document, and the shape of the variables."""
    given = question.variables.coerced
    shapes = tuple(
        _shape(given.get(variable.variable.name.value, _ABSENT), variable.type)
        for variable in question.operation.variable_definitions or ()
    )
    return id(question.schema), id(question.operation), shapes


def _shape(value: Any, type: TypeNode) -> Hashable:
    """Give what a plan may depend on: yes or no, whether it is there, which kind of id it is."""
    if value is None or value is _ABSENT or isinstance(value, bool):
        return value
    name = _name(type)
    if name in GROUPINGS or name in ORDERS:
        return _whole(value)
    if name in FILTERS:
        return _structure(value)
    if isinstance(value, str):
        return noun_of(value) or ""
    if isinstance(value, list):
        return frozenset(_shape(item, type) for item in value)
    return _OTHER


def _whole(value: Any) -> Hashable:
    """Give a value as part of a key."""
    if isinstance(value, dict):
        return tuple(value.items())
    return tuple(value) if isinstance(value, list) else value


def _structure(value: Any) -> Hashable:
    """Give what a plan depends on in a filter: all but the values that are compared with."""
    if isinstance(value, dict):
        return tuple((key, _structure(part)) for key, part in value.items())
    if isinstance(value, list) and any(isinstance(item, dict) for item in value):
        return tuple(map(_structure, value))
    return value if value is None or isinstance(value, bool) else _OTHER


def _name(type: TypeNode) -> str:
    while isinstance(type, NonNullTypeNode | ListTypeNode):
        type = type.type
    assert isinstance(type, NamedTypeNode)
    return type.name.value
