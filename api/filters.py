"""Filters: the inputs by which rows are chosen, one for each kind of value.

A filter names what must hold of one value; a noun's ``where`` has one for each of its facets,
and joins others with ``and``, ``or`` and ``not``.
"""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import Enum, EnumType
from typing import Any, Final

import strawberry
from strawberry import UNSET
from strawberry.annotation import StrawberryAnnotation
from strawberry.types.base import StrawberryObjectDefinition

from api.facets import Facets, Offered
from api.naming import camel
from domain.identity import Id

FILTERS: Final[set[str]] = set()
"""The names of the inputs on whose keys, not only on whose values, a plan depends."""
GROUPINGS: Final[set[str]] = set()
"""The names of the enumerations on whose values a plan depends."""

_SAME: Final[Mapping[str, str]] = {
    "eq": "It is this value.",
    "ne": "It is not this value; what is not told is not.",
    "in": "It is one of these values.",
}
_ORDERED: Final = {
    "lt": "It is less than this value, or before it.",
    "lte": "It is at most this value, or not after it.",
    "gt": "It is more than this value, or after it.",
    "gte": "It is at least this value, or not before it.",
}
_CONTAINS: Final = {"contains": "It contains this text."}
_IS_NULL: Final = "Whether it is not told."

_JOINED: Final = {"and_": "list[{}]", "or_": "list[{}]", "not_": "{}"}
_JOINS: Final = {"and_": "All of these hold.", "or_": "One of these holds.", "not_": "It fails."}

_KINDS: Final[Mapping[Any, tuple[str, Mapping[str, str]]]] = {
    bool: ("Boolean", {"eq": _SAME["eq"]}),
    int: ("Int", {**_SAME, **_ORDERED}),
    Decimal: ("Decimal", {**_SAME, **_ORDERED}),
    date: ("Date", {**_SAME, **_ORDERED}),
    datetime: ("DateTime", {**_SAME, **_ORDERED}),
    Id: ("Id", _SAME),
    str: ("Text", {**_SAME, **_CONTAINS}),
}

_FILTERS: dict[str, type[Any]] = {}
_WHERES: dict[str, type[Any]] = {}
_BYS: dict[str, type[Enum]] = {}


def where_of(facets: Facets) -> type[Any]:
    """Give the input that chooses among the rows of a noun."""
    name = f"{facets.type}Where"
    if name in _WHERES:
        return _WHERES[name]
    parts: dict[str, tuple[Any, str]] = {
        each.name: (_filter_of(each), each.description) for each in facets.facets.values()
    }
    made = _input(name, f"Which rows of {facets.type} are meant: all of it must hold.", parts)
    definition: StrawberryObjectDefinition = vars(made)["__strawberry_definition__"]
    # What refers to itself gets its parts once it is there.
    for field in definition.fields:
        if (annotation := _JOINED.get(field.python_name)) is not None:
            annotation = f"{annotation.format(name)} | None"
            field.type_annotation = StrawberryAnnotation(annotation, namespace={name: made})
    _WHERES[name] = made
    return made


def by_of(facets: Facets) -> type[Enum]:
    """Give the enumeration of the facets by which the rows of a noun can be grouped."""
    name = f"{facets.type}GroupBy"
    if name not in _BYS:
        grouped = {key: each for key, each in facets.facets.items() if each.grouped}
        enumeration: Any = Enum  # its members are known when it is made
        made = enumeration(name, {key.upper(): key for key in grouped})
        strawberry.enum(made, description=f"By what {facets.type} rows can be grouped.")
        for shown in vars(made)["__strawberry_definition__"].values:
            shown.description = grouped[made[shown.name].value].description
        GROUPINGS.add(name)
        _BYS[name] = made
    return _BYS[name]


def plain(given: Any) -> Any:
    """Give an input as it was written, by the names of the interface, parts left out aside."""
    if isinstance(given, list):
        return [plain(item) for item in given]
    definition = getattr(type(given), "__strawberry_definition__", None)
    if not isinstance(definition, StrawberryObjectDefinition):
        return given
    return {
        field.graphql_name or camel(field.python_name): plain(value)
        for field in definition.fields
        if (value := getattr(given, field.python_name)) is not UNSET
    }


def _filter_of(offered: Offered) -> type[Any]:
    hint: Any = offered.type
    operators = _SAME
    if isinstance(hint, EnumType):
        name = hint.__name__
    elif offered.folded:
        name, operators = "Name", {**_SAME, **_CONTAINS}
    else:
        name, operators = _KINDS[hint]
    name = f"{name}Filter"
    if name not in _FILTERS:
        parts = {
            f"{operator}_" if operator == "in" else operator: (
                list[hint] if operator == "in" else hint,
                description,
            )
            for operator, description in operators.items()
        }
        aside = " Case and accents do not matter." if offered.folded else ""
        description = f"What must hold of a value: all that is given.{aside}"
        _FILTERS[name] = _input(name, description, {**parts, "is_null": (bool, _IS_NULL)})
    return _FILTERS[name]


def _input(name: str, description: str, parts: Mapping[str, tuple[Any, str]]) -> type[Any]:
    FILTERS.add(name)
    members: dict[str, Any] = {"__annotations__": {}}
    joins = {join: (Any, text) for join, text in _JOINS.items()} if name.endswith("Where") else {}
    for part, (type_, text) in {**parts, **joins}.items():
        members["__annotations__"][part] = type_ if type_ is Any else type_ | None
        shown = part.removesuffix("_") if part.endswith("_") else None
        members[part] = strawberry.field(name=shown, description=text, default=UNSET)
    return strawberry.input(type(name, (), members), description=description)
