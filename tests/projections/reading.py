"""What the tables hold, read back as rows."""

import asyncpg
from asyncpg import Record

from infra.projector.tables import read_table
from projections.projection import Projection
from projections.rows import key_of
from tests.projections.folding import Tables


async def stored(dsn: str, projection: Projection) -> Tables:
    """Read all rows of a projection."""
    connection: asyncpg.Connection[Record] = await asyncpg.connect(
        dsn, server_settings={"timezone": "UTC"}
    )
    found: Tables = {}
    try:
        for kind in projection.rows:
            table = kind.TABLE
            keys = await connection.fetch(f"select distinct {table.key[0]} from read.{table.name}")  # noqa: S608
            rows = await read_table(kind).find(connection, table.key[0], [key[0] for key in keys])
            found[table.name] = {key_of(row): row for row in rows}
    finally:
        await connection.close()
    return found
