"""Commands as an attacker sends them: many in one request, each told apart by its name."""

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

from api.naming import camel, lower_first
from domain.command import Command
from tests.attacks.town import AT_ONCE, Persona, Town

Told = Mapping[str, Any]
"""What became of a command: the type of its result, and of a refusal its code, path and message."""


def answers(
    town: Town, commands: Mapping[str, Command | Mapping[str, Any]], by: Persona
) -> dict[str, Told]:
    """Give commands as somebody, each under a name, and tell what became of each.

    A command is one of the domain's, or the input itself, with the name of the command before a
    blank: ``DraftRoadmap once more``.
    """
    told: dict[str, Told] = {}
    names = list(commands)
    for start in range(0, len(names), AT_ONCE):
        some = names[start : start + AT_ONCE]
        variables, parts = [], []
        for place, name in enumerate(some):
            kind = name.partition(" ")[0]
            variables.append(f"$v{place}: {kind}Input!")
            parts.append(
                f"a{place}: {lower_first(kind)}(input: $v{place})"
                f" {{__typename ... on Refusal {{code path message}}}}"
            )
        query = f"mutation({', '.join(variables)}) {{{' '.join(parts)}}}"
        given = {f"v{place}": sent(commands[name]) for place, name in enumerate(some)}
        found = town.ask(query, by, **given)
        told |= {name: found[f"a{place}"] for place, name in enumerate(some)}
    return told


def sent(given: Any) -> Any:
    """Write a value as it stands in a request; what was left out stays out."""
    if is_dataclass(given):
        named = ((each.name, getattr(given, each.name)) for each in fields(given))
        return {camel(name): sent(value) for name, value in named if value is not None}
    match given:
        case Enum():
            return given.name
        case Decimal() | UUID():
            return str(given)
        case date():
            return given.isoformat()
        case list() | tuple():
            return [sent(each) for each in given]
        case _:
            return given


def put(given: Any, place: tuple[str | int, ...], value: object) -> Any:
    """Put a value in a place of an input, there or not."""
    if not place:
        return value
    first, *rest = place
    if isinstance(first, int):
        changed = list(given or [None])
        changed[first] = put(changed[first], tuple(rest), value)
        return changed
    return {**(given or {}), first: put((given or {}).get(first), tuple(rest), value)}


def texts(given: Any) -> Iterator[str]:
    """Give every text that stands in a value of JSON, however deep."""
    if isinstance(given, str):
        yield given
    elif isinstance(given, Mapping):
        for value in given.values():
            yield from texts(value)
    elif isinstance(given, list):
        for value in given:
            yield from texts(value)
