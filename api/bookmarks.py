"""Bookmarks: up to where a caller has read what happens, each under a name of the caller's own."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

import strawberry

from api import ports
from api.context import Info, Operation
from api.prices import PRICE, Price
from domain.refusal import NotSignedIn, Refusal
from projections.column import Position

MOST: Final = 100
"""Bookmarks that one caller has at most."""


class TooManyBookmarks(Refusal):
    """You have {limit} bookmarks, which is the most. Remove one, or go on with one of them."""

    FRENCH = "Vous avez {limit} signets, c’est le maximum. Supprimez-en un, ou reprenez l’un d’eux."


class OwnerForgotten(Refusal):
    """You were forgotten here, as it was asked for: nothing is kept of what you read."""

    FRENCH = "Vous avez été oublié ici, comme demandé : rien n’est gardé de ce que vous lisez."


@strawberry.type(description="Up to where the caller has read what happens.")
class Bookmark:
    """Up to where the caller has read what happens."""

    name: str = strawberry.field(description="What the caller calls it.")
    position: Position = strawberry.field(
        description="The position of the last fact that counts as read, or was passed over."
    )
    moved_at: datetime = strawberry.field(description="When it was put there.")


def own(operation: Operation) -> tuple[ports.Bookmarks, UUID]:
    """Give the bookmarks, and who asks for theirs.

    Raises:
        NotSignedIn: it is not known who it is.
    """
    principal = operation.caller.principal
    if principal is None:
        raise NotSignedIn
    assert operation.bookmarks is not None, "whoever can sign in can have bookmarks"
    return operation.bookmarks, principal


def shown(bookmark: ports.Bookmark) -> Bookmark:
    """Give a bookmark as its owner sees it."""
    return Bookmark(
        name=bookmark.name, position=Position(bookmark.position), moved_at=bookmark.moved_at
    )


def bookmarks(description: str) -> Any:
    """Make the question for all bookmarks of the caller."""

    async def resolve(info: Info) -> list[Bookmark] | None:
        kept, owner = own(info.context)
        return [shown(each) for each in await kept.all_of(owner)]

    return strawberry.field(
        resolver=resolve, description=description, metadata={PRICE: Price(items=MOST)}
    )
