"""The connections on which the projector works."""

from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    import asyncpg
    from asyncpg import Record
    from asyncpg.pool import PoolConnectionProxy

Connection: TypeAlias = "asyncpg.Connection[Record] | PoolConnectionProxy[Record]"
"""A connection, of a pool or of its own."""

Pool: TypeAlias = "asyncpg.Pool[Record]"
"""The connections of one projector."""
