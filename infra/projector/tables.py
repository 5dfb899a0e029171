"""Rows to and from their tables, many at once, in one statement a table."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from typing import Any, Final

import msgspec

from domain.identity import Id
from infra.projector.connection import Connection
from projections.rows import Key, Need, Rows
from projections.table import Row

_ENCODER: Final = msgspec.json.Encoder()

_AT_ONCE: Final = 5_000
"""Rows' keys that are looked up by one statement."""

RESIDUE: Final = """
insert into log.residue (relation, marked_by) values ($1, pg_current_xact_id()::xid)
on conflict (relation) do update set marked_by = excluded.marked_by
"""
"""Notes that the files of a table still tell what a transaction has cleared."""


class ReadTable:
    """The statements of one table. Rows travel as one JSON array, whose types the table knows."""

    def __init__(self, kind: type[Row], schema: str) -> None:
        table = kind.TABLE
        name = f"{schema}.{table.name}"
        columns = ", ".join(table.columns)
        matches = " and ".join(f"t.{column} = gone.{column}" for column in table.key)
        changes = ", ".join(
            f"{column} = excluded.{column}" for column in table.columns if column not in table.key
        )
        self._name = name
        self._key = table.key
        self._clear = [
            f"update {name} set {column} = null"  # noqa: S608
            f" where {by} = any($1) and {column} is not null"
            for column, by in table.personal.items()
        ]
        self._decoder = msgspec.json.Decoder(list[kind])  # type: ignore[valid-type]
        self._find = (
            f"select json_agg(found) from"  # noqa: S608
            f" (select {columns} from {name} where {{column}} = any($1)) as found"
        )
        self._delete = (
            f"delete from {name} as t"  # noqa: S608
            f" using json_populate_recordset(null::{name}, $1) as gone where {matches}"
        )
        self._upsert = (
            f"insert into {name} ({columns})"  # noqa: S608
            f" select {columns} from json_populate_recordset(null::{name}, $1)"
            f" on conflict ({', '.join(table.key)}) do "
            + (f"update set {changes}" if changes else "nothing")
        )

    async def find(self, connection: Connection, column: str, values: Collection[Any]) -> list[Row]:
        """Give the rows that have one of these values in a column."""
        found = await connection.fetchval(self._find.format(column=column), list(values))
        return [] if found is None else self._decoder.decode(found)

    async def upsert(self, connection: Connection, rows: Collection[Row]) -> None:
        """Add rows, or replace those with their keys."""
        await connection.execute(self._upsert, _ENCODER.encode(rows).decode())

    async def forget(self, connection: Connection, people: Collection[Id]) -> None:
        """Clear what people are called, and note that the table's files still tell it."""
        for clear in self._clear:
            await connection.execute(clear, people)
        await connection.execute(RESIDUE, self._name)

    async def delete(self, connection: Connection, keys: Iterable[Key]) -> None:
        """Remove the rows with these keys."""
        gone = [dict(zip(self._key, key, strict=True)) for key in keys]
        await connection.execute(self._delete, _ENCODER.encode(gone).decode())


_TABLES: dict[tuple[type[Row], str], ReadTable] = {}


def read_table(kind: type[Row], schema: str) -> ReadTable:
    """Give the statements of a row's table in the schema of a generation."""
    if (kind, schema) not in _TABLES:
        _TABLES[kind, schema] = ReadTable(kind, schema)
    return _TABLES[kind, schema]


def sorted_out(needs: Iterable[Need]) -> Iterator[tuple[type[Row], str, list[Need]]]:
    """Put needs together that one query answers: by row and column, so many at once."""
    wanted: dict[tuple[type[Row], str], list[Need]] = defaultdict(list)
    for need in needs:
        wanted[need.kind, need.column].append(need)
    for (kind, column), named in wanted.items():
        for start in range(0, len(named), _AT_ONCE):
            yield kind, column, named[start : start + _AT_ONCE]


async def write(
    connection: Connection, schema: str, kinds: Iterable[type[Row]], rows: Rows
) -> None:
    """Write what was changed and dropped, with two statements a table at most."""
    for kind in kinds:
        if dropped := rows.dropped(kind.TABLE):
            await read_table(kind, schema).delete(connection, dropped)
        if changed := rows.changed(kind.TABLE):
            await read_table(kind, schema).upsert(connection, changed)


async def forget(
    connection: Connection, schema: str, kinds: Iterable[type[Row]], people: Collection[Id]
) -> None:
    """Clear what people are called in rows that nobody loaded, and mark where it still stands."""
    for kind in kinds:
        await read_table(kind, schema).forget(connection, people)
