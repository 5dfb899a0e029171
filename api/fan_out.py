"""Fan-out: what many follow in the same words is executed once, and written once for all of them.

A line is such an execution. It tells each fact once, in the order of the log, and keeps what it
told last. Whoever follows has nothing of their own but the position up to which they were told:
who is near the end is told what the line keeps, and who comes later, or reads too slowly, reads
the log from where they are until they are near it again. So the log is everybody's queue, nobody
waits for anybody, and as each step begins where the one before it ended there is neither a gap nor
a double.

Whoever is at the end and can take more at once is handed what is told, one after the other, and
sleeps on: to wake a task for each of a thousand takes longer than to write to them.
"""

import asyncio
from collections import deque
from collections.abc import (
    AsyncGenerator,
    Awaitable,
    Callable,
    Collection,
    Coroutine,
    Hashable,
    Iterator,
    Sequence,
)
from contextlib import contextmanager
from contextvars import Context, ContextVar
from dataclasses import dataclass
from time import monotonic
from typing import Any, Final, Protocol, TypeAlias, TypeVar

from api.frame import Frame, Telling
from api.ports import Feed
from domain.aggregate import AggregateEvent
from domain.record import Recorded

FRESH: Final = 1.0
"""Seconds for which it holds what somebody may see, while they take what they are told."""
MOST: Final = 1_000
"""Frames that a line keeps for those who are a little late; none for longer than `FRESH`."""
PAGE: Final = 200
"""Facts that are read together by those who are further back."""
PAGES: Final = 4
"""Pages that a line keeps for those who read the same ones; none for longer than `FRESH`."""
AGAIN: Final = 0.01
"""Seconds after which a page is read again that did not show yet what is there."""

TOGETHER: Final = 100
"""Those who are handed something in one go, before others on the loop have their turn."""

Facts: TypeAlias = Sequence[Recorded[AggregateEvent]]
Tell: TypeAlias = Callable[[Facts], Awaitable[Sequence[Frame]]]
"""Writes those of some facts that are told, in their order."""
Take: TypeAlias = Callable[[Telling], bool]
"""Takes what is told without waiting; False, and none of it, where that is not possible now."""

AT_ONCE: Final[ContextVar[Take | None]] = ContextVar("at_once", default=None)
"""How whoever follows something in this task can be handed what is told; None where they cannot."""

S = TypeVar("S", bound="Shared")
T = TypeVar("T")


class Shared(Protocol):
    """What several follow, as long as anybody does."""

    @property
    def broken(self) -> bool:
        """Whether it has ended, and whoever comes now has to begin anew."""

    def close(self) -> None:
        """End what is done for them."""


@dataclass(slots=True, eq=False)
class _Followed:
    shared: Any
    followers: int = 0


class FanOut:
    """What is followed in one process, by what names it."""

    def __init__(self, feed: Feed) -> None:
        self.feed = feed
        self._followed: dict[Hashable, _Followed] = {}

    def __len__(self) -> int:
        return len(self._followed)

    @contextmanager
    def joined(self, key: Hashable, make: Callable[[], S]) -> Iterator[S]:
        """Be one of those who follow something: the first one makes it, the last one ends it."""
        followed = self._followed.get(key)
        if followed is None or followed.shared.broken:
            followed = self._followed[key] = _Followed(make())
        followed.followers += 1
        try:
            yield followed.shared
        finally:
            followed.followers -= 1
            if not followed.followers:
                followed.shared.close()
                if self._followed.get(key) is followed:
                    del self._followed[key]


class Pulse:
    """Wakes those who wait for something more, all at once."""

    def __init__(self) -> None:
        self._waiting: set[asyncio.Future[None]] = set()

    def __len__(self) -> int:
        return len(self._waiting)

    def beat(self) -> None:
        """Wake them."""
        waiting, self._waiting = self._waiting, set()
        for waiter in waiting:
            if not waiter.done():
                waiter.set_result(None)

    async def next(self) -> None:
        """Wait for it."""
        waiter = asyncio.get_running_loop().create_future()
        self._waiting.add(waiter)
        try:
            await waiter
        finally:
            self._waiting.discard(waiter)


@dataclass(slots=True, eq=False)
class _Seat:
    """Where somebody is who waits at the end of a line."""

    at: int
    take: Take | None
    called: asyncio.Future[None]

    def call(self) -> None:
        """Let them go on by themselves."""
        if not self.called.done():
            self.called.set_result(None)


