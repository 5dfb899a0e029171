"""Versions: the rows that a fold works on, and from which event to which each was what it was."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple, TypeVar

from projections.rows import Key, Need, Rows
from projections.table import Row

R = TypeVar("R", bound=Row)

Values = tuple[Any, ...]
"""What stood in a row, in the order of its table's columns."""

FOREVER: Final = 2**63 - 1
"""The position until which a version holds that nothing has replaced yet."""


class Ended(NamedTuple):
    """A version that an event has replaced, or has removed."""

    key: Key
    values: Values
    since: int
    """The position of the event that made it."""
    until: int
    """The position of the event that ended it."""


class Open(NamedTuple):
    """A version that holds."""

    key: Key
    values: Values
    since: int


class _First(NamedTuple):
    """What became of a row first of which nobody knows what it was before."""

    position: int
    values: Values | None


_UNKNOWN: Final[Values] = ("unknown",)
"""Stands for the values of a row that may be stored, and was not loaded."""


class Versions(Rows):
    """A working set that remembers each version of a row, from event to event.

    Only what differs is another version: what an event writes as it was goes on. Of a row that a
    fold replaces without having read it, `unknown` tells; `known` takes in what it was.
    """

    def __init__(self, *, complete: bool = True) -> None:
        """``complete`` says that what is not here does not exist."""
        super().__init__(complete=complete)
        self._touched: dict[tuple[str, Key], Values | None] = {}
        self._since: dict[str, dict[Key, int]] = defaultdict(dict)
        self._stored: dict[str, dict[Key, int]] = defaultdict(dict)
        self._ended: dict[str, list[Ended]] = defaultdict(list)
        self._first: dict[str, dict[Key, _First]] = defaultdict(dict)

    def change(self, kind: type[R], *key: Any) -> R:
        """Give the row with this key, to be changed."""
        row = super().change(kind, *key)
        self._touch(kind, key)
        return row

    def put(self, row: Row) -> None:
        """Add a row, or replace the one with its key, known or not."""
        self._touch(type(row), row.TABLE.key_of(row))
        super().put(row)

    def drop(self, kind: type[Row], *key: Any) -> None:
        """Remove the row with this key, if there is one, known or not."""
        self._touch(kind, key)
        super().drop(kind, *key)

    def clear(self, kind: type[Row], column: str, by: str, values: Collection[Any]) -> None:
        """Set a column to null in the rows here that have one of these values in another."""
        for key, row in self._rows[kind.TABLE.name].items():
            if getattr(row, by) in values and getattr(row, column) is not None:
                self._touch(kind, key)
        super().clear(kind, column, by, values)

    def settle(self, position: int) -> None:
        """Note what the event at a position has changed, once it is folded."""
        for (name, key), before in self._touched.items():
            row = self._rows[name].get(key)
            now = None if row is None else row.TABLE.values_of(row)
            since = self._since[name]
            if before is _UNKNOWN:
                self._first[name][key] = _First(position, now)
            elif before == now:
                continue
            elif before is not None:
                self._ended[name].append(Ended(key, before, since.pop(key), position))
            if now is not None:
                since[key] = position
        self._touched.clear()

    def load_open(self, needs: Iterable[Need], found: Iterable[tuple[Row, int]]) -> None:
        """Take in rows as they are stored, each with the position from which it is what it is."""
        for row, since in found:
            name, key = row.TABLE.name, row.TABLE.key_of(row)
            if not self._knows(name, key):
                self._since[name][key] = self._stored[name][key] = since
                self.load((), (row,))
        self.load(needs, ())

    def ended(self, kind: type[Row]) -> list[Ended]:
        """Give the versions of a table that have ended and are not stored, in that order."""
        stored = self._stored[kind.TABLE.name]
        return [each for each in self._ended[kind.TABLE.name] if stored.get(each.key) != each.since]

    def closed(self, kind: type[Row]) -> list[Ended]:
        """Give the versions of a table that have ended, and are stored as if they still held."""
        stored = self._stored[kind.TABLE.name]
        return [each for each in self._ended[kind.TABLE.name] if stored.get(each.key) == each.since]

    def opened(self, kind: type[Row]) -> Iterator[Open]:
        """Give the versions of a table that hold and are not stored."""
        rows, stored = self._rows[kind.TABLE.name], self._stored[kind.TABLE.name]
        values = kind.TABLE.values_of
        for key, since in self._since[kind.TABLE.name].items():
            if stored.get(key) != since:
                yield Open(key, values(rows[key]), since)

    def open(self, kind: type[Row]) -> Iterator[Open]:
        """Give the versions of a table that hold, as far as they are here."""
        rows, values = self._rows[kind.TABLE.name], kind.TABLE.values_of
        for key, since in self._since[kind.TABLE.name].items():
            yield Open(key, values(rows[key]), since)

    def pending(self, kind: type[Row]) -> int:
        """Tell how many versions of a table have ended and are kept."""
        return len(self._ended[kind.TABLE.name])

    def count(self, kind: type[Row]) -> int:
        """Tell how many rows of a table are here."""
        return len(self._rows[kind.TABLE.name])

    def moved(self, kind: type[Row]) -> bool:
        """Tell whether an event may have changed a row of a table."""
        stored = self._stored[kind.TABLE.name]
        return bool(self._ended[kind.TABLE.name] or self._first[kind.TABLE.name]) or any(
            stored.get(key) != since for key, since in self._since[kind.TABLE.name].items()
        )

    def unknown(self, kind: type[Row]) -> Collection[Key]:
        """Give the keys of rows that were replaced or removed, if they were there."""
        return self._first[kind.TABLE.name].keys()

    def known(self, kind: type[Row], found: Mapping[Key, Open]) -> None:
        """Take in what stands stored for the keys that `unknown` gave, as far as anything does."""
        name = kind.TABLE.name
        for key, first in self._first.pop(name, {}).items():
            before = found.get(key)
            if before is None:
                continue
            self._stored[name][key] = before.since
            if before.values != first.values:
                self._ended[name].append(Ended(key, before.values, before.since, first.position))
            elif self._since[name].get(key) == first.position:
                self._since[name][key] = before.since
            else:
                self._ended[name] = [
                    each._replace(since=before.since)
                    if (each.key, each.since) == (key, first.position)
                    else each
                    for each in self._ended[name]
                ]

    def give_away(self, kind: type[Row]) -> list[Ended]:
        """Give the versions of a table that have ended, and keep them no longer."""
        return self._ended.pop(kind.TABLE.name, [])

    @property
    def weight(self) -> int:
        """How many versions that have ended are kept."""
        return sum(map(len, self._ended.values()))

    def _knows(self, name: str, key: Key) -> bool:
        return key in self._rows[name] or key in self._dropped[name] or key in self._first[name]

    def _touch(self, kind: type[Row], key: Key) -> None:
        """Note what a row is, before an event changes it for the first time."""
        table = kind.TABLE
        if (table.name, key) in self._touched:
            return
        row = self._rows[table.name].get(key)
        if row is not None:
            before: Values | None = kind.TABLE.values_of(row)
        else:
            before = None if self._is_absent(kind, key) else _UNKNOWN
        self._touched[table.name, key] = before

    def _is_absent(self, kind: type[Row], key: Key) -> bool:
        """Tell whether a row that is not here is nowhere."""
        return (
            self._complete
            or key in self._dropped[kind.TABLE.name]
            or key in self._first[kind.TABLE.name]
            or any(
                Need(kind, column, value) in self._loaded
                for column, value in zip(kind.TABLE.key, key, strict=True)
            )
        )
