"""The proof of the log: whether each sealed event is still the one that was sealed."""

from typing import Final

import asyncpg

from infra.keeping.inspection.finding import Findings
from infra.keeping.kept import Connection
from infra.keys.keyring import Keyring
from infra.progress import Told
from infra.proving.signing import held_public_key
from infra.proving.verification import verify

_SESSION: Final = {
    "application_name": "cordee check",
    "search_path": "pg_catalog",
    "jit": "off",
    "timezone": "UTC",
    # As in `check`: the log goes by in the order of its index.
    "cursor_tuple_fraction": "0.01",
}


async def check_proof(dsn: str, keyring: Keyring, findings: Findings, tell: Told) -> None:
    """Hold the log against its tree, and that against the key that the master key vouches for.

    ``tell`` is told how many events are done, of how many.
    """
    connection: Connection = await asyncpg.connect(dsn, server_settings=_SESSION)
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            trusted = await held_public_key(connection, keyring)
            await verify(connection, findings, tell, trusted=trusted)
    finally:
        await connection.close()
