"""Orderings: in which order rows come, and the place of a row in it.

What is not told comes after all that is told, and so first when the order is turned round: one
index serves both directions.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from projections.column import Column, columns
from projections.table import Row


@dataclass(frozen=True, slots=True)
class Ordering:
    """The order of some columns, the last of which tell any two rows apart."""

    columns: tuple[Column, ...]
    descending: bool = False

    @property
    def name(self) -> str:
        """Tell it from every other ordering of the same table."""
        direction = " desc" if self.descending else ""
        return ",".join(column.name for column in self.columns) + direction

    def sql(self, row: str, *, backward: bool = False) -> str:
        """Write what follows ``order by``; ``backward`` is from the end."""
        direction = " desc" if self.descending != backward else ""
        return ", ".join(f"{column.ordered(row)}{direction}" for column in self.columns)

    def beyond(self, row: str, place: Sequence[object], *, backward: bool = False) -> str:
        """Write that a row comes after a place, or before it; an index can answer it."""
        return self._compared(row, "<" if self.descending != backward else ">", place)

    def reaches(self, row: str, place: Sequence[object], *, backward: bool = False) -> str:
        """Write that a row is at a place or after it, or at it or before it."""
        return self._compared(row, "<=" if self.descending != backward else ">=", place)

    def place(self, row: Row) -> tuple[Any, ...]:
        """Give the place of a row, as cursors have it."""
        values = (getattr(row, column.name) for column in self.columns)
        return tuple(
            column.kind.last if value is None else value
            for column, value in zip(self.columns, values, strict=True)
        )

    def _compared(self, row: str, operator: str, place: Sequence[object]) -> str:
        names = ", ".join(column.ordered(row) for column in self.columns)
        return f"({names}) {operator} ({', '.join(map(str, place))})"


def ordering(row: type[Row], names: Iterable[str], *, descending: bool = False) -> Ordering:
    """Give the ordering of the rows of a table by some of its columns."""
    served = columns(row)
    return Ordering(tuple(served[name] for name in names), descending)
