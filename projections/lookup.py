"""Lookups: rows, counts and neighbours for many keys at once, for what is read row by row.

A plan answers a whole question in one statement. A lookup serves those parts of an answer that
are resolved one by one: each asks for its own key, and all keys of a kind go together.
"""

# Tables and columns are names of ours; every value is bound.
# ruff: noqa: S608

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from projections import condition, guard
from projections.column import columns
from projections.condition import Filter
from projections.guard import Eyes
from projections.ordering import Ordering
from projections.statement import Statement
from projections.table import Row

Key = tuple[Any, ...]
"""A value for each column of ``Lookup.by``."""
Place = tuple[Any, ...]
"""A value for each column of the order."""

_NONE: Final = Ordering(())


@dataclass(frozen=True, slots=True)
class Window:
    """So many rows from one end of an order, between two places."""

    limit: int
    backward: bool = False
    after: Place | None = None
    before: Place | None = None


@dataclass(frozen=True, slots=True)
class Lookup:
    """Rows of a table by the values of some columns, in an order."""

    row: type[Row]
    by: tuple[str, ...]
    order: Ordering = _NONE
    where: Filter | None = None
    """Which rows are meant; its slots come right after those of the keys."""


Bound = tuple[Statement, Sequence[object]]
"""A statement and its arguments."""


def rows(lookup: Lookup, keys: Sequence[Key], eyes: Eyes, window: Window | None = None) -> Bound:
    """Ask for the rows of each key: the number of the key, then the columns of a row.

    With a window, one row beyond its limit is given where there is one.
    """
    writing = _Writing(lookup, keys, eyes)
    names = ", ".join(f"t.{name}" for name in columns(lookup.row))
    shown = ", ".join(f"{writing.value(name)} as {name}" for name in columns(lookup.row))
    conditions = writing.matches()
    backward = window is not None and window.backward
    limit = ""
    if window is not None:
        if window.after is not None:
            conditions.append(lookup.order.beyond("t", writing.place(window.after)))
        if window.before is not None:
            place = writing.place(window.before)
            conditions.append(lookup.order.beyond("t", place, backward=True))
        limit = f" limit {writing.bind(window.limit + 1, 'bigint')}"
    inner = (
        f"select {shown} from {lookup.row.TABLE.name} t{_where(conditions)}"
        f"{_order(lookup.order, 't', backward)}{limit}"
    )
    order = ", ".join(filter(None, ("k.place", lookup.order.sql("t"))))
    text = (
        f"select k.place - 1, {names} from {writing.keys()} cross join lateral ({inner}) t "
        f"order by {order}"
    )
    return writing.bound(text)


def counts(lookup: Lookup, keys: Sequence[Key], eyes: Eyes) -> Bound:
    """Ask how many rows each key has."""
    writing = _Writing(lookup, keys, eyes)
    inner = f"select count(*) from {lookup.row.TABLE.name} t{_where(writing.matches())}"
    return writing.bound(f"select k.place - 1, ({inner}) from {writing.keys()}")


def seen(row: type[Row], ids: Sequence[str], eyes: Eyes, where: Filter | None = None) -> Bound:
    """Ask which of some ids are those of rows that may be seen, and that are meant."""
    values = () if where is None else where.values
    viewer = eyes.viewer(len(values) + 2)
    conditions = ["t.id = any($1::text[])", *guard.seen(row.TABLE, "t", viewer)]
    if where is not None:
        conditions.append(condition.sql(where.condition, "t", viewer))
    text = f"select t.id from {row.TABLE.name} t{_where(conditions)}"
    return guard.complete(text, viewer), [ids, *values, *eyes.arguments]


def reaches(
    lookup: Lookup, keys: Sequence[Key], eyes: Eyes, place: Place, *, backward: bool
) -> Bound:
    """Ask whether each key has rows at a place or after it; ``backward``: or before it."""
    writing = _Writing(lookup, keys, eyes)
    there = lookup.order.reaches("t", writing.place(place), backward=backward)
    conditions = [*writing.matches(), there]
    inner = f"select from {lookup.row.TABLE.name} t{_where(conditions)}"
    return writing.bound(f"select k.place - 1, exists ({inner}) from {writing.keys()}")


class _Writing:
    def __init__(self, lookup: Lookup, keys: Sequence[Key], eyes: Eyes) -> None:
        self._lookup = lookup
        self._columns = columns(lookup.row)
        self.arguments: list[object] = [[key[n] for key in keys] for n in range(len(lookup.by))]
        if lookup.where is not None:
            self.arguments += lookup.where.values
        self._viewer = eyes.viewer(len(self.arguments) + 1)
        self.arguments += eyes.arguments

    def bound(self, text: str) -> Bound:
        """Complete a statement, and give its arguments."""
        return guard.complete(text, self._viewer), self.arguments

    def value(self, name: str) -> str:
        """Write a value as it may be seen."""
        return guard.value(self._lookup.row.TABLE, name, "t", self._viewer)

    def bind(self, value: object, sql: str) -> str:
        self.arguments.append(value)
        return f"${len(self.arguments)}::{sql}"

    def keys(self) -> str:
        if not self._lookup.by:
            return "(values (1)) k(place)"
        arrays = [
            f"${n}::{self._columns[name].kind.sql}[]" for n, name in enumerate(self._lookup.by, 1)
        ]
        names = "".join(f"k{n}, " for n in range(1, len(arrays) + 1))
        return f"unnest({', '.join(arrays)}) with ordinality k({names}place)"

    def matches(self) -> list[str]:
        matches = [f"t.{name} = k.k{n}" for n, name in enumerate(self._lookup.by, 1)]
        if self._lookup.where is not None:
            matches.append(condition.sql(self._lookup.where.condition, "t", self._viewer))
        return matches + guard.seen(self._lookup.row.TABLE, "t", self._viewer)

    def place(self, place: Place) -> list[str]:
        return [
            self.bind(value, column.kind.sql)
            for value, column in zip(place, self._lookup.order.columns, strict=True)
        ]


def _where(conditions: Sequence[str]) -> str:
    return f" where {' and '.join(conditions)}" if conditions else ""


def _order(order: Ordering, row: str, backward: bool) -> str:
    return f" order by {order.sql(row, backward=backward)}" if order.columns else ""
