"""What an operator sees first: which database it is, and how much it holds."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import asyncpg

_RELAYS: Final = "select stream, position, problem from log.relay order by stream"


class Relay(NamedTuple):
    """How far public events have gone to a stream of a broker."""

    stream: str
    position: int
    problem: str | None
    """What is in the way of the others."""


@dataclass(frozen=True, slots=True)
class Summary:
    """A database at one instant."""

    database: str
    events: int
    prepared: bool
    """Whether it was migrated and has read models."""
    relays: Sequence[Relay]


async def read_summary(dsn: str) -> Summary:
    """Read the summary of any database, a migrated one or not."""
    connection = await asyncpg.connect(dsn, server_settings={"application_name": "cordee status"})
    try:
        version, *_ = (await connection.fetchval("show server_version")).split()
        migrated = await connection.fetchval("select to_regclass('log.generation') is not null")
        events = prepared = 0
        relays = []
        if migrated:
            events = await connection.fetchval("select coalesce(max(position), 0) from log.event")
            prepared = await connection.fetchval("select count(*) from log.generation")
        if await connection.fetchval("select to_regclass('log.relay') is not null"):
            relays = [Relay(*row) for row in await connection.fetch(_RELAYS)]
        return Summary(f"PostgreSQL {version}", events, bool(prepared), relays)
    finally:
        await connection.close()
