"""Waking readers: in this process at once, in others by NOTIFY, and by asking if all else fails."""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any, Final, Protocol

import asyncpg

from infra.store import sql
from infra.store.availability import UNREACHABLE

_CHANNEL: Final = "log_event"
_CONNECT_WITHIN: Final = 3.0
_CLOSE_WITHIN: Final = 3.0
_PAUSE: Final = 0.1
_GAP: Final = 0.005
"""Seconds between two NOTIFYs: whatever is committed meanwhile goes into the second."""


class Bell:
    """The newest position that this process knows of, and those who wait for a newer one."""

    def __init__(self) -> None:
        self.head = 0
        self._waiters: dict[asyncio.Future[None], int] = {}

    def ring(self, head: int) -> None:
        """Wake everybody who waits for a position below `head`."""
        if head > self.head:
            self.head = head
            for waiter, position in self._waiters.items():
                if position < head:
                    _release(waiter)

    async def wait_beyond(self, position: int, timeout: float) -> int:  # noqa: ASYNC109
        """Wait until the head is beyond `position`, `timeout` seconds at most, and give it."""
        if self.head <= position and timeout > 0:
            loop = asyncio.get_running_loop()
            waiter = loop.create_future()
            self._waiters[waiter] = position
            alarm = loop.call_later(timeout, _release, waiter)
            try:
                await waiter
            finally:
                alarm.cancel()
                del self._waiters[waiter]
        return self.head


def _release(waiter: asyncio.Future[None]) -> None:
    if not waiter.done():
        waiter.set_result(None)


class Herald(Protocol):
    """Another way to other processes than NOTIFY, which need not always be there."""

    def attend(self, hear: Callable[[int], None]) -> None:
        """Begin to hear of positions."""

    async def tell(self, head: int) -> bool:
        """Tell the others of a position; False where that is not possible now."""

    async def stop(self) -> None:
        """End."""


class Watch:
    """One connection that listens to other processes, tells them, and asks for the head itself.

    A LISTEN whose connection has died is silent. So every `poll` seconds the head is asked for on
    that very connection: the answer is news that a lost NOTIFY would have brought, and no answer
    is a dead connection, which is replaced.
    """

    def __init__(self, dsn: str, bell: Bell, *, poll: float, herald: Herald | None = None) -> None:
        """Others are told by the ``herald``, if there is one and while it can."""
        self._dsn = dsn
        self._herald = herald
        self._bell = bell
        self._poll = poll
        self._committed = 0
        self._told = 0
        self._stir = asyncio.Event()
        self._attending = False
        self._closing = False
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to listen, and learn the head.

        Raises:
            OSError, asyncpg.PostgresError, asyncpg.InterfaceError: the database cannot be used.
        """
        connection = await self._connect()
        self._bell.ring(await connection.fetchval(sql.HEAD))
        self._task = asyncio.create_task(self._run(connection), name="event store watch")
        if self._herald is not None:
            self._herald.attend(self._bell.ring)

    async def close(self) -> None:
        """Tell others what they have not been told, and stop listening."""
        self._closing = True
        self._stir.set()
        if self._task is not None:
            if self._attending:
                # A query that is cancelled half way leaves a task of asyncpg's behind.
                await asyncio.wait([self._task], timeout=_CLOSE_WITHIN)
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        if self._herald is not None:
            await self._herald.stop()

    def committed(self, head: int) -> None:
        """Ring the bell of this process now, and those of the others soon."""
        if head > self._committed:
            self._committed = head
            self._bell.ring(head)
            self._stir.set()

    async def _run(self, connection: "asyncpg.Connection[asyncpg.Record]") -> None:
        while True:
            try:
                self._attending = True
                await self._attend(connection)
            except UNREACHABLE:
                # What is missed meanwhile is asked for on the next connection.
                pass
            else:
                return
            finally:
                self._attending = False
                connection.terminate()
            await asyncio.sleep(_PAUSE)
            connection = await self._reconnect()

    async def _attend(self, connection: "asyncpg.Connection[asyncpg.Record]") -> None:
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            if connection.is_closed():
                raise asyncpg.ConnectionDoesNotExistError("the server closed the connection")
            if due <= loop.time():
                self._bell.ring(await connection.fetchval(sql.HEAD))
                due = loop.time() + self._poll
            if self._told < self._committed:
                head = self._committed
                if self._herald is None or not await self._herald.tell(head):
                    await connection.execute(sql.NOTIFY, _CHANNEL, str(head))
                self._told = head
                await asyncio.sleep(_GAP)
                continue
            if self._closing:
                return
            self._stir.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout_at(due):
                    await self._stir.wait()

    async def _connect(self) -> "asyncpg.Connection[asyncpg.Record]":
        connection = await asyncpg.connect(
            self._dsn,
            timeout=_CONNECT_WITHIN,
            command_timeout=2 * self._poll,
            server_settings={
                "application_name": "cordee watch",
                # A NOTIFY is a transaction too, but not worth an fsync: nobody misses a lost one.
                "synchronous_commit": "off",
            },
        )
        connection.add_termination_listener(lambda _: self._stir.set())
        try:
            await connection.add_listener(_CHANNEL, self._heard)
        except BaseException:
            connection.terminate()
            raise
        return connection

    async def _reconnect(self) -> "asyncpg.Connection[asyncpg.Record]":
        while True:
            try:
                return await self._connect()
            except UNREACHABLE:
                await asyncio.sleep(_PAUSE)

    def _heard(self, _connection: Any, _pid: int, _channel: str, payload: object) -> None:
        # Anybody may NOTIFY on a channel; what is not a position is not news.
        if isinstance(payload, str) and payload.isdecimal():
            self._bell.ring(int(payload))
