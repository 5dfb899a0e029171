"""A log that is opened to be proved: a connection, and whose signature is to be trusted."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import asyncpg

from infra.keeping.kept import Connection
from infra.keys.vault import open_vault
from infra.migrate import migrate
from infra.proving.signing import held_public_key
from infra.settings import Settings
from infra.system import reachable
from infra.terminal import errors

SESSION: Final = {
    "application_name": "cordee verify",
    "search_path": "pg_catalog",
    "jit": "off",
    "timezone": "UTC",
    # The log goes by in the order of its index; to sort it first would fill a disk.
    "cursor_tuple_fraction": "0.01",
}


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[tuple[Connection, bytes | None]]:
    """Give a connection to the log, and the public key that the master key vouches for."""
    async with reachable(settings, _aside) as dsn:
        await migrate(dsn)
        vault = await open_vault(settings, dsn)
        connection = await asyncpg.connect(dsn, server_settings=SESSION)
        try:
            yield connection, await held_public_key(connection, vault.keyring)
        finally:
            await connection.close()


def _aside(line: str) -> None:
    """Say what takes long where it does not mix with what is written here."""
    errors.print(line, soft_wrap=True, markup=False)
