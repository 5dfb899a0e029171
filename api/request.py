"""A request: what is asked, in the one shape that every transport carries."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn


class Malformed(Exception):
    """A request that cannot be answered as it stands; the message says why."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked."""

    query: str | None
    variables: dict[str, Any] | None
    operation_name: str | None
    extensions: dict[str, Any] | None


def read(given: object) -> Asked:
    """Read a request from JSON; what is left out is null.

    Raises:
        Malformed: it is no object, or a part of it is of the wrong kind.
    """
    if not isinstance(given, dict):
        raise Malformed("A request is a JSON object: {query, variables, operationName}.")
    return Asked(
        _text(given, "query"),
        _object(given, "variables"),
        _text(given, "operationName"),
        _object(given, "extensions"),
    )


def _text(given: Mapping[str, Any], name: str) -> str | None:
    value = given.get(name)
    return value if value is None or isinstance(value, str) else _wrong(name, "a string")


def _object(given: Mapping[str, Any], name: str) -> dict[str, Any] | None:
    value = given.get(name)
    return value if value is None or isinstance(value, dict) else _wrong(name, "an object")


def _wrong(name: str, kind: str) -> NoReturn:
    raise Malformed(f"`{name}` is {kind}, or null.")
