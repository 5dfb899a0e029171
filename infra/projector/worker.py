"""A worker: keeps one generation up with the log for as long as it holds the lease."""

import asyncio
import traceback
from collections.abc import Awaitable, Callable
from contextlib import suppress
from contextvars import Context
from typing import Final

import asyncpg
import structlog

from infra.mapper import EventMapper
from infra.observing.watch import SILENCE, FoldWatch
from infra.projector.activation import activate
from infra.projector.building.indexes import indexes_of, make, missing
from infra.projector.connection import Connection, Pool
from infra.projector.fault import AWAY, told
from infra.projector.folding import Folding
from infra.projector.generation import LOCK, Generation, State
from infra.projector.lease import Lease, LeaseLost
from infra.projector.pruning import prune
from infra.projector.standing import Standing
from infra.store import EventStore, Page

log = structlog.get_logger()

LEASE: Final = 10.0
"""Seconds for which a lease lasts; it is renewed when a third of them are over."""

PACE: Final = 0.01
"""Seconds from one batch to the next while the end of the log is near.

What is appended meanwhile goes into the next batch. The wait is most of the delay until an event
is visible, and it is what keeps three projections from taking the processor from the commands.
"""

BUSY: Final = 5_000
"""Events with which those who go first have so much to do that others give way."""

GIVEN_WAY: Final = 0.2
"""Seconds from one look at those who go first to the next."""

IDLE: Final = 1.0
"""Seconds after which a checkpoint is stored that moved over events of no interest only."""

FOLLOW: Final = 1.0
"""Seconds from one look at a lease that somebody else holds to the next."""

_LONGEST_PAUSE: Final = 5.0


