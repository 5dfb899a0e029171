"""Orders: in which order a list is given, chosen by one of its values and a direction."""

from collections.abc import Mapping
from enum import Enum
from typing import Any, Final

import strawberry
from strawberry import UNSET

from api.facets import Facets
from api.naming import camel
from projections.ordering import Ordering

ORDERS: Final[set[str]] = set()
"""The names of the inputs and enumerations on all of whose values a plan depends."""

_TYPES: dict[str, type[Any]] = {}


@strawberry.enum(description="In which direction a list is given.")
class OrderDirection(Enum):
    """In which direction a list is given."""

    ASC = strawberry.enum_value("ASC", description="The least first; what is not told comes last.")
    DESC = strawberry.enum_value(
        "DESC", description="The greatest first; what is not told comes before it."
    )


ORDERS.add(OrderDirection.__name__)


def order_of(facets: Facets) -> type[Any]:
    """Give the input that chooses the order of the rows of a noun: exactly one of its values."""
    name = f"{facets.type}Order"
    if name not in _TYPES:
        members: dict[str, Any] = {"__annotations__": {}}
        for each in facets.orders.values():
            members["__annotations__"][each.name] = OrderDirection | None
            members[each.name] = strawberry.field(description=each.description, default=UNSET)
        described = f"By what {facets.type} rows are ordered: exactly one of these."
        made = strawberry.input(type(name, (), members), one_of=True, description=described)
        ORDERS.add(name)
        _TYPES[name] = made
    return _TYPES[name]


def ordered(facets: Facets, given: Mapping[str, Any] | None, usual: Ordering) -> Ordering:
    """Read the order that was asked for; the ``usual`` one where none was.

    Rows with one value come in the order of their keys.
    """
    if given is None:
        return usual
    ((name, direction),) = given.items()
    column = next(each.facet.column for each in facets.orders.values() if camel(each.name) == name)
    key = tuple(each for each in facets.key if each != column)
    return Ordering((column, *key), OrderDirection(direction) is OrderDirection.DESC)
