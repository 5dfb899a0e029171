"""A `Work` without a database: commands are decided at once, on histories kept in memory."""

from collections.abc import Awaitable, Callable, Coroutine, Iterable, Iterator
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any, TypeVar, cast
from uuid import UUID, uuid5

import msgspec

from domain import identity
from domain.access import admit
from domain.aggregate import Aggregate, AggregateEvent
from domain.claim import Claim
from domain.command import Command
from domain.identity import Id
from domain.personal import Personal
from domain.refusal import NotFound
from domain.standing import Standing

A = TypeVar("A", bound=Aggregate)
T = TypeVar("T")

NOW = datetime(2026, 1, 23, 10, 0, tzinfo=UTC)
"""The instant of every decision, unless a test sets another."""

IDS = UUID("00000000-0000-0000-0000-000000000001")
"""The namespace of the ids that are given to what is new."""


def fold(history: Iterable[AggregateEvent], onto: Aggregate | None = None) -> Any:
    """Replay a history, from nothing or from a snapshot."""
    aggregate = onto
    for event in history:
        aggregate = event.mutate(aggregate)
    return aggregate


def snapshot(aggregate: A) -> A:
    """A copy of what the rules read, with nothing of the decision that led there."""
    copy = object.__new__(type(aggregate))
    vars(copy).update(deepcopy(aggregate.state()), _pending_events=[])
    return copy


def personal_in(fact: AggregateEvent) -> Iterator[Personal]:
    """Give the personal texts that a fact carries, however deep."""
    found: list[Personal] = []
    msgspec.json.encode(fact, enc_hook=found.append)
    yield from found


class Memory:
    """All that was recorded, and the only way to record more: by a command."""

    def __init__(self) -> None:
        self.now = NOW
        self.streams: dict[UUID, list[AggregateEvent]] = {}
        self.decisions = 0
        self.last: MemoryWork | None = None

    def do(
        self, command: object, decision: int | None = None, standing: Standing | None = None
    ) -> "Memory.Decided":
        """Decide a command and record what comes of it; a refusal is raised, and recorded not.

        ``decision`` repeats an earlier one: what is new gets the same ids again. ``standing`` is
        that of the caller; none is asked for where it is left out. ``last`` is the work of the
        latest decision, refused or not.
        """
        if decision is None:
            self.decisions += 1
            decision = self.decisions
        work = self.last = MemoryWork(self, decision)
        about = _done(_decide(cast(Command, command), standing, work))
        events = work.collected()
        for event in events:
            stream = self.streams.setdefault(event.originator_id, [])
            assert event.originator_version == len(stream) + 1, "versions leave no gap"
            stream.append(event)
        return Memory.Decided(about, events, decision, work)

    def find(self, kind: type[A], uuid: UUID) -> A | None:
        """Fold an aggregate of a kind, if there is one under this id."""
        aggregate = fold(self.streams.get(uuid, ()))
        return aggregate.at(self.now) if isinstance(aggregate, kind) else None

    class Decided:
        """What came of a command: the aggregate that it was about, its events, its new ids."""

        def __init__(
            self,
            about: Aggregate,
            events: list[AggregateEvent],
            decision: int,
            work: "MemoryWork",
        ) -> None:
            self.about = about
            self.events = events
            self.decision = decision
            self.created = work.created

        @property
        def id(self) -> Id:
            """The id of the aggregate, as callers see it."""
            return identity.external(type(self.about).TOPIC, self.about.id)

        def part(self, noun: str) -> Id:
            """The id of the part that the command created."""
            return identity.external(noun, self.created[0])


class MemoryWork:
    """The work of one decision, as `domain.command.Work` wants it."""

    def __init__(self, memory: Memory, decision: int) -> None:
        self.now = memory.now
        self.created: list[UUID] = []
        self.loaded: dict[UUID, Aggregate] = {}
        self._known: Callable[[Aggregate], Awaitable[bool]] | None = None
        self._memory = memory
        self._decision = decision

    async def get(self, kind: type[A], id: Id) -> A:
        """Load the aggregate that a caller's id names."""
        uuid = identity.internal(kind.TOPIC, id)
        found = self._find(kind, uuid)
        if found is None or not (self._known is None or await self._known(found)):
            raise NotFound(id=id, noun=kind.TOPIC)
        return found

    async def load(self, kind: type[A], uuid: UUID) -> A:
        """Load an aggregate that another one refers to."""
        found = self._find(kind, uuid)
        assert found is not None, f"what is referred to is there: {kind.TOPIC} {uuid}"
        return found

    async def find(self, kind: type[A], uuid: UUID) -> A | None:
        """Load an aggregate whose id follows from something known, if there is one yet."""
        return self._find(kind, uuid)

    async def naming(self, person: UUID) -> Aggregate | None:
        """Load the aggregate whose facts name a person."""
        for stream, facts in self._memory.streams.items():
            if any(named.subject == person for fact in facts for named in personal_in(fact)):
                return self._find(Aggregate, stream)
        return None

    async def look(self, kind: type[A], uuid: UUID) -> A | None:
        """Look at an aggregate."""
        found = self.loaded.get(uuid) or self._memory.find(kind, uuid)
        return found if isinstance(found, kind) else None

    def hide(self, unless: Callable[[Aggregate], Awaitable[bool]]) -> None:
        """Let `get` find only that of which ``unless`` says that it may be known."""
        self._known = unless

    async def claim(self, *key: str) -> Claim:
        """Load the claim on a key, or open one."""
        found = self._find(Claim, Claim.id_of(*key))
        return found or self.add(Claim.open(*key, now=self.now))

    def add(self, aggregate: A) -> A:
        """Bring in an aggregate that was just created."""
        self.loaded[aggregate.id] = aggregate
        return aggregate

    def new_id(self) -> UUID:
        """A new id, the same when the decision is repeated."""
        self.created.append(uuid5(IDS, f"{self._decision}/{len(self.created)}"))
        return self.created[-1]

    def collected(self) -> list[AggregateEvent]:
        """The events of all that was loaded and changed."""
        return [
            cast(AggregateEvent, event)
            for aggregate in self.loaded.values()
            for event in aggregate.collect_events()
        ]

    def _find(self, kind: type[A], uuid: UUID) -> A | None:
        if uuid not in self.loaded:
            found = self._memory.find(kind, uuid)
            return None if found is None else self.add(found)
        known = self.loaded[uuid]
        return known if isinstance(known, kind) else None


async def _decide(command: Command, standing: Standing | None, work: MemoryWork) -> Aggregate:
    if standing is not None:
        await admit(command, standing, work)
    return await command.decide(work)


def _done(decision: Coroutine[Any, Any, T]) -> T:
    """Run a decision to its end; it never waits, for nothing here does I/O."""
    try:
        decision.send(None)
    except StopIteration as end:
        return cast(T, end.value)
    raise AssertionError("a decision waited for something")
