"""Standing in: a question is asked of a read model in which one thing is other than it is there.

As for the past, parts of a ``with`` clause are called as the tables are: here they hold the rows
that are there, without those of the one thing, and in their place the rows that are given.
"""

# What is written into statements are names of tables and columns of ours; values are bound.
# ruff: noqa: S608

from collections.abc import Iterable
from functools import lru_cache

import msgspec

from projections.column import columns
from projections.dependence import named
from projections.projection import Projection
from projections.rows import Rows
from projections.statement import Statement
from projections.table import Row


def owned(projection: Projection, noun: str) -> tuple[type[Row], ...]:
    """Give the rows that the facts of one kind of thing make, of that thing itself."""
    return tuple(
        kind
        for kind in projection.rows
        if kind.TABLE.owner is not None and kind.TABLE.owner[0] == noun
    )


def written(rows: Rows, kinds: Iterable[type[Row]]) -> bytes:
    """Write rows as JSON, by the names of their tables, for what `standing_in` binds."""
    return msgspec.json.encode(
        {kind.TABLE.name: [_outside(row) for row in rows.all(kind)] for kind in kinds}
    )


@lru_cache(maxsize=1_024)
def standing_in(statement: Statement, kinds: tuple[type[Row], ...], number: int) -> Statement:
    """Let given rows stand in for those of one thing.

    Its id is bound to slot ``number``, what `written` gives to the next one.
    """
    id, given = f"${number}::text", f"${number + 1}::json"
    names = set(named(statement.text))
    parts = [
        f"{kind.TABLE.name} as not materialized ({_instead(kind, id, given)})"
        for kind in kinds
        if kind.TABLE.name in names
    ]
    # PostgreSQL takes no value whose type it cannot see.
    parts.append(f"bound as (select {id}, {given})")
    # In a query of its own: the parts read the tables that a statement around it may stand for.
    return Statement(
        f"select * from (with {', '.join(parts)} select * from ({statement.text}) s) t"
    )


def _instead(kind: type[Row], id: str, given: str) -> str:
    table = kind.TABLE
    assert table.owner is not None, "what has no owner belongs to no thing"
    names = ", ".join(table.columns)
    return (
        f"select {names} from {table.name} where {table.owner[1]} <> {id}"
        f" union all select {names}"
        f" from json_populate_recordset(null::{table.name}, {given} -> '{table.name}')"
    )


def _outside(row: Row) -> dict[str, object]:
    return {
        name: None if (value := getattr(row, name)) is None else column.kind.outside(value)
        for name, column in columns(type(row)).items()
    }
