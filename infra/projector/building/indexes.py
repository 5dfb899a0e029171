"""The secondary indexes of a generation: left out while its tables are filled, made afterwards."""

import re
from collections.abc import Iterable
from typing import Final, NamedTuple

from infra.projector.connection import Connection
from infra.projector.generation import Generation
from projections.projection import Projection

_INDEX: Final = re.compile(
    r"^create (?:unique )?index (?P<name>\w+)\s+on (?P<table>\w+)[^;]*?\((?P<first>\w+)?[^;]*;",
    re.MULTILINE,
)

_MISSING: Final = """
select name from unnest($2::text[]) name where to_regclass(format('%s.%s', $1::text, name)) is null
"""

_MEMORY: Final = "set local maintenance_work_mem = '64MB'"


class Index(NamedTuple):
    """A secondary index, as the projection declares it."""

    name: str
    table: str
    first: str | None
    """The column by which it finds rows; None where that is no plain column."""
    statement: str


def indexes_of(projection: Projection) -> list[Index]:
    """Give the indexes that a projection declares beside its primary keys."""
    return [
        Index(found["name"], found["table"], found["first"], found[0])
        for found in _INDEX.finditer(projection.ddl)
    ]


def needed(projection: Projection) -> list[Index]:
    """Give those by which a fold finds rows: without them no row can be loaded in time."""
    tables = {kind.TABLE.name: kind.TABLE for kind in projection.rows}
    wanted = {
        (name, column)
        for name, table in tables.items()
        for column in (*table.key, *table.found_by)
        if column != table.key[0]
    }
    found: dict[tuple[str, str | None], Index] = {}
    for index in indexes_of(projection):
        if (index.table, index.first) in wanted:
            found.setdefault((index.table, index.first), index)
    return list(found.values())


async def leave_out(connection: Connection, generation: Generation) -> None:
    """Drop the secondary indexes of a generation that nobody reads."""
    names = [f"{generation.schema}.{index.name}" for index in indexes_of(generation.projection)]
    if names:
        await connection.execute(f"drop index if exists {', '.join(names)}")


async def missing(
    connection: Connection, generation: Generation, wanted: Iterable[Index]
) -> list[Index]:
    """Give those of some indexes that a generation does not have."""
    named = {index.name: index for index in wanted}
    rows = await connection.fetch(_MISSING, generation.schema, list(named))
    return [named[row["name"]] for row in rows]


async def make(connection: Connection, generation: Generation, index: Index) -> None:
    """Make an index, whole or not at all."""
    async with connection.transaction():
        await connection.execute(f"set local search_path to {generation.schema}")
        await connection.execute(_MEMORY)
        await connection.execute(index.statement)
