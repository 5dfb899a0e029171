"""Folding: pages of the log into the tables of one generation, each with its checkpoint."""

import asyncio
import traceback
from collections.abc import Sequence
from time import perf_counter
from typing import Final

import asyncpg
import structlog

from domain.aggregate import AggregateEvent
from domain.person import Person, ids_of
from domain.record import Recorded
from infra.mapper import EventMapper
from infra.observing.watch import FoldWatch
from infra.projector import parking
from infra.projector.connection import Connection
from infra.projector.fault import AWAY, told
from infra.projector.generation import Generation, State
from infra.projector.holding import holding_of
from infra.projector.lease import Lease, LeaseLost
from infra.projector.parking import Parked
from infra.store import Page, StoredEvent
from projections.rows import Rows

log = structlog.get_logger()

BATCH: Final = 5_000
"""How many events are folded and written at once, at most."""

WITHOUT_BREAK: Final = 500
"""Events that are folded in one go before others on the loop get their turn (some ms)."""


class Folding:
    """Takes pages in under a lease, and stops at an event that cannot be folded."""

    def __init__(
        self, generation: Generation, lease: Lease, mapper: EventMapper, watch: FoldWatch
    ) -> None:
        self._generation = generation
        self._watch = watch
        self._projection = generation.projection
        self._holding = holding_of(generation)
        self._lease = lease
        self._mapper = mapper
        self._aside: frozenset[object] = frozenset()
        self.limit = BATCH
        """How many events the next page may have: few while it is sought which one is to blame."""

    async def begin(self, connection: Connection) -> None:
        """Learn which streams are set aside, and take in again those that are no longer to be.

        Whoever parks or releases a stream takes the lease away, so this holds until it is lost.
        """
        if self._lease.position == 0 and self._lease.state is State.BUILDING:
            await self._holding.begin(connection)
        parked = await parking.parked(connection, self._generation)
        for each in parked:
            if each.released:
                await self._take_back(connection, each)
        self._aside = frozenset(
            each.stream_id for each in await parking.parked(connection, self._generation)
        )

    async def take(self, connection: Connection, page: Page) -> bool:
        """Fold a page; False when the generation stops at its only event.

        A page that fails is to be tried again in smaller ones, until one event is to blame.
        """
        try:
            await self._fold(connection, page)
        except asyncpg.DataError as error:  # an interface error, but one of what was to be written
            return await self._narrow(connection, page, error)
        except (*AWAY, LeaseLost):
            raise
        except Exception as error:  # noqa: BLE001  (whatever it is, the projection stops and tells)
            return await self._narrow(connection, page, error)
        self.limit = min(2 * self.limit, BATCH)
        return True

    async def _fold(self, connection: Connection, page: Page) -> None:
        began = perf_counter()
        events = [event for event in page.events if event.stream_id not in self._aside]
        batch, rows = await self._folded(connection, events)
        forgotten = [
            id
            for recorded in batch
            if isinstance(recorded.event, Person.Forgotten)
            for id in ids_of(recorded.event.subject)
        ]
        personal = self._projection.personal if forgotten else ()
        async with connection.transaction():
            changed = {*self._holding.changed(rows), *(kind.TABLE.name for kind in personal)}
            moved = await self._lease.advance(connection, page.scanned, changed)
            await self._holding.write(connection, rows, page.scanned)
            if forgotten:
                await self._holding.forget(connection, forgotten)
        self._lease.reached(page.scanned, moved)
        self._watch.folded(self._generation.name, self._generation.number, batch, began)

    async def _folded(
        self, connection: Connection, events: Sequence[StoredEvent]
    ) -> tuple[Sequence[Recorded[AggregateEvent]], Rows]:
        """Fold events on the rows that they need."""
        projection = self._projection
        batch = await self._mapper.decode(events)
        rows = self._holding.rows(complete=False)
        needs = (need for each in batch for need in projection.needs(each))
        await self._holding.load(connection, rows, needs)
        for start in range(0, len(batch), WITHOUT_BREAK):
            for recorded in batch[start : start + WITHOUT_BREAK]:
                projection.take(rows, recorded)
            await asyncio.sleep(0)
        return batch, rows

    async def _narrow(self, connection: Connection, page: Page, error: Exception) -> bool:
        if len(page.events) > 1:
            self.limit = max(1, len(page.events) // 8)
            return True
        (event,) = page.events
        if await self._lease.stop(connection, event.position, told(error)):
            self._watch.stopped(self._generation.name, self._generation.number)
            log.error(
                "projection.stopped",
                projection=self._generation.name,
                generation=self._generation.number,
                position=event.position,
                topic=event.topic,
                stream=str(event.stream_id),
                error=told(error),
                traceback=traceback.format_tb(error.__traceback__),
            )
        return False

    async def _take_back(self, connection: Connection, parked: Parked) -> None:
        """Fold what was set aside of a stream, all of it or nothing; then it stays aside."""
        position = self._lease.position
        try:
            events = await parking.events_of(connection, self._generation, parked, position)
            _, rows = await self._folded(connection, events)
            async with connection.transaction():
                changed = self._holding.changed(rows)
                moved = await self._lease.advance(connection, position, changed)
                await self._holding.write(connection, rows, position)
                await parking.forget(connection, self._generation, parked)
        except (*AWAY, LeaseLost):
            raise
        except Exception as error:  # noqa: BLE001  (whatever it is, the operator is told)
            await parking.keep(connection, self._generation, parked, told(error))
            log.warning(
                "projection.still_parked",
                projection=self._generation.name,
                generation=self._generation.number,
                stream=str(parked.stream_id),
                error=told(error),
            )
        else:
            self._lease.reached(position, moved)
