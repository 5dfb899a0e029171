"""The connections on which the projector works."""

from datetime import date
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

_EPOCH: Final = date(2000, 1, 1).toordinal()
"""The day from which PostgreSQL counts days."""

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


async def exact_dates(connection: Connection) -> None:
    """Let a connection write the first and last day that Python knows as what they are.

    The driver takes them for minus and plus infinity, which JSON, by which live work writes, does
    not.
    """
    await connection.set_type_codec(
        "date",
        schema="pg_catalog",
        format="tuple",
        encoder=lambda day: (day.toordinal() - _EPOCH,),
        decoder=lambda days: date.fromordinal(days[0] + _EPOCH),
    )
