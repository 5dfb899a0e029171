"""The read schema: made, filled with what is of reference, made anew when its code changed."""

from collections.abc import Iterable, Sequence
from typing import Final

import asyncpg

from infra.projector.connection import Connection
from infra.projector.tables import SCHEMA, read_table
from projections.catalogue import PROJECTIONS
from projections.projection import Projection

_LOCK: Final = 7310580
"""Two processes that prepare at once take turns; the second finds nothing left to do."""

# Locked at once: a worker of older code that is writing comes to its end before a table goes, and
# one that is about to write waits, and finds that its lease is gone.
_MADE: Final = "select name, code_hash from log.projection order by name for update"

# A table says whose it is in its comment, so that the tables of older code are found, too.
_TABLES: Final = """
select c.relname::text as name, obj_description(c.oid, 'pg_class') as owner
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
where n.nspname = $1 and c.relkind = 'r'
"""

_BEGIN: Final = """
insert into log.projection as p (name, code_hash) values ($1, $2)
on conflict (name) do update
set code_hash = excluded.code_hash, position = 0, owner = null, fence = p.fence + 1,
    lease_until = '-infinity', error = null, failing_position = null, updated_at = now()
"""


async def prepare(dsn: str, projections: Sequence[Projection] = PROJECTIONS) -> list[str]:
    """Make the tables that are missing, or whose code has changed, and name their projections.

    Those begin again at the first event. Safe to call twice, and from two processes at once; a
    worker that still runs the older code loses its lease.

    Raises:
        OSError, asyncpg.PostgresError, asyncpg.InterfaceError: the database cannot be used, or
            is not migrated.
    """
    connection = await asyncpg.connect(dsn, server_settings={"application_name": "cordee prepare"})
    try:
        async with connection.transaction():
            await connection.execute("select pg_advisory_xact_lock($1)", _LOCK)
            await connection.execute(f"create schema if not exists {SCHEMA}")
            await connection.execute(f"set local search_path to {SCHEMA}")
            made = {row["name"]: row["code_hash"] for row in await connection.fetch(_MADE)}
            there = {row["name"]: row["owner"] for row in await connection.fetch(_TABLES, SCHEMA)}
            stale = [
                projection
                for projection in projections
                if made.get(projection.name) != projection.code_hash
                or any(kind.TABLE.name not in there for kind in projection.rows)
            ]
            await _drop(connection, _tables_of(stale, there))
            for projection in stale:
                await _make(connection, projection)
    finally:
        await connection.close()
    return [projection.name for projection in stale]


def _tables_of(projections: Iterable[Projection], there: dict[str, str | None]) -> list[str]:
    owners = {_comment(projection) for projection in projections}
    wanted = {kind.TABLE.name for projection in projections for kind in projection.rows}
    return [name for name, owner in there.items() if owner in owners or name in wanted]


async def _drop(connection: Connection, tables: Sequence[str]) -> None:
    if tables:
        await connection.execute(f"drop table {', '.join(tables)}")


async def _make(connection: Connection, projection: Projection) -> None:
    await connection.execute(projection.ddl)
    for kind in projection.rows:
        await connection.execute(f"comment on table {kind.TABLE.name} is '{_comment(projection)}'")
        for column in kind.TABLE.personal:
            # Statistics would quote what people are called, and nobody asks by it.
            await connection.execute(
                f"alter table {kind.TABLE.name} alter column {column} set statistics 0"
            )
        rows = [row for row in projection.reference if isinstance(row, kind)]
        if rows:
            await read_table(kind).upsert(connection, rows)
    await connection.execute(_BEGIN, projection.name, projection.code_hash)


def _comment(projection: Projection) -> str:
    return f"of the projection {projection.name}"
