"""Details: single fields of events as they are published, each with its schema.

A detail is found by its path in the event, such as ``wording.title``, and is published under the
last name on it, written as callers write it. Ids are those that callers see, numbers with decimals
are strings, as everywhere in the interface.
"""

import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from operator import attrgetter
from typing import Annotated, Any, Final, TypeAlias, Union, get_args, get_origin, get_type_hints
from uuid import UUID

from api.naming import camel
from api.publication.vocabulary import NOUNS, WORDS
from domain.aggregate import AggregateEvent
from domain.identity import PREFIXES

Schema: TypeAlias = dict[str, Any]
"""A JSON Schema (draft 2020-12)."""

_PLAIN: Final[Mapping[type, Schema]] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    bool: {"type": "boolean"},
    date: {"type": "string", "format": "date"},
    datetime: {"type": "string", "format": "date-time"},
}
"""What JSON has as it is."""
_DECIMAL: Final[Schema] = {"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?$"}


@dataclass(frozen=True, slots=True)
class Detail:
    """A field of an event as it is published."""

    name: str
    schema: Schema
    read: Callable[[Any], Any]
    """Reads it from the event, as what orjson writes."""


@dataclass(frozen=True, slots=True)
class _Form:
    """How the values of a type are published."""

    schema: Schema
    write: Callable[[Any], Any] | None = None
    """None where they go out as they are."""


def detail(kind: type[AggregateEvent], path: str) -> Detail:
    """Publish the field at a path in an event.

    Raises:
        AttributeError, KeyError, TypeError: there is no such field, or it is not to be published.
    """
    hint: Any = kind
    *around, last = path.split(".")
    for name in around:
        hint = _field(hint, name)
        if type(None) in get_args(hint):
            raise TypeError(f"{path} of {kind.TOPIC} leads through what may be missing")
    name = camel(last)
    form = _form(_field(hint, last), last)
    schema = form.schema | {"description": WORDS[name]}
    return Detail(name, schema, _reader(path, form.write))


def _reader(path: str, write: Callable[[Any], Any] | None) -> Callable[[Any], Any]:
    value_of = attrgetter(path)
    if write is None:
        return value_of
    return lambda event: None if (value := value_of(event)) is None else write(value)


def _field(owner: Any, name: str) -> Any:
    owner = get_args(owner)[0] if get_origin(owner) is Annotated else owner
    return get_type_hints(owner, include_extras=True)[name]


def _form(hint: Any, name: str) -> _Form:
    match get_origin(hint):
        case None:
            return _scalar(hint, name)
        case origin if origin is Annotated:
            return _form(get_args(hint)[0], name)
        case origin if origin in (Union, types.UnionType):
            (inner,) = (part for part in get_args(hint) if part is not type(None))
            form = _form(inner, name)
            kinds = [form.schema["type"], "null"]
            return _Form(form.schema | {"type": kinds}, form.write)
        case origin if origin is tuple:
            item = _form(get_args(hint)[0], name)
            write = item.write
            listed: Schema = {"type": "array", "items": item.schema}
            if write is None:
                return _Form(listed)
            return _Form(listed, lambda values: [write(value) for value in values])
    raise TypeError(f"{hint} is not published")


def _scalar(hint: Any, name: str) -> _Form:
    if hint is UUID:
        start = f"{PREFIXES[NOUNS.get(name, name)]}_"
        pattern = f"^{start}[0-9a-f]{{32}}$"
        return _Form({"type": "string", "pattern": pattern}, lambda uuid: start + uuid.hex)
    if hint is Decimal:
        return _Form(_DECIMAL, lambda value: f"{value:f}")
    if isinstance(hint, type) and issubclass(hint, Enum):
        # Not `enum`: a value that joins them later must not fail with those who validate.
        values = [each.value for each in hint]
        return _Form({"type": "string", "x-extensible-enum": values}, attrgetter("value"))
    if hint in _PLAIN:
        return _Form(_PLAIN[hint])
    raise TypeError(f"{hint} is not published")
