"""What may go wrong while folding, and what may be told of it."""

from typing import Final

import asyncpg

from infra.keys.keyring import WrongMasterKey
from infra.mapper import UnreadableEvent
from infra.store import StoreUnavailable
from infra.store.availability import DISCONNECTED, TRANSIENT
from projections.rows import MissingRow, Unannounced

AWAY: Final = (*DISCONNECTED, *TRANSIENT, StoreUnavailable, WrongMasterKey)
"""The database is not there, rolled back for a reason of its own, or has got a master key that this
process lacks: try again."""


def told(error: BaseException) -> str:
    """Say what went wrong, in our own words or in none: others may quote what people are called."""
    kind = type(error).__name__
    match error:
        case asyncpg.PostgresError():
            place = (error.table_name, error.column_name, error.constraint_name)
            words = " ".join(part for part in place if part)
        case MissingRow() | Unannounced() | UnreadableEvent() | WrongMasterKey():
            words = str(error)
        case StoreUnavailable() | OSError():
            words = str(error)
        case _:
            words = ""
    return f"{kind}: {words}" if words else kind
