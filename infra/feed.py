"""The feed: every event from a position on, first what is there, then what comes."""

from collections.abc import AsyncIterator
from typing import Final

from domain.aggregate import AggregateEvent
from domain.record import Recorded
from infra.mapper import EventMapper
from infra.store import EventStore

_PAGE: Final = 500
_PATIENCE: Final = 60.0
"""Seconds after which a reader that hears nothing looks for itself."""


class Feed:
    """Reads the log for whoever follows it."""

    def __init__(self, store: EventStore, mapper: EventMapper) -> None:
        self._store = store
        self._mapper = mapper

    async def since(self, after: int) -> AsyncIterator[Recorded[AggregateEvent]]:
        """Give every event beyond a position, in order and without gap, and never end.

        Raises:
            infra.store.GapInLog: the log lacks an event.
            infra.mapper.UnreadableEvent: an event is damaged, or from newer code.
        """
        while True:
            page = await self._store.page(after, limit=_PAGE)
            for recorded in await self._mapper.decode(page.events):
                yield recorded
            after = page.scanned
            if not page.events:
                await self._store.wait_beyond(after, _PATIENCE)
