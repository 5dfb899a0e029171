"""Sources: from a number to the events that made it, one for each thing that it counts.

    actionStats(groupBy: [STATUS]) { groups { status count sources(first: 50) { nodes { … } } } }

What is counted is chosen by the same conditions and seen by the same rules as in the number itself.
Who sees that something is counted, and is not told of the event, is given its position alone.
"""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Protocol

import strawberry
from strawberry import UNSET

from api.connection import Connection
from api.context import Info, Operation
from api.entity import After, First
from api.hearing import Heard
from api.paging import window
from api.past import at, gathered
from api.prices import PRICE, SOURCES, Price
from api.reached import moment_of
from api.recorded import heard_at
from api.retracing import retrace
from domain.identity import Id
from projections import cursor
from projections.column import Position
from projections.guard import Eyes
from projections.lookup import Window
from projections.ordering import Ordering
from projections.sources import Bound, Key
from projections.table import Table


@strawberry.type(description="A thing that is counted, and the event since which it is.")
class NumberSource:
    """A thing that is counted, and the event since which it is what is counted."""

    position: Position = strawberry.field(
        description="The position of the event since which it is what is counted, without a break; "
        "0 for what was there before any event."
    )
    type: str | None = strawberry.field(
        description="What happened, such as action.proposed; null for those who are not told of it."
    )
    subject: Id | None = strawberry.field(
        description="The id of that to which it happened, for those who are told of it."
    )
    counted: Id | None = strawberry.field(
        description="The id of what is counted; null for what has none of its own."
    )
    recorded_at: datetime | None = strawberry.field(
        description="When it was recorded, for those who are told of it."
    )
    key: strawberry.Private[Key]


class Counting(Protocol):
    """What is counted, as a whole or in a group."""

    @property
    def table(self) -> Table:
        """The table of the rows that count."""

    @property
    def order(self) -> Ordering:
        """The order in which they are told."""

    @property
    def named(self) -> bool:
        """Whether their keys are ids by which they are known."""

    def page(self, position: int, eyes: Eyes, limit: int, after: Key | None) -> Bound:
        """Ask for some of them as of a position: the position of an event, then the key."""

    def count(self, eyes: Eyes) -> Bound:
        """Ask how many they are."""


class Sources:
    """A page of sources as resolvers see it, read when something of it is asked for."""

    def __init__(self, counting: Counting, operation: Operation, page: Window) -> None:
        self._counting = counting
        self._operation = operation
        self._page = page
        self._found: asyncio.Future[list[NumberSource]] | None = None

    async def rows(self) -> list[NumberSource]:
        """Give the sources of the page."""
        return (await self._read())[: self._page.limit]

    async def count(self) -> int:
        """Count all of them."""
        ((found,),) = await self._reads(self._counting.count(self._operation.eyes))
        return int(found)

    async def has_next(self) -> bool:
        """Tell whether others follow the page."""
        return len(await self._read()) > self._page.limit

    async def has_previous(self) -> bool:
        """Tell whether others precede the page."""
        return self._page.after is not None

    def cursor(self, found: NumberSource) -> str:
        """Give the cursor of a source."""
        return cursor.write(self._counting.table, self._counting.order, found.key)

    async def _read(self) -> list[NumberSource]:
        """Read the page and one beyond it, once."""
        if self._found is None:
            self._found = asyncio.ensure_future(self._sources())
        return await self._found

    async def _sources(self) -> list[NumberSource]:
        counting, page = self._counting, self._page
        moment, eyes = moment_of(self._operation).position, self._operation.eyes
        rows = await self._reads(counting.page(moment, eyes, page.limit + 1, page.after))
        heard = await heard_at({position for position, *_ in rows}, self._operation)
        return [
            _source(position, tuple(key), heard.get(position), named=counting.named)
            for position, *key in rows
        ]

    async def _reads(self, bound: Bound) -> Sequence[Sequence[Any]]:
        """Read at one moment, that of the number itself, whatever is recorded meanwhile."""
        moment = moment_of(self._operation).position
        await gathered(moment, self._operation)
        return await at(moment, self._operation).reads.rows(*bound)


def sources(description: str, counting: Callable[[Any], Counting]) -> Any:
    """Serve the sources of a number, given what it counts."""

    async def resolve(self: Any, info: Info, *, first: First = UNSET, after: After = UNSET) -> Any:
        retrace(info.context)
        counted = counting(self)
        page = window({"first": first, "after": after}, counted.table, counted.order)
        return Sources(counted, info.context, page)

    return strawberry.field(
        resolver=resolve,
        graphql_type=Connection[NumberSource],
        description=description,
        metadata={PRICE: Price(once=SOURCES)},
    )


def _source(position: int, key: Key, heard: Heard | None, *, named: bool) -> NumberSource:
    return NumberSource(
        position=Position(position),
        type=None if heard is None else type(heard.recorded.event).TOPIC,
        subject=None if heard is None else heard.subject,
        recorded_at=None if heard is None else heard.recorded.recorded_at,
        counted=Id(key[0]) if named else None,
        key=key,
    )
