"""The feed: every event from a position on, first what is there, then what comes.

Those who follow it are woken together and ask for the same: what they are given is read and
deciphered once. It is not kept, for it may name people who want to be forgotten.
"""

import asyncio
from collections.abc import AsyncIterator, Collection, Sequence
from contextvars import Context
from dataclasses import dataclass
from typing import Final

import structlog

from api.ports import FeedBroken, ReadsUnavailable, Stretch
from domain.aggregate import AggregateEvent
from domain.record import Recorded
from infra.mapper import EventMapper, UnreadableEvent
from infra.store import EventStore, StoredEvent, StoreUnavailable

log = structlog.get_logger()

_PAGE: Final = 500
_FEW: Final = 20
"""Types of which PostgreSQL reads no others; it compares each event with one after the other."""
_PATIENCE: Final = 60.0
"""Seconds after which a reader that hears nothing looks for itself."""


@dataclass(frozen=True, slots=True)
class _Page:
    sound: Sequence[Recorded[AggregateEvent]]
    unreadable: UnreadableEvent | None
    """The event that follows those, where it cannot be read."""
    scanned: int


class Feed:
    """Reads the log for whoever follows it."""

    def __init__(self, store: EventStore, mapper: EventMapper) -> None:
        self._store = store
        self._mapper = mapper
        self._at: dict[object, int] = {}
        self._pages: dict[int, asyncio.Task[_Page]] = {}
        """What is being read at the moment, by the position after which it begins."""

    def backlog(self, head: int) -> int:
        """Tell how many events, up to a position, the slowest follower has yet to be given."""
        return max(0, head - min(self._at.values(), default=head))

    async def head(self) -> int:
        """Give the position of the newest event, 0 before there is one.

        Raises:
            ReadsUnavailable: the log does not answer.
        """
        try:
            return await self._store.head()
        except StoreUnavailable as error:
            raise ReadsUnavailable from error

    async def since(self, after: int) -> AsyncIterator[Sequence[Recorded[AggregateEvent]]]:
        """Give every event beyond a position, in order and without gap, and never end.

        Those that are there already come by the hundred.

        Raises:
            infra.store.GapInLog: the log lacks an event.
            FeedBroken: an event is damaged, or from newer code; what precedes it was given.
        """
        follower = object()
        try:
            while True:
                self._at[follower] = after
                page = await asyncio.shield(self._page(after))
                if page.sound:
                    yield page.sound
                if page.unreadable is not None:
                    raise _broken(page.unreadable) from page.unreadable
                if page.scanned == after:
                    await self._store.wait_beyond(after, _PATIENCE)
                after = page.scanned
        finally:
            self._at.pop(follower, None)

    def _page(self, after: int) -> "asyncio.Task[_Page]":
        """Read what follows a position, once for all who ask for it at the same time."""
        page = self._pages.get(after)
        if page is None:
            loop = asyncio.get_running_loop()
            page = self._pages[after] = loop.create_task(self._read(after), context=Context())
            page.add_done_callback(lambda done: self._done(after, done))
        return page

    def _done(self, after: int, page: "asyncio.Task[_Page]") -> None:
        del self._pages[after]
        if not page.cancelled():
            page.exception()  # whoever waits is told; it is no fault where nobody does any more

    async def _read(self, after: int) -> _Page:
        page = await self._store.page(after, limit=_PAGE)
        sound, unreadable = await self._decode(page.events)
        return _Page(sound, unreadable, page.scanned)

    async def stretch(self, after: int, limit: int, types: Collection[str]) -> Stretch:
        """Give events of some types beyond a position, in order, ``limit`` at most.

        Raises:
            infra.store.GapInLog: the log lacks an event.
            FeedBroken: the first of them is damaged, or from newer code.
            ReadsUnavailable: the log does not answer.
        """
        try:
            chosen = types if len(types) <= _FEW else None
            page = await self._store.page(after, limit=limit, topics=chosen)
        except StoreUnavailable as error:
            raise ReadsUnavailable from error
        sound, unreadable = await self._decode([e for e in page.events if e.topic in types])
        if unreadable is None:
            return Stretch(sound, page.scanned)
        if not sound:
            raise _broken(unreadable) from unreadable
        return Stretch(sound, unreadable.position - 1)

    async def beyond(self, position: int, timeout: float) -> int:  # noqa: ASYNC109
        """Wait, for ``timeout`` seconds at most, until something follows a position."""
        return await self._store.wait_beyond(position, timeout)

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


def _broken(unreadable: UnreadableEvent) -> FeedBroken:
    """Note an event that cannot be read, for those who can mend it, and tell where it stands."""
    log.error("feed.broken", position=unreadable.position, error=str(unreadable))
    return FeedBroken(unreadable.position)
