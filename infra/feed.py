"""The feed: every event from a position on, first what is there, then what comes."""

from collections.abc import AsyncIterator, Sequence
from typing import Final

import structlog

from api.ports import FeedBroken
from domain.aggregate import AggregateEvent
from domain.record import Recorded
from infra.mapper import EventMapper, UnreadableEvent
from infra.store import EventStore, StoredEvent

log = structlog.get_logger()

_PAGE: Final = 500
_PATIENCE: Final = 60.0
"""Seconds after which a reader that hears nothing looks for itself."""


class Feed:
    """Reads the log for whoever follows it."""

    def __init__(self, store: EventStore, mapper: EventMapper) -> None:
        self._store = store
        self._mapper = mapper

    async def head(self) -> int:
        """Give the position of the newest event, 0 before there is one."""
        return await self._store.head()

    async def since(self, after: int) -> AsyncIterator[Recorded[AggregateEvent]]:
        """Give every event beyond a position, in order and without gap, and never end.

        Raises:
            infra.store.GapInLog: the log lacks an event.
            FeedBroken: an event is damaged, or from newer code; what precedes it was given.
        """
        while True:
            page = await self._store.page(after, limit=_PAGE)
            sound, unreadable = await self._decode(page.events)
            for recorded in sound:
                yield recorded
            if unreadable is not None:
                log.error("feed.broken", position=unreadable.position, error=str(unreadable))
                raise FeedBroken(unreadable.position) from unreadable
            after = page.scanned
            if not page.events:
                await self._store.wait_beyond(after, _PATIENCE)

    async def _decode(
        self, events: Sequence[StoredEvent]
    ) -> tuple[Sequence[Recorded[AggregateEvent]], UnreadableEvent | None]:
        """Decode events up to the first that cannot be read, and give that error, too."""
        unreadable = None
        while True:
            try:
                return await self._mapper.decode(events), unreadable
            except UnreadableEvent as error:
                # An earlier one may turn out to be damaged, too, once its keys were fetched.
                unreadable = error
                events = [event for event in events if event.position < error.position]
