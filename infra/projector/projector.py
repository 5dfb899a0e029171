"""The projector of one process: a worker for each generation, and what can be read of them."""

import asyncio
import os
import socket
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, Final, Self
from uuid import uuid4

import asyncpg
import structlog

from api.ports import Hindrance
from infra.mapper import EventMapper
from infra.observing.watch import SILENCE, FoldWatch
from infra.projector.apart import Apart
from infra.projector.census import Entry, take_census
from infra.projector.connection import Connection, Pool, bounded, exact_dates
from infra.projector.fault import AWAY, told
from infra.projector.generation import Generation
from infra.projector.progress import Progress
from infra.projector.served import Served
from infra.projector.staff import Staff
from infra.projector.worker import FOLLOW, LEASE, PACE, Worker
from infra.store import EventStore
from projections.catalogue import PROJECTIONS
from projections.projection import Projection

log = structlog.get_logger()

LOOK: Final = 0.05
"""Seconds from one look at the work of other processes to the next, while somebody waits for it."""

_SETTINGS: Final = {
    "application_name": "cordee project",
    # What a crash takes back is folded again: rows and checkpoint go together.
    "synchronous_commit": "off",
    # Rows are found by key; a plan made while a table was empty must not say otherwise.
    "enable_seqscan": "off",
    "jit": "off",
    # Instants leave a table as JSON, in the zone of the session.
    "timezone": "UTC",
}

_HAND_OVER: Final = 2.5
"""Seconds in which leases are handed over; where the database is silent they end by themselves."""

_SHORTEST: Final = 1.0
"""Seconds that a transaction may last, at least; else as long as a lease."""

_KEPT: Final = 3
"""Generations of a projection that one process folds at once: each has a connection meanwhile."""


