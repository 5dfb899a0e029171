"""How far the projections of this process have come, and those who wait for it."""

import asyncio
from collections.abc import Collection, Iterable


class Progress:
    """The position up to which each projection shows the log; it never goes back."""

    def __init__(self, names: Iterable[str]) -> None:
        self.positions = dict.fromkeys(names, 0)
        self._stopped: set[str] = set()
        self._waiters: dict[asyncio.Future[None], tuple[int, Collection[str] | None]] = {}

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
            least = self.least  # once: there may be many who wait for all
            for waiter, (wanted, names) in self._waiters.items():
                if least >= wanted or (names is not None and self.is_at(wanted, names)):
                    _release(waiter)

    def is_at(self, position: int, names: Collection[str] | None = None) -> bool:
        """Tell whether all that run have reached a position, or of some those that run."""
        if names is None:
            return self.least >= position
        return all(self.positions[name] >= position for name in names if name not in self._stopped)

    async def wait_until(
        self,
        position: int,
        timeout: float,  # noqa: ASYNC109
        names: Collection[str] | None = None,
    ) -> bool:
        """Wait, for `timeout` seconds at most, until `is_at` says so."""
        if self.is_at(position, names):
            return True
        loop = asyncio.get_running_loop()
        waiter = loop.create_future()
        self._waiters[waiter] = position, names
        alarm = loop.call_later(timeout, _release, waiter)
        try:
            await waiter
        finally:
            alarm.cancel()
            del self._waiters[waiter]
        return self.is_at(position, names)


def _release(waiter: asyncio.Future[None]) -> None:
    if not waiter.done():
        waiter.set_result(None)
