"""A sample of each event with every field filled, and a mapper that stores it alike each time."""

import types
from collections.abc import Iterator
from dataclasses import fields
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, Union, cast, get_args, get_origin, get_type_hints
from uuid import UUID

import msgspec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from domain.aggregate import AggregateEvent
from domain.catalogue import AGGREGATES
from domain.ownership import ActionOwner
from domain.personal import Personal
from infra.keys.person_keys import PersonKey, PersonKeys
from infra.mapper import EventMapper
from projections.projection import events_of

FOLDER = Path(__file__).parent
NONCE = bytes(12)
"""What stands in for the random number of each encryption: the same bytes each time."""

PLAIN: dict[type, Any] = {
    bool: True,
    int: 7,
    str: "Été à l’œuvre",
    UUID: UUID("0190f1a2-0000-7000-8000-00000000000a"),
    datetime: datetime(2025, 12, 4, 8, 30, 0, 125000, UTC),
    date: date(2025, 12, 4),
    Decimal: Decimal("12.50"),
    # An action has one of two owners: here the one that takes more to name.
    ActionOwner: ActionOwner(
        roadmap=UUID("0190f1a2-0000-7000-8000-00000000000c"),
        lever=UUID("0190f1a2-0000-7000-8000-00000000000d"),
    ),
    Personal: Personal(UUID("0190f1a2-0000-7000-8000-00000000000b"), "Quelqu’un"),
}


class OneKey(PersonKeys):
    """The same key for everybody, without a database."""

    def __init__(self) -> None:
        pass

    def at_hand(self, subject: UUID) -> PersonKey | None:  # noqa: ARG002  (anybody)
        """Give the key."""
        return PersonKey(AESGCM(bytes(range(32))), float("inf"))


MAPPER = EventMapper(OneKey())


def event_classes() -> Iterator[type[AggregateEvent]]:
    """Give every event class there is."""
    for aggregate in AGGREGATES:
        yield from events_of(aggregate)


def golden(kind: type[AggregateEvent], version: int) -> Path:
    """Where the state of an event is kept as a version of its class stored it."""
    return FOLDER / kind.TOPIC / f"v{version}.json"


def sample(kind: type[AggregateEvent]) -> AggregateEvent:
    """Make an event with every field filled."""
    return cast(AggregateEvent, _sample(kind))


def _sample(hint: Any) -> Any:
    origin = get_origin(hint)
    if origin is Annotated:
        return _sample(get_args(hint)[0])
    if origin in (Union, types.UnionType):
        return _sample(next(part for part in get_args(hint) if part is not type(None)))
    if origin is tuple:
        return (_sample(get_args(hint)[0]),)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return list(hint)[-1]
    if hint in PLAIN:
        return PLAIN[hint]
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        names = hint.__struct_fields__
    else:
        names = tuple(field.name for field in fields(hint))
    hints = get_type_hints(hint)
    return hint(**{name: _sample(hints[name]) for name in names})
