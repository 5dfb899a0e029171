"""Differences: what is another in a thing between two moments, or two versions of it.

    roadmap(id: …) { diff(from: {submission: 1}, to: {submission: 2}) { fields { … } parts { … } } }

Both states are what the caller may see of the thing, by the rules that apply to it as it was at
each moment, and with the roles that they hold today. They may be given in either order: read from
the later one to the earlier, what was added is what is taken away.
"""

import asyncio
from collections.abc import Iterable
from typing import Annotated, Any, Final, TypeAlias

import orjson
import strawberry
from strawberry import UNSET

from api.composition import Composed
from api.context import Info, Operation
from api.labels.fields import words_of
from api.labels.parts import PARTS
from api.moments import Moment
from api.naming import camel
from api.node import known, noun_of
from api.prices import DIFFERENCE, GROUPS, PRICE, Price
from api.reached import StateAt, reached
from api.retracing import retrace
from api.states import Thing
from api.writing import Written
from domain.identity import Id
from domain.refusal import Language
from projections import difference, wording
from projections.column import External
from projections.difference import PartChange
from projections.wording import WordChange

NOUNS: Final = frozenset(
    ("organisation", "cohort", "roadmap", "alliance", "action", "challenge", "workshop")
)
"""The things whose states are compared."""


@strawberry.type(description="Some words of a text, and what became of them.")
class ComparedWords:
    """Some words of a text, with the spaces and signs between them, and what became of them."""

    text: str = strawberry.field(
        description="The words, with all spaces and signs. What is the same or removed, in this "
        "order, is the text before; what is the same or added is the text after."
    )
    change: WordChange = strawberry.field(description="What became of them.")


@strawberry.type(description="A field that is another.")
class FieldDifference:
    """A field that is another."""

    field: str = strawberry.field(description="The field, by the name that it has in queries.")
    label: str = strawberry.field(
        description="What people call it, in French or English by Accept-Language."
    )
    before: str | None = strawberry.field(
        description="What it said, written as in answers; of another thing the id."
    )
    after: str | None = strawberry.field(description="What it says, written alike.")
    is_text: strawberry.Private[bool]

    @strawberry.field(
        description="For a text, what became of it word by word; null for anything else."
    )
    def words(self) -> list[ComparedWords] | None:
        """Compare word by word."""
        if not self.is_text:
            return None
        found = wording.compared(self.before or "", self.after or "")
        return [ComparedWords(text=words.text, change=words.change) for words in found]


@strawberry.type(description="A part that is another, or is there on one side only.")
class PartDifference:
    """A part that is another, or is there on one side only."""

    noun: str = strawberry.field(description="The kind of part, such as lever.")
    label: str = strawberry.field(
        description="What people call such a part, in French or English by Accept-Language."
    )
    id: Id | None = strawberry.field(
        description="Its id, the same on both sides; null for a part that has none."
    )
    title: str | None = strawberry.field(
        description="What it is called, or how it is worded: after, or before if it was dropped."
    )
    changes: list[PartChange] = strawberry.field(
        description="What became of it; it may be moved, reworded and changed at once."
    )
    place_before: int | None = strawberry.field(
        description="Its place in the list before, 1 for the first; null where it was not in it."
    )
    place_after: int | None = strawberry.field(description="Its place after, told alike.")
    fields: list[FieldDifference] = strawberry.field(
        description="The fields that are another; all that it said where it was added or dropped."
    )


@strawberry.type(description="What is another in a thing between two of its states.")
class Difference(Written):
    """What is another in a thing between two of its states."""

    before: Moment | None = strawberry.field(
        description="The moment of the first state; null for a submitted version."
    )
    after: Moment | None = strawberry.field(
        description="The moment of the second state; null for a submitted version."
    )
    fields: list[FieldDifference] = strawberry.field(
        description="The fields of the thing itself that are another."
    )
    parts: list[PartDifference] = strawberry.field(
        description="The parts that are another, kind by kind: what is there after in its order, "
        "then what was dropped. Those that only make room for others did not move.",
        metadata={PRICE: Price(items=GROUPS)},
    )


From: TypeAlias = Annotated[
    StateAt, strawberry.argument(name="from", description="The state to begin with.")
]
To: TypeAlias = Annotated[
    StateAt | None,
    strawberry.argument(description="The state to compare it with; without one, as it is now."),
]
Kinds: TypeAlias = Annotated[
    list[str] | None,
    strawberry.argument(description="The kinds of parts that are meant; all of them unless given."),
]


def compared() -> Any:
    """Serve what is another in a thing between two of its states."""

    async def resolve(
        self: Any, info: Info, from_: From, to: To = UNSET, kinds: Kinds = UNSET
    ) -> Difference:
        thing = Thing.of(self.TABLE.name, self.id, kinds_of(kinds))
        return await _difference(thing, from_, to or None, info.context)

    return strawberry.field(
        resolver=resolve,
        description="What is another in it between two moments or versions, in either order.",
        metadata={PRICE: Price(once=DIFFERENCE)},
    )


def compared_by_id(description: str) -> Any:
    """Serve the same for a thing by its id, also where nothing is left of it to be seen."""

    async def resolve(
        info: Info,
        id: Annotated[Id, strawberry.argument(description="The id of the thing.")],
        from_: From,
        to: To = UNSET,
        kinds: Kinds = UNSET,
    ) -> Difference | None:
        noun = noun_of(id)
        if noun not in NOUNS or known(id, noun) is None:
            return None
        thing = Thing.of(noun, id, kinds_of(kinds))
        return await _difference(thing, from_, to or None, info.context)

    return strawberry.field(
        resolver=resolve, description=description, metadata={PRICE: Price(once=DIFFERENCE)}
    )


async def _difference(
    thing: Thing, first: StateAt, second: StateAt | None, operation: Operation
) -> Difference:
    retrace(operation)
    before, after = await asyncio.gather(
        reached(thing, first, operation), reached(thing, second, operation)
    )
    found = difference.difference(before.state, after.state)
    composed, language = thing.composition, operation.caller.language
    return Difference(
        before=before.moment,
        after=after.moment,
        fields=_fields(composed.whole, found.fields, language),
        parts=[_part(composed.parts[each.kind], each, language) for each in found.parts],
    )


def _part(part: Composed, found: difference.PartDifference, language: Language) -> PartDifference:
    title = None if part.title is None else found.values[part.title]
    return PartDifference(
        noun=found.kind,
        label=PARTS[found.kind].of(language),
        id=Id(found.id) if part.identity == ("id",) else None,
        title=written(title),
        changes=list(found.changes),
        place_before=found.before,
        place_after=found.after,
        fields=_fields(part, found.fields, language),
    )


def _fields(
    composed: Composed, found: Iterable[difference.FieldDifference], language: Language
) -> list[FieldDifference]:
    return [
        FieldDifference(
            field=camel(each.name),
            label=words_of(composed.table.name, each.name).of(language),
            before=written(each.before),
            after=written(each.after),
            is_text=composed.fields[each.name].is_text,
        )
        for each in found
    ]


def kinds_of(given: list[str] | None) -> list[str] | None:
    """Give the kinds of parts that are named, None where all are meant."""
    return None if given is UNSET else given


def written(value: External) -> str | None:
    """Write a value as text, as it stands in answers."""
    if value is None or isinstance(value, str):
        return value
    return orjson.dumps(value).decode()
