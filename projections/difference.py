"""Differences: what is another between two states of a thing, and of the parts that it has.

A state is what a caller sees of a thing at a moment: its values, and lists of parts that are known
by their ids. It may be empty, where there was nothing yet, or nothing for this caller. A value or
a list that only one of the two states has at all is not compared.
"""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from domain.label import Label
from projections.column import External

Values = Mapping[str, External]
"""The values of a thing or a part, by field, in the order in which they are told."""


class PartChange(Label):
    """What became of a part."""

    ADDED = "ADDED", "ajouté", "added"
    DROPPED = "DROPPED", "abandonné", "dropped"
    MOVED = "MOVED", "déplacé", "moved"
    REWORDED = "REWORDED", "reformulé", "reworded"
    CHANGED = "CHANGED", "modifié", "changed"


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a thing, as a caller sees it."""

    id: str
    """What tells it from the other parts of its list, the same for ever."""
    values: Values


@dataclass(frozen=True, slots=True)
class Listed:
    """The parts of a kind that a thing has."""

    parts: Sequence[Part]
    """In their order."""
    texts: frozenset[str] = frozenset()
    """The fields that hold words of somebody's."""
    in_order: bool = False
    """Whether somebody chose the order."""


@dataclass(frozen=True, slots=True)
class State:
    """What a caller sees of a thing at a moment."""

    values: Values
    lists: Mapping[str, Listed] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FieldDifference:
    """A field that is another."""

    name: str
    before: External
    after: External


@dataclass(frozen=True, slots=True)
class PartDifference:
    """A part that is another, or is there on one side only."""

    kind: str
    """The list in which it is."""
    id: str
    changes: tuple[PartChange, ...]
    before: int | None
    """Its place in the list, 1 for the first; None where it is not in it."""
    after: int | None
    fields: tuple[FieldDifference, ...]
    values: Values
    """All that it says: after, or before where it is no more."""


@dataclass(frozen=True, slots=True)
class Difference:
    """All that is another."""

    fields: tuple[FieldDifference, ...]
    parts: tuple[PartDifference, ...]
    """List by list; what is there on the later side in its order, then what was dropped."""


def difference(before: State, after: State) -> Difference:
    """Tell what is another in a state than in the one before."""
    nothing = Listed(())
    parts = [
        difference
        for name in {**after.lists, **before.lists}
        if (not before.values or name in before.lists) and (not after.values or name in after.lists)
        for difference in _parts(
            name, before.lists.get(name, nothing), after.lists.get(name, nothing)
        )
    ]
    return Difference(tuple(_fields(before.values, after.values)), tuple(parts))


def _fields(before: Values, after: Values) -> Iterator[FieldDifference]:
    for name in after or before:
        if (before and name not in before) or (after and name not in after):
            continue
        old, new = before.get(name), after.get(name)
        if old != new:
            yield FieldDifference(name, old, new)


def _parts(name: str, before: Listed, after: Listed) -> Iterator[PartDifference]:
    old = {part.id: (place, part.values) for place, part in enumerate(before.parts, 1)}
    new = {part.id: (place, part.values) for place, part in enumerate(after.parts, 1)}
    texts = before.texts | after.texts
    moved = _moved([old[id][0] for id in new if id in old])
    for id, (place, values) in new.items():
        was, earlier = old.get(id, (None, {}))
        fields = tuple(_fields(earlier, values))
        changes = tuple(_changes(fields, texts, added=was is None))
        if was in moved and (before.in_order or after.in_order):
            changes = (PartChange.MOVED, *changes)
        if changes:
            yield PartDifference(name, id, changes, was, place, fields, values)
    for id, (place, values) in old.items():
        if id not in new:
            fields = tuple(_fields(values, {}))
            yield PartDifference(name, id, (PartChange.DROPPED,), place, None, fields, values)


def _changes(
    fields: Sequence[FieldDifference], texts: frozenset[str], *, added: bool
) -> Iterator[PartChange]:
    if added:
        yield PartChange.ADDED
        return
    if any(each.name in texts for each in fields):
        yield PartChange.REWORDED
    if any(each.name not in texts for each in fields):
        yield PartChange.CHANGED


def _moved(places: Sequence[int]) -> frozenset[int]:
    """Give the fewest of some places without which the others come in order.

    ``places`` are where things were, in the order in which they are. Those that stayed are a
    longest run that goes up: found by the smallest end of every length of run so far.
    """
    ends: list[int] = []
    lengths: dict[int, int] = {}
    for place in places:
        length = bisect_left(ends, place)
        ends[length : length + 1] = [place]
        lengths[place] = length
    wanted = len(ends) - 1
    moved = set[int]()
    for place in reversed(places):
        if lengths[place] == wanted:
            wanted -= 1
        else:
            moved.add(place)
    return frozenset(moved)
