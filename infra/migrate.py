"""Brings a database to the newest migration: plain SQL files in order, forward only."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import asyncpg

_FOLDER: Final = Path(__file__).parent / "migrations"
_OLDEST: Final = 15
_LOCK: Final = 7310578
"""Two processes that migrate at once take turns; the second finds nothing left to do."""

_LEDGER: Final = """
create schema if not exists log;
create table if not exists log.migration (
    name       text        primary key,
    sha256     bytea       not null,
    applied_at timestamptz not null default clock_timestamp()
);
"""


class PostgresTooOld(Exception):
    """The server is older than what the SQL of this program is written for."""

    def __init__(self, version: int) -> None:
        super().__init__(
            f"This is PostgreSQL {version}; cordée needs PostgreSQL {_OLDEST} or newer."
        )


class MigrationChanged(Exception):
    """A file was edited after it had run: the database and the file no longer say the same."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name} was changed after this database had run it. "
            "Put the file back as it was, and write the change as a new migration."
        )


class MigrationImpossible(Exception):
    """The server lacks what a migration needs; the message of the migration says what."""


async def migrate(dsn: str, folder: Path = _FOLDER) -> list[str]:
    """Run the migrations that this database lacks, each in a transaction, and name them.

    Safe to call twice, and from two processes at once.

    Raises:
        PostgresTooOld: the server cannot run them.
        MigrationChanged: a migration that ran differs from its file.
        MigrationImpossible: a migration found that the server lacks something.
    """
    migrations = _read(folder)
    connection = await asyncpg.connect(dsn, server_settings={"application_name": "cordee migrate"})
    try:
        refuse_old(connection.get_server_version().major)
        await connection.execute("select pg_advisory_lock($1)", _LOCK)
        return await _run_missing(connection, migrations)
    finally:
        # The lock goes with the connection.
        await connection.close()


def refuse_old(major: int) -> None:
    """Check the major version of a server.

    Raises:
        PostgresTooOld: it is below what is needed.
    """
    if major < _OLDEST:
        raise PostgresTooOld(major)


def _read(folder: Path) -> list[tuple[str, bytes]]:
    return [(path.name, path.read_bytes()) for path in sorted(folder.glob("*.sql"))]


async def _run_missing(
    connection: "asyncpg.Connection[asyncpg.Record]", migrations: Sequence[tuple[str, bytes]]
) -> list[str]:
    await connection.execute(_LEDGER)
    rows = await connection.fetch("select name, sha256 from log.migration")
    ran = {row["name"]: row["sha256"] for row in rows}
    applied = []
    for name, text in migrations:
        sha256 = hashlib.sha256(text).digest()
        if name not in ran:
            async with connection.transaction():
                try:
                    await connection.execute(text.decode())
                except asyncpg.RaiseError as lacking:
                    raise MigrationImpossible(f"{name}: {lacking}") from lacking
                await connection.execute(
                    "insert into log.migration (name, sha256) values ($1, $2)", name, sha256
                )
            applied.append(name)
        elif ran[name] != sha256:
            raise MigrationChanged(name)
    return applied
