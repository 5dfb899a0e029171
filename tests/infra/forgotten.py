"""Somebody who can be forgotten, in a database whose every byte can be looked at."""

from pathlib import Path
from uuid import UUID

import asyncpg

NAME, EMAIL, TELEPHONE = "Quelqu’une Canari", "canari@exemple.fr", "+33 2 00 99 00 99"

MARKS = tuple(text.encode() for text in ("Canari", EMAIL, TELEPHONE))
"""What must be found nowhere afterwards."""


async def remains(dsn: str, *marks: bytes) -> set[str]:
    """Name the tables of a database in whose files some bytes stand."""
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute("checkpoint")
        place, number = await connection.fetchrow(
            "select current_setting('data_directory'), oid::text"
            " from pg_database where datname = current_database()"
        ) or ("", "")
        files = (Path(place) / "base" / number).iterdir()
        found = {file.name for file in files if _holds(file.read_bytes(), marks)}
        tables = await connection.fetch(
            "select relname::text, pg_relation_filenode(oid)::text as file from pg_class"
        )
        named = {row["file"]: row["relname"] for row in tables if row["file"] is not None}
        return {named.get(file.partition(".")[0], file) for file in found}
    finally:
        await connection.close()


async def in_log_of_writes(dsn: str, *marks: bytes) -> bool:
    """Tell whether some bytes stand in the write-ahead log of the server."""
    connection = await asyncpg.connect(dsn)
    try:
        place = Path(await connection.fetchval("select current_setting('data_directory')"))
    finally:
        await connection.close()
    files = (file for file in (place / "pg_wal").iterdir() if file.is_file())
    return any(_holds(file.read_bytes(), marks) for file in files)


def _holds(content: bytes, marks: tuple[bytes, ...]) -> bool:
    return any(mark in content for mark in marks)


async def key_of(dsn: str, subject: UUID) -> bytes | None:
    """Give a person's key as it is stored."""
    connection = await asyncpg.connect(dsn)
    try:
        found: bytes | None = await connection.fetchval(
            "select wrapped_key from keys.person_key where subject = $1", subject
        )
        return found
    finally:
        await connection.close()
