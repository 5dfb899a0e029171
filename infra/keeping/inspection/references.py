"""References: the streams that an event names, and of which kind each must be."""

import types
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from functools import cache, partial
from typing import Annotated, Any, Final, Union, get_args, get_origin, get_type_hints
from uuid import UUID

import msgspec

from domain.aggregate import AggregateEvent
from domain.role import Scope
from domain.scope import KINDS

_OF: Final[Mapping[str, tuple[str, ...]]] = {
    "organisation": ("organisation", "organisations", "host", "payer", "funder", "into"),
    "alliance": ("alliance", "parent"),
    "cohort": ("cohort", "springs_from_cohort"),
    "roadmap": ("roadmap", "springs_from_roadmap"),
    "action": ("action", "origin", "part_of"),
    "challenge": ("challenge",),
    "workshop": ("workshop",),
    "footprint_batch": ("batch",),
}

ANY: Final = ""
"""The noun of what may be of several kinds."""

STREAMS: Final[Mapping[str, str]] = {
    **{name: noun for noun, names in _OF.items() for name in names},
    "holder": ANY,
    "named_in": ANY,
}
"""The fields that name an aggregate, each with its noun. Every other field that is a UUID names a
part, of the aggregate itself or of another one that the event names, too."""

Reference = tuple[UUID, str]
"""A stream, and the noun of what it must be."""

Find = Callable[[Any], Iterable[Reference]]
Finders = tuple[tuple[str, Find], ...]


def references(event: AggregateEvent) -> Iterator[Reference]:
    """Give the streams that an event names, each with its noun."""
    return _through(_finders_of(type(event)), event)


@cache
def _finders_of(kind: type[AggregateEvent]) -> Finders:
    return _finders(kind)


def _finders(kind: Any) -> Finders:
    """Tell which fields of a class lead to streams, and how."""
    names = _names(kind)
    hints = get_type_hints(kind) if names else {}
    found = ((name, _finder(name, hints[name])) for name in names)
    return tuple((name, find) for name, find in found if find is not None)


def _names(kind: Any) -> tuple[str, ...]:
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        own = kind.__struct_fields__
        return tuple(name for name in own if name not in AggregateEvent.__struct_fields__)
    return tuple(field.name for field in fields(kind)) if is_dataclass(kind) else ()


def _finder(name: str, hint: Any) -> Find | None:
    origin = get_origin(hint)
    if hint == UUID:
        noun = STREAMS.get(name)
        return None if noun is None else lambda value: ((value, noun),)
    if hint == Scope:
        return _scope
    if origin in (Union, types.UnionType, Annotated):
        finders = (_finder(name, one) for one in get_args(hint) if one is not type(None))
        return next((find for find in finders if find is not None), None)
    if origin in (tuple, list, frozenset):
        each = _finder(name, get_args(hint)[0])
        return None if each is None else lambda values: (r for value in values for r in each(value))
    inner = _finders(hint)
    return partial(_through, inner) if inner else None


def _through(finders: Finders, value: Any) -> Iterator[Reference]:
    for name, find in finders:
        inner = getattr(value, name)
        if inner is not None:
            yield from find(inner)


def _scope(scope: Scope) -> Iterable[Reference]:
    place = KINDS.get(scope.kind)
    return () if place is None else ((scope.uuid, place.TOPIC),)
