"""Values: what a field said before an event and after it, as it is written and as people say it."""

from datetime import date
from typing import Any, Final

import orjson
import strawberry
from strawberry import UNSET

from api.context import Info
from api.history.changes import Change, Part
from api.history.sentence import day
from api.history.spoken import In, spoken
from api.history.telling import Telling, thing_of
from api.history.tracks import Told
from api.labels.parts import PARTS
from api.labels.words import Words
from domain.identity import Id
from domain.refusal import Language
from domain.territory import TERRITORIES
from projections.changes import Became, ValueKind

_YES: Final = Words("oui", "yes")
_NO: Final = Words("non", "no")


@strawberry.type(description="What a field said.")
class HistoryValue:
    """What a field said."""

    told: strawberry.Private[Told]
    value: strawberry.Private[Any]
    position: strawberry.Private[int]
    telling: strawberry.Private[Telling]
    kind: ValueKind = strawberry.field(description="Of what kind it is.")
    text: str = strawberry.field(description="The value, written as in answers.")

    @strawberry.field(
        description="How people say it: the label of a word, a day in words; else as it is written."
    )
    def label(self, info: Info, language: In = UNSET) -> str:
        """Say it."""
        return _said(self, spoken(language, info))

    @strawberry.field(
        description="What the thing was called whose id it is, as far as the caller may know; null "
        "for what is no id, or has no name."
    )
    async def name(self) -> str | None:
        """Give the name of a thing."""
        thing = thing_of(self.text, self.position) if self.kind is ValueKind.ID else None
        return None if thing is None else (await self.telling.values()).get(thing)


@strawberry.type(description="A thing, or a part of it, that was changed.")
class HistoryPart:
    """A thing, or a part of it, that was changed."""

    noun: str = strawberry.field(description="What it is, such as roadmap or lever.")
    id: Id | None = strawberry.field(description="Its id; null where it has none of its own.")
    key: str = strawberry.field(
        description="What tells it from the other parts of its kind: its id, or what its key is "
        "made of."
    )
    became: Became = strawberry.field(description="What became of it.")

    @strawberry.field(description="What people call such a part.")
    def label(self, info: Info, language: In = UNSET) -> str:
        """Say what it is."""
        return PARTS[self.noun].of(spoken(language, info))


@strawberry.type(description="A field that an event made another.")
class HistoryChange:
    """A field that an event made another."""

    told: strawberry.Private[Told]
    part: HistoryPart = strawberry.field(description="Of what it is a field.")
    field: str = strawberry.field(description="The field, by the name that it has in queries.")
    before: HistoryValue | None = strawberry.field(
        description="What it said; null where there was nothing."
    )
    after: HistoryValue | None = strawberry.field(
        description="What it says from then on; null where there is nothing."
    )

    @strawberry.field(description="What people call the field.")
    def label(self, info: Info, language: In = UNSET) -> str:
        """Say what the field is."""
        return self.told.words.of(spoken(language, info))


def shown(change: Change, position: int, telling: Telling) -> HistoryChange:
    """Give a change by the event at a position as it leaves."""

    def value(said: Any) -> HistoryValue | None:
        if said is None:
            return None
        return HistoryValue(
            told=change.field,
            value=said,
            position=position,
            telling=telling,
            kind=change.field.kind,
            text=said if isinstance(said, str) else orjson.dumps(said).decode(),
        )

    return HistoryChange(
        told=change.field,
        part=_part(change.part),
        field=change.field.name,
        before=value(change.before),
        after=value(change.after),
    )


def _part(part: Part) -> HistoryPart:
    return HistoryPart(noun=part.noun, id=part.id, key=part.key, became=part.became)


def _said(value: HistoryValue, language: Language) -> str:
    match value.kind:
        case ValueKind.WORD if value.told.vocabulary is not None:
            word = value.told.vocabulary[value.text]
            return word.fr if language == "fr" else word.en
        case ValueKind.BOOLEAN:
            return (_YES if value.value else _NO).of(language)
        case ValueKind.DATE:
            return day(date.fromisoformat(value.text), language)
        case _ if value.told.name == "territory" and value.text in TERRITORIES:
            return TERRITORIES[value.text].name
        case _:
            return value.text
