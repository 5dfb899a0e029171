"""Hearing: what is told to an endpoint, as its owner would be told it at this moment."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from starlette.datastructures import QueryParams

import api.schema  # noqa: F401 - with all entities, by which it is decided what may be heard
from api.consistency import PATIENCE
from api.hearing import Heard, hear, held_up
from api.ports import Feed, Positions, Reads
from api.publication.asked import Asked
from api.publication.cloud_event import singly
from api.publication.cursor import Cursors
from api.publication.search import Reader
from domain.identity import external
from infra.webhooks.endpoint import Endpoint
from projections.guard import Eyes

_MOST_FILTERS: Final = 1_000
"""Filters that are known when they come again."""
_NO_CURSORS: Final = Cursors(b"")
"""For filters, in which no cursor stands."""


class ReadModelBehind(Exception):
    """The read model does not show yet what is to be told."""


@dataclass(frozen=True, slots=True)
class Found:
    """What is to be told of a stretch of the log."""

    heard: list[Heard]
    scanned: int
    """The position up to which nothing is missing."""


@dataclass(frozen=True, slots=True)
class Hearing:
    """Finds out what is told to endpoints."""

    feed: Feed
    positions: Positions
    reads: Reads
    base: str
    """The address under which others know the interface."""

    async def look(self, endpoint: Endpoint, most: int) -> Found:
        """Look through the log where an endpoint has not been told it yet, ``most`` events far.

        Raises:
            domain.refusal.Refusal: its filter is not understood any more.
            ReadModelBehind: the read model is not as far as the log.
            FeedBroken: the event that follows cannot be read.
            ReadsUnavailable, ReadTooSlow: the database does not answer.
        """
        asked = asked_by(endpoint.filter)
        stretch = await self.feed.stretch(endpoint.position, most, asked.topics)
        reader, events, scanned = self._reader(endpoint), stretch.events, stretch.scanned
        if events:
            await self._reach(events[-1].position)
        if (stop := held_up(events, reader, asked.wanted)) is not None:
            events = [each for each in events if each.position < stop]
            scanned = stop - 1
        return Found(await hear(events, reader, asked.wanted), scanned)

    async def bodies(self, endpoint: Endpoint, positions: Collection[int]) -> Mapping[int, bytes]:
        """Write the events of some positions; one that may not be told any more is left out.

        Raises:
            As `look` does.
        """
        if not positions:
            return {}
        asked = asked_by(endpoint.filter)
        events, left = [], sorted(positions)
        while left:
            stretch = await self.feed.stretch(left[0] - 1, len(left), asked.topics)
            events += [each for each in stretch.events if each.position in positions]
            left = [position for position in left if position > max(stretch.scanned, left[0])]
        reader = self._reader(endpoint)
        if events:
            await self._reach(events[-1].position)
        if held_up(events, reader, asked.wanted) is not None:
            raise ReadModelBehind
        heard = await hear(events, reader, asked.wanted)
        written = singly(heard, self.base)
        return {each.recorded.position: body for each, body in zip(heard, written, strict=True)}

    def _reader(self, endpoint: Endpoint) -> Reader:
        eyes = Eyes(external("principal", endpoint.principal))
        return Reader(eyes, self.positions, self.reads, self.base)

    async def _reach(self, position: int) -> None:
        if not await self.positions.reached(position, PATIENCE):
            raise ReadModelBehind


@lru_cache(maxsize=_MOST_FILTERS)
def asked_by(filter: str) -> Asked:
    """Read a filter as the feed does.

    Raises:
        domain.refusal.Refusal: something of it makes no sense.
    """
    return Asked.read(QueryParams(filter), _NO_CURSORS)
