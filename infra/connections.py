"""Connections to the database, used in turns: as many as are needed at once, and no more.

A pool of asyncpg starts a task for each connection that is taken with patience and another for
each that is given back, and wraps it meanwhile: twice what a short statement costs this process.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from time import perf_counter
from typing import Generic, TypeAlias, TypeVar

import asyncpg

from infra.observing.parts import PoolState

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
C = TypeVar("C", bound=Connection)


class Connections(Generic[C]):
    """Connections that are opened when they are needed, and then kept."""

    def __init__(self, connect: Callable[[], Awaitable[C]], most: int, *, patience: float) -> None:
        """Open ``most`` at a time; ``patience`` is how many seconds one is waited for."""
        self._connect = connect
        self._most = most
        self._patience = patience
        self._free: list[C] = []
        self._used = 0
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._waits = 0
        self._waited = 0.0
        self._closed = False

    def take_free(self) -> C | None:
        """Give a connection that is free at this moment; None where one has to be waited for."""
        if self._waiting or self._used >= self._most:  # what is free is for who had their turn
            return None
        connection = self._open()
        if connection is not None:
            self._used += 1
        return connection

    async def take(self) -> C:
        """Give a connection that nobody else has, until it is given back.

        Raises:
            TimeoutError: none was free, or could be opened, in time.
            OSError, asyncpg.PostgresError, asyncpg.InterfaceError: none can be opened, or all were
                closed.
        """
        if self._used < self._most and not self._waiting:
            self._used += 1
        else:
            await self._wait()
        try:
            return self._open() or await self._opened()
        except BaseException:
            self._end_turn()
            raise

    def give_back(self, connection: C) -> None:
        """Leave a connection to the next one; a statement that was broken off ends by itself."""
        if connection.is_closed():
            connection.terminate()
        else:
            self._free.append(connection)
        self._end_turn()

    def state(self) -> PoolState:
        """Tell how many are in use."""
        return PoolState(self._used, self._most, self._waits, self._waited)

    async def close(self) -> None:
        """Close the connections when they are free; whoever wants one from now on is refused."""
        if self._closed:
            return
        self._closed = True
        for _ in range(self._most):
            await self._turn()
        while self._free:
            await self._free.pop().close()
        self._end_turn()  # whoever waits is told, one after the other

    async def _wait(self) -> None:
        began = perf_counter()
        self._waits += 1
        try:
            async with asyncio.timeout(self._patience):
                await self._turn()
        finally:
            self._waited += perf_counter() - began

    async def _turn(self) -> None:
        """Have a turn, one after the other."""
        if self._used < self._most and not self._waiting:
            self._used += 1
            return
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            await turn
        except BaseException:
            if turn.cancelled():
                with suppress(ValueError):  # it was passed over already
                    self._waiting.remove(turn)
            else:
                self._end_turn()  # it came at the moment at which nobody wanted it any more
            raise

    def _end_turn(self) -> None:
        """Give a turn to whoever waits for it."""
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self._used -= 1

    def _open(self) -> C | None:
        """Give one of those that are free and open."""
        while self._free:
            # The one that was used last: its statements are prepared, its server is awake.
            connection = self._free.pop()
            if not connection.is_closed():
                return connection
            connection.terminate()
        return None

    async def _opened(self) -> C:
        if self._closed:
            raise ConnectionError("the connections were closed")
        async with asyncio.timeout(self._patience):
            return await self._connect()
