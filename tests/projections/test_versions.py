"""Versions: whatever happened, and however it was cut into batches, each moment is in them."""

from collections import defaultdict
from collections.abc import Sequence
from copy import copy
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from domain.aggregate import AggregateEvent
from domain.record import Recorded
from projections.catalogue import PASTS
from projections.past import Past
from projections.rows import Key, Rows
from projections.table import Row
from projections.versions import FOREVER, Open, Versions
from tests.projections.folding import of_interest
from tests.projections.stories import stories

Contents = dict[str, dict[Key, tuple[Any, ...]]]
"""What stands in tables, by key."""


class Stored:
    """Versions as tables would keep them: added, ended once, and never changed."""

    def __init__(self, of: Past) -> None:
        self._of = of
        self._open: dict[str, dict[Key, tuple[Row, int]]] = defaultdict(dict)
        self._versions: dict[str, list[tuple[Key, tuple[Any, ...], int, int]]] = defaultdict(list)

    def take(self, batch: Sequence[Recorded[AggregateEvent]]) -> None:
        """Fold a batch as a worker does, which loads what is needed and no more."""
        rows = Versions(complete=False)
        for need in {need for each in batch for need in self._of.needs(each)}:
            held = self._open[need.kind.TABLE.name].values()
            found = [(copy(row), since) for row, since in held if _has(row, need)]
            rows.load_open([need], found)
        for each in batch:
            self._of.take(rows, each)
        for kind in self._of.of.rows:
            self._write(rows, kind)

    def _write(self, rows: Versions, kind: type[Row]) -> None:
        name, values = kind.TABLE.name, kind.TABLE.values_of
        held = self._open[name]
        known = {key: held[key] for key in rows.unknown(kind) if key in held}
        rows.known(kind, {key: Open(key, values(row), at) for key, (row, at) in known.items()})
        for key, was, since, until in rows.closed(kind):
            row, at = held.pop(key)
            assert (values(row), at) == (was, since), "what is ended is what was stored"
            self._versions[name].append((key, was, since, until))
        self._versions[name] += rows.ended(kind)
        for key, _, since in list(rows.opened(kind)):
            assert key not in held, "one version of a row holds at a time"
            now = rows.get(kind, *key)
            assert now is not None
            held[key] = copy(now), since

    def at(self, position: int) -> Contents:
        """Give what held at a position."""
        found: Contents = {}
        for kind in self._of.of.rows:
            name, values = kind.TABLE.name, kind.TABLE.values_of
            every = [
                *self._versions[name],
                *((k, values(row), since, FOREVER) for k, (row, since) in self._open[name].items()),
            ]
            meant = [each for each in every if each[2] <= position < each[3]]
            found[name] = {key: was for key, was, *_ in meant}
            assert len(found[name]) == len(meant), "one version of a row holds at a time"
        return found


def _has(row: Row, need: Any) -> bool:
    return type(row) is need.kind and getattr(row, need.column) == need.value


def folded(of: Past, events: Sequence[Recorded[AggregateEvent]]) -> Contents:
    """Give what one fold over all comes to."""
    rows = Rows()
    for each in events:
        of.of.take(rows, each)
    return {
        kind.TABLE.name: {
            kind.TABLE.key_of(row): kind.TABLE.values_of(row) for row in rows.all(kind)
        }
        for kind in of.of.rows
    }


@given(stories(25), st.lists(st.integers(1, 30), min_size=1), st.data())
def test_at_a_sample_of_moments_they_are_what_a_fold_up_to_there_comes_to(
    events: list[AggregateEvent], sizes: list[int], data: st.DataObject
) -> None:
    positions = data.draw(st.sets(st.integers(0, len(events)), min_size=1, max_size=3))
    of = data.draw(st.sampled_from([each for each in PASTS if each.topics]))
    history = of_interest(of.of, events)
    stored, cuts = Stored(of), [0]
    while cuts[-1] < len(history):
        cuts.append(cuts[-1] + sizes[len(cuts) % len(sizes)])
    for start, end in pairwise(cuts):
        stored.take(history[start:end])
    for position in positions:
        upto = [each for each in history if each.position <= position]
        assert stored.at(position) == folded(of, upto)
