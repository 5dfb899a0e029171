"""Histories as connections (Relay): what happened to a thing, page by page.

    class Roadmap(RoadmapRow, Node):
        history = history("roadmap")

It ends with the fact that the thing itself shows, which its version tells: an answer is of one
moment.
"""

from enum import Enum
from typing import Annotated, Any, Final, cast

import strawberry
from strawberry import UNSET

from api.connection import PageInfo
from api.context import Info
from api.entity import After, Before, First, Last
from api.history.asked import HistoryWhere, wanted
from api.history.entries import HistoryEntry
from api.history.facts import History, Range
from api.history.page import CURSORS, Page, Places
from api.paging import LONGEST, USUAL, BothEnds, CursorMalformed, PageOutOfBounds
from api.prices import HISTORY, PRICE, Price
from api.publication.cursor import CursorForged, CursorOfAnother
from api.writing import Written
from domain.identity import Id, internal
from domain.refusal import Refusal

TOGETHER: Final = 20
"""Histories that one operation may ask for."""


class TooManyHistories(Refusal):
    """An operation reads {limit} histories at most. Ask for those of fewer things at once."""

    FRENCH = (
        "Une requête lit {limit} historiques au plus. Demandez ceux de moins de choses à la fois."
    )


@strawberry.enum(description="In which order a history is told.")
class HistoryOrder(Enum):
    """In which order a history is told."""

    NEWEST_FIRST = strawberry.enum_value("NEWEST_FIRST", description="What happened last first.")
    OLDEST_FIRST = strawberry.enum_value("OLDEST_FIRST", description="What happened first first.")


@strawberry.type(description="A fact of a page, with its place in the history.")
class HistoryEntryEdge:
    """A fact of a page, with its place in the history."""

    node: HistoryEntry = strawberry.field(description="The fact.")
    cursor: str = strawberry.field(
        description="Its place: give it as after or before to go on from here."
    )


@strawberry.type(description="A page of a history.")
class HistoryEntryConnection(Written):
    """A page of a history."""

    page: strawberry.Private[Page]

    @strawberry.field(description="The facts of the page, each with its cursor.")
    async def edges(self) -> list[HistoryEntryEdge]:
        """Give the edges."""
        told = (await self.page.entries()).told
        return [HistoryEntryEdge(node=e, cursor=self.page.cursor(e.version)) for e in told]

    @strawberry.field(description="The facts of the page.")
    async def nodes(self) -> list[HistoryEntry]:
        """Give the facts."""
        return (await self.page.entries()).told

    @strawberry.field(
        description="Where the page lies in the history. Only so many facts are looked through for "
        "one page: it may hold fewer than were asked for, even none, and endCursor says from where "
        "to go on."
    )
    async def page_info(self) -> PageInfo:
        """Give the place of the page."""
        found = await self.page.entries()
        places = [each for each in (found.first, found.last) if each is not None]
        return cast(PageInfo, Places(self.page, places))

    @strawberry.field(
        description="How many facts are meant of those that the caller may hear of; counted only "
        "when asked, and only of 10 000 facts at most."
    )
    async def total_count(self) -> int:
        """Count the facts."""
        return await self.page.count()


Where = Annotated[
    HistoryWhere | None,
    strawberry.argument(description="Which facts are meant; all of them unless given."),
]
Order = Annotated[
    HistoryOrder | None,
    strawberry.argument(description="In which order they come; the newest first unless given."),
]


def history(noun: str) -> Any:
    """Serve what happened to a thing, page by page."""

    async def resolve(
        self: Any,
        info: Info,
        *,
        first: First = UNSET,
        after: After = UNSET,
        last: Last = UNSET,
        before: Before = UNSET,
        where: Where = UNSET,
        order_by: Order = UNSET,
    ) -> HistoryEntryConnection:
        operation = info.context
        operation.told += 1
        if operation.told > TOGETHER:
            raise TooManyHistories(limit=TOGETHER)
        oldest_first = bool(order_by) and HistoryOrder(order_by) is HistoryOrder.OLDEST_FIRST
        size, backward = _size(first, last)
        stream = internal(noun, Id(self.id))
        of = stream.hex, str(not oldest_first)
        page = Page(
            History(noun, self, stream, wanted(noun, where or None), operation),
            Range(0, self.version),
            newest_first=not oldest_first,
            limit=size,
            backward=backward,
            after=_place("after", after, of),
            before=_place("before", before, of),
        )
        return HistoryEntryConnection(page=page)

    return strawberry.field(
        resolver=resolve,
        description="What happened to it, fact by fact: nothing is merged, and nothing left out "
        "that the caller may hear of.",
        metadata={PRICE: Price(once=HISTORY)},
    )


def _size(first: int | None, last: int | None) -> tuple[int, bool]:
    """Give how long a page is, and whether it is from the end."""
    given = {name: size for name, size in (("first", first), ("last", last)) if _is_given(size)}
    if len(given) > 1:
        raise BothEnds("last")
    for name, size in given.items():
        assert size is not None, "it was given"
        if not 0 <= size <= LONGEST:
            raise PageOutOfBounds(name, size=size, limit=LONGEST)
        return size, name == "last"
    return USUAL, False


def _place(name: str, token: str | None, of: tuple[str, str]) -> int | None:
    if not _is_given(token):
        return None
    assert token is not None, "it was given"
    try:
        return CURSORS.read(token, of)
    except (CursorForged, CursorOfAnother):
        raise CursorMalformed(name) from None


def _is_given(value: object) -> bool:
    return value is not None and value is not UNSET
