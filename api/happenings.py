"""Happenings: to which things something happened lately, for those who wait for it."""

from collections import OrderedDict
from typing import Final
from uuid import UUID

from api.fan_out import Pulse, apart
from api.ports import Feed

MOST: Final = 10_000
"""Things of which it is known when something happened to them last."""


class Happenings:
    """The end of the log, followed once for all who wait for something to happen to a thing."""

    def __init__(self, feed: Feed, after: int) -> None:
        """Follow what is beyond a position."""
        self._last: OrderedDict[UUID, int] = OrderedDict()
        self._begins = after
        """From where on every fact is known that is the last one about its thing."""
        self._pulses: dict[UUID, Pulse] = {}
        self._live = apart(self._follow(feed, after))

    @property
    def broken(self) -> bool:
        """Whether it has ended: something could not be read."""
        return self._live.done()

    def close(self) -> None:
        """Follow the log no longer."""
        self._live.cancel()

    async def next(self, thing: UUID, after: int) -> int:
        """Wait until something happened to a thing beyond a position, and give where that stands.

        Who is so far back that nobody knows any more is told that it did.

        Raises:
            api.ports.FeedBroken, api.ports.ReadsUnavailable: the log cannot be followed.
        """
        while True:
            if after < self._begins:
                return self._begins
            if (last := self._last.get(thing, 0)) > after:
                return last
            if self._live.done():
                self._live.result()
            pulse = self._pulses.setdefault(thing, Pulse())
            try:
                await pulse.next()
            finally:
                if not len(pulse) and self._pulses.get(thing) is pulse:
                    del self._pulses[thing]

    async def _follow(self, feed: Feed, after: int) -> None:
        try:
            async for facts in feed.since(after):
                for recorded in facts:
                    self._last[recorded.event.originator_id] = recorded.position
                    self._last.move_to_end(recorded.event.originator_id)
                while len(self._last) > MOST:
                    _, self._begins = self._last.popitem(last=False)
                for thing in {recorded.event.originator_id for recorded in facts}:
                    if (pulse := self._pulses.get(thing)) is not None:
                        pulse.beat()
            raise AssertionError("the log has no end")
        finally:
            for pulse in list(self._pulses.values()):
                pulse.beat()
