"""Scratch: a making of a projection that nobody reads, and that ends with its connection."""

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from contextlib import asynccontextmanager
from types import MappingProxyType
from uuid import UUID

from infra.projector.connection import Connection
from infra.projector.generation import Generation, fill
from projections.projection import Projection


class Temporary(Generation):
    """A generation whose tables are temporary ones, of one connection."""

    @property
    def schema(self) -> str:
        """The schema of temporary tables, as each connection calls its own."""
        return "pg_temp"


class Scratch:
    """Temporary tables that an engine fills: nobody else can, and no checkpoint is stored."""

    def __init__(self, projection: Projection, left_out: Mapping[UUID, int]) -> None:
        self.generation = Temporary(projection, 0)
        self.position = 0
        """Up to here it has everything."""
        self._left_out = left_out

    @classmethod
    @asynccontextmanager
    async def made(
        cls,
        connection: Connection,
        projection: Projection,
        left_out: Mapping[UUID, int] = MappingProxyType({}),
    ) -> AsyncIterator["Scratch"]:
        """Make the tables on a connection, with the rows of reference, and take them away at last.

        ``left_out`` are streams whose events do not count, each from a position on.
        """
        scratch = cls(projection, left_out)
        async with connection.transaction():
            await fill(connection, scratch.generation)
        try:
            yield scratch
        finally:
            if not connection.is_closed():
                await connection.execute("discard temp")

    @property
    def fresh(self) -> bool:
        """Whether its tables hold nothing yet."""
        return self.position == 0

    def check(self) -> None:
        """Nobody else has it."""

    async def aside(self, connection: Connection) -> Mapping[UUID, int]:  # noqa: ARG002
        """Name the streams that are left out."""
        return self._left_out

    async def store(
        self, connection: Connection, position: int, write: Callable[[], Awaitable[Collection[str]]]
    ) -> None:
        """Write rows, in one transaction."""
        async with connection.transaction():
            await write()
        self.position = position