class Projector:
    """Keeps the read models up with the log, together with the projectors of other processes.

    Of all the processes one folds a generation, the one that has its lease; when it goes, another
    takes over. This code folds the generations that it has made, and no other. The read models
    must be prepared.
    """

    def __init__(
        self,
        pool: Pool,
        store: EventStore,
        mapper: EventMapper,
        projections: Sequence[Projection],
        *,
        goal: int,
        lease: float,
        workers: bool,
        apart: Apart | None,
        watch: FoldWatch,
        pace: float,
        first: Callable[[], int] | None,
    ) -> None:
        self._watch = watch
        self._pace = pace
        self._first = first
        self._owner = f"{socket.gethostname()}:{os.getpid()}:{uuid4().hex[:8]}"
        self._pool = pool
        self._store = store
        self._mapper = mapper
        self._lease = lease
        self._staff = Staff(self._hire, apart, pool) if workers else None
        self._progress = Progress(each.name for each in projections if each.topics)
        self._path: str | None = None
        self._served = {
            each.name: Served(each, self._progress, goal, self._lose_path) for each in projections
        }
        self._by_table = {
            kind.TABLE.name: self._served[each.name] for each in projections for kind in each.rows
        }
        self._looking = asyncio.Lock()
        self._looked_at = 0.0
        self._following: asyncio.Task[None] | None = None

    @classmethod
    async def start(
        cls,
        dsn: str,
        store: EventStore,
        mapper: EventMapper,
        *,
        projections: Sequence[Projection] = PROJECTIONS,
        lease: float = LEASE,
        workers: bool = True,
        apart: Apart | None = None,
        watch: FoldWatch = SILENCE,
        pace: float = PACE,
        first: Callable[[], int] | None = None,
    ) -> Self:
        """Begin to project, with connections of its own.

        Args:
            dsn: the database, prepared.
            store: its log.
            mapper: what decodes its events.
            projections: which ones; all of them, as a rule.
            lease: seconds after which others take over what a dead process has held.
            workers: whether to fold; otherwise it only follows what other processes do.
            apart: what builds a generation with many events to fold; without it a worker does.
            watch: what is told of what is folded.
            pace: seconds from one batch to the next while the end of the log is near.
            first: how far those are who go first; while they have much to do, this one waits.

        Raises:
            OSError, asyncpg.PostgresError, asyncpg.InterfaceError, StoreUnavailable: the database
                cannot be used.
        """
        goal = await store.head()
        pool = await asyncpg.create_pool(
            dsn,
            min_size=1,
            max_size=_KEPT * len(projections) + 2,
            timeout=5,
            command_timeout=max(60, lease),
            reset=_keep,
            init=partial(_set, seconds=max(lease, _SHORTEST)),
            server_settings=_SETTINGS,
        )
        projector = cls(
            pool,
            store,
            mapper,
            projections,
            goal=goal,
            lease=lease,
            workers=workers,
            apart=apart,
            watch=watch,
            pace=pace,
            first=first,
        )
        try:
            await projector._learn()
        except BaseException:
            await pool.close()
            raise
        projector._following = asyncio.create_task(projector._follow(), name="projector")
        return projector

    async def stop(self) -> None:
        """Finish the batches under way, hand the leases over and close the connections."""
        if self._following is not None:
            self._following.cancel()
            await asyncio.wait((self._following,))
        try:
            async with asyncio.timeout(_HAND_OVER):
                if self._staff is not None:
                    await self._staff.stop()
                await self._pool.close()
        except TimeoutError:
            log.warning("projections.not_handed_over", seconds=_HAND_OVER)
            self._pool.terminate()

    @property
    def path(self) -> str:
        """The search path of whoever reads: the schemas of the generations that are read here."""
        if self._path is None:
            found = (served.schema for served in self._served.values())
            self._path = ", ".join(schema for schema in found if schema)
        return self._path

    def _lose_path(self) -> None:
        self._path = None

    def position(self) -> dict[str, int]:
        """Give the position that each projection is known to have reached; none ever goes back.

        That of a projection which another process folds is as old as the last look at it.
        """
        return dict(self._progress.positions)

    def least(self) -> int:
        """Give the position that every projection has reached which has not stopped."""
        return self._progress.least

    def shown(self, table: str) -> int:
        """Give the position up to which a table shows the log, also where it has stopped."""
        return self._progress.positions[self._by_table[table].projection.name]

    def moved(self, table: str) -> tuple[int, int]:
        """Give what is another whenever the rows of a table are, as known with `position`.

        It is the number of the generation that is read, and a number that grows with each change
        of the table: the position of the last one, or a little more after an event that was folded
        late.
        """
        return self._by_table[table].moved(table)

    def hindrances(self) -> list[Hindrance]:
        """Give what keeps projections from being served, as new as a second."""
        found = (served.hindrance(ended=self._ended(served)) for served in self._served.values())
        return [hindrance for hindrance in found if hindrance is not None]

    async def wait_until(
        self,
        position: int,
        timeout: float,  # noqa: ASYNC109
        tables: Collection[str] | None = None,
    ) -> bool:
        """Wait until the read model shows the log up to a position; False if it does not in time.

        Where some ``tables`` are named, it is enough that these do. Projections that an event has
        stopped are not waited for: `hindrances` names them.

        A caller who has just written is woken by the worker in this process, or finds within
        some 50 ms what another process has done.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout
        makers = self._served.values() if tables is None else {self._by_table[t] for t in tables}
        served = [each for each in makers if each.projection.topics]
        names = None if tables is None else frozenset(each.projection.name for each in served)
        while not self._progress.is_at(position, names):
            left = deadline - loop.time()
            if left <= 0:
                return False
            if all(each.known for each in served):
                await self._progress.wait_until(position, min(left, FOLLOW), names)
            else:
                with suppress(TimeoutError):
                    async with asyncio.timeout(left):
                        await self.look()
                await self._progress.wait_until(position, min(left, LOOK), names)
        return True

    async def look(self) -> None:
        """Learn what generations there are, and what other processes have reached.

        Of many who ask at once one goes and looks.
        """
        loop = asyncio.get_running_loop()
        async with self._looking:
            if loop.time() < self._looked_at + LOOK / 2:
                return
            try:
                await self._learn()
            except AWAY as error:
                log.info("projections.not_seen", error=told(error))
            self._looked_at = loop.time()

    async def _follow(self) -> None:
        while True:
            await asyncio.sleep(FOLLOW)
            try:
                await self.look()
            except (asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                log.warning("projections.not_seen", error=told(error))

    async def _learn(self) -> None:
        census = await take_census(self._pool, list(self._served))
        for served in self._served.values():
            served.concern(census)
            entries = census.entries.get(served.projection.name, ())
            followed = {*served.followed()}
            for entry in entries:
                standing = served.standing(entry.number)
                if entry.number in followed and not standing.leads:
                    standing.seen(entry, await self._shown(served.projection, entry, census.head))
        if self._staff is not None:
            self._staff.attend((served.projection for served in self._served.values()), census)

    async def _shown(self, projection: Projection, entry: Entry, head: int) -> int:
        """Tell how far a generation shows the log that another process folds.

        Nobody hurries to store a checkpoint that moves over events of no interest. It moves as
        far as the log has nothing of interest, and that can be seen from anywhere.
        """
        shown = entry.position
        while entry.error is None and not entry.paused and shown < head:
            page = await self._store.page(shown, limit=1, topics=projection.topics)
            if page.events:
                return page.events[0].position - 1
            if page.scanned == shown:
                break
            shown = page.scanned
        return shown

    def _hire(self, generation: Generation) -> Worker:
        return Worker(
            generation,
            pool=self._pool,
            store=self._store,
            mapper=self._mapper,
            standing=self._served[generation.name].standing(generation.number),
            owner=self._owner,
            lease=self._lease,
            ready=self.look,
            watch=self._watch,
            pace=self._pace,
            first=self._first,
        )

    def _ended(self, served: Served) -> bool:
        """Tell whether the worker has ended that would fold what is read."""
        if served.current is None or self._staff is None:
            return False
        return self._staff.ended(served.projection.name, served.current.number)


async def _set(connection: Connection, *, seconds: float) -> None:
    """Set a connection up as it stays."""
    await bounded(connection, seconds=seconds)
    await exact_dates(connection)


async def _keep(_connection: Any) -> None:
    """Spare the pool's reset, a round trip each time: the projector leaves nothing behind."""
