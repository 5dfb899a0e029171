"""Reading the read model: rendered statements, run on a pool of their own."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Protocol, Self, TypeAlias, TypeVar, cast

import asyncpg

from api.ports import ReadsUnavailable, ReadTooSlow
from infra.connections import Connections
from infra.observing.parts import PoolState
from infra.store.availability import DISCONNECTED
from projections.statement import Statement

T = TypeVar("T")

LONGEST: Final = 5.0
"""Seconds that one statement may take."""
PATIENCE: Final = 10.0
"""Seconds to wait for a free connection."""
_ATTEMPTS: Final = 2


if TYPE_CHECKING:
    _Connection: TypeAlias = asyncpg.Connection[asyncpg.Record]
else:
    _Connection = asyncpg.Connection  # generic only for those who check types


class Reader(_Connection):
    """A connection to the read model."""

    __slots__ = ("path",)

    path: str | None
    """The search path that it was told to have; None is that of its role."""


class Schemas(Protocol):
    """Tells in which schemas the tables are that are to be read."""

    @property
    def path(self) -> str:
        """Give them as a search path."""

    async def look(self) -> None:
        """Learn whether there are others by now."""


class Reads:
    """Runs statements on the read model, each in a snapshot of its own."""

    def __init__(self, connections: "Connections[Reader]", schemas: Schemas) -> None:
        self._connections = connections
        self._schemas = schemas

    @classmethod
    async def open(cls, dsn: str, schemas: Schemas, *, pool_size: int) -> Self:
        """Open ``pool_size`` connections at most, which read what is in some ``schemas``."""
        connections = Connections(partial(_connect, dsn), pool_size, patience=PATIENCE)
        return cls(connections, schemas)

    async def close(self) -> None:
        """Close the connections when they are free."""
        await self._connections.close()

    def state(self) -> PoolState:
        """Tell how many of the connections are in use."""
        return self._connections.state()

    # No frames of their own for what is only passed on: a statement by a key takes less than ten.

    def answer(
        self, statement: Statement, arguments: Sequence[object]
    ) -> Coroutine[Any, Any, Sequence[bytes | None]]:
        """Run a rendered plan and give its one row: a JSON text for each value.

        Raises:
            ReadsUnavailable: the database is away, or all connections stay busy.
            ReadTooSlow: the statement took longer than it may.
        """
        return self._attempt(_ROW, statement.text, arguments)

    def rows(
        self, statement: Statement, arguments: Sequence[object]
    ) -> Coroutine[Any, Any, Sequence[Sequence[Any]]]:
        """Run a statement and give its rows.

        Raises:
            ReadsUnavailable: the database is away, or all connections stay busy.
            ReadTooSlow: the statement took longer than it may.
        """
        return self._attempt(_ROWS, statement.text, arguments)

    async def _attempt(
        self, fetch: Callable[..., Awaitable[T]], text: str, arguments: Sequence[object]
    ) -> T:
        """Run a statement on a free connection, and once more where that turns out to be dead."""
        connections, schemas = self._connections, self._schemas
        for attempt in range(_ATTEMPTS):
            try:
                connection = connections.take_free() or await connections.take()
                try:
                    if connection.path != schemas.path:
                        await _look_at(connection, schemas.path)
                    return await fetch(connection, text, *arguments)
                except asyncpg.InterfaceError as error:
                    # The driver says so of a lost connection, and of arguments that do not fit.
                    if connection.is_closed():
                        raise
                    raise AssertionError("a statement and its arguments fit") from error
                finally:
                    connections.give_back(connection)
            except asyncpg.QueryCanceledError as slow:
                raise ReadTooSlow from slow
            except (asyncpg.UndefinedTableError, asyncpg.UndefinedFunctionError) as gone:
                # A generation was dropped that this process has not left yet, or none is ready.
                if attempt + 1 == _ATTEMPTS:
                    raise ReadsUnavailable from gone
                await schemas.look()
            except DISCONNECTED as lost:
                if attempt + 1 == _ATTEMPTS or isinstance(lost, TimeoutError):
                    raise ReadsUnavailable from lost
                await asyncio.sleep(0)
        raise AssertionError("an attempt answers or raises")


_ROW: Final = cast(Callable[..., Awaitable[Sequence[bytes | None]]], asyncpg.Connection.fetchrow)
_ROWS: Final = cast(Callable[..., Awaitable[Sequence[Sequence[Any]]]], asyncpg.Connection.fetch)


async def _look_at(connection: Reader, path: str) -> None:
    """Let a connection read the generations that are to be read now."""
    await connection.execute("select set_config('search_path', $1, false)", path)
    connection.path = path


async def _connect(dsn: str) -> Reader:
    connection = await asyncpg.connect(
        dsn,
        connection_class=Reader,
        statement_cache_size=512,
        # What is asked of the past is long, and planning it anew takes three times what it does.
        max_cacheable_statement_size=1 << 17,
        max_cached_statement_lifetime=0,
        command_timeout=2 * LONGEST,
        server_settings={
            "application_name": "cordee reads",
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
    connection.path = None
    try:
        # Binary, and left as bytes: the JSON goes into the response as PostgreSQL wrote it.
        await connection.set_type_codec(
            "json", schema="pg_catalog", format="binary", encoder=bytes, decoder=bytes
        )
    except BaseException:
        connection.terminate()
        raise
    return connection
