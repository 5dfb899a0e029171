"""Entries of news: what happened, in words, page by page in the order of the log."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self, cast

import strawberry

from api import leads
from api.connection import PageInfo
from api.events import Event, told
from api.hearing import Heard
from api.node import Node
from api.paging import LONGEST, USUAL, CursorMalformed, PageOutOfBounds
from api.publication.catalogue import BY_EVENT
from api.publication.cursor import CursorForged, CursorOfAnother, Cursors
from api.publication.look import Look
from domain.refusal import Language
from projections.column import Position


@strawberry.type(description="Something that happened, in words.")
class NewsEntry(Event):
    """Something that happened, in words."""

    title: str = strawberry.field(
        description="What happened, in a sentence, in French or English by Accept-Language."
    )

    @strawberry.field(
        graphql_type=Node | None,
        description="That to which it happened, as it is now; null for what is no more.",
    )
    def node(self) -> Any:
        """Give that to which it happened."""
        return None if self.subject is None else leads.node(self.subject)


@strawberry.type(description="An entry of a page, with its place.")
class NewsEdge:
    """An entry of a page, with its place."""

    node: NewsEntry = strawberry.field(description="The entry.")
    cursor: str = strawberry.field(description="Its place: give it as after to go on from here.")


@strawberry.type(description="A page of news, the oldest first.")
class NewsConnection:
    """A page of news, the oldest first."""

    edges: list[NewsEdge] = strawberry.field(description="The entries, each with its cursor.")
    nodes: list[NewsEntry] = strawberry.field(description="The entries.")
    page_info: PageInfo = strawberry.field(
        description="Where the page lies. It ends where it was looked to: a page may have few "
        "entries, or none, and yet go on, where much had to be looked through."
    )
    scanned: Position = strawberry.field(
        description="Up to here nothing is missing: the position for markRead once the page is "
        "read."
    )


@dataclass(frozen=True, slots=True)
class Start:
    """Where a page of news begins, and for whom."""

    position: int
    """The page is of what happened beyond it."""
    size: int
    preceded: bool
    """Whether it begins further on than at the bookmark."""
    cursors: Cursors
    filters: Sequence[str]
    """What says which facts are meant: a cursor goes with it."""

    @classmethod
    def read(
        cls,
        first: int | None,
        after: str | None,
        since: int,
        cursors: Cursors,
        filters: Sequence[str],
    ) -> Self:
        """Read the arguments of a page of what happened ``since`` a position.

        Raises:
            PageOutOfBounds, CursorMalformed: they make no sense.
        """
        size = USUAL if first is None else first
        if not 0 <= size <= LONGEST:
            raise PageOutOfBounds("first", size=size, limit=LONGEST)
        if after is None:
            return cls(since, size, False, cursors, filters)
        try:
            position = cursors.read(after, filters)
        except (CursorForged, CursorOfAnother):
            raise CursorMalformed("after") from None
        return cls(position, size, position > since, cursors, filters)

    def page(self, found: Look, language: Language) -> NewsConnection:
        """Make the page, of a look that went on for one entry more than it has."""
        heard = found.heard[: self.size]
        full = len(found.heard) > self.size
        scanned = found.scanned
        if full:
            scanned = heard[-1].recorded.position if heard else self.position
        edges = [
            NewsEdge(
                node=self._entry(each, language),
                cursor=self.cursors.write(each.recorded.position, self.filters),
            )
            for each in heard
        ]
        end = self.cursors.write(scanned, self.filters)
        extent = _Extent(
            (edges[0].cursor if edges else end, end),
            goes_on=full or not found.complete,
            preceded=self.preceded,
        )
        return NewsConnection(
            edges=edges,
            nodes=[edge.node for edge in edges],
            page_info=cast(PageInfo, extent),
            scanned=Position(scanned),
        )

    def _entry(self, heard: Heard, language: Language) -> NewsEntry:
        title = BY_EVENT[type(heard.recorded.event)].title[language]
        return NewsEntry(**vars(told(heard, self.cursors, self.filters)), title=title)


@dataclass(frozen=True, slots=True)
class _Extent:
    """From where to where a page goes, as the resolvers of `PageInfo` see it."""

    places: tuple[str, str]
    goes_on: bool
    preceded: bool

    async def rows(self) -> Sequence[str]:
        """Give its first place, and that up to which it was looked."""
        return self.places

    async def has_next(self) -> bool:
        """Tell whether entries follow, or may follow."""
        return self.goes_on

    async def has_previous(self) -> bool:
        """Tell whether entries may precede."""
        return self.preceded

    def cursor(self, place: str) -> str:
        """Give the cursor of a place, which is one."""
        return place
