"""How far the projections of this process have come, and those who wait for it."""

import asyncio
from collections.abc import Iterable


class Progress:
    """The position up to which each projection shows the log."""

    def __init__(self, names: Iterable[str]) -> None:
        self.positions = dict.fromkeys(names, 0)
        self._waiters: dict[asyncio.Future[None], int] = {}

    @property
    def least(self) -> int:
        """The position that all have reached."""
        return min(self.positions.values(), default=0)

    def reached(self, name: str, position: int) -> None:
        """Take in how far a projection is; after a rebuild began that is less than before."""
        self.positions[name] = position
        if self._waiters:
            least = self.least
            for waiter, wanted in self._waiters.items():
                if wanted <= least:
                    _release(waiter)

    async def wait_until(self, position: int, timeout: float) -> bool:  # noqa: ASYNC109
        """Wait until all have reached a position, for `timeout` seconds at most."""
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
