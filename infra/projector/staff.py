"""The staff of a projector: a worker for each generation of this code."""

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress

import structlog

from infra.projector.apart import FEW, Apart, much_left
from infra.projector.census import Census, Entry
from infra.projector.connection import Pool
from infra.projector.generation import Generation, State
from infra.projector.worker import Worker
from projections.projection import Projection

log = structlog.get_logger()

_Key = tuple[str, int]


class Staff:
    """Workers, one for each generation that there is, but for what is being built apart."""

    def __init__(
        self, hire: Callable[[Generation], Worker], apart: Apart | None, pool: Pool
    ) -> None:
        """``hire`` makes a worker for a generation; without ``apart`` workers build everything.

        ``pool`` is where it is looked up how much there is to build.
        """
        self._hire = hire
        self._pool = pool
        self._apart = apart
        self._workers: dict[_Key, Worker] = {}
        self._building: dict[_Key, asyncio.Task[None]] = {}
        self._leaving: set[asyncio.Task[None]] = set()
        self._stopped = False

    def attend(self, projections: Iterable[Projection], census: Census) -> None:
        """Let each generation have its worker, and those that are gone have none."""
        if self._stopped:
            return
        wanted = {
            (entry.projection, entry.number): (Generation(projection, entry.number), entry)
            for projection in projections
            if projection.topics
            for entry in census.own(projection)
            if entry.state is not State.FAILED
        }
        for key in self._workers.keys() - wanted.keys():
            leaving = asyncio.create_task(self._workers.pop(key).stop())
            self._leaving.add(leaving)
            leaving.add_done_callback(self._leaving.discard)
        for key in self._building.keys() - wanted.keys():
            self._building.pop(key).cancel()
        for key, (generation, entry) in wanted.items():
            if key in self._workers:
                self._workers[key].heed(entry.owner)
            elif not self._built_apart(key, generation, entry, census.head):
                self._workers[key] = self._hire(generation)

    def ended(self, name: str, number: int) -> bool:
        """Tell whether the worker of a generation has ended by itself."""
        worker = self._workers.get((name, number))
        return worker is not None and worker.ended

    async def stop(self) -> None:
        """Let all finish the batches under way, and hand the leases over."""
        self._stopped = True
        for building in self._building.values():
            building.cancel()
        await asyncio.gather(
            *(worker.stop() for worker in self._workers.values()),
            *self._building.values(),
            *self._leaving,
            return_exceptions=True,
        )

    def _built_apart(self, key: _Key, generation: Generation, entry: Entry, head: int) -> bool:
        """Tell whether another process builds a generation; where none does, one is begun, once."""
        if key in self._building:
            return not self._building[key].done()
        far = entry.state is State.BUILDING and head - entry.position > FEW
        if self._apart is None or not far or entry.error is not None:
            return False
        if not entry.led and not entry.paused:
            build = self._build(self._apart, generation, entry.position)
            self._building[key] = asyncio.create_task(build)
        return True

    async def _build(self, apart: Apart, generation: Generation, position: int) -> None:
        with suppress(asyncio.CancelledError):
            try:
                if await much_left(self._pool, generation, position, FEW):
                    await apart.build(generation)
            except OSError as error:  # then a worker does it
                log.warning("projection.not_built", projection=generation.name, error=str(error))
