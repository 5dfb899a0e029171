"""How far the projections of this process have come, and those who wait for it."""

import asyncio
from collections.abc import Iterable


class Progress:
    """The position up to which each projection shows the log; it never goes back."""

    def __init__(self, names: Iterable[str]) -> None:
        self.positions = dict.fromkeys(names, 0)
        self._stopped: set[str] = set()
        self._waiters: dict[asyncio.Future[None], int] = {}

    @property
    def least(self) -> int:
        """The position that all have reached, but for those that have stopped.

        A stopped one stays where it is until somebody mends it: nothing that follows should wait
        for that. Where all have stopped, it is the position of the one that is furthest behind.
        """
        running = self.positions.keys() - self._stopped if self._stopped else None
        return min((self.positions[name] for name in running or self.positions), default=0)

    def reached(self, name: str, position: int, *, stopped: bool) -> None:
        """Take in how far a projection shows the log, and whether it stays there."""
        if stopped:
            self._stopped.add(name)
        else:
            self._stopped.discard(name)
        self.positions[name] = max(position, self.positions[name])
        if self._waiters:
            least = self.least
            for waiter, wanted in self._waiters.items():
                if wanted <= least:
                    _release(waiter)

    async def wait_until(self, position: int, timeout: float) -> bool:  # noqa: ASYNC109
        """Wait until all that run have reached a position, for `timeout` seconds at most."""
        if self.least >= position:
            return True
        loop = asyncio.get_running_loop()
        waiter = loop.create_future()
        self._waiters[waiter] = position
        alarm = loop.call_later(timeout, _release, waiter)
        try:
            await waiter
        finally:
            alarm.cancel()
            del self._waiters[waiter]
        return self.least >= position


def _release(waiter: asyncio.Future[None]) -> None:
    if not waiter.done():
        waiter.set_result(None)
