"""Origins: to which event each value of a thing, and each sentence of its texts, owes its wording.

What is there at a moment, as a caller sees it, is traced back through the versions of its rows. Of
those nothing is told but the positions of events.
"""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from api.composition import Composed
from api.context import Operation
from api.past import at
from api.states import Thing, as_it_is
from projections import annals
from projections.column import External
from projections.difference import Part, State
from projections.origins import Version, origin_of_value, origins_of_sentences
from projections.wording import Sentence

Traces = Mapping[str, Mapping[str, Sequence[Version[Any]]]]
"""For each row by what identifies it, the versions of each of its columns."""


@dataclass(frozen=True, slots=True)
class Origin:
    """A value, or a sentence of a text, and the position of the event that gave it its wording."""

    composed: Composed
    part: Part
    """The part of which it is, or the thing itself."""
    field: str
    value: External
    sentence: Sentence | None
    position: int


async def origins(
    thing: Thing, position: int, operation: Operation, fields: frozenset[str] | None
) -> list[Origin]:
    """Give the origins of all that a caller sees of a thing at a position, or of some fields.

    The past has gathered the position. What tells nothing has no origin.

    Raises:
        api.states.TooManyParts: it has too many parts.
    """
    composed = thing.composition
    kinds = [
        each
        for each in (composed.whole, *(composed.parts[kind] for kind in thing.kinds))
        if fields is None or not fields.isdisjoint(each.fields)
    ]
    state, traces = await asyncio.gather(
        as_it_is(thing, at(position, operation)),
        asyncio.gather(*(_traces(each, thing, position, operation, fields) for each in kinds)),
    )
    return [
        origin
        for kind, traced in zip(kinds, traces, strict=True)
        for part in _parts(kind, state)
        for origin in _origins(kind, part, traced.get(part.id, {}), fields)
    ]


async def _traces(
    kind: Composed,
    thing: Thing,
    position: int,
    operation: Operation,
    fields: frozenset[str] | None,
) -> Traces:
    identity = kind.identity
    wanted = [field for name, field in kind.fields.items() if fields is None or name in fields]
    columns = tuple(dict.fromkeys(field.column for field in wanted))
    bound = annals.versions(kind.table, thing.id, identity, columns, position)
    found = annals.read_versions(identity, columns, await operation.reads.rows(*bound))
    return {"/".join(map(str, key)): each for key, each in found.items()}


def _parts(kind: Composed, state: State) -> Sequence[Part]:
    """Give the rows of a kind that are seen; the thing itself has nothing to be told from."""
    listed = state.lists.get(kind.table.name)
    return [Part("", state.values)] if listed is None else listed.parts


def _origins(
    kind: Composed,
    part: Part,
    traces: Mapping[str, Sequence[Version[Any]]],
    fields: frozenset[str] | None,
) -> Iterator[Origin]:
    for name, value in part.values.items():
        if value is None or (fields is not None and name not in fields):
            continue
        field = kind.fields[name]
        versions = traces[field.column]
        if not field.is_text:
            yield Origin(kind, part, name, value, None, origin_of_value(versions))
            continue
        for sentence, position in origins_of_sentences(versions):
            yield Origin(kind, part, name, value, sentence, position)
