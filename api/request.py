"""A request: what is asked, in the one shape that every transport carries."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from api.trusted import NONE, Trusted


class Malformed(Exception):
    """A request that cannot be answered as it stands; the message says why."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked."""

    query: str | None
    variables: dict[str, Any] | None
    operation_name: str | None
    extensions: dict[str, Any] | None


def read(given: object, trusted: Trusted = NONE) -> Asked:
    """Read a request from JSON; what is left out is null.

    A document that is sent by its id is looked up here: from here on every request has its text.

    Raises:
        Malformed: it is no object, or a part of it is of the wrong kind.
        DocumentRefused: its document is not one to be taken.
    """
    if not isinstance(given, dict):
        raise Malformed("A request is a JSON object: {query, variables, operationName}.")
    extensions = _object(given, "extensions")
    return Asked(
        _document(given, extensions, trusted),
        _object(given, "variables"),
        _text(given, "operationName"),
        extensions,
    )


def _document(
    given: Mapping[str, Any], extensions: Mapping[str, Any] | None, trusted: Trusted
) -> str | None:
    text, id = _text(given, "query"), _text(given, "documentId")
    if id:
        if text:
            raise Malformed("A request has a `query` or a `documentId`, not both.")
        return trusted.named(id)
    if extensions and "persistedQuery" in extensions:
        return trusted.persisted(text, extensions["persistedQuery"])
    return trusted.admitted(text) if text else text


def _text(given: Mapping[str, Any], name: str) -> str | None:
    value = given.get(name)
    return value if value is None or isinstance(value, str) else _wrong(name, "a string")


def _object(given: Mapping[str, Any], name: str) -> dict[str, Any] | None:
    value = given.get(name)
    return value if value is None or isinstance(value, dict) else _wrong(name, "an object")


def _wrong(name: str, kind: str) -> NoReturn:
    raise Malformed(f"`{name}` is {kind}, or null.")
