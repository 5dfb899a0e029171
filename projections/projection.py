"""A projection: a pure fold, and which events and rows it needs."""

import hashlib
import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property

from domain.aggregate import Aggregate, AggregateEvent
from domain.identity import external
from domain.person import Person, ids_of
from domain.record import Recorded
from projections.rows import Need, Rows
from projections.table import Row

Fold = Callable[[Rows, Recorded[AggregateEvent]], None]
Needs = Callable[[Recorded[AggregateEvent]], Iterable[Need]]


@dataclass(frozen=True)
class Projection:
    """A read model that follows some events.

    ``fold`` is pure: it reads and changes rows in memory, for one event after the other, and
    is the same for live work, for a rebuild and for reading the past. The runner loads what
    `needs` names, calls `take`, and writes what it changed.

    That a person was forgotten no projection has to follow: it is folded for every table with
    columns that say what people are called.
    """

    name: str
    ddl: str
    """The complete ``create table`` and ``create index`` statements, names without a schema."""
    rows: tuple[type[Row], ...]
    follows: tuple[type[Aggregate], ...]
    """Aggregates, all of whose events it wants."""
    fold: Fold
    also_follows: tuple[type[AggregateEvent], ...] = ()
    """Single events of other aggregates."""
    also_needs: Needs | None = None
    """What an event needs beside the row of its own aggregate."""
    reference: tuple[Row, ...] = ()
    """Rows that are there before any event."""

    @cached_property
    def topics(self) -> frozenset[str]:
        """The topics of the events that it wants."""
        events = [event for aggregate in self.follows for event in events_of(aggregate)]
        forgotten = (Person.Forgotten,) if self.personal else ()
        return frozenset(event.TOPIC for event in (*events, *self.also_follows, *forgotten))

    @cached_property
    def personal(self) -> tuple[type[Row], ...]:
        """The rows that say what people are called."""
        return tuple(kind for kind in self.rows if kind.TABLE.personal)

    @cached_property
    def code_hash(self) -> bytes:
        """Changes with its tables, its reference rows and the source of its modules."""
        modules = {inspect.getmodule(part) for part in (self.fold, *self.rows)}
        sources = sorted(inspect.getsource(module) for module in modules if module is not None)
        parts = (*sources, self.ddl, repr(self.reference))
        return hashlib.sha256("\0".join(parts).encode()).digest()

    def needs(self, recorded: Recorded[AggregateEvent]) -> Iterable[Need]:
        """Name the rows that folding ``recorded`` reads; what it only puts or drops is not read."""
        if self._is_only_to_forget(recorded):
            return
        noun = type(recorded.event).TOPIC.partition(".")[0]
        if (root := self._roots.get(noun)) is not None:
            yield Need(root, root.TABLE.key[0], external(noun, recorded.stream_id))
        if self.also_needs is not None:
            yield from self.also_needs(recorded)

    def take(self, rows: Rows, recorded: Recorded[AggregateEvent]) -> None:
        """Take one fact into rows in memory.

        Of a person who was forgotten the rows that are in memory are cleared; the others are the
        runner's, who finds them by `personal` without having to load them.
        """
        if isinstance(recorded.event, Person.Forgotten):
            people = ids_of(recorded.event.subject)
            for kind in self.personal:
                for column, by in kind.TABLE.personal.items():
                    rows.clear(kind, column, by, people)
            if self._is_only_to_forget(recorded):
                return
        self.fold(rows, recorded)

    def _is_only_to_forget(self, recorded: Recorded[AggregateEvent]) -> bool:
        return isinstance(recorded.event, Person.Forgotten) and Person not in self.follows

    @cached_property
    def _roots(self) -> dict[str, type[Row]]:
        """The row that stands for an aggregate itself, by the noun of the aggregate."""
        return {
            kind.TABLE.owner[0]: kind
            for kind in self.rows
            if kind.TABLE.owner is not None and (kind.TABLE.owner[1],) == kind.TABLE.key
        }


def events_of(aggregate: type[Aggregate]) -> list[type[AggregateEvent]]:
    """Give the event classes of an aggregate, in the order of its module."""
    return [
        value
        for value in vars(aggregate).values()
        if isinstance(value, type) and issubclass(value, AggregateEvent) and "TOPIC" in vars(value)
    ]
