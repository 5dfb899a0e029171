"""The cost of an operation, known before it is executed: from its document and its variables.

An operation costs the objects that it may give at most, and the prices of what costs more than
those (`api.prices`). A page counts as long as it is asked to be, 20 if that is not said, for each
object of the page around it; a list without pages counts as so many items, for it is short. Of
the types that something may have the most expensive one counts.

What follows from the document alone is summed up once and kept; what depends on the length of
pages that variables say is worked out for each asking.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add, or_
from typing import Any, Final, TypeAlias

from graphql import (
    FieldNode,
    GraphQLField,
    GraphQLList,
    GraphQLNamedType,
    GraphQLObjectType,
    IntValueNode,
    ListValueNode,
    OperationType,
    ValueNode,
    VariableNode,
    get_named_type,
    get_nullable_type,
    is_abstract_type,
    is_leaf_type,
)
from graphql.execution.collect_fields import GroupedFieldSet

from api.context import Context, eyes_of
from api.faults import refused
from api.limits import Limits
from api.paging import LONGEST, USUAL
from api.plans import Plans
from api.prices import COUNT, INTROSPECTION, PRICE, REQUEST, Price
from api.question import Fields, Question, definition_of, name_of
from api.root import ROOT, ByIds
from api.selections import MOST_VALUES, TooManyFields
from domain.refusal import Refusal


class TooCostly(Refusal):
    """This may give {objects} objects; {limit} is the most. Ask for shorter pages, or for less."""

    FRENCH = (
        "La requête peut donner {objects} objets ; la limite est {limit}. "
        "Demandez des pages plus courtes, ou moins à la fois."
    )


@dataclass(slots=True)  # not frozen: those are four times as slow to make
class Cost:
    """What something costs."""

    objects: int = 0
    """The objects that it may give at most."""
    prices: int = 0
    """What is paid beside them."""

    @property
    def asked(self) -> int:
        """All of it, in the unit of budgets."""
        return REQUEST + self.objects + self.prices

    def __add__(self, other: "Cost") -> "Cost":
        return Cost(self.objects + other.objects, self.prices + other.prices)

    def __mul__(self, times: int) -> "Cost":
        return Cost(self.objects * times, self.prices * times)

    def __or__(self, other: "Cost") -> "Cost":
        """Give what covers either."""
        return Cost(max(self.objects, other.objects), max(self.prices, other.prices))


Given: TypeAlias = Mapping[str, Any]
"""The variables, coerced."""
Varying: TypeAlias = Callable[[Given], Cost]
Estimate: TypeAlias = Cost | Varying
"""A cost; or, where it depends on variables, what works it out."""
Length: TypeAlias = int | Callable[[Given], int]

NOTHING: Final = Cost()
_OBJECT: Final = Cost(objects=1)


def pay(question: Question, context: Context, limits: Limits) -> dict[str, int]:
    """Take what an operation costs out of its caller's purse, and tell what that is.

    Raises:
        GraphQLError: it asks for too much at once.
        RateLimited: a budget does not have as much left; nothing is taken.
    """
    price = question.price
    if price is None:
        price = question.price = _price(question, context, limits.objects)
    return context.purse.spend(price)


def _price(question: Question, context: Context, most: int) -> int:
    language = context.caller.language
    try:
        cost = cost_of(ESTIMATES.plan(question, eyes_of(context.caller)), question)
    except TooManyFields as refusal:
        raise refused(refusal, language) from None
    if cost.objects > most:
        raise refused(TooCostly(objects=cost.objects, limit=most), language)
    return cost.asked


def cost_of(estimate: Estimate, question: Question) -> Cost:
    """Give what an operation costs with its variables."""
    return estimate if isinstance(estimate, Cost) else estimate(question.variables.coerced)


def estimate(question: Question) -> Estimate:
    """Sum up what an operation costs. Raises `api.selections.TooManyFields`."""
    schema = question.schema
    roots = {
        OperationType.QUERY: schema.query_type,
        OperationType.MUTATION: schema.mutation_type,
        OperationType.SUBSCRIPTION: schema.subscription_type,
    }
    root = roots[question.operation.operation]
    assert root is not None, "a document is only valid if its operations have a type"
    return _Summing(question).selection(root, question.fields(root))


ESTIMATES: Final = Plans(lambda question, _: estimate(question))
"""What the operations cost that this process knows."""


class _Summing:
    """Sums up what is asked by one question."""

    def __init__(self, question: Question) -> None:
        self._question = question
        self._size = 0

    def selection(self, type: GraphQLObjectType, asked: GroupedFieldSet) -> Estimate:
        """Sum up what is asked of an object."""
        self._size += len(asked)
        if self._size > MOST_VALUES:
            raise TooManyFields(limit=MOST_VALUES)
        return _sum(self._field(type, details) for details in asked.values())

    def _field(self, type: GraphQLObjectType, details: Fields) -> Estimate:
        name = name_of(details)
        if name.startswith("__"):
            return NOTHING if name == "__typename" else Cost(prices=INTROSPECTION)
        field = type.fields[name]
        metadata = definition_of(field).metadata
        price: Price = metadata.get(PRICE, _FREE)
        once = Cost(prices=price.once)
        given = get_named_type(field.type)
        if is_leaf_type(given):
            return once
        if "first" in field.args:
            return _sum((once, self._page(given, details, _page(details[0].node))))
        times: Length = 1
        if isinstance(metadata.get(ROOT), ByIds):
            times = _how_many(details[0].node)
        elif _is_list(field):
            times = price.items
        return _sum((once, _times(times, self._object(given, details))))

    def _page(self, type: GraphQLNamedType, details: Fields, length: Length) -> Estimate:
        """Sum up a page of a list: its items, whether with edges or without, and its count."""
        assert isinstance(type, GraphQLObjectType)
        parts: list[Estimate] = []
        for inner in self._question.inner(type, details).values():
            match name_of(inner):
                case "nodes":
                    node = get_named_type(type.fields["nodes"].type)
                    parts.append(_times(length, self._object(node, inner)))
                case "edges":
                    edge = get_named_type(type.fields["edges"].type)
                    parts.append(_times(length, self._edge(edge, inner)))
                case "totalCount":
                    parts.append(Cost(prices=COUNT))
        return _sum(parts)

    def _edge(self, type: GraphQLNamedType, details: Fields) -> Estimate:
        assert isinstance(type, GraphQLObjectType)
        node = get_named_type(type.fields["node"].type)
        asked = self._question.inner(type, details).values()
        return _sum(self._object(node, inner) for inner in asked if name_of(inner) == "node")

    def _object(self, type: GraphQLNamedType, details: Fields) -> Estimate:
        """Sum up one object and what is asked of it."""
        if isinstance(type, GraphQLObjectType):
            asked = self._question.inner(type, details)
            return _sum((_OBJECT, self.selection(type, asked)))
        assert is_abstract_type(type)
        return _sum((_OBJECT, _most([self.selection(*each) for each in self._told(type, details)])))

    def _told(
        self, abstract: Any, details: Fields
    ) -> Iterable[tuple[GraphQLObjectType, GroupedFieldSet]]:
        """Give what is asked of the types that something may have, once where it is the same."""
        different: dict[object, tuple[GraphQLObjectType, GroupedFieldSet]] = {}
        for type in self._question.schema.get_possible_types(abstract):
            asked = self._question.inner(type, details)
            same = tuple((key, *(id(each.node) for each in given)) for key, given in asked.items())
            different.setdefault(same, (type, asked))
        return different.values()


_FREE: Final = Price()


def _is_list(field: GraphQLField) -> bool:
    return isinstance(get_nullable_type(field.type), GraphQLList)


def _page(field: FieldNode) -> Length:
    """Give how long a page is asked to be; one that is out of bounds is refused elsewhere."""
    sizes = [
        _number(argument.value)
        for argument in field.arguments or ()
        if argument.name.value in {"first", "last"}
    ]
    if all(isinstance(size, int | None) for size in sizes):
        return _bounded([size for size in sizes if isinstance(size, int)])

    def length(given: Given) -> int:
        said = [size(given) if callable(size) else size for size in sizes]
        return _bounded([size for size in said if size is not None])

    return length


def _bounded(sizes: Sequence[int]) -> int:
    return min(max(0, *sizes), LONGEST) if sizes else USUAL


def _number(value: ValueNode) -> int | Callable[[Given], int | None] | None:
    if isinstance(value, IntValueNode):
        return int(value.value)
    if isinstance(value, VariableNode):
        name = value.name.value
        return lambda given: given.get(name)
    return None


def _how_many(field: FieldNode) -> Length:
    """Give how many ids a field names."""
    (ids,) = (each.value for each in field.arguments or () if each.name.value == "ids")
    if isinstance(ids, VariableNode):
        name = ids.name.value
        return lambda given: len(given[name])
    return len(ids.values) if isinstance(ids, ListValueNode) else 1


def _sum(parts: Iterable[Estimate]) -> Estimate:
    return _joined(tuple(parts), add)


def _most(parts: Iterable[Estimate]) -> Estimate:
    return _joined(tuple(parts), or_)


def _joined(parts: Sequence[Estimate], join: Callable[[Cost, Cost], Cost]) -> Estimate:
    known = reduce(join, (part for part in parts if isinstance(part, Cost)), NOTHING)
    varying = [part for part in parts if not isinstance(part, Cost)]
    if not varying:
        return known
    if len(varying) == 1 and known == NOTHING:
        return varying[0]
    return lambda given: reduce(join, [part(given) for part in varying], known)


def _times(length: Length, part: Estimate) -> Estimate:
    if isinstance(length, int):
        if isinstance(part, Cost):
            return part * length
        return lambda given: part(given) * length
    if isinstance(part, Cost):
        return lambda given: part * length(given)
    return lambda given: part(given) * length(given)
