"""A worker: keeps one projection up with the log for as long as it holds the lease."""

import asyncio
import traceback
from collections.abc import Awaitable, Callable
from typing import Final

import asyncpg
import structlog

from api.ports import Hindrance
from domain.person import Person, ids_of
from infra.keys.keyring import WrongMasterKey
from infra.mapper import EventMapper, UnreadableEvent
from infra.projector.connection import Connection, Pool
from infra.projector.lease import Lease, LeaseLost
from infra.projector.progress import Progress
from infra.projector.standing import Standing
from infra.projector.tables import forget, load, write
from infra.store import EventStore, Page, StoreUnavailable
from infra.store.availability import DISCONNECTED, TRANSIENT
from projections.projection import Projection
from projections.rows import MissingRow, Unannounced

log = structlog.get_logger()

LEASE: Final = 10.0
"""Seconds for which a lease lasts; it is renewed when a third of them are over."""

BATCH: Final = 5_000
"""How many events are folded and written at once, at most."""

PACE: Final = 0.01
"""Seconds from one batch to the next while the end of the log is near.

What is appended meanwhile goes into the next batch. The wait is most of the delay until an event
is visible, and it is what keeps three projections from taking the processor from the commands.
"""

WITHOUT_BREAK: Final = 500
"""Events that are folded in one go before others on the loop get their turn (some ms)."""

IDLE: Final = 1.0
"""Seconds after which a checkpoint is stored that moved over events of no interest only."""

FOLLOW: Final = 1.0
"""Seconds from one look at a lease that somebody else holds to the next."""

_LONGEST_PAUSE: Final = 5.0

AWAY: Final = (*DISCONNECTED, *TRANSIENT, StoreUnavailable, WrongMasterKey)
"""The database is not there, rolled back for a reason of its own, or has got a master key that this
process lacks: try again."""


