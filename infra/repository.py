"""Aggregates as the log has them: read by their events, kept in memory between commands."""

import asyncio
import pickle
from collections import OrderedDict
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import structlog

from domain.aggregate import Aggregate
from domain.person import Person
from infra import snapshot
from infra.mapper import EventMapper
from infra.store import EventStore

log = structlog.get_logger()

KEPT: Final = 10_000
"""How many aggregates one process keeps in memory."""


@dataclass(slots=True)
class Held:
    """An aggregate in the hands of one command, and the version at which it got it."""

    aggregate: Aggregate
    version: int


class Repository:
    """Gives each aggregate to one command at a time.

    What is kept in memory may be behind the log when another process appends. That is safe: an
    append is refused when any aggregate that it rests on has moved, and `caught_up` tells
    whether a refusal was decided on the newest state.
    """

    def __init__(self, store: EventStore, mapper: EventMapper, kept: int = KEPT) -> None:
        self._store = store
        self._mapper = mapper
        self._limit = kept
        self._kept: OrderedDict[UUID, Aggregate] = OrderedDict()
        self._queues: dict[UUID, asyncio.Lock] = {}
        self._waiting: dict[UUID, int] = {}
        self._reading: dict[UUID, asyncio.Task[bool]] = {}
        self._background: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def turn(self, stream: UUID) -> AsyncIterator[None]:
        """Wait until no other command of this process works on an aggregate.

        A command waits for the first aggregate that it asks for and for no other, so that no
        two commands can wait for each other.
        """
        queue = self._queues.setdefault(stream, asyncio.Lock())
        self._waiting[stream] = self._waiting.get(stream, 0) + 1
        try:
            async with queue:
                yield
        finally:
            self._waiting[stream] -= 1
            if not self._waiting[stream]:
                del self._waiting[stream], self._queues[stream]

    async def take(self, stream: UUID) -> Held | None:
        """Give an aggregate, from memory or from its events; None where there are none."""
        aggregate = self._kept.pop(stream, None) or await self._read(stream)
        return None if aggregate is None else Held(aggregate, aggregate.version)

    async def look(self, stream: UUID) -> Held | None:
        """Show an aggregate that stays here, for others to see or to take; None as in `take`."""
        if stream not in self._kept:
            reading = self._reading.get(stream) or self._start_reading(stream)
            if not await asyncio.shield(reading):
                return None
        aggregate = self._kept.get(stream)
        if aggregate is not None:
            self._kept.move_to_end(stream)
        else:  # somebody took it in the meantime
            aggregate = await self._read(stream)
        return None if aggregate is None else Held(aggregate, aggregate.version)

    def keep(self, aggregate: Aggregate, before: int) -> None:
        """Take an aggregate back whose pending events are in the log."""
        aggregate.collect_events()
        self._kept[aggregate.id] = aggregate
        self._kept.move_to_end(aggregate.id)
        while len(self._kept) > self._limit:
            self._kept.popitem(last=False)
        if isinstance(aggregate, Person):
            self.forget(aggregate.named_in)
        if snapshot.due(before, aggregate.version):
            self._put_snapshot(aggregate)

    def forget(self, stream: UUID) -> None:
        """Drop an aggregate from memory, for what it holds or lacks: it is read anew."""
        self._kept.pop(stream, None)

    async def naming(self, person: UUID) -> UUID | None:
        """Give the stream in which a person is named; None where nothing personal is kept."""
        return await self._mapper.keys.named_in(person)

    async def caught_up(self, versions: Mapping[UUID, int]) -> bool:
        """Tell whether these versions are the newest that the log has."""
        tails = await self._store.streams(versions)
        return not any(tails.values())

    async def close(self) -> None:
        """Finish what is being written in the background."""
        with suppress(asyncio.CancelledError):
            await asyncio.gather(*self._background, return_exceptions=True)

    def _put_snapshot(self, aggregate: Aggregate) -> None:
        state = snapshot.taken(aggregate)
        if state is not None:
            task = asyncio.create_task(
                self._store.put_snapshot(
                    aggregate.id, aggregate.version, snapshot.code_hash(), state
                )
            )
            self._background.add(task)
            task.add_done_callback(self._snapshot_done)

    def _start_reading(self, stream: UUID) -> asyncio.Task[bool]:
        """Read once for all who look at the same moment, such as at the roles of one caller."""

        async def read() -> bool:
            try:
                aggregate = await self._read(stream)
                if aggregate is not None:
                    self._kept.setdefault(stream, aggregate)
                return aggregate is not None
            finally:
                del self._reading[stream]

        task = self._reading[stream] = asyncio.create_task(read())
        return task

    async def _read(self, stream: UUID) -> Aggregate | None:
        aggregate = await self._from_snapshot(stream)
        after = aggregate.version if aggregate is not None else 0
        for recorded in await self._mapper.decode(await self._store.stream(stream, after=after)):
            aggregate = recorded.event.mutate(aggregate)
        return aggregate

    async def _from_snapshot(self, stream: UUID) -> Aggregate | None:
        found = await self._store.snapshot(stream, snapshot.code_hash())
        if found is None:
            return None
        try:
            return snapshot.restored(found.state)
        except (pickle.UnpicklingError, EOFError, ValueError) as error:
            log.warning("snapshot.unreadable", stream=str(stream), error=str(error))
            return None

    def _snapshot_done(self, task: asyncio.Task[None]) -> None:
        self._background.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.warning("snapshot.not_written", error=type(error).__name__)
