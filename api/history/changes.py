"""Changes: the fields that an event made another, each as it was before and as it was after."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from api.context import Operation
from api.history.tracks import Told, Traced, traced
from api.past import gathered, now
from domain.identity import Id
from projections.changes import Became, changed, visible


@dataclass(frozen=True, slots=True)
class Part:
    """A thing, or a part of it, that an event changed."""

    noun: str
    key: str
    """What tells it from the other parts of its kind: its id where it has one."""
    id: Id | None
    became: Became


@dataclass(frozen=True, slots=True)
class Change:
    """A field that is another."""

    part: Part
    field: Told
    before: Any
    """As it stands in JSON; None where there is nothing."""
    after: Any


@dataclass(frozen=True, slots=True)
class _State:
    """What a caller sees of a version."""

    values: Sequence[Any]
    told: Sequence[bool]


async def changes_at(
    noun: str, id: Id, positions: Sequence[int], operation: Operation
) -> Mapping[int, list[Change]]:
    """Give what the events at some positions made of a thing, as far as a caller sees it.

    A field is told if the caller sees it before and after; what is new has nothing before, what
    is no more has nothing after.

    Raises:
        api.past.PastNotGathered: the versions of rows are too far behind.
        ReadsUnavailable, ReadTooSlow: there is no answer.
    """
    found: dict[int, list[Change]] = {position: [] for position in positions}
    tables = traced(noun)
    if not positions or not tables:
        return found
    await gathered(max(positions), operation)
    asked = changed([each.track for each in tables], id, positions, operation.eyes)
    versions: dict[tuple[int, int, str], dict[bool, _State | None]] = defaultdict(dict)
    for table, position, ended, key, seen, values, told in await now(operation).rows(*asked):
        state = _State(orjson.loads(values), orjson.loads(told)) if seen else None
        versions[position, table, key][ended] = state
    for (position, table, key), states in sorted(versions.items()):
        found[position] += _changes(tables[table], key, states)
    return await _without_hidden(found, operation)


async def _without_hidden(
    found: Mapping[int, Sequence[Change]], operation: Operation
) -> Mapping[int, list[Change]]:
    """Leave out the changes in which the id stands of something that the caller cannot see."""
    things = sorted(
        {each for at, told in found.items() for one in told for each in _named(one, at)}
    )
    if not things:
        return {at: list(told) for at, told in found.items()}
    rows = await now(operation).rows(*visible(things, operation.eyes))
    seen = {things[number] for (number,) in rows}
    return {
        at: [change for change in told if seen.issuperset(_named(change, at))]
        for at, told in found.items()
    }


def _named(change: Change, position: int) -> Iterator[tuple[str, str, int]]:
    """Give what a change names that fewer may see, with the moments as of which it is named."""
    table = change.field.leads_to
    if table is not None:
        for value, moment in ((change.before, position - 1), (change.after, position)):
            if value is not None:
                yield table, value, moment


def _changes(table: Traced, key: str, states: Mapping[bool, _State | None]) -> Iterator[Change]:
    if None in states.values():  # what is hidden on one side is not compared
        return
    before, after = states.get(True), states.get(False)
    part = Part(table.noun, key, Id(key) if table.has_id else None, _became(before, after))
    for place, field in enumerate(table.fields):
        if all(state.told[place] for state in (before, after) if state is not None):
            was = None if before is None else before.values[place]
            became = None if after is None else after.values[place]
            if was != became:
                yield Change(part, field, was, became)


def _became(before: _State | None, after: _State | None) -> Became:
    if before is None:
        return Became.ADDED
    return Became.REMOVED if after is None else Became.CHANGED
