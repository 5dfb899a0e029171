"""Where a plan's rows come from, as SQL: tables, conditions, orders."""

from collections.abc import Iterable

from projections import condition, guard
from projections.guard import Around, Viewer
from projections.plan import Outer, Source
from projections.slot import Slot
from projections.table import Table


def reference(table: Table, row: str) -> str:
    """Name a table: the one place in which a plan's rows come from somewhere."""
    return f"{table.name} {row}"


def rows(
    source: Source,
    row: str,
    outer: str,
    viewer: Viewer,
    further: Iterable[str] = (),
    *,
    joins: str = "",
    counted: bool = False,
) -> str:
    """Write the rows that may be seen and fulfil the conditions of a source, and further ones.

    ``counted`` says that all of them are looked at, and none is shown.
    """
    conditions = [
        f"{row}.{match.column} = {_value(match.value, outer)}" for match in source.matches
    ]
    if source.where is not None:
        conditions.append(condition.sql(source.where, row, viewer))
    if counted and not source.matches:
        seen = guard.seen_of_many(source.table, row, viewer)
    else:
        seen = guard.seen(source.table, row, viewer, _around(source, outer))
    where = " and ".join([*conditions, *further, *seen])
    return reference(source.table, row) + joins + (f" where {where}" if where else "")


def _around(source: Source, outer: str) -> Around | None:
    if source.around is None:
        return None
    on = [
        (match.column, match.value.column)
        for match in source.matches
        if isinstance(match.value, Outer)
    ]
    return Around(source.around, outer, frozenset(on))


def _value(value: Slot | Outer, outer: str) -> str:
    return f"{outer}.{value.column}" if isinstance(value, Outer) else str(value)
