"""Choice: which rows of a list are meant, and in which order they come."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Annotated, Any, Final

import strawberry
from strawberry import UNSET
from strawberry.annotation import StrawberryAnnotation
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.field import StrawberryField

from api.facets import Facets
from api.filters import plain, where_of
from api.ordering import order_of, ordered
from api.where import read
from projections.lookup import Lookup

CHOSEN: Final = "chosen"
"""What resolvers call the arguments that `offer` adds to theirs, all of them together."""


def offer(field: StrawberryField, facets: Facets) -> None:
    """Let a list be chosen from and ordered, by arguments of its field; once and for all."""
    own = [each for each in field.arguments if each.python_name != CHOSEN]
    if len(own) < len(field.arguments):
        field.arguments = [*own, *_arguments(facets)]


def choose(lookup: Lookup, facets: Facets, chosen: Mapping[str, Any]) -> Lookup:
    """Narrow a lookup to what was chosen, in the order that was.

    Raises:
        domain.refusal.Refusal: the filter makes no sense, as `api.where.read` says.
    """
    where, order = _given(chosen, "where"), _given(chosen, "order_by")
    return replace(
        lookup,
        where=read(facets, where, len(lookup.by) + 1),
        order=ordered(facets, order, lookup.order),
    )


def _arguments(facets: Facets) -> Iterator[StrawberryArgument]:
    if facets.facets:
        yield _argument("where", where_of(facets), "Which of them are meant; all unless given.")
    if facets.orders:
        told = "In which order they come, in place of the usual one."
        yield _argument("order_by", order_of(facets), told)


def _argument(name: str, kind: Any, description: str) -> StrawberryArgument:
    annotation: Any = Annotated[kind | None, strawberry.argument(description=description)]
    return StrawberryArgument(
        python_name=name,
        graphql_name=None,
        type_annotation=StrawberryAnnotation(annotation),
        default=UNSET,
    )


def _given(chosen: Mapping[str, Any], name: str) -> Any:
    value = chosen.get(name, UNSET)
    return None if value is UNSET else plain(value)
