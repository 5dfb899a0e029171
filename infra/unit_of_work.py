"""The work of one command: what it has loaded, made and changed."""

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import datetime
from typing import TypeAlias, TypeVar, cast
from uuid import UUID, uuid5

from domain.aggregate import Aggregate, AggregateEvent
from domain.claim import Claim
from domain.identity import Id, external, internal
from domain.refusal import NotFound
from infra.repository import Repository

A = TypeVar("A", bound=Aggregate)

Known: TypeAlias = Callable[[Aggregate], Awaitable[bool]]
"""Tells whether the caller may know that an aggregate is there."""


class Moved(Exception):
    """Between two looks at an aggregate somebody else changed it: decide anew."""


class UnitOfWork:
    """`domain.command.Work` over the event store."""

    def __init__(
        self, repository: Repository, turns: AsyncExitStack, seed: UUID, now: datetime
    ) -> None:
        """``seed`` is that from which the ids follow of what is made: a command's, mostly."""
        self.now = now
        self._repository = repository
        self._turns = turns
        self._seed = seed
        self._made = 0
        self._aggregates: dict[UUID, Aggregate] = {}
        self._versions: dict[UUID, int] = {}
        self._looked_at: dict[UUID, int] = {}
        self._known: Known | None = None

    async def get(self, kind: type[A], id: Id) -> A:
        """Load the aggregate that a caller's id names. Raises `NotFound`, `WrongKindOfId`."""
        noun = kind.TOPIC
        found = await self._take(internal(noun, id))
        if not isinstance(found, kind) or not (self._known is None or await self._known(found)):
            raise NotFound(id=id, noun=noun)
        return found

    async def load(self, kind: type[A], uuid: UUID) -> A:
        """Load an aggregate that another one refers to."""
        found = await self._take(uuid)
        if not isinstance(found, kind):
            raise NotFound(id=external(kind.TOPIC, uuid), noun=kind.TOPIC)
        return found

    async def find(self, kind: type[A], uuid: UUID) -> A | None:
        """Load an aggregate whose id follows from something known, if there is one yet."""
        found = await self._take(uuid)
        return found if isinstance(found, kind) else None

    async def look(self, kind: type[A], uuid: UUID) -> A | None:
        """Look at an aggregate that stays with the repository. Raises `Moved`."""
        found = self._aggregates.get(uuid)
        if found is None:
            held = await self._repository.look(uuid)
            self._note(uuid, 0 if held is None else held.version)
            found = None if held is None else held.aggregate
        return found if isinstance(found, kind) else None

    def hide(self, unless: Known) -> None:
        """Let `get` find, from now on, only that of which ``unless`` says that it may be known."""
        self._known = unless

    async def naming(self, person: UUID) -> Aggregate | None:
        """Load the aggregate whose facts name a person; None where nothing personal is kept."""
        stream = await self._repository.naming(person)
        found = None if stream is None else await self._take(stream)
        return None if found is None else await self.load(type(found), found.id)

    async def claim(self, *key: str) -> Claim:
        """Load the claim on a key; it is opened where the key was never used."""
        stream = Claim.id_of(*key)
        found = await self._take(stream)
        return cast(Claim, found) if found else self.add(Claim.open(*key, now=self.now))

    def add(self, aggregate: A) -> A:
        """Bring in an aggregate that was just created."""
        self._aggregates[aggregate.id] = aggregate
        self._versions[aggregate.id] = 0
        return aggregate

    def new_id(self) -> UUID:
        """A new id that follows from the command's, so that a repetition gives the same one."""
        self._made += 1
        return made_id(self._seed, self._made)

    def versions(self) -> dict[UUID, int]:
        """The version of each aggregate that was taken or looked at, 0 for what was not there."""
        return self._looked_at | self._versions

    def events(self) -> list[AggregateEvent]:
        """What was recorded, in the order of the streams as they were taken."""
        return [
            cast(AggregateEvent, event)
            for aggregate in self._aggregates.values()
            if not _is_unused(aggregate)
            for event in aggregate.pending_events
        ]

    def guards(self) -> list[tuple[UUID, int]]:
        """The streams that were only read, with their versions."""
        read = [
            (stream, self._versions[stream])
            for stream, aggregate in self._aggregates.items()
            if not aggregate.pending_events or _is_unused(aggregate)
        ]
        return read + [one for one in self._looked_at.items() if one[0] not in self._aggregates]

    def give_back(self) -> None:
        """Hand the aggregates to the repository, now that their events are in the log."""
        for stream, aggregate in self._aggregates.items():
            if not _is_unused(aggregate):
                self._repository.keep(aggregate, self._versions[stream])

    def give_back_unchanged(self) -> None:
        """Hand back what nothing was recorded on; the rest is dropped and read anew."""
        for stream, aggregate in self._aggregates.items():
            if not aggregate.pending_events:
                self._repository.keep(aggregate, self._versions[stream])

    def let_go(self) -> None:
        """Have read anew, the next time, what was looked at: it may not be the newest."""
        for stream in self._looked_at:
            self._repository.forget(stream)

    async def _take(self, stream: UUID) -> Aggregate | None:
        if stream in self._aggregates:
            return self._aggregates[stream]
        if not self._aggregates:
            await self._turns.enter_async_context(self._repository.turn(stream))
        held = await self._repository.take(stream)
        if held is None:
            return None
        if stream in self._looked_at:
            self._note(stream, held.version)
        self._aggregates[stream] = held.aggregate.at(self.now)
        self._versions[stream] = held.version
        return held.aggregate

    def _note(self, stream: UUID, version: int) -> None:
        if self._looked_at.setdefault(stream, version) != version:
            raise Moved


def made_id(seed: UUID, number: int) -> UUID:
    """The id of the first, second … thing that a command makes."""
    return uuid5(seed, str(number))


def _is_unused(aggregate: Aggregate) -> bool:
    """A claim that was opened to be looked at and not taken leaves nothing in the log."""
    return isinstance(aggregate, Claim) and aggregate.version == 1 and aggregate.holder is None
