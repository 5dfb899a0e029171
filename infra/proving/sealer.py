"""The sealer: what one process does so that the tree keeps up with the log.

Of all processes one seals, which holds an advisory lock of the database; when it ends, or is not
heard of any more, another takes over.
"""

import asyncio
from collections.abc import Awaitable
from contextlib import suppress
from typing import Final, Protocol

import asyncpg
import structlog

from infra.keeping.kept import Connection
from infra.keys.keyring import Keyring, WrongMasterKey
from infra.proving.sealing import MOST, Overtaken, Sealed, SealingStopped, resume, seal
from infra.proving.signing import MasterKeyReplaced
from infra.store.availability import DISCONNECTED

log = structlog.get_logger()

LOCK: Final = 7310582
"""The advisory lock of the one who seals."""

SOON: Final = 1_000
"""Events that are sealed at once when as many wait."""
WITHIN: Final = 0.5
"""Seconds for which fewer wait for others, to share a head with them."""
REST: Final = 0.4
"""Seconds from one head to the next while others append: a busy log has two heads a second, each of
many events, and no more than 25 000 events a second are sealed. What comes faster is sealed once
there is time: those who append do not pay for it."""
LOOK: Final = 1.0
"""Seconds after which somebody looks again: at a log that is quiet, or whether the lock is free."""
PATIENCE: Final = 5.0
"""Seconds until what could not be done is tried again."""

_GONE: Final = 15_000
"""Milliseconds of silence after which the database gives up a session, and with it the lock."""

_TRY: Final = "select pg_try_advisory_lock($1)"


class Growth(Protocol):
    """Tells how the log grows, as `infra.store.EventStore` does."""

    def wait_beyond(self, position: int, timeout: float) -> Awaitable[int]:
        """Wait until the log is beyond a position, ``timeout`` seconds at most; give its head."""


class Sealer:
    """Seals what is appended, until it is stopped."""

    def __init__(self, dsn: str, growth: Growth, keyring: Keyring) -> None:
        self._dsn = dsn
        self._growth = growth
        self._keyring = keyring
        self._problem: str | None = None
        self._task = asyncio.get_running_loop().create_task(self._run(), name="sealer")

    async def stop(self) -> None:
        """End; others go on, or the next start."""
        self._task.cancel()
        await asyncio.wait((self._task,))

    async def _run(self) -> None:
        while True:
            try:
                connection = await connect(self._dsn)
                try:
                    await self._attend(connection)
                finally:
                    connection.terminate()
            except (SealingStopped, WrongMasterKey, MasterKeyReplaced) as stopped:
                self._tell(str(stopped))
            except (*DISCONNECTED, asyncpg.PostgresError) as error:
                log.debug("sealing.interrupted", error=type(error).__name__)
            await asyncio.sleep(PATIENCE if self._problem else LOOK)

    async def _attend(self, connection: Connection) -> None:
        """Wait for one's turn, then seal as the log grows."""
        while not await connection.fetchval(_TRY, LOCK):  # noqa: ASYNC110  (no event of ours)
            await asyncio.sleep(LOOK)
        # A log in which nothing happened yet has no tree: it may be restored into.
        while not await self._growth.wait_beyond(0, LOOK):
            await connection.execute("select")
        while True:
            with suppress(Overtaken):
                await self._seal(connection, await resume(connection, self._keyring))

    async def _seal(self, connection: Connection, tree: Sealed) -> None:
        while True:
            if await self._growth.wait_beyond(tree.edge.size, LOOK) > tree.edge.size:
                await self._growth.wait_beyond(tree.edge.size + SOON - 1, WITHIN)
            before = await self._head()
            # Also when nothing is known to have come: the session must not seem to be gone.
            events = await seal(connection, self._keyring, tree)
            if events:
                self._problem = None
            if events < MOST or await self._head() > before:
                await asyncio.sleep(REST)

    def _head(self) -> Awaitable[int]:
        """Give the newest position that is known, without waiting for another."""
        return self._growth.wait_beyond(-1, LOOK)

    def _tell(self, problem: str) -> None:
        if problem != self._problem:
            self._problem = problem
            log.error("sealing.stopped", error=problem)


async def connect(dsn: str) -> Connection:
    """Open a connection on which to seal."""
    return await asyncpg.connect(
        dsn,
        timeout=PATIENCE,
        command_timeout=PATIENCE,
        server_settings={
            "application_name": "cordee seal",
            "search_path": "pg_catalog",
            "idle_session_timeout": str(_GONE),
            # Appends need not queue up behind heads. One that a crash takes away is signed anew,
            # and has the same root: the events were there before it.
            "synchronous_commit": "off",
            "plan_cache_mode": "force_generic_plan",
            "enable_seqscan": "off",
            "jit": "off",
        },
    )
