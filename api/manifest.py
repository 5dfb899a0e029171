"""Manifests: the documents that a client was built with, as its compiler wrote them down.

Three spellings are read: relay-compiler's ``{"<hash>": text}``, graphql-codegen's
``{"sha256:<hash>": text}``, and Apollo's, whose ``operations`` have an ``id`` and a ``body`` each.
"""

import hashlib
import re
from collections.abc import Iterator
from typing import Any, Final

import orjson

PREFIX: Final = "sha256:"
"""What an id begins with where it says how it was made (GraphQL over HTTP, appendix A)."""

_HASH: Final = re.compile(r"[0-9a-f]{64}")
_TOLD: Final = 10
"""Problems that are told at once."""


class BrokenManifest(Exception):
    """Documents that cannot be relied on; the message names them, and says what to do."""

    def __init__(self, what: str, *problems: str) -> None:
        more = len(problems) - _TOLD
        rest = [f"  and {more} more"] if more > 0 else []
        lines = [f"  {problem}" for problem in problems[:_TOLD]]
        super().__init__("\n".join([f"{what}:", *lines, *rest]))
        self.problems = problems


def documents(name: str, content: bytes) -> dict[str, str]:
    """Read a manifest: texts by their hashes, SHA-256 in 64 hexadecimal digits.

    Raises:
        BrokenManifest: it is none, or an id is not the hash of its text.
    """
    title = f"{name} is no manifest to rely on"
    try:
        given = orjson.loads(content)
    except orjson.JSONDecodeError as wrong:
        raise BrokenManifest(title, f"it is not JSON ({wrong})") from None
    if not isinstance(given, dict):
        raise BrokenManifest(title, "it is not an object of ids and documents")
    found: dict[str, str] = {}
    problems: list[str] = []
    for id, text in _entries(given):
        if problem := _problem(id, text):
            problems.append(problem)
        else:
            found[id.removeprefix(PREFIX)] = text
    if problems:
        raise BrokenManifest(title, *problems)
    return found


def hash_in(id: str) -> str | None:
    """Give the hash that an id states, in either spelling; None where it states none."""
    stated = id.removeprefix(PREFIX)
    return stated if _HASH.fullmatch(stated) else None


def hash_of(text: str) -> str:
    """Give the hash of a text. Raises UnicodeEncodeError where it cannot be written down."""
    return hashlib.sha256(text.encode()).hexdigest()


def _entries(given: dict[str, Any]) -> Iterator[tuple[Any, Any]]:
    """Give ids and texts, whatever they are."""
    operations = given.get("operations")
    if not isinstance(operations, list):
        yield from given.items()
        return
    for operation in operations:
        known = operation if isinstance(operation, dict) else {}
        yield known.get("id"), known.get("body")


def _problem(id: object, text: object) -> str | None:
    if not isinstance(id, str) or not isinstance(text, str):
        return f"{id}: an id and a document are texts"
    if hash_in(id) is None:
        return (
            f"{id}: this is no SHA-256; choose it where the manifest is made (relay-compiler:"
            ' "algorithm": "SHA256", graphql-codegen: hashAlgorithm: "sha256")'
        )
    if hash_in(id) != hash_of(text):
        return f"{id}: this is not the SHA-256 of its document, which was changed since"
    return None
