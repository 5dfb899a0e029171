"""A sheet: what one row of a table says of an action."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5

from domain.claim import NAMESPACE
from domain.identity import Id


@dataclass(frozen=True, slots=True)
class Target:
    """Of which action a row speaks: of one that it names by its id, has by its code, or makes."""

    key: UUID
    """Follows from the alliance and from what the row is known by; the id of an action it makes."""
    action: UUID | None = None
    code: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What a row says of an action.

    ``says`` has what the layout has a column for, by the column's key: None or nothing where the
    cell is empty. The rest is left as it is.
    """

    row: int
    target: Target
    whole: Target | None
    """The action of which it is a part."""
    depth: int
    """0 for an action that is no part of another, 1 for a part of it …"""
    says: Mapping[str, Any]


def key_of(alliance: Id, *known_by: str | None) -> UUID:
    """Derive the key of a row, so that the same row has the same one whenever it is read."""
    return uuid5(NAMESPACE, "\x1f".join(("sheet", alliance, *(part or "" for part in known_by))))
