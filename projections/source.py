"""Where a plan's rows come from, as SQL: tables, conditions, orders."""

from collections.abc import Iterable, Sequence

from projections import condition
from projections.column import Column
from projections.plan import Outer, Source
from projections.slot import Slot
from projections.table import Table


def reference(table: Table, row: str) -> str:
    """Name a table: the one place in which a plan's rows come from somewhere."""
    return f"{table.name} {row}"


def rows(source: Source, row: str, outer: str, further: Iterable[str] = (), joins: str = "") -> str:
    """Write the rows that fulfil the conditions of a source, and further ones."""
    conditions = [
        f"{row}.{match.column} = {_value(match.value, outer)}" for match in source.matches
    ]
    if source.where is not None:
        conditions.append(condition.sql(source.where, row))
    where = " and ".join([*conditions, *further])
    return reference(source.table, row) + joins + (f" where {where}" if where else "")


def order(columns: Sequence[Column], row: str, *, descending: bool = False) -> str:
    """Write an order."""
    direction = " desc" if descending else ""
    return ", ".join(f"{row}.{column.name}{direction}" for column in columns)


def _value(value: Slot | Outer, outer: str) -> str:
    return f"{outer}.{value.column}" if isinstance(value, Outer) else str(value)
