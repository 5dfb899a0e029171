"""Folding streams that come one after the other, and noticing what does not follow."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from eventsourcing.domain import EventSourcingError

from domain.aggregate import Aggregate, AggregateEvent
from domain.claim import Claim
from domain.record import Recorded
from infra.keeping.inspection.claims import Key
from infra.keeping.inspection.finding import Findings, Rule
from infra.store import StoredEvent

_UNFOLDABLE: Final = (
    EventSourcingError,
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    TypeError,
    ValueError,
)
"""What an aggregate raises when it is given an event that does not follow."""


class Fold:
    """Folds streams that come one after the other."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._stream: UUID | None = None
        self._version = 0
        self._aggregate: Aggregate | None = None
        self._folding: UUID | None = None
        self._spoilt: set[UUID] = set()
        self._keys: dict[UUID, Key] = {}

    def expected(self, event: StoredEvent) -> int:
        """Give the version that an event should have; a stream begins at 1."""
        before = self._version if event.stream_id == self._stream else 0
        self._stream, self._version = event.stream_id, event.version
        return before + 1

    def spoil(self, stream: UUID) -> None:
        """Let a stream be, one of whose events cannot be read."""
        self._spoilt.add(stream)

    def key_of(self, claim: UUID) -> Key:
        """Give the key of a claim that was folded, once."""
        return self._keys.pop(claim)

    def take(self, recorded: Sequence[Recorded[AggregateEvent]]) -> list[Aggregate]:
        """Take events, and give the aggregates that have come to their end."""
        ended = []
        for each in recorded:
            event = each.event
            if event.originator_id != self._folding:
                ended += self.end()
                self._folding = event.originator_id
            if event.originator_id in self._spoilt:
                continue
            try:
                self._aggregate = event.mutate(self._aggregate)
            except _UNFOLDABLE as error:
                problem = f"it does not follow what was before it ({type(error).__name__}: {error})"
                self._findings.add(Rule.EVENTS, problem, each.position)
                self._spoilt.add(event.originator_id)
                continue
            if isinstance(event, Claim.Opened):
                self._keys[event.originator_id] = event.key
        return ended

    def end(self) -> list[Aggregate]:
        """Give the aggregate whose stream was the last one."""
        aggregate, self._aggregate = self._aggregate, None
        whole = aggregate is not None and aggregate.id not in self._spoilt
        return [aggregate] if aggregate is not None and whole else []
