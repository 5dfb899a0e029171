"""States: what a caller sees of a thing and its parts at a moment, or in a version of a roadmap.

What a thing consists of (`api.composition`) is read by one statement, with the rights of the
caller: what they may not see is not there, and a value that they may not see is null.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, Self

import orjson

from api.composition import Composed, Composition, composition
from api.context import Operation
from domain.identity import Id
from domain.refusal import Refusal
from projections.column import External, columns
from projections.difference import Listed, Part, State, Values
from projections.guard import Viewer
from projections.ordering import ordering
from projections.plan import Many, Match, One, Outer, Plan, Source, Value
from projections.render import render
from projections.slot import Slot
from projections.statement import Statement
from projections.submissions import (
    SubmissionRow,
    SubmittedLeverRow,
    SubmittedMobilisationRow,
    SubmittedObjectiveRow,
    SubmittedPlanItemRow,
)
from projections.table import Row, Table

MOST_PARTS: Final = 5_000
"""Parts of one thing that are read to be compared."""

_SUBMITTED: Final[Mapping[str, tuple[type[Row], str]]] = {
    "lever": (SubmittedLeverRow, "lever_id"),
    "objective": (SubmittedObjectiveRow, "objective_id"),
    "plan_item": (SubmittedPlanItemRow, "plan_item_id"),
    "ecosystem_mobilisation": (SubmittedMobilisationRow, "ecosystem_mobilisation_id"),
}
"""The rows with the parts of a submitted version, and the column with the id of each part."""
_SAID: Final = ("title", "horizon", "turning_point", "generative_question", "new_course")
"""What a submitted version says itself."""

_LIST: Final = "list:"
"""Begins the key of a list among the values of a thing."""
_KEY: Final = "key:"
"""Begins that of a value that tells a part from others."""


class TooManyParts(Refusal):
    """It has {count} parts; {limit} can be compared at most. Ask for some kinds of them alone."""

    FRENCH = (
        "Il a {count} parties ; {limit} au plus peuvent être comparées. "
        "N’en demandez que certaines sortes."
    )


class UnknownSubmission(Refusal):
    """There is no submitted version {number} that you may read. The first one has the number 1."""

    FRENCH = (
        "Aucune version soumise {number} que vous puissiez lire. La première porte le numéro 1."
    )


class UnknownKind(Refusal):
    """It has no parts of the kind {kind}. There are: {kinds}."""

    FRENCH = "Il n’a pas de parties de la sorte {kind}. Il y a : {kinds}."


@dataclass(frozen=True, slots=True)
class Thing:
    """A thing, and the kinds of its parts that are meant."""

    noun: str
    id: Id
    kinds: tuple[str, ...]

    @classmethod
    def of(cls, noun: str, id: Id, kinds: Sequence[str] | None = None) -> Self:
        """Mean a thing with all its parts, unless some kinds of them are named.

        Raises:
            UnknownKind: it has no such parts.
        """
        parts = composition(noun).parts
        for kind in kinds or ():
            if kind not in parts:
                raise UnknownKind("kinds", kind=kind[:80], kinds=", ".join(parts))
        return cls(noun, id, tuple(kind for kind in parts if kinds is None or kind in kinds))

    @property
    def composition(self) -> Composition:
        """Of what it consists."""
        return composition(self.noun)


async def as_it_is(thing: Thing, operation: Operation) -> State:
    """Give what a caller sees of a thing at the moment of an operation; nothing if there is none.

    Raises:
        TooManyParts: there are too many.
    """
    statement = _whole(thing.noun, thing.kinds, operation.eyes.viewer(2))
    arguments = thing.id, *operation.eyes.arguments
    (found,) = await operation.reads.answer(statement, arguments)
    return _state(thing.composition, found)


async def as_submitted(thing: Thing, number: int, operation: Operation) -> State:
    """Give what a submitted version of a roadmap says.

    Raises:
        UnknownSubmission: there is none, or none that the caller may read.
        TooManyParts: there are too many.
    """
    found = None
    if thing.noun == "roadmap":
        statement = _submitted(thing.kinds, operation.eyes.viewer(3))
        arguments = thing.id, number, *operation.eyes.arguments
        (found,) = await operation.reads.answer(statement, arguments)
    if found is None:
        raise UnknownSubmission("submission", number=number)
    return _state(thing.composition, found)


@cache
def _whole(noun: str, kinds: tuple[str, ...], viewer: Viewer) -> Statement:
    """Write what asks for a thing by its id, and for its parts of some kinds."""
    composed = composition(noun)
    table = composed.whole.table
    lists = tuple(_list(composed.parts[kind], table) for kind in kinds)
    one = One(Source(table, (Match("id", Slot(1, "text")),)), composed.whole.selection() + lists)
    return render(Plan((one,), viewer))


def _list(part: Composed, around: Table) -> tuple[str, Value]:
    owner = part.table.owner
    assert owner is not None, "parts are made by the events of what they belong to"
    source = Source(part.table, (Match(owner[1], Outer("id")),), around=around)
    keys = tuple((_KEY + name, part.entity.columns[name]) for name in part.identity)
    many = Many(source, part.entity.ordering(part.order), (*keys, *part.selection()))
    return _LIST + part.table.name, many


@cache
def _submitted(kinds: tuple[str, ...], viewer: Viewer) -> Statement:
    """Write what asks for a submitted version by roadmap and number."""
    table, said = SubmissionRow.TABLE, columns(SubmissionRow)
    parts = composition("roadmap").parts
    lists = tuple(_submitted_list(parts[kind]) for kind in kinds if kind in _SUBMITTED)
    matches = Match("roadmap_id", Slot(1, "text")), Match("number", Slot(2, "bigint"))
    selection = tuple((name, said[name]) for name in _SAID)
    return render(Plan((One(Source(table, matches), selection + lists),), viewer))


def _submitted_list(part: Composed) -> tuple[str, Value]:
    row, id = _SUBMITTED[part.table.name]
    said = columns(row)
    source = Source(row.TABLE, (Match("submission_id", Outer("id")),), around=SubmissionRow.TABLE)
    values = [
        (name, said[field.column]) for name, field in part.fields.items() if field.column in said
    ]
    order = ordering(row, ("position", id))
    return _LIST + part.table.name, Many(source, order, ((_KEY + "id", said[id]), *values))


def _state(composed: Composition, found: bytes | None) -> State:
    if found is None:
        return State({})
    values: dict[str, Any] = orjson.loads(found)
    lists = {
        key.removeprefix(_LIST): values.pop(key) or []
        for key in list(values)
        if key.startswith(_LIST)
    }
    count = sum(map(len, lists.values()))
    if count > MOST_PARTS:
        raise TooManyParts("kinds", count=count, limit=MOST_PARTS)
    return State(
        _told(values), {kind: _listed(composed.parts[kind], rows) for kind, rows in lists.items()}
    )


def _listed(part: Composed, rows: Sequence[dict[str, Any]]) -> Listed:
    parts = [Part(_identity(part, row), _told(row)) for row in rows]
    return Listed(parts, part.texts, part.in_order)


def _identity(part: Composed, row: dict[str, Any]) -> str:
    """Take what tells a part from others out of its values: its id, if it has one of its own."""
    return "/".join(str(row.pop(_KEY + name)) for name in part.identity)


def _told(values: Mapping[str, Any]) -> Values:
    """Give values as they are told: of what they lead to, the id."""
    return {
        name: _id(value) if isinstance(value, dict) else value for name, value in values.items()
    }


def _id(row: dict[str, External]) -> External:
    (id,) = row.values()
    return id
