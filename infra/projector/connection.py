"""The connections on which the projector works."""

from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:
    import asyncpg
    from asyncpg import Record
    from asyncpg.pool import PoolConnectionProxy

Connection: TypeAlias = "asyncpg.Connection[Record] | PoolConnectionProxy[Record]"
"""A connection, of a pool or of its own."""

Pool: TypeAlias = "asyncpg.Pool[Record]"
"""The connections of one projector."""

Either: TypeAlias = (
    "asyncpg.Connection[Record] | PoolConnectionProxy[Record] | asyncpg.Pool[Record]"
)
"""Whatever runs a single statement: a connection, or one of a pool."""

_BOUNDS: Final = {
    15: "idle_in_transaction_session_timeout",  # counts between two statements
    17: "transaction_timeout",  # counts within one as well, whose parameters were never sent
}
"""What ends a session in which a transaction goes on for too long, by the first major version."""


async def bounded(connection: Connection, *, seconds: float) -> None:
    """Let the database end a session whose holder stands still in the midst of a transaction.

    Nobody else could get what it has locked, however long its lease has been over.
    """
    for since, bound in _BOUNDS.items():
        if connection.get_server_version().major >= since:
            await connection.execute(f"set {bound} = {seconds * 1000:.0f}")
