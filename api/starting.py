"""Starting: what is there at once is taken at once, before a clock is set for it."""

import asyncio
from collections.abc import Callable, Coroutine, Generator
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Started(Generic[T]):
    """A coroutine that has run until it had to wait, if it had to.

    To set a clock and to stop it costs more than most of what is awaited with one. Whoever finds
    that it is not `done` awaits it, with a clock, and it goes on where it waits.
    """

    def __init__(self, coroutine: Coroutine[Any, Any, T]) -> None:
        self._coroutine = coroutine
        self._result: T | None = None
        self.done = False
        try:
            self._awaited = coroutine.send(None)
        except StopIteration as end:
            self.done, self._result = True, end.value

    @property
    def result(self) -> T:
        """What came of it, once it is done."""
        return self._result  # type: ignore[return-value]

    def __await__(self) -> Generator[Any, Any, T]:
        """Go on until there is a result. It is awaited once, by the task that started it."""
        while not self.done:
            go_on: Callable[[Any], Any] = self._coroutine.send
            try:
                given = yield self._awaited
            except BaseException as error:  # noqa: BLE001 - it is for what waits
                go_on, given = self._coroutine.throw, error
            try:
                self._awaited = go_on(given)
            except StopIteration as end:
                self.done, self._result = True, end.value
        return self.result


async def within(seconds: float, coroutine: Coroutine[Any, Any, T]) -> T:
    """Await something that may take so many seconds. Raises TimeoutError."""
    started = Started(coroutine)
    if started.done:
        return started.result
    async with asyncio.timeout(seconds):
        return await started
