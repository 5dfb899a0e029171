"""The projector of one process: a worker for each projection, and what they have reached."""

import asyncio
import os
import socket
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, Final, Self
from uuid import uuid4

import asyncpg

from api.ports import Hindrance
from infra.mapper import EventMapper
from infra.projector.connection import Pool
from infra.projector.progress import Progress
from infra.projector.worker import FOLLOW, LEASE, Worker
from infra.store import EventStore
from projections.catalogue import PROJECTIONS
from projections.projection import Projection

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

_CHECKPOINTS: Final = "select name, position from log.projection"


class Projector:
    """Keeps the read model up with the log, together with the projectors of other processes.

    Of all the processes one folds a projection, the one that has its lease; when it goes, another
    takes over. The read schema must be prepared.
    """

    def __init__(
        self,
        pool: Pool,
        store: EventStore,
        mapper: EventMapper,
        projections: Sequence[Projection],
        *,
        checkpoints: Mapping[str, int],
        goal: int,
        lease: float,
    ) -> None:
        owner = f"{socket.gethostname()}:{os.getpid()}:{uuid4().hex[:8]}"
        self._pool = pool
        live = [projection for projection in projections if projection.topics]
        self._progress = Progress(
            {projection.name: checkpoints.get(projection.name, 0) for projection in live}
        )
        self._workers = {
            projection.name: Worker(
                projection,
                pool=pool,
                store=store,
                mapper=mapper,
                progress=self._progress,
                owner=owner,
                goal=goal,
                lease=lease,
            )
            for projection in live
        }
        self._looking = asyncio.Lock()
        self._looked_at = 0.0

    @classmethod
    async def start(
        cls,
        dsn: str,
        store: EventStore,
        mapper: EventMapper,
        *,
        projections: Sequence[Projection] = PROJECTIONS,
        lease: float = LEASE,
    ) -> Self:
        """Begin to project, with connections of its own.

        Args:
            dsn: the database, prepared.
            store: its log.
            mapper: what decodes its events.
            projections: which ones; all of them, as a rule.
            lease: seconds after which others take over what a dead process has held.

        Raises:
            OSError, asyncpg.PostgresError, asyncpg.InterfaceError, StoreUnavailable: the database
                cannot be used.
        """
        goal = await store.head()
        pool = await asyncpg.create_pool(
            dsn,
            min_size=1,
            max_size=len(projections) + 2,
            timeout=5,
            command_timeout=60,
            reset=_keep,
            server_settings=_SETTINGS,
        )
        try:
            rows = await pool.fetch(_CHECKPOINTS)
        except BaseException:
            await pool.close()
            raise
        checkpoints = {row["name"]: row["position"] for row in rows}
        return cls(
            pool, store, mapper, projections, checkpoints=checkpoints, goal=goal, lease=lease
        )

    async def stop(self) -> None:
        """Finish the batches under way, hand the leases over and close the connections."""
        for worker in self._workers.values():
            await worker.stop()
        await self._pool.close()

    def position(self) -> dict[str, int]:
        """Give the position that each projection is known to have reached.

        That of a projection which another process folds is as old as the last look at it.
        """
        return dict(self._progress.positions)

    def least(self) -> int:
        """Give the position that every projection has reached which has not stopped."""
        return self._progress.least

    def hindrances(self) -> list[Hindrance]:
        """Give what keeps projections from being served, as new as a second."""
        found = (worker.hindrance() for worker in self._workers.values())
        return [hindrance for hindrance in found if hindrance is not None]

    async def wait_until(self, position: int, timeout: float) -> bool:  # noqa: ASYNC109
        """Wait until the read model shows the log up to a position; False if it does not in time.

        Projections that an event has stopped are not waited for: `hindrances` names them.

        A caller who has just written is woken by the worker in this process, or finds within
        some 50 ms what another process has done.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout
        while self._progress.least < position:
            left = deadline - loop.time()
            if left <= 0:
                return False
            if all(worker.leads or worker.stopped for worker in self._workers.values()):
                await self._progress.wait_until(position, min(left, FOLLOW))
            else:
                with suppress(TimeoutError):
                    async with asyncio.timeout(left):
                        await self._look()
                await self._progress.wait_until(position, min(left, LOOK))
        return True

    async def _look(self) -> None:
        """Learn what other processes have reached; of many who ask at once one goes and looks."""
        loop = asyncio.get_running_loop()
        async with self._looking:
            if loop.time() < self._looked_at + LOOK / 2:
                return
            for worker in self._workers.values():
                if not (worker.leads or worker.stopped):
                    await worker.look()
            self._looked_at = loop.time()


async def _keep(_connection: Any) -> None:
    """Spare the pool's reset, a round trip each time: the projector leaves nothing behind."""
