"""Aggregates and their events, on the event sourcing library, with msgspec events."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Self
from uuid import UUID

import msgspec
from eventsourcing.domain import BaseAggregate, CanInitAggregate, CanMutateAggregate

if TYPE_CHECKING:
    from domain.command import Work
    from domain.role import Place
    from domain.standing import Standing


class AggregateEvent(msgspec.Struct, CanMutateAggregate[UUID], frozen=True, kw_only=True):
    """A fact in the past tense. Its ``apply`` evolves the aggregate and never checks."""

    originator_id: UUID
    originator_version: int
    timestamp: datetime

    TOPIC: ClassVar[str]
    class_version: ClassVar[int] = 1

    def apply(self, aggregate: Any) -> None:
        """Evolve the aggregate; by default a fact changes nothing that a rule reads."""

    def _as_dict(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__struct_fields__}


class AggregateCreated(AggregateEvent, CanInitAggregate[UUID], frozen=True, kw_only=True):
    """The first fact of an aggregate."""

    originator_topic: str


class Aggregate(BaseAggregate[UUID]):
    """A boundary of consistency: decisions check and record, events evolve.

    It keeps only the state that its own rules read. The instant of a decision comes from the
    edge, by `at`; nothing here reads a clock.
    """

    TOPIC: ClassVar[str]

    def at(self, now: datetime) -> Self:
        """Set the instant at which the next decisions are taken."""
        self._now = now
        return self

    @property
    def now(self) -> datetime:
        """The instant of the decision being taken."""
        return self._now

    def record(self, event_class: type[AggregateEvent], **fields: Any) -> None:
        """Record a fact and evolve by it."""
        self.trigger_event(event_class, timestamp=self._now, **fields)

    def places(self) -> "Sequence[Place]":
        """The places in which it lies, as it knows by itself: roles held there count for it."""
        raise NotImplementedError(f"{type(self).__name__} does not say where it lies")

    async def beyond(self, work: "Work") -> "Sequence[Place]":  # noqa: ARG002
        """The places in which that lies to which it refers.

        Somebody else may have it in hand: it reads of itself before it waits for anything.
        """
        return ()

    async def open_to(self, standing: "Standing", work: "Work") -> bool:  # noqa: ARG002
        """Tell whether somebody may know that it is there: everybody, unless it says otherwise."""
        return True

    def state(self) -> dict[str, Any]:
        """What the rules read, without what belongs to one decision: equal after any replay."""
        passing = ("_pending_events", "_now")
        return {key: value for key, value in vars(self).items() if key not in passing}
