"""Reading the read model: rendered statements, run on a pool of their own."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, Self, TypeAlias, TypeVar, cast

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from api.ports import ReadsUnavailable, ReadTooSlow
from infra.store.availability import DISCONNECTED
from projections.statement import Statement

T = TypeVar("T")
Connection: TypeAlias = "PoolConnectionProxy[asyncpg.Record]"

SCHEMA: Final = "read"
LONGEST: Final = 5.0
"""Seconds that one statement may take."""
PATIENCE: Final = 10.0
"""Seconds to wait for a free connection."""
_ATTEMPTS: Final = 2


class Reads:
    """Runs statements on the read model, each in a snapshot of its own."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        self._pool = pool

    @classmethod
    async def open(cls, dsn: str, *, pool_size: int) -> Self:
        """Open ``pool_size`` connections at most."""
        pool = await asyncpg.create_pool(
            dsn,
            min_size=0,
            max_size=pool_size,
            init=_prepare,
            reset=_leave_as_it_is,
            statement_cache_size=512,
            max_cached_statement_lifetime=0,
            command_timeout=2 * LONGEST,
            server_settings={
                "application_name": "cordee reads",
                "search_path": SCHEMA,
                "timezone": "UTC",
                "statement_timeout": f"{LONGEST:.0f}s",
                "default_transaction_read_only": "on",
                # Statements of a plan are run again and again: planned once, 11 to 16 % faster.
                "plan_cache_mode": "force_generic_plan",
                "jit": "off",
                # Others are asking at the same moment: workers took twice the time of processors,
                # and even alone, a statistic of a hundred thousand rows was not there sooner.
                "max_parallel_workers_per_gather": "0",
                # How close a name must come to what was typed: one wrong letter in a short one.
                "pg_trgm.word_similarity_threshold": "0.45",
            },
        )
        return cls(pool)

    async def close(self) -> None:
        """Close the connections when they are free."""
        await self._pool.close()

    async def answer(
        self, statement: Statement, arguments: Sequence[object]
    ) -> Sequence[bytes | None]:
        """Run a rendered plan and give its one row: a JSON text for each value.

        Raises:
            ReadsUnavailable: the database is away, or all connections stay busy.
            ReadTooSlow: the statement took longer than it may.
        """

        async def run(connection: Connection) -> Sequence[bytes | None]:
            row = await connection.fetchrow(statement.text, *arguments)
            return cast(Sequence[bytes | None], row)

        return await self._attempt(run)

    async def rows(
        self, statement: Statement, arguments: Sequence[object]
    ) -> Sequence[Sequence[Any]]:
        """Run a statement and give its rows.

        Raises:
            ReadsUnavailable: the database is away, or all connections stay busy.
            ReadTooSlow: the statement took longer than it may.
        """

        async def run(connection: Connection) -> Sequence[Sequence[Any]]:
            rows = await connection.fetch(statement.text, *arguments)
            return cast(Sequence[Sequence[Any]], rows)

        return await self._attempt(run)

    async def _attempt(self, run: Callable[[Connection], Awaitable[T]]) -> T:
        """Run on a free connection, and once more where it turns out to be dead."""
        for attempt in range(_ATTEMPTS):
            try:
                async with self._pool.acquire(timeout=PATIENCE) as connection:
                    return await _run(run, connection)
            except asyncpg.QueryCanceledError as slow:
                raise ReadTooSlow from slow
            except DISCONNECTED as lost:
                if attempt + 1 == _ATTEMPTS or isinstance(lost, TimeoutError):
                    raise ReadsUnavailable from lost
                await asyncio.sleep(0)
        raise AssertionError("an attempt answers or raises")


async def _run(run: Callable[[Connection], Awaitable[T]], connection: Connection) -> T:
    try:
        return await run(connection)
    except asyncpg.InterfaceError as error:
        # The driver says so of a lost connection, and of arguments that do not fit.
        if connection.is_closed():
            raise
        raise AssertionError("a statement and its arguments fit") from error


async def _prepare(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    # Binary, and left as bytes: the JSON goes into the response as PostgreSQL wrote it.
    await connection.set_type_codec(
        "json", schema="pg_catalog", format="binary", encoder=bytes, decoder=bytes
    )


async def _leave_as_it_is(_connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    """Spare the round trip of a reset: a statement alone changes nothing in its session."""
