"""Blame: who gave each field of a thing, and each sentence of a text, its wording, and why.

    roadmap(id: …) { blame(field: "newCourse") { sentence { text } entry { recordedAt reason } } }

A sentence that stayed when the text around it was edited still owes its wording to the event that
brought it in. What is told of the event is what the history of the thing tells, by the same rules.
"""

from typing import Annotated, Any, TypeAlias

import strawberry
from strawberry import UNSET

from api import origins
from api.composition import Composition
from api.context import Info
from api.differences import Kinds, kinds_of, written
from api.history.asked import UnknownField
from api.history.entries import HistoryEntry, entry
from api.history.telling import Telling
from api.labels.fields import words_of
from api.labels.parts import PARTS
from api.moments import AsOf, position_of
from api.naming import camel
from api.origins import Origin
from api.past import gathered
from api.prices import BLAME, GROUPS, PRICE, Price
from api.reached import moment_of
from api.recorded import heard_at
from api.retracing import retrace
from api.states import Thing
from api.writing import Written
from domain.identity import Id
from domain.refusal import Language
from projections.column import Position


@strawberry.type(description="A sentence of a text.")
class BlamedSentence:
    """A sentence of a text."""

    text: str = strawberry.field(
        description="The sentence, with the white space behind it: together they are the text."
    )
    from_: int = strawberry.field(
        name="from", description="Where it begins in the text, in characters; 0 for the first."
    )
    to: int = strawberry.field(description="Where it ends: the place behind its last character.")


@strawberry.type(description="A field, or a sentence of a text, and what gave it its wording.")
class Blame:
    """A field, or a sentence of a text, and what gave it its present wording."""

    noun: str = strawberry.field(
        description="The kind of part of which it is a field, or the thing's own."
    )
    noun_label: str = strawberry.field(
        description="What people call such a part, in French or English by Accept-Language."
    )
    part: Id | None = strawberry.field(
        description="The id of the part; null for the thing itself, and for what has none."
    )
    title: str | None = strawberry.field(
        description="What the part is called, or how it is worded."
    )
    field: str = strawberry.field(description="The field, by the name that it has in queries.")
    label: str = strawberry.field(
        description="What people call it, in French or English by Accept-Language."
    )
    value: str = strawberry.field(
        description="What the field says, written as in answers; of another thing the id."
    )
    sentence: BlamedSentence | None = strawberry.field(
        description="The sentence that is meant, for a text: it has one entry for each of them."
    )
    position: Position = strawberry.field(
        description="The position of the event since which it says so without a break."
    )
    entry: HistoryEntry | None = strawberry.field(
        description="That event, as the history tells it; null for those who are not told of it."
    )


class _Told(list[Blame], Written):
    """All that is told, which is written at once."""


Part: TypeAlias = Annotated[
    Id | None,
    strawberry.argument(description="The id of the part that is meant; all of it unless given."),
]
Field: TypeAlias = Annotated[
    str | None,
    strawberry.argument(
        description="The field that is meant, by its name in queries; all of them unless given."
    ),
]
At: TypeAlias = Annotated[
    AsOf | None,
    strawberry.argument(
        description="The moment whose wording is meant; without one, what it says now."
    ),
]


def blamed() -> Any:
    """Serve to which events a thing owes its wording."""

    async def resolve(
        self: Any,
        info: Info,
        *,
        at: At = UNSET,
        part: Part = UNSET,
        field: Field = UNSET,
        kinds: Kinds = UNSET,
    ) -> list[Blame]:
        operation = info.context
        retrace(operation)
        thing = Thing.of(self.TABLE.name, self.id, kinds_of(kinds))
        fields = _fields(thing.composition, field) if field else None
        position = await position_of(at, operation) if at else moment_of(operation).position
        await gathered(position, operation)
        found = [
            each
            for each in await origins.origins(thing, position, operation, fields)
            if not part or each.part.id == part
        ]
        heard = await heard_at({each.position for each in found}, operation)
        telling = Telling(thing.noun, self, operation, tuple(heard.values()))
        entries = {position: entry(each, telling) for position, each in heard.items()}
        language = operation.caller.language
        return _Told(_told(each, entries.get(each.position), language) for each in found)

    return strawberry.field(
        resolver=resolve,
        description="To which event each field, and each sentence of a text, owes its wording.",
        metadata={PRICE: Price(once=BLAME, items=GROUPS)},
    )


def _fields(composition: Composition, asked: str) -> frozenset[str]:
    """Give the fields that the interface calls so, of the thing or of parts of it."""
    kinds = composition.whole, *composition.parts.values()
    found = frozenset(name for kind in kinds for name in kind.fields if camel(name) == asked)
    if not found:
        raise UnknownField("field", name=asked[:80])
    return found


def _told(origin: Origin, found: HistoryEntry | None, language: Language) -> Blame:
    kind, sentence = origin.composed, origin.sentence
    table = kind.table.name
    title = None if kind.title is None else origin.part.values[kind.title]
    value = written(origin.value)
    assert value is not None, "what tells nothing owes nothing to anything"
    return Blame(
        noun=table,
        noun_label=PARTS[table].of(language),
        part=Id(origin.part.id) if kind.identity == ("id",) else None,
        title=written(title),
        field=camel(origin.field),
        label=words_of(table, origin.field).of(language),
        value=value,
        sentence=None
        if sentence is None
        else BlamedSentence(text=sentence.text, from_=sentence.start, to=sentence.end),
        position=Position(origin.position),
        entry=found,
    )
