"""What an operator sees first: which database it is, and how much it holds."""

from dataclasses import dataclass

import asyncpg


@dataclass(frozen=True, slots=True)
class Summary:
    """A database at one instant."""

    database: str
    events: int
    prepared: bool
    """Whether it was migrated and has read models."""


async def read_summary(dsn: str) -> Summary:
    """Read the summary of any database, a migrated one or not."""
    connection = await asyncpg.connect(dsn, server_settings={"application_name": "cordee status"})
    try:
        version, *_ = (await connection.fetchval("show server_version")).split()
        migrated = await connection.fetchval("select to_regclass('log.generation') is not null")
        events = prepared = 0
        if migrated:
            events = await connection.fetchval("select coalesce(max(position), 0) from log.event")
            prepared = await connection.fetchval("select count(*) from log.generation")
        return Summary(f"PostgreSQL {version}", events, bool(prepared))
    finally:
        await connection.close()
