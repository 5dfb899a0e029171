"""Sentences: what happened, as people say it in French and in English.

    told(
        Roadmap.LeverReworded,
        "The lever[ “{lever}”] was reworded.",
        "Le levier[ « {lever} »] a été reformulé.",
    )

A name in braces is a field of the event, by its path: a word of a vocabulary, a day, a number, a
text, or the id of something that is called by its name. What stands in brackets is left out where
a name in it is not told: it is not known, or the caller may not know it.

Nothing may stand in a sentence but what the event is published with (`api.publication`), and what
the caller sees of the rows that its ids name.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any, Final, TypeAlias, cast
from uuid import UUID

from babel.dates import format_date
from babel.numbers import format_decimal

from api.publication.vocabulary import NOUNS
from domain.aggregate import AggregateEvent
from domain.label import Label
from domain.refusal import Language
from domain.territory import TERRITORIES

Named: TypeAlias = Callable[[str, UUID], str | None]
"""Gives what something is called by its noun and its id; None where that is not told."""

LONGEST: Final = 160
"""Characters of a text in a sentence; what is longer is cut short at a word."""

_PIECE: Final = re.compile(r"\[(?P<option>[^\]]*)\]|(?P<plain>[^\[]+)")
_SLOT: Final = re.compile(r"\{([a-z_.]+)\}")
_LISTED: Final = 5
"""Names in a list; of more only how many they are is told."""
_UNGROUPED: Final = 10_000
"""Below this numbers are written without groups, as years are."""


@dataclass(frozen=True)
class Sentence:
    """How the facts of a kind are told."""

    event: type[AggregateEvent]
    english: str
    french: str

    def text(self, event: AggregateEvent, language: Language, named: Named) -> str:
        """Tell a fact."""
        template = self._typeset if language == "fr" else self.english
        told = {path: _said(event, path, language, named) for path in _SLOT.findall(template)}
        parts = []
        for piece in _PIECE.finditer(template):
            part = piece["plain"] or piece["option"]
            names = _SLOT.findall(part)
            if piece["option"] is not None and any(told[name] is None for name in names):
                continue
            parts.append(_SLOT.sub(lambda slot: told[slot[1]] or "…", part))
        return "".join(parts)

    def things(self, event: AggregateEvent) -> Iterable[tuple[str, UUID]]:
        """Give the noun and the id of all that it names."""
        for path in self.paths:
            found = value_at(event, path)
            for each in found if isinstance(found, tuple) else (found,):
                if isinstance(each, UUID):
                    yield noun_of(path), each

    @cached_property
    def _typeset(self) -> str:
        """The French words; what they quote stays as it was written."""
        return _spaced(self.french)

    @cached_property
    def paths(self) -> frozenset[str]:
        """The fields that it tells, by their paths."""
        return frozenset(_SLOT.findall(self.english + self.french))

    @cached_property
    def plain(self) -> frozenset[str]:
        """Those of them that it cannot do without."""
        bare = re.sub(r"\[[^\]]*\]", "", self.english + self.french)
        return frozenset(_SLOT.findall(bare))


def told(event: type[AggregateEvent], english: str, french: str) -> Sentence:
    """Say how the facts of a kind are told."""
    return Sentence(event, english, french)


def by_event(*groups: Iterable[Sentence]) -> Mapping[type[AggregateEvent], Sentence]:
    """Give sentences by what they tell of."""
    return {each.event: each for group in groups for each in group}


def noun_of(path: str) -> str:
    """Give the noun that the ids in a field name."""
    name = path.rpartition(".")[2]
    return NOUNS.get(name, name)


def value_at(event: object, path: str) -> Any:
    """Give what an event says at a path, None where something on the way is missing."""
    found: Any = event
    for name in path.split("."):
        if found is None:
            return None
        found = getattr(found, name)
    return found


def _said(event: AggregateEvent, path: str, language: Language, named: Named) -> str | None:
    found = value_at(event, path)
    if not isinstance(found, tuple):
        return _word(found, path, language, named)
    if not found:
        return None
    words = [_word(each, path, language, named) for each in found]
    if None in words or len(words) > _LISTED:
        return str(len(words))
    return _listed(cast(list[str], words), language)


def _word(value: Any, path: str, language: Language, named: Named) -> str | None:
    """Say one value; one case for each kind of value."""
    match value:
        case None:
            return None
        case UUID():
            name = named(noun_of(path), value)
            return None if name is None else _short(name)
        case Label():
            return value.fr if language == "fr" else value.en
        case str():
            known = TERRITORIES.get(value) if noun_of(path) in _LANDS else None
            return _short(value) if known is None else known.name
        case date():
            return day(value, language)
        case int() | Decimal():
            return _number(value, language)
    raise TypeError(f"{path} cannot be told: {value!r}")


_LANDS: Final = frozenset({"territory", "territories"})


def day(value: date, language: Language) -> str:
    """Write a day in words: 1er mars 2026, 1 March 2026."""
    if language == "en":
        return format_date(value, "d MMMM y", locale="en")
    first = "1er" if value.day == 1 else str(value.day)
    return f"{first} {format_date(value, 'MMMM y', locale='fr')}"


def _number(value: int | Decimal, language: Language) -> str:
    if isinstance(value, int) and abs(value) < _UNGROUPED:
        return str(value)
    exponent = value.as_tuple().exponent if isinstance(value, Decimal) else 0
    decimals = "0" * max(0, -int(exponent))
    return format_decimal(value, f"#,##0.{decimals}" if decimals else "#,##0", language)


def _listed(words: list[str], language: Language) -> str:
    *first, last = words
    joint = "et" if language == "fr" else "and"
    return f"{', '.join(first)} {joint} {last}" if first else last


def _short(text: str) -> str:
    """Give a text on one line, cut short at a word if it is long."""
    line = " ".join(text.split())
    if len(line) <= LONGEST:
        return line
    return f"{line[:LONGEST].rpartition(' ')[0] or line[:LONGEST]}…"


def _spaced(text: str) -> str:
    """Put the spaces of French typesetting where no line may break."""
    text = text.replace("« ", "«\N{NO-BREAK SPACE}").replace(" »", "\N{NO-BREAK SPACE}»")
    text = re.sub(r" (?=[;!?€%])", "\N{NARROW NO-BREAK SPACE}", text)
    text = text.replace("n° ", "n°\N{NO-BREAK SPACE}")
    return text.replace(" :", "\N{NO-BREAK SPACE}:")
