"""Marking: a caller says how far they have read what happens, and a bookmark is put there.

It is moved forward by whoever says how far they have read, and back only by whoever says that it
may go back: said twice, or by two windows at once, it is where the furthest of them wanted it. To
read moves nothing.
"""

from dataclasses import dataclass
from typing import Annotated, Any, Final, Union

import strawberry

from api.bookmarks import Bookmark, OwnerForgotten, TooManyBookmarks, own, shown
from api.context import Info, Operation
from api.naming import lower_first
from api.prices import MUTATION, PRICE, Price
from api.publication.search import BeyondTheEnd
from api.query import Query
from api.refusals import present, type_of
from domain import text
from domain.refusal import BlankText, ControlCharacters, NotSignedIn, Refusal, TextTooLong
from projections.column import Position


@strawberry.input(description="Which bookmark is to be moved, and where to.")
class MarkReadInput:
    """Which bookmark is to be moved, and where to."""

    bookmark: str = strawberry.field(
        description="Its name. One that there is not yet is made; a caller has 100 at most."
    )
    position: Position = strawberry.field(
        description="Up to where the caller has read: the position of an entry, or the one up to "
        "which a page or a summary looked."
    )
    back: bool = strawberry.field(
        default=False, description="Whether it may also go back, so that it is all news again."
    )


@strawberry.input(description="Which bookmark is to be removed.")
class RemoveBookmarkInput:
    """Which bookmark is to be removed."""

    bookmark: str = strawberry.field(description="Its name.")


@dataclass(frozen=True, slots=True)
class Marked:
    """A bookmark was moved, as the resolvers of the success see it."""

    bookmark: Bookmark


@dataclass(frozen=True, slots=True)
class Removed:
    """A bookmark was removed, as the resolvers of the success see it."""


def _query_afterwards() -> Any:
    return strawberry.field(
        resolver=Query,
        graphql_type=Query,
        description="Anything else, this included.",
    )


@strawberry.type(description="The bookmark is there, or further on if it was already.")
class MarkReadSuccess:
    """The bookmark is there, or further on if it was already."""

    bookmark: Bookmark = strawberry.field(description="Where it is now.")
    query = _query_afterwards()

    @classmethod
    def is_type_of(cls, found: object, _info: object) -> bool:
        """Tell what is one: GraphQL asks."""
        return isinstance(found, Marked)


@strawberry.type(description="There is no bookmark of this name, any more.")
class RemoveBookmarkSuccess:
    """There is no bookmark of this name, any more."""

    query = _query_afterwards()

    @classmethod
    def is_type_of(cls, found: object, _info: object) -> bool:
        """Tell what is one: GraphQL asks."""
        return isinstance(found, Removed)


_NAME: Final = (NotSignedIn, BlankText, TextTooLong, ControlCharacters)
_MARKING: Final = (*_NAME, BeyondTheEnd, TooManyBookmarks, OwnerForgotten)


async def _mark_read(
    info: Info,
    input: Annotated[MarkReadInput, strawberry.argument(description="How far was read.")],
) -> Any:
    operation = info.context
    try:
        bookmarks, owner = own(operation)
        name = text.name(input.bookmark, "bookmark")
        await _within_log(input.position, operation)
        moved = await bookmarks.move(owner, name, input.position, back=input.back)
    except _MARKING as refusal:
        return present(refusal, operation.caller.language)
    return Marked(shown(moved))


async def _remove_bookmark(
    info: Info,
    input: Annotated[RemoveBookmarkInput, strawberry.argument(description="What to remove.")],
) -> Any:
    operation = info.context
    try:
        bookmarks, owner = own(operation)
        name = text.name(input.bookmark, "bookmark")
    except _NAME as refusal:
        return present(refusal, operation.caller.language)
    await bookmarks.remove(owner, name)
    return Removed()


async def _within_log(position: int, operation: Operation) -> None:
    """Refuse to pass over what has not happened yet."""
    if position > operation.position and position > (head := await operation.feed.head()):
        raise BeyondTheEnd("position", after=position, head=head)


def _mutation(resolve: Any, success: Any, refuses: tuple[type[Refusal], ...], says: str) -> Any:
    members = (success, *map(type_of, refuses))
    name = success.__name__.removesuffix("Success")
    union = strawberry.union(f"{name}Result", description=f"What came of {lower_first(name)}.")
    return strawberry.mutation(
        resolver=resolve,
        graphql_type=Annotated[Union[members], union],  # noqa: UP007
        description=says,
        metadata={PRICE: Price(once=MUTATION)},
    )


mark_read = _mutation(
    _mark_read,
    MarkReadSuccess,
    _MARKING,
    "Move a bookmark of the caller forward to where they have read what happens, or leave it where "
    "it is, if that is further on.",
)
"""The mutation ``markRead``."""

remove_bookmark = _mutation(
    _remove_bookmark,
    RemoveBookmarkSuccess,
    _NAME,
    "Remove a bookmark of the caller; whoever asks for it then begins at the beginning.",
)
"""The mutation ``removeBookmark``."""
