"""The generations that a fresh database has: the first of each projection."""

from typing import Final

import asyncpg
from asyncpg import Record

from infra.projector.generation import schema_of
from infra.projector.tables import ReadTable, read_table
from projections.catalogue import PROJECTIONS
from projections.table import Row

SCHEMAS: Final = {
    kind.TABLE.name: schema_of(projection.name, 1)
    for projection in PROJECTIONS
    for kind in projection.rows
}
"""The schema of each table."""

PATH: Final = ", ".join(dict.fromkeys(SCHEMAS.values()))
"""All of them, as a search path."""


class First:
    """The first generations are read, and no others will be."""

    path = PATH

    async def look(self) -> None:
        """Learn nothing."""


FIRST: Final = First()


def first_table(kind: type[Row]) -> ReadTable:
    """Give the statements of a row's table."""
    return read_table(kind, SCHEMAS[kind.TABLE.name])


async def of_other_code(dsn: str, *names: str) -> None:
    """Let generations be those of other code, whose tables are of another shape."""
    connection: asyncpg.Connection[Record] = await asyncpg.connect(dsn)
    try:
        for table in ("generation", "active"):
            await connection.execute(
                f"update log.{table} set code_hash = 'other code'"  # noqa: S608
                " where $1::text[] = '{}' or projection = any($1)",
                names,
            )
        await connection.execute(
            "update log.generation set shape_hash = 'other shape' where code_hash = 'other code'"
        )
    finally:
        await connection.close()
