"""Inputs: commands and their values, which *are* the inputs of the interface.

A command is decorated where it stands; its description is its docstring, those of its fields
are their annotations.
"""

import dataclasses
import inspect
from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import strawberry

import api.enumerations  # noqa: F401 - before any type that has one
from api.naming import camel
from domain.command import Command

_MADE: set[type[Any]] = set()


def input_of(command: type[Command]) -> type[Any]:
    """Make a command an input, its values first."""
    return _made(command, f"{command.__name__}Input")


def reader(cls: type[Any]) -> Callable[[Mapping[str, Any]], Any]:
    """Give what makes a command, or a value, of an input whose fields are coerced already."""
    hints = get_type_hints(cls)
    names = [
        (camel(field.name), field.name, _converter(hints[field.name]))
        for field in dataclasses.fields(cls)
    ]

    def read(given: Mapping[str, Any]) -> Any:
        return cls(
            **{
                name: given[outside] if convert is None else convert(given[outside])
                for outside, name, convert in names
                if outside in given
            }
        )

    return read


def _converter(hint: Any) -> Callable[[Any], Any] | None:
    """Give what converts a value of this type, None where it is right as it comes."""
    value = next((part for part in _parts(hint) if dataclasses.is_dataclass(part)), None)
    if value is None:
        return None
    read = reader(value)
    if any(get_origin(part) is list for part in (hint, *get_args(hint))):
        return lambda given: None if given is None else [read(item) for item in given]
    return lambda given: None if given is None else read(given)


def _made(cls: type[Any], name: str) -> type[Any]:
    if cls in _MADE:
        return cls
    _MADE.add(cls)
    hints = get_type_hints(cls, include_extras=True)
    for field in dataclasses.fields(cls):
        for part in _parts(hints[field.name]):
            if dataclasses.is_dataclass(part):
                _made(part, f"{part.__name__}Input")
    made = strawberry.input(cls, name=name, description=inspect.cleandoc(cls.__doc__ or ""))
    for shown in made.__strawberry_definition__.fields:
        shown.description = _description(hints[shown.python_name])
        if shown.default_value is None:
            shown.default_value = strawberry.UNSET  # may be left out, which is no value
    return made


def _parts(hint: Any) -> Iterator[type[Any]]:
    if isinstance(hint, type) and not issubclass(hint, Enum):
        yield hint
    for part in get_args(hint):
        yield from _parts(part)


def _description(hint: Any) -> str | None:
    if get_origin(hint) is not Annotated:
        return None
    return next((text for text in hint.__metadata__ if isinstance(text, str)), None)
