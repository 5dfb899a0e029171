"""Preparing the read models: a generation of each that this code can read, or is to build."""

from collections.abc import Iterable, Sequence
from typing import Final

import asyncpg

from infra.projector.activation import activate
from infra.projector.census import Census, Entry, take_census
from infra.projector.connection import Connection
from infra.projector.generation import LOCK, State, begin, remove
from projections.catalogue import PROJECTIONS
from projections.projection import Projection

_THERE: Final = """
select n.nspname || '.' || c.relname as name
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where starts_with(n.nspname, 'read_' || $1 || '_') and c.relkind = 'r'
"""

_EMPTY: Final = """
update log.generation set state = 'READY', ready_at = now() where projection = $1 and number = $2
"""


async def prepare(dsn: str, projections: Sequence[Projection] = PROJECTIONS) -> list[str]:
    """Begin a generation of each projection of which this code has none, and name these.

    Where the log is empty, they can be read at once; else workers build them, and they are read as
    soon as they have come to the end of the log. What other code has made is left as it is. Safe
    to call twice, and from two processes at once.

    Raises:
        OSError, asyncpg.PostgresError, asyncpg.InterfaceError: the database cannot be used, or
            is not migrated.
    """
    connection = await asyncpg.connect(dsn, server_settings={"application_name": "cordee prepare"})
    try:
        async with connection.transaction():
            await connection.execute(LOCK)
            census = await take_census(connection, [projection.name for projection in projections])
            lacking = [
                projection
                for projection in projections
                if not _promises(await _whole(connection, projection, census))
            ]
            for projection in lacking:
                await _begin(connection, projection, empty=census.head == 0)
    finally:
        await connection.close()
    return [projection.name for projection in lacking]


async def _whole(connection: Connection, projection: Projection, census: Census) -> list[Entry]:
    """Give the generations of this code, and take away those of any that lack their tables.

    Those are all of a database that was restored without its read models, and those of this code
    that could not be built: somebody who starts tries again.
    """
    there = {row["name"] for row in await connection.fetch(_THERE, projection.name)}
    schemas = {name.partition(".")[0] for name in there}
    kept = []
    for entry in census.entries.get(projection.name, []):
        own = entry.code_hash == projection.code_hash
        tables = {f"{entry.schema}.{kind.TABLE.name}" for kind in projection.rows}
        if entry.state is State.FAILED:
            whole = not (own and entry.automatic)
        else:
            whole = tables <= there if own else entry.schema in schemas
        if not whole:
            await remove(connection, entry.projection, entry.number)
        elif own:
            kept.append(entry)
    return kept


def _promises(entries: Iterable[Entry]) -> bool:
    """Tell whether one of these is read by this code, or will be as soon as it is ready."""
    return any(
        entry.serves or (entry.automatic and entry.state is not State.FAILED) for entry in entries
    )


async def _begin(connection: Connection, projection: Projection, *, empty: bool) -> None:
    generation = await begin(connection, projection, automatic=True)
    if empty or not projection.topics:
        await connection.execute(_EMPTY, generation.name, generation.number)
        await activate(connection, generation)
