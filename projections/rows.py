"""The rows that a fold works on: found by key, changed in memory, written by the runner."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from projections.table import Row, Table

R = TypeVar("R", bound=Row)
Key = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Need:
    """Rows that must be at hand before an event is folded: those with a value in a column."""

    kind: type[Row]
    column: str
    value: Any


class MissingRow(Exception):
    """A fold needs a row that is not there: the log and the read model contradict each other."""


class Unannounced(Exception):
    """A fold reads rows that the needs of its event do not name: what it found proves nothing."""


class Rows:
    """A working set of rows of some tables.

    Live it holds what one batch needs, in a rebuild everything. What was changed or dropped is
    remembered, so that the runner can write it in one statement a table. Where everything is here
    nothing was loaded, and all counts as changed.
    """

    def __init__(self, *, complete: bool = True) -> None:
        """``complete`` says that what is not here does not exist; else `load` says what is here."""
        self._complete = complete
        self._loaded: set[Need] = set()
        # By table; of which class its rows are, the table says.
        self._rows: dict[str, dict[Key, Any]] = defaultdict(dict)
        self._index: dict[tuple[str, str], dict[Any, dict[Key, Any]]] = defaultdict(dict)
        self._changed: dict[str, dict[Key, Row]] = defaultdict(dict)
        self._dropped: dict[str, set[Key]] = defaultdict(set)

    def get(self, kind: type[R], *key: Any) -> R | None:
        """Give the row with this key, to be read; to change it, use `change`."""
        row: R | None = self._rows[kind.TABLE.name].get(key)
        if row is None and not self._complete:
            self._check_absence(kind, key)
        return row

    def change(self, kind: type[R], *key: Any) -> R:
        """Give the row with this key, to be changed.

        Its key and the columns by which folds find it must not change: to change those, `put` a
        copy.
        """
        name = kind.TABLE.name
        row: R | None = self._rows[name].get(key)
        if row is None:
            self.get(kind, *key)  # it may only be that nobody has said that it is needed
            raise MissingRow(f"{name} {key}")
        if not self._complete:
            self._changed[name][key] = row
        return row

    def put(self, row: Row) -> None:
        """Add a row, or replace the one with its key, known or not."""
        table = row.TABLE
        key = table.key_of(row)
        self._forget(table, key)
        self._keep(row)
        if not self._complete:
            self._changed[table.name][key] = row
        self._dropped[table.name].discard(key)

    def drop(self, kind: type[Row], *key: Any) -> None:
        """Remove the row with this key, if there is one, known or not."""
        table = kind.TABLE
        self._forget(table, key)
        self._changed[table.name].pop(key, None)
        self._dropped[table.name].add(key)

    def clear(self, kind: type[Row], column: str, by: str, values: Collection[Any]) -> None:
        """Set a column to null in the rows here that have one of these values in another."""
        for key, row in self._rows[kind.TABLE.name].items():
            if getattr(row, by) in values and getattr(row, column) is not None:
                setattr(row, column, None)
                if not self._complete:
                    self._changed[kind.TABLE.name][key] = row

    def where(self, kind: type[R], column: str, value: Any) -> list[R]:
        """Give the rows with this value in the owner column or in one of the indexed ones."""
        table = kind.TABLE
        by_key = (column,) == table.key
        if not by_key and column not in table.found_by:
            raise Unannounced(f"{table.name} is not indexed by {column}")
        if not self._complete and Need(kind, column, value) not in self._loaded:
            raise Unannounced(f"{table.name} with {column} {value}")
        if by_key:
            row: R | None = self._rows[table.name].get((value,))
            return [] if row is None else [row]
        found: dict[Key, R] = self._index[table.name, column].get(value, {})
        return list(found.values())

    def load(self, needs: Iterable[Need], rows: Iterable[Row]) -> None:
        """Take in rows as they are stored, all that `needs` name; they count as unchanged.

        Those that are here already, or were dropped, stay as they are.
        """
        self._loaded.update(needs)
        for row in rows:
            table = row.TABLE
            key = table.key_of(row)
            if key not in self._rows[table.name] and key not in self._dropped[table.name]:
                self._keep(row)

    def lacking(self, needs: Iterable[Need]) -> set[Need]:
        """Give those of some needs that nothing was loaded for."""
        return {need for need in needs if need not in self._loaded}

    def all(self, kind: type[R]) -> Iterator[R]:
        """Give every row of a table that is here, in no particular order."""
        return iter(self._rows[kind.TABLE.name].values())

    def changed(self, table: Table) -> list[Row]:
        """Give the rows of a table that were added or changed."""
        kept = self._rows if self._complete else self._changed
        return list(kept[table.name].values())

    def dropped(self, table: Table) -> list[Key]:
        """Give the keys of the rows of a table that were removed."""
        return list(self._dropped[table.name])

    def _check_absence(self, kind: type[Row], key: Key) -> None:
        """Make sure that a row is absent because it does not exist."""
        if key not in self._dropped[kind.TABLE.name] and not any(
            Need(kind, column, value) in self._loaded
            for column, value in zip(kind.TABLE.key, key, strict=True)
        ):
            raise Unannounced(f"{kind.TABLE.name} {key}")

    def _keep(self, row: Row) -> None:
        table = row.TABLE
        key = table.key_of(row)
        self._rows[table.name][key] = row
        for column in table.found_by:
            self._index[table.name, column].setdefault(getattr(row, column), {})[key] = row

    def _forget(self, table: Table, key: Key) -> None:
        row = self._rows[table.name].pop(key, None)
        if row is not None:
            for column in table.found_by:
                self._index[table.name, column][getattr(row, column)].pop(key, None)


def key_of(row: Row) -> Key:
    """Give the primary key of a row."""
    return row.TABLE.key_of(row)
