"""When the database is not there: which errors say so, and what the caller is told."""

from typing import Final

import asyncpg


class StoreUnavailable(Exception):
    """The event store could not answer in time."""

    def __init__(self, message: str, *, stored: bool | None) -> None:
        super().__init__(message)
        self.stored = stored
        """Whether the command is in the log; None is not known: ask again under the same id."""


DISCONNECTED: Final = (
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.CannotConnectNowError,
    asyncpg.TooManyConnectionsError,
    # The server that we are connected to is a standby now.
    asyncpg.ReadOnlySQLTransactionError,
)
"""The connection is of no use any more. What was under way on it may have been committed."""

UNREACHABLE: Final = (*DISCONNECTED, asyncpg.PostgresError)
"""What connecting may raise; during a start or a switch to a standby that is any error at all."""

TRANSIENT: Final = (
    asyncpg.InsufficientResourcesError,
    asyncpg.OperatorInterventionError,
    asyncpg.TransactionRollbackError,
    asyncpg.LockNotAvailableError,
)
"""The server rolled back for a reason of its own, not for what was asked."""