class Line:
    """Facts as all those are told them who ask in the same words, and see alike."""

    def __init__(self, feed: Feed, topics: Collection[str], tell: Tell) -> None:
        """``topics`` are those of the facts that can be told at all."""
        self._feed = feed
        self._topics = topics
        self._tell = tell
        self._told: deque[Telling] = deque()
        """What is kept, without a gap: `_begins` to `_at`."""
        self._frames = 0
        self._begins = self._at = 0
        self._seats = set[_Seat]()
        self._live: asyncio.Task[None] | None = None
        """Follows the end of the log, once somebody has come to it."""
        self._pages: dict[int, asyncio.Task[Telling]] = {}

    async def told(self, after: int, take: Take | None = None) -> AsyncGenerator[Telling, None]:
        """Tell every fact beyond a position that is meant, and never end.

        What ``take`` was handed meanwhile is not given here, and what is given here it is not
        handed; it is handed nothing while what was given last is still being looked at.

        Raises:
            api.ports.FeedBroken: a fact cannot be read; those before it were told.
            api.ports.ReadsUnavailable, api.ports.ReadTooSlow: it cannot be decided who is told.
        """
        at = after
        while True:
            if not self._keeps(at):
                telling = await self._page(at)
                if telling.at == at:
                    await self._end_reached(at)
                    continue
            elif at < self._at:
                newest = self._told[-1]
                if newest.after > at:
                    newest = next(each for each in self._told if each.at > at)
                telling = newest.beyond(at)
            else:
                at = await self._more(at, take)
                continue
            at = telling.at
            if telling.frames:
                yield telling

    @property
    def broken(self) -> bool:
        """Whether it has ended: something could not be read, or not be decided."""
        return self._live is not None and self._live.done()

    def close(self) -> None:
        """Follow the log no longer."""
        for task in (self._live, *self._pages.values()):
            if task is not None:
                task.cancel()

    def _keeps(self, at: int) -> bool:
        """Tell whether all that was told beyond a position is still kept, and still to be told."""
        if self._live is None:
            return False
        old = monotonic() - FRESH
        while self._told and (self._told[0].when < old or self._frames > MOST):
            gone = self._told.popleft()
            self._frames -= len(gone.frames)
            self._begins = gone.at
        return at >= self._begins

    async def _end_reached(self, at: int) -> None:
        """Begin to follow the log, where nothing lies beyond a position."""
        if self._live is not None:  # it has told more than was there when the page was read
            await asyncio.sleep(AGAIN)
            return
        head = await self._feed.head()
        if self._live is None:
            self._begins = self._at = min(at, head)
            self._live = apart(self._follow(self._at))

    async def _follow(self, at: int) -> None:
        try:
            async for facts in self._feed.since(at):
                frames = await self._tell(facts)
                telling = Telling(frames, self._at, facts[-1].position)
                self._told.append(telling)
                self._frames += len(frames)
                self._at = telling.at
                await self._hand(telling)
            raise AssertionError("the log has no end")
        finally:
            for seat in self._seats:
                seat.call()

    async def _hand(self, telling: Telling) -> None:
        """Hand what was just told to those who wait for it, and call those who cannot take it.

        All others on the loop have their turn after some, however much there is.
        """
        seats = list(self._seats)
        for begin in range(0, len(seats) or 1, TOGETHER):
            fresh = monotonic() - telling.when < FRESH
            for seat in seats[begin : begin + TOGETHER]:
                if seat.called.done():
                    continue  # they left
                if seat.at == telling.after and (
                    not telling.frames or (fresh and seat.take is not None and seat.take(telling))
                ):
                    seat.at = telling.at
                elif seat.at < telling.at:
                    seat.call()
            await asyncio.sleep(0)

    async def _more(self, at: int, take: Take | None) -> int:
        """Wait until there is more than was taken, and give the position up to which that is.

        Raises what ended the line.
        """
        assert self._live is not None, "somebody has come to the end of the log"
        if self._live.done():
            self._live.result()
        seat = _Seat(at, take, asyncio.get_running_loop().create_future())
        self._seats.add(seat)
        try:
            await seat.called
        finally:
            self._seats.discard(seat)
        return seat.at

    async def _page(self, at: int) -> Telling:
        """Read what lies beyond a position, once for all who are there."""
        page = self._pages.get(at)
        if page is None:
            page = self._pages[at] = apart(self._read(at))
            while len(self._pages) > PAGES:
                del self._pages[next(iter(self._pages))]
        return await asyncio.shield(page)

    async def _read(self, at: int) -> Telling:
        kept = False
        try:
            stretch = await self._feed.stretch(at, PAGE, self._topics)
            telling = Telling(await self._tell(stretch.events), at, stretch.scanned)
            kept = telling.at > at
        finally:
            if kept:
                asyncio.get_running_loop().call_later(FRESH, self._pages.pop, at, None)
            else:  # there may be more when it is asked for again
                self._pages.pop(at, None)
        return telling


def apart(work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
    """Do something for all who wait for it: on nobody's trail, and whether they all go or not."""
    task = asyncio.get_running_loop().create_task(work, context=Context())
    task.add_done_callback(lambda done: done.cancelled() or done.exception())
    return task
