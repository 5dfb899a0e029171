"""Connections (Relay): a page of a long list, its edges, and where it lies."""

from typing import TYPE_CHECKING, Generic, TypeVar, cast

import strawberry

from projections import cursor
from projections.lookup import Key, Lookup, Window
from projections.table import Row

if TYPE_CHECKING:
    from api.loaders import Loaders

T = TypeVar("T")


class Slice:
    """A page as resolvers see it: each part is read when it is asked for."""

    def __init__(self, loaders: "Loaders", lookup: Lookup, key: Key, window: Window) -> None:
        self._loaders = loaders
        self._lookup = lookup
        self._key = key
        self._window = window

    async def rows(self) -> list[Row]:
        """Give the rows of the page."""
        found, limit = await self._found(), self._window.limit
        if not self._window.backward:
            return found[:limit]
        return found[max(len(found) - limit, 0) :]

    async def count(self) -> int:
        """Count the rows of the whole list."""
        return await self._loaders.count(self._lookup, self._key)

    async def has_next(self) -> bool:
        """Tell whether rows follow the page."""
        if not self._window.backward and len(await self._found()) > self._window.limit:
            return True
        before = self._window.before
        return before is not None and await self._loaders.reaches(
            self._lookup, self._key, before, backward=False
        )

    async def has_previous(self) -> bool:
        """Tell whether rows precede the page."""
        if self._window.backward and len(await self._found()) > self._window.limit:
            return True
        after = self._window.after
        return after is not None and await self._loaders.reaches(
            self._lookup, self._key, after, backward=True
        )

    def cursor(self, row: Row) -> str:
        """Give the cursor of a row."""
        order = self._lookup.order
        return cursor.write(row.TABLE, order, order.place(row))

    async def _found(self) -> list[Row]:
        return await self._loaders.rows(self._lookup, self._key, self._window)


class Beside:
    """A row beside its slice, which knows its cursor."""

    def __init__(self, slice: Slice, row: Row) -> None:
        self.slice = slice
        self.row = row


@strawberry.type(description="Where a page lies in its list.")
class PageInfo:
    """Where a page lies in its list."""

    @strawberry.field(description="Whether items follow the page.")
    async def has_next_page(self) -> bool:
        """Tell whether items follow."""
        return await cast(Slice, self).has_next()

    @strawberry.field(description="Whether items precede the page.")
    async def has_previous_page(self) -> bool:
        """Tell whether items precede."""
        return await cast(Slice, self).has_previous()

    @strawberry.field(description="The cursor of the first item; null on an empty page.")
    async def start_cursor(self) -> str | None:
        """Give the first cursor."""
        page = cast(Slice, self)
        rows = await page.rows()
        return page.cursor(rows[0]) if rows else None

    @strawberry.field(description="The cursor of the last item; null on an empty page.")
    async def end_cursor(self) -> str | None:
        """Give the last cursor."""
        page = cast(Slice, self)
        rows = await page.rows()
        return page.cursor(rows[-1]) if rows else None


@strawberry.type(description="An item of a page, with its place in the list.")
class Edge(Generic[T]):
    """An item of a page, with its place in the list."""

    @strawberry.field(description="The item.")
    def node(self) -> T:
        """Give the item."""
        return cast(T, cast(Beside, self).row)

    @strawberry.field(description="Its place: give it as after or before to go on from here.")
    def cursor(self) -> str:
        """Give the place."""
        edge = cast(Beside, self)
        return edge.slice.cursor(edge.row)


@strawberry.type(description="A page of a list.")
class Connection(Generic[T]):
    """A page of a list."""

    @strawberry.field(description="The items of the page, each with its cursor.")
    async def edges(self) -> list[Edge[T]]:
        """Give the edges."""
        page = cast(Slice, self)
        return cast(list[Edge[T]], [Beside(page, row) for row in await page.rows()])

    @strawberry.field(description="The items of the page.")
    async def nodes(self) -> list[T]:
        """Give the items."""
        return cast(list[T], await cast(Slice, self).rows())

    @strawberry.field(description="Where the page lies in the list.")
    def page_info(self) -> PageInfo:
        """Give the place of the page."""
        return cast(PageInfo, self)

    @strawberry.field(description="How many items the whole list has; counted only when asked.")
    async def total_count(self) -> int:
        """Count the list."""
        return await cast(Slice, self).count()
