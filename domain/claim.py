"""A key that only one may hold: one organisation per SIREN, one living roadmap.

A rule across aggregates is a stream of its own. Its id follows from the key, and it is
appended in the same command as the fact that needs it, so that the store's version check is
the lock. A released key is an event, too.
"""

from datetime import datetime
from typing import Self
from uuid import UUID, uuid5

from domain.aggregate import Aggregate, AggregateCreated, AggregateEvent

NAMESPACE = UUID("6f0d5f0a-5d0e-5c56-9a3e-0c6f1a7c1d2e")
"""The namespace (RFC 9562, version 5) of the ids that follow from keys. It never changes."""


class Claim(Aggregate):
    """The right of one holder on one key."""

    TOPIC = "claim"

    class Event(AggregateEvent, frozen=True):
        """A fact about a key."""

    class Opened(Event, AggregateCreated, frozen=True):
        """A key was used for the first time."""

        TOPIC = "claim.opened"
        key: tuple[str, ...]

    class Taken(Event, frozen=True):
        """The key was free and is now held."""

        TOPIC = "claim.taken"
        holder: UUID

        def apply(self, claim: "Claim") -> None:
            claim.holder = self.holder

    class Released(Event, frozen=True):
        """The key is free again."""

        TOPIC = "claim.released"

        def apply(self, claim: "Claim") -> None:
            claim.holder = None

    @staticmethod
    def id_of(*key: str) -> UUID:
        """The id of the stream of a key."""
        return uuid5(NAMESPACE, "\x1f".join(key))

    @classmethod
    def open(cls, *key: str, now: datetime) -> Self:
        """Begin the stream of a key that was never used."""
        return cls._create(cls.Opened, id=cls.id_of(*key), timestamp=now, key=key).at(now)

    def __init__(self) -> None:
        self.holder: UUID | None = None

    def held_by_another(self, holder: UUID) -> bool:
        """Tell whether somebody else than ``holder`` has the key."""
        return self.holder not in (None, holder)

    def take(self, holder: UUID) -> None:
        """Take a free key; the caller has checked that no other holds it."""
        assert not self.held_by_another(holder), "a claim is checked before it is taken"
        if self.holder is None:
            self.record(self.Taken, holder=holder)

    def release(self, holder: UUID) -> None:
        """Let go of a key; nothing happens where ``holder`` does not have it."""
        if self.holder == holder:
            self.record(self.Released)
