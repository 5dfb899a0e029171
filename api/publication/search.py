"""Searches: what follows in the log that a reader asked for and may be told, written as found."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field
from time import monotonic
from typing import Final

from api.consistency import PATIENCE
from api.hearing import hear, held_up
from api.ports import Feed, FeedBroken, Positions, Reads, Stretch
from api.publication.asked import Asked
from api.publication.cloud_event import batch
from domain.refusal import Refusal
from projections.guard import Eyes

FEWEST: Final = 200
"""Events that are read from the log at a time, at least: not all of them need be for the caller."""
TOGETHER: Final = 1_000
"""Events that are read at a time, at most: they take some milliseconds, then others have a turn."""
LOOKING: Final = 1.0
"""Seconds after which a search for what is meant is broken off, and gone on with by the next."""


class BeyondTheEnd(Refusal):
    """There is no position {after} yet, the last one is {head}. Go back to where you know to be."""

    FRENCH = (
        "La position {after} n’existe pas encore, la dernière est {head}. "
        "Revenez à une position que vous connaissez."
    )


@dataclass(frozen=True, slots=True)
class Reader:
    """Whoever reads, and what it takes to find out what they are told."""

    eyes: Eyes
    positions: Positions
    reads: Reads
    base: str
    """The address under which they know the interface."""


@dataclass(slots=True)
class Page:
    """What was found so far."""

    scanned: int
    batches: list[bytes] = field(default_factory=list)
    """The events, written as they were found."""
    count: int = 0
    """How many there are."""
    ended: bool = False
    """Whether nothing follows at the moment."""
    held: bool = False
    """Whether something does, and it cannot be said yet for whom: a read model has stopped."""


@dataclass(frozen=True, slots=True)
class Search:
    """Looks through the log for one reader."""

    feed: Feed
    asked: Asked
    reader: Reader

    async def go_on(self, page: Page) -> None:
        """Look for more, until the page is full, nothing follows, or it takes too long.

        Raises:
            BeyondTheEnd: the log does not reach to where it should be read on.
            FeedBroken: the event that follows cannot be read.
        """
        begun, until = page.scanned, monotonic() + LOOKING
        page.ended = False
        try:
            async with aclosing(self._stretches(page)) as stretches:
                async for found in stretches:
                    await self._take(found, page)
                    if page.ended or page.count == self.asked.limit or monotonic() >= until:
                        return
        except FeedBroken:
            if page.scanned == begun:
                raise

    async def _take(self, found: Stretch, page: Page) -> None:
        """Put what the reader is told of a stretch onto the page."""
        if found.events:
            last = found.events[-1].position
            if not await self.reader.positions.reached(last, PATIENCE):
                page.ended = True  # what the read model does not show yet is told later
                return
        held = held_up(found.events, self.reader, self.asked.wanted)
        page.held = held is not None
        if held is not None:
            found = Stretch([each for each in found.events if each.position < held], held - 1)
        heard = await hear(found.events, self.reader, self.asked.wanted)
        room = self.asked.limit - page.count
        if heard:
            page.batches.append(batch(heard[:room], self.reader.base))
            page.count += min(len(heard), room)
        if len(heard) > room:
            page.scanned = heard[room - 1].recorded.position
            return
        stays, page.scanned = found.scanned == page.scanned, found.scanned
        if page.held:
            page.ended = True
            return
        if stays and page.scanned > (head := await self.feed.head()):
            raise BeyondTheEnd("after", after=page.scanned, head=head)
        page.ended = not await self._follows(page.scanned)

    async def _stretches(self, page: Page) -> AsyncGenerator[Stretch, None]:
        """Read the log on and on, and while a stretch is being told the next one already."""
        together = min(max(self.asked.limit, FEWEST), TOGETHER)

        def read(after: int) -> asyncio.Task[Stretch]:
            return asyncio.create_task(self.feed.stretch(after, together, self.asked.topics))

        found = await read(page.scanned)
        while True:
            # Not in vain: a statement that is taken back costs more than one that is run.
            room = page.count + len(found.events) < self.asked.limit
            goes_on = room and await self._follows(found.scanned)
            ahead = read(found.scanned) if goes_on else None
            try:
                yield found
                found = await (ahead or read(found.scanned))
            finally:
                if ahead is not None:
                    ahead.cancel()
                    await asyncio.gather(ahead, return_exceptions=True)

    async def _follows(self, position: int) -> bool:
        """Tell whether it is known that something follows a position."""
        return await self.feed.beyond(position, 0) > position
