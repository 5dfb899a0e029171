"""What the tables hold, read back as rows."""

import asyncpg
from asyncpg import Record

from infra.projector.generation import schema_of
from infra.projector.tables import read_table
from projections.projection import Projection
from projections.rows import key_of
from tests.projections.folding import Tables


async def stored(dsn: str, projection: Projection, number: int = 1) -> Tables:
    """Read all rows of a generation of a projection."""
    connection: asyncpg.Connection[Record] = await asyncpg.connect(
        dsn, server_settings={"timezone": "UTC"}
    )
    found: Tables = {}
    schema = schema_of(projection.name, number)
    try:
        for kind in projection.rows:
            table, first = kind.TABLE, kind.TABLE.key[0]
            keys = await connection.fetch(f"select distinct {first} from {schema}.{table.name}")  # noqa: S608
            values = [key[0] for key in keys]
            rows = await read_table(kind, schema).find(connection, first, values)
            found[table.name] = {key_of(row): row for row in rows}
    finally:
        await connection.close()
    return found