class Worker:
    """Claims a projection, folds what is new, and stops at an event that cannot be folded."""

    def __init__(
        self,
        projection: Projection,
        *,
        pool: Pool,
        store: EventStore,
        mapper: EventMapper,
        progress: Progress,
        owner: str,
        goal: int = 0,
        lease: float = LEASE,
    ) -> None:
        """``goal`` is the position without which what it shows is not worth serving."""
        self._projection = projection
        self._pool = pool
        self._store = store
        self._mapper = mapper
        self._progress = progress
        self._lease = Lease(projection, owner, lease)
        self._standing = Standing(projection.name, progress, goal)
        self._renew_every = lease / 3
        self._batch = BATCH
        self._scanned = 0
        self._renew_at = 0.0
        self._store_at = 0.0
        self._pause = 0.0
        self._stopping = False
        self._resting = False
        self._loop = asyncio.get_running_loop()
        self._task = self._loop.create_task(self._run(), name=f"projection {projection.name}")
        self._task.add_done_callback(self._ended)
        self.leads = False
        """Whether this process folds the projection now."""

    @property
    def stopped(self) -> bool:
        """Whether an event has stopped the projection, as far as is known."""
        return self._standing.stopped

    def hindrance(self) -> Hindrance | None:
        """Give what keeps the projection from being served, as far as is known."""
        return self._standing.hindrance(ended=self._task.done())

    async def stop(self) -> None:
        """Finish the batch under way and hand the lease over."""
        self._stopping = True
        if self._resting:
            self._task.cancel()
        await asyncio.wait((self._task,))

    async def look(self) -> None:
        """Learn what another process shows, which has the lease.

        Nobody hurries to store a checkpoint that moves over events of no interest. It moves as
        far as the log has nothing of interest, and that can be seen from anywhere.
        """
        try:
            checkpoint = await self._lease.stored(self._pool)
            scanned = checkpoint.position
            while checkpoint.error is None:
                page = await self._store.page(scanned, limit=1, topics=self._projection.topics)
                if page.events:
                    scanned = page.events[0].position - 1
                    break
                if page.scanned == scanned:
                    break
                scanned = page.scanned
        except AWAY as error:
            log.info("projection.not_seen", projection=self._projection.name, error=_told(error))
            return
        if not self.leads:
            self._standing.seen(checkpoint, scanned)

    async def _run(self) -> None:
        try:
            while not self._stopping:
                try:
                    await self._serve()
                except (*AWAY, asyncpg.PostgresError) as error:
                    self._pause = min(2 * self._pause or 0.1, _LONGEST_PAUSE)
                    log.warning(
                        "projection.interrupted",
                        projection=self._projection.name,
                        error=_told(error),
                        again_in=self._pause,
                    )
                    await self._rest(asyncio.sleep, self._pause)
        except asyncio.CancelledError:
            if not self._stopping:
                raise
        finally:
            await self._hand_over()

    async def _serve(self) -> None:
        async with self._pool.acquire() as connection:
            try:
                self.leads = await self._lease.claim(connection)
                self._pause = 0.0
                if self.leads:
                    await self._lead(connection)
            except LeaseLost:
                log.info("projection.lease_lost", projection=self._projection.name)
            finally:
                self.leads = False
                await self._lease.let_go(connection)
        await self.look()
        await self._rest(asyncio.sleep, FOLLOW)

    async def _lead(self, connection: Connection) -> None:
        self._scanned = self._lease.position
        self._renew_at = self._loop.time() + self._renew_every
        self._standing.leads(self._scanned)
        while not self._stopping:
            began = self._loop.time()
            if began >= self._renew_at:
                await self._lease.renew(connection)
                self._renew_at = began + self._renew_every
            limit = self._batch
            page = await self._store.page(
                self._scanned, limit=limit, topics=self._projection.topics
            )
            if page.events:
                if not await self._take(connection, page):
                    return
            else:
                await self._pass_over(connection, page.scanned)
            if len(page.events) < limit:
                await self._rest(self._next_event, began)

    async def _take(self, connection: Connection, page: Page) -> bool:
        """Fold a page; False when the projection stops at its only event.

        A page that fails is tried again in smaller ones, until one event is to blame.
        """
        try:
            await self._fold(connection, page)
        except asyncpg.DataError as error:  # an interface error, but one of what was to be written
            return await self._narrow(connection, page, error)
        except (*AWAY, LeaseLost):
            raise
        except Exception as error:  # noqa: BLE001  (whatever it is, the projection stops and tells)
            return await self._narrow(connection, page, error)
        self._batch = min(2 * self._batch, BATCH)
        return True

    async def _fold(self, connection: Connection, page: Page) -> None:
        projection = self._projection
        batch = await self._mapper.decode(page.events)
        rows = await load(connection, (need for each in batch for need in projection.needs(each)))
        for start in range(0, len(batch), WITHOUT_BREAK):
            for recorded in batch[start : start + WITHOUT_BREAK]:
                projection.take(rows, recorded)
            await asyncio.sleep(0)
        forgotten = [
            id
            for recorded in batch
            if isinstance(recorded.event, Person.Forgotten)
            for id in ids_of(recorded.event.subject)
        ]
        async with connection.transaction():
            await self._lease.advance(connection, page.scanned)
            await write(connection, projection, rows)
            if forgotten:
                await forget(connection, projection, forgotten)
        self._reach(page.scanned, stored=True)

    async def _narrow(self, connection: Connection, page: Page, error: Exception) -> bool:
        if len(page.events) > 1:
            self._batch = max(1, len(page.events) // 8)
            return True
        (event,) = page.events
        if await self._lease.stop(connection, event.position, _told(error)):
            log.error(
                "projection.stopped",
                projection=self._projection.name,
                position=event.position,
                topic=event.topic,
                stream=str(event.stream_id),
                error=_told(error),
                traceback=traceback.format_tb(error.__traceback__),
            )
        return False

    async def _pass_over(self, connection: Connection, scanned: int) -> None:
        """Move on over events of no interest; their checkpoint is stored now and then only.

        Nobody needs it sooner: whoever reads an older one in the table can find in the log that
        nothing of interest stands after it.
        """
        stored = scanned > self._lease.position and self._loop.time() >= self._store_at
        if stored:
            await self._lease.advance(connection, scanned)
        if stored or scanned > self._scanned:
            self._reach(scanned, stored=stored)

    def _reach(self, position: int, *, stored: bool) -> None:
        self._scanned = position
        if stored:
            self._lease.position = position
            self._store_at = self._loop.time() + IDLE
        self._progress.reached(self._projection.name, position)

    async def _next_event(self, began: float) -> None:
        """Wait for the log to go on, at a pace, or until something else is due."""
        due = self._renew_at
        if self._scanned > self._lease.position:
            due = min(due, self._store_at)
        await self._store.wait_beyond(self._scanned, max(due - self._loop.time(), 0))
        await asyncio.sleep(max(began + PACE - self._loop.time(), 0))

    async def _rest(self, wait: Callable[[float], Awaitable[None]], argument: float) -> None:
        """Wait where `stop` may interrupt: nothing is half done."""
        if not self._stopping:
            self._resting = True
            try:
                await wait(argument)
            finally:
                self._resting = False

    async def _hand_over(self) -> None:
        try:
            async with self._pool.acquire() as connection:
                if self._scanned > self._lease.position:
                    await self._lease.advance(connection, self._scanned)
                await self._lease.release(connection)
        except LeaseLost:
            return
        except AWAY as error:
            log.info("projection.lease_not_released", error=_told(error))

    def _ended(self, task: "asyncio.Task[None]") -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            log.critical(
                "projection.worker_died",
                projection=self._projection.name,
                error=_told(error),
                traceback=traceback.format_tb(error.__traceback__),
            )


def _told(error: BaseException) -> str:
    """Say what went wrong, in our own words or in none: others may quote what people are called."""
    kind = type(error).__name__
    match error:
        case asyncpg.PostgresError():
            place = (error.table_name, error.column_name, error.constraint_name)
            told = " ".join(part for part in place if part)
        case MissingRow() | Unannounced() | UnreadableEvent() | WrongMasterKey():
            told = str(error)
        case StoreUnavailable() | OSError():
            told = str(error)
        case _:
            told = ""
    return f"{kind}: {told}" if told else kind
