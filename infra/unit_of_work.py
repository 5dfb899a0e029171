"""The work of one command: what it has loaded, made and changed."""

from contextlib import AsyncExitStack
from datetime import datetime
from typing import TypeVar, cast
from uuid import UUID, uuid5

from domain.aggregate import Aggregate, AggregateEvent
from domain.claim import Claim
from domain.identity import Id, external, internal
from domain.refusal import NotFound
from infra.repository import Repository

A = TypeVar("A", bound=Aggregate)


class UnitOfWork:
    """`domain.command.Work` over the event store."""

    def __init__(
        self, repository: Repository, turns: AsyncExitStack, command_id: UUID, now: datetime
    ) -> None:
        self.now = now
        self._repository = repository
        self._turns = turns
        self._command_id = command_id
        self._made = 0
        self._aggregates: dict[UUID, Aggregate] = {}
        self._versions: dict[UUID, int] = {}

    async def get(self, kind: type[A], id: Id) -> A:
        """Load the aggregate that a caller's id names. Raises `NotFound`, `WrongKindOfId`."""
        noun = kind.TOPIC
        found = await self._take(internal(noun, id))
        if not isinstance(found, kind):
            raise NotFound(id=id, noun=noun)
        return found

    async def load(self, kind: type[A], uuid: UUID) -> A:
        """Load an aggregate that another one refers to."""
        return await self.get(kind, external(kind.TOPIC, uuid))

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
        return made_id(self._command_id, self._made)

    def versions(self) -> dict[UUID, int]:
        """The version at which each aggregate was taken, 0 for what was not there."""
        return dict(self._versions)

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
        return [
            (stream, self._versions[stream])
            for stream, aggregate in self._aggregates.items()
            if not aggregate.pending_events or _is_unused(aggregate)
        ]

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

    async def _take(self, stream: UUID) -> Aggregate | None:
        if stream in self._aggregates:
            return self._aggregates[stream]
        if not self._aggregates:
            await self._turns.enter_async_context(self._repository.turn(stream))
        held = await self._repository.take(stream)
        if held is None:
            return None
        self._aggregates[stream] = held.aggregate.at(self.now)
        self._versions[stream] = held.version
        return held.aggregate


def made_id(command_id: UUID, number: int) -> UUID:
    """The id of the first, second … thing that a command makes."""
    return uuid5(command_id, str(number))


def _is_unused(aggregate: Aggregate) -> bool:
    """A claim that was opened to be looked at and not taken leaves nothing in the log."""
    return isinstance(aggregate, Claim) and aggregate.version == 1 and aggregate.holder is None
