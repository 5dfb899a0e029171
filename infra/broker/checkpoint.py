"""The checkpoint of the relay: how far it has come, and whose turn it is.

Of all processes one relays, which holds an advisory lock of the database. The lock ends with its
session, and the session when nothing is heard of it for a while, so that another takes over from
one that hangs. Whoever takes over counts the fence up: what its predecessor would store is refused,
as the broker refuses what it would publish (`infra.broker.volley`).
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final, NoReturn, TypeAlias

import asyncpg

if TYPE_CHECKING:
    _Connection: TypeAlias = asyncpg.Connection[asyncpg.Record]
else:
    _Connection = asyncpg.Connection  # generic only for those who check types

GONE: Final = 15.0
"""Seconds of silence after which the database gives up a session, and with it the lock."""
LOOK: Final = 1.0
"""Seconds after which whoever waits looks again whether it is their turn."""

_WITHIN: Final = 5.0
_LOCKS: Final = 7310583
"""The class of the advisory locks; within it each stream has one by its name."""

_TRY: Final = "select pg_try_advisory_lock($1, hashtext($2))"

_CLAIM: Final = """
insert into log.relay as r (stream, fence) values ($1, 1)
on conflict (stream) do update set fence = r.fence + 1
returning fence, position, sequence
"""

_STORE: Final = """
update log.relay
set position = $3, sequence = $4, problem = null, updated_at = clock_timestamp()
where stream = $1 and fence = $2
returning true
"""

_TROUBLE: Final = """
update log.relay set problem = $3, updated_at = clock_timestamp()
where stream = $1 and fence = $2 and problem is distinct from $3
"""


class TurnOver(Exception):
    """Somebody else relays by now."""


class Checkpoint:
    """One process's turn to relay to a stream, and where the one before has come to."""

    def __init__(self, connection: _Connection, stream: str) -> None:
        self._connection = connection
        self._stream = stream
        self._using = asyncio.Lock()
        self._fence = 0
        self.position = 0
        """Up to here of the log everything was acknowledged that is for the broker."""
        self.sequence = 0
        """That of the broker's last message at that time."""

    async def claim(self) -> None:
        """Wait for one's turn, and take over."""
        while not await self._connection.fetchval(_TRY, _LOCKS, self._stream):  # noqa: ASYNC110
            await asyncio.sleep(LOOK)  # the one whose turn it is tells nobody when it ends
        row = await self._connection.fetchrow(_CLAIM, self._stream)
        assert row is not None, "the row is there or was made"
        self._fence, self.position, self.sequence = row

    async def store(self, position: int, sequence: int) -> None:
        """Note how far everything was acknowledged.

        Raises:
            TurnOver: it is somebody else's affair.
        """
        async with self._using:
            stored = await self._connection.fetchval(
                _STORE, self._stream, self._fence, position, sequence
            )
        if not stored:
            raise TurnOver
        self.position, self.sequence = position, sequence

    async def trouble(self, problem: str) -> None:
        """Note what keeps the relay from going on, for those who look after it."""
        await self._connection.execute(_TROUBLE, self._stream, self._fence, problem)

    async def beat(self) -> NoReturn:
        """Show that this process lives, again and again."""
        while True:
            async with self._using:
                await self._connection.execute("select")
            await asyncio.sleep(LOOK)


@asynccontextmanager
async def turn(dsn: str, stream: str) -> AsyncIterator[Checkpoint]:
    """Wait for the turn of this process to relay to a stream; it ends with the context.

    Raises:
        OSError, asyncpg.PostgresError, asyncpg.InterfaceError: the database is away.
    """
    connection = await asyncpg.connect(
        dsn,
        timeout=_WITHIN,
        command_timeout=_WITHIN,
        server_settings={
            "application_name": "cordee relay",
            "search_path": "pg_catalog",
            "idle_session_timeout": f"{GONE * 1000:.0f}",
            # What a crash takes back the broker knows.
            "synchronous_commit": "off",
            "jit": "off",
        },
    )
    try:
        checkpoint = Checkpoint(connection, stream)
        await checkpoint.claim()
        yield checkpoint
    finally:
        connection.terminate()
