"""The outlet: rows out of memory into the tables of a generation, with COPY."""

from collections.abc import Iterable, Iterator
from operator import attrgetter
from typing import Any, Final

from infra.projector.connection import Connection
from infra.projector.tables import read_table
from projections.rows import Rows
from projections.table import Row

_FEW: Final = 200
"""Rows that are written sooner by one statement than by way of a table of their own."""


async def pour(
    connection: Connection, schema: str, kinds: Iterable[type[Row]], rows: Rows
) -> dict[str, int]:
    """Write all rows into tables that hold nothing else then, and give how many, by table.

    To be called in a transaction.
    """
    written = {}
    for kind in kinds:
        await connection.execute(f"truncate {schema}.{kind.TABLE.name}")
        written[kind.TABLE.name] = await _copy(
            connection, kind, rows.all(kind), table=kind.TABLE.name, schema=schema
        )
    return written


async def merge(
    connection: Connection, schema: str, kinds: Iterable[type[Row]], rows: Rows
) -> None:
    """Write what was changed and dropped into tables that hold more.

    To be called in a transaction.
    """
    for kind in kinds:
        if dropped := rows.dropped(kind.TABLE):
            await read_table(kind, schema).delete(connection, dropped)
        changed = rows.changed(kind.TABLE)
        if len(changed) > _FEW:
            await upsert(connection, schema, kind, changed)
        elif changed:
            await read_table(kind, schema).upsert(connection, changed)


async def upsert(
    connection: Connection, schema: str, kind: type[Row], changed: Iterable[Row]
) -> None:
    """Write many rows into a table that holds more, by way of a temporary one."""
    table = kind.TABLE
    name, columns = f"{schema}.{table.name}", ", ".join(table.columns)
    changes = ", ".join(f"{c} = excluded.{c}" for c in table.columns if c not in table.key)
    await connection.execute(
        f"create temporary table poured as select {columns} from {name} with no data"  # noqa: S608
    )
    await _copy(connection, kind, changed, table="poured")
    await connection.execute(
        f"insert into {name} ({columns}) select {columns} from poured"  # noqa: S608
        f" on conflict ({', '.join(table.key)}) do "
        + (f"update set {changes}" if changes else "nothing")
    )
    await connection.execute("drop table poured")


async def _copy(
    connection: Connection,
    kind: type[Row],
    rows: Iterable[Row],
    *,
    table: str,
    schema: str | None = None,
) -> int:
    tag = await connection.copy_records_to_table(
        table, schema_name=schema, columns=kind.TABLE.columns, records=_records(kind, rows)
    )
    return int(tag.rpartition(" ")[2])


def _records(kind: type[Row], rows: Iterable[Row]) -> Iterator[tuple[Any, ...]]:
    if len(kind.TABLE.columns) > 1:
        return map(attrgetter(*kind.TABLE.columns), rows)
    return ((getattr(row, kind.TABLE.columns[0]),) for row in rows)
