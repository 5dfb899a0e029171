"""Any command that a caller could send, drawn with what there is already: mostly well meant."""

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from functools import cache
from random import Random
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints
from uuid import UUID

from domain.command import Command, Envelope
from domain.identity import PREFIXES, Id, external
from domain.part import RoadmapPart
from tests.domain.given import BELL, LONG

SENT_ALONG = {field.name for field in fields(Envelope)} - {"reason"}

NOUN_OF = {
    "into": "organisation",
    "organisations": "organisation",
    "levers": "lever",
    "springs_from_cohort": "cohort",
    "springs_from_roadmap": "roadmap",
    "springs_from_lever": "lever",
    "options": "option",
    "parent": "alliance",
    "origin": "action",
    "part_of": "action",
    "funder": "organisation",
    "host": "organisation",
    "payer": "organisation",
    "came": "registration",
    "absent": "registration",
    "person": "contact",
}
"""What a field names whose name is not the noun itself."""

TEXTS: Mapping[str, Sequence[str]] = {
    "siren": ["732829320", "552100554", "732829321"],
    "rna": ["W763000123", "W1"],
    "territory": ["region:28", "region:53", "region:99"],
    "territories": ["region:28", "region:53", "region:28"],
    "url": ["https://cec-impact.org/rapport", "cec-impact.org"],
    "expected_month": ["2025-12", "2026-01", "2026-03", "2026-13"],
    "starts": ["2026-01-23T14:00", "2026-01-23T09:00", "2026-03-29T02:30", "2025-12-04T14:00"],
    "ends": ["2026-01-23T17:00", "2026-01-23T17:00", "2026-01-23T12:00", "2025-12-04T17:00"],
    "time_zone": ["Europe/Paris", "Europe/Paris", "Europe/Rouen"],
    "email": ["awa@exemple.fr", "ben@exemple.fr", "AWA@exemple.fr", "clé@exemple.fr", "awa"],
    "scope": ["region:28", "region:53", "region:99"],
    "digest": ["0" * 64, "0" * 63],
    "unit": ["t CO2e", "%", "count", "furlong"],
}
BAD_TEXTS = ["", " \n\t", LONG, BELL, "\u200b", "{siren}"]
WORDS = ["Avant", "Après", "Été", "avant"]
PLAIN: Mapping[type, Sequence[Any]] = {
    bool: [False, True],
    int: [2030, 2030, 20, 4, 3, 2, 2, 1, 1, 0, -1, 10**18],
    Decimal: [Decimal(text) for text in ("0", "12.50", "-3", "NaN", "1E+400")],
    date: [
        date(2026, 1, 23),
        date(2026, 1, 22),
        date(2026, 1, 20),
        date(2025, 12, 5),
        date(2025, 12, 4),
        date(2025, 12, 3),
        date(2026, 1, 24),
        date(2026, 8, 31),
        date.min,
        date.max,
    ],
}

Known = Mapping[str, Sequence[UUID]]
"""The ids that there are, by noun."""


def intention(chance: Random, kind: type[Command], known: Known) -> Command:
    """A command of a kind, about what is known."""
    return kind(**_fields(chance, kind, known))


def _fields(chance: Random, kind: type[Any], known: Known) -> dict[str, Any]:
    hints = _hints(kind)  # type: ignore[arg-type]
    drawn: dict[str, Any] = {}
    for field in fields(kind):
        optional = field.default is not MISSING
        if field.name in SENT_ALONG or (optional and chance.random() < 0.6):
            continue
        noun = NOUN_OF.get(field.name, field.name)
        if field.name == "part":
            noun = drawn.get("about", RoadmapPart.LEVER).noun or "lever"
        drawn[field.name] = _value(chance, hints[field.name], field.name, noun, known)
    return drawn


@cache
def _hints(kind: type[Any]) -> dict[str, Any]:
    """Types of fields: to find them out takes longer than to draw all values."""
    return get_type_hints(kind)


def _value(chance: Random, hint: Any, name: str, noun: str, known: Known) -> Any:
    if get_origin(hint) in (Union, UnionType):
        hint = get_args(hint)[0]
    if get_origin(hint) is list:
        (item,) = get_args(hint)
        if item is Id and chance.random() < 0.7:
            there = known.get(noun, ())
            return [external(noun, uuid) for uuid in chance.sample(there, len(there))]
        number = chance.choice([0, 1, 1, 1, 2, 3])
        return [_value(chance, item, name, noun, known) for _ in range(number)]
    if is_dataclass(hint):
        assert isinstance(hint, type)
        return hint(**_fields(chance, hint, known))
    return _id(chance, noun, known) if hint is Id else chance.choice(_choices(chance, hint, name))


def _choices(chance: Random, hint: type, name: str) -> Sequence[Any]:
    if issubclass(hint, Enum):
        return list(hint)
    if hint is str:
        return BAD_TEXTS if _ill_meant(chance) else TEXTS.get(name, WORDS)
    return PLAIN[hint]


def _id(chance: Random, noun: str, known: Known) -> Id:
    if _ill_meant(chance) or not known.get(noun):
        nobody = UUID(int=7)
        wrong = external(noun, nobody), external("network", nobody), Id(PREFIXES[noun]), Id("é")
        return chance.choice(wrong)
    return external(noun, chance.choice(known[noun]))


def _ill_meant(chance: Random) -> bool:
    return chance.random() < 0.04