class Worker:
    """Claims a generation, folds what is new, and stops at an event that cannot be folded."""

    def __init__(
        self,
        generation: Generation,
        *,
        pool: Pool,
        store: EventStore,
        mapper: EventMapper,
        standing: Standing,
        owner: str,
        lease: float = LEASE,
        ready: Callable[[], Awaitable[None]],
        watch: FoldWatch = SILENCE,
        pace: float = PACE,
        first: Callable[[], int] | None = None,
    ) -> None:
        """``standing`` learns what is reached; ``ready`` is called when a new one can be read.

        Where those who go ``first`` are far from the end of the log, it leaves the processor to
        them; they tell how far they are.
        """
        self._generation = generation
        self._pool = pool
        self._store = store
        self._standing = standing
        self._owner = owner
        self._ready = ready
        self._lease = Lease(generation.projection, generation.number, owner, lease)
        self._folding = Folding(generation, self._lease, mapper, watch)
        self._watch = watch
        self._pace = pace
        self._first = first
        self._renew_every = lease / 3
        self._scanned = 0
        self._renew_at = 0.0
        self._store_at = 0.0
        self._pause = 0.0
        self._new = False
        self._stopping = False
        self._resting = False
        self._roused = False
        self._loop = asyncio.get_running_loop()
        # In a context of its own: a request may have been what brought it about.
        self._task = self._loop.create_task(
            self._run(), name=f"projection {generation.schema}", context=Context()
        )
        self._task.add_done_callback(self._ended)

    @property
    def ended(self) -> bool:
        """Whether it works no more."""
        return self._task.done()

    def heed(self, owner: str | None) -> None:
        """Take in who has the lease; where that is no longer this process, find out at once.

        It could not write in any case, but would go on to wait for events.
        """
        if self._standing.leads and owner != self._owner:
            self._renew_at = 0.0
            if self._resting:
                self._roused = True
                self._task.cancel()

    async def stop(self) -> None:
        """Finish the batch under way and hand the lease over."""
        self._stopping = True
        if self._resting:
            self._task.cancel()
        await asyncio.wait((self._task,))

    async def _run(self) -> None:
        try:
            while not self._stopping:
                try:
                    await self._serve()
                except (*AWAY, asyncpg.PostgresError) as error:
                    self._pause = min(2 * self._pause or 0.1, _LONGEST_PAUSE)
                    self._watch.interrupted(self._generation.name, self._generation.number)
                    log.warning(
                        "projection.interrupted",
                        projection=self._generation.name,
                        generation=self._generation.number,
                        error=told(error),
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
                claimed = await self._lease.claim(connection)
                self._pause = 0.0
                if claimed:
                    await self._lead(connection)
            except LeaseLost:
                log.info(
                    "projection.lease_lost",
                    projection=self._generation.name,
                    generation=self._generation.number,
                )
                return  # nobody may have it: somebody who steers has taken it away
            finally:
                self._standing.let_go()
                await self._lease.let_go(connection)
        await self._rest(asyncio.sleep, FOLLOW)

    async def _lead(self, connection: Connection) -> None:
        self._renew_at = self._loop.time() + self._renew_every
        self._new = self._lease.automatic or self._lease.state is State.BUILDING
        await self._folding.begin(connection)
        self._reach(self._lease.position)
        while not self._stopping:
            began = self._loop.time()
            if began >= self._renew_at:
                await self._lease.renew(connection)
                self._renew_at = began + self._renew_every
            if await self._gives_way():
                await self._rest(asyncio.sleep, GIVEN_WAY)
                continue
            limit = self._folding.limit
            page = await self._store.page(
                self._scanned, limit=limit, topics=self._generation.projection.topics
            )
            if not await self._take(connection, page):
                return
            if len(page.events) < limit:
                if self._new and self._scanned >= await self._store.head():
                    await self._finish(connection)
                await self._rest(self._next_event, began)

    async def _gives_way(self) -> bool:
        """Tell whether others have so much to do that this has time."""
        if self._first is None:
            return False
        return await self._store.head() - self._first() > BUSY

    async def _take(self, connection: Connection, page: Page) -> bool:
        """Fold a page, or move on over events of no interest; False where it stopped."""
        if not page.events:
            await self._pass_over(connection, page.scanned)
        elif not await self._folding.take(connection, page):
            return False
        elif self._lease.position == page.scanned:
            self._reach(page.scanned)
        return True

    async def _pass_over(self, connection: Connection, scanned: int) -> None:
        """Move on over events of no interest; their checkpoint is stored now and then only.

        Nobody needs it sooner: whoever reads an older one in the table can find in the log that
        nothing of interest stands after it.
        """
        stored = scanned > self._lease.position and self._loop.time() >= self._store_at
        if stored:
            self._lease.reached(scanned, await self._lease.advance(connection, scanned))
        if stored or scanned > self._scanned:
            self._reach(scanned)

    def _reach(self, position: int) -> None:
        self._scanned = position
        if position == self._lease.position:
            self._store_at = self._loop.time() + IDLE
        self._standing.led(position, self._lease.moved)

    async def _finish(self, connection: Connection) -> None:
        """Note that a new generation has come to the end of the log; it may be read from now on."""
        projection = self._generation.projection
        for index in await missing(connection, self._generation, indexes_of(projection)):
            # Whoever began to build it in memory, and left its indexes for later, was ended.
            await self._lease.renew(connection)
            await make(connection, self._generation, index)
        async with connection.transaction():
            await connection.execute(LOCK)
            await self._lease.advance(connection, self._scanned)
            await self._lease.ready(connection, self._scanned)
            serves = self._lease.automatic and await activate(connection, self._generation)
        self._lease.reached(self._scanned, {})
        # Somebody else's may be further for a moment: then the next look is a moment later.
        self._new = self._lease.automatic and not serves
        if serves:
            log.info(
                "projection.switched",
                projection=self._generation.name,
                generation=self._generation.number,
                position=self._scanned,
            )
            await self._ready()
            with suppress(asyncpg.LockNotAvailableError):
                await prune(connection, projection)

    async def _next_event(self, began: float) -> None:
        """Wait for the log to go on, at a pace, or until something else is due."""
        due = self._renew_at
        if self._scanned > self._lease.position:
            due = min(due, self._store_at)
        if self._new:
            due = min(due, self._loop.time() + self._pace)
        await self._store.wait_beyond(self._scanned, max(due - self._loop.time(), 0))
        await asyncio.sleep(max(began + self._pace - self._loop.time(), 0))

    async def _rest(self, wait: Callable[[float], Awaitable[None]], argument: float) -> None:
        """Wait where `stop` may interrupt: nothing is half done."""
        if not self._stopping:
            self._resting = True
            try:
                await wait(argument)
            except asyncio.CancelledError:
                if not self._roused:
                    raise
                self._task.uncancel()
            finally:
                self._resting = self._roused = False

    async def _hand_over(self) -> None:
        try:
            async with self._pool.acquire() as connection:
                if self._scanned > self._lease.position:
                    await self._lease.advance(connection, self._scanned)
                    self._lease.reached(self._scanned, {})
                await self._lease.release(connection)
        except LeaseLost:
            return
        except AWAY as error:
            log.info("projection.lease_not_released", error=told(error))

    def _ended(self, task: "asyncio.Task[None]") -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            log.critical(
                "projection.worker_died",
                projection=self._generation.name,
                generation=self._generation.number,
                error=told(error),
                traceback=traceback.format_tb(error.__traceback__),
            )
