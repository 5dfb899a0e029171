"""Folds without a database: all in memory, or as the runner does, a few rows at a time."""

from collections import defaultdict
from collections.abc import Sequence
from copy import copy
from typing import Any, TypeVar

from domain.aggregate import AggregateEvent
from domain.person import Person, ids_of
from domain.record import Recorded
from projections.projection import Projection
from projections.rows import Key, Need, Rows, key_of
from projections.table import Row
from tests.history import recorded

R = TypeVar("R", bound=Row)

Tables = dict[str, dict[Key, Row]]
"""Rows by table and key."""


def folded(projection: Projection, *events: AggregateEvent) -> Rows:
    """Fold a history in memory, and make sure that the runner would come to the same."""
    rows = Rows()
    for each in of_interest(projection, events):
        projection.take(rows, each)
    for size in (1, 3):
        assert tables(projection, rows) == folded_in_batches(projection, events, size)
    return rows


def folded_in_batches(
    projection: Projection, events: Sequence[AggregateEvent], size: int
) -> Tables:
    """Fold a history as the runner does: each batch sees the rows that its needs name alone."""
    stored: Tables = defaultdict(dict)
    history = of_interest(projection, events)
    for start in range(0, len(history), size):
        batch = history[start : start + size]
        rows = Rows(complete=False)
        for need in {need for each in batch for need in projection.needs(each)}:
            rows.load([need], [copy(row) for row in _named(stored, need)])
        for each in batch:
            projection.take(rows, each)
        for kind in projection.rows:
            for key in rows.dropped(kind.TABLE):
                stored[kind.TABLE.name].pop(key, None)
            for row in rows.changed(kind.TABLE):
                stored[kind.TABLE.name][key_of(row)] = row
        for each in batch:
            if isinstance(each.event, Person.Forgotten):
                _forget(projection, stored, each.event)
    return {kind.TABLE.name: stored[kind.TABLE.name] for kind in projection.rows}


def _forget(projection: Projection, stored: Tables, event: Person.Forgotten) -> None:
    """Clear what a person was called from the rows that no need had named."""
    people = ids_of(event.subject)
    for kind in projection.personal:
        for row in stored[kind.TABLE.name].values():
            for column, by in kind.TABLE.personal.items():
                if getattr(row, by) in people:
                    setattr(row, column, None)


def tables(projection: Projection, rows: Rows) -> Tables:
    """Give all rows of a projection."""
    return {
        kind.TABLE.name: {key_of(row): row for row in rows.all(kind)} for kind in projection.rows
    }


def of_interest(
    projection: Projection, events: Sequence[AggregateEvent]
) -> list[Recorded[AggregateEvent]]:
    """Give the events that a projection follows, as they stand in the log."""
    return [each for each in recorded(events) if type(each.event).TOPIC in projection.topics]


def shown(rows: Rows, kind: type[R], order: str = "id") -> list[R]:
    """Give the rows of a table in the order of a column."""
    return sorted(rows.all(kind), key=lambda row: getattr(row, order))


def only(rows: Rows, kind: type[R]) -> R:
    """Give the one row that a table has."""
    (row,) = rows.all(kind)
    return row


def _named(stored: Tables, need: Need) -> list[Any]:
    rows = stored[need.kind.TABLE.name].values()
    return [row for row in rows if getattr(row, need.column) == need.value]
