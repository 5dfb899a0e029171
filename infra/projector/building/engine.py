"""The engine: folds the log into a generation, from its checkpoint on, within its memory."""

import gc
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import aclosing, contextmanager
from typing import Final, NamedTuple

from infra.mapper import EventMapper
from infra.projector.building import indexes
from infra.projector.building.held import Held
from infra.projector.building.stretch import HEAD, stretches
from infra.projector.building.working_set import WorkingSet, memory
from infra.projector.connection import Connection

Told = Callable[[int, int], None]
"""Is told which position is reached, on the way to which one."""


def silent(_position: int, _end: int) -> None:
    """Tell nobody."""


NEAR: Final = 1_000
"""Events before the head at which the tables are written: the rest is taken in one by one."""

_HEADROOM: Final = 0.9
"""The share of the memory at which rows are written: a stretch and its writing take the rest."""


class Wrong(Exception):
    """What was built is not what the events say."""


class Stopped(Exception):
    """Somebody asked for the end: what was folded is stored, for the next one to go on from."""


class Built(NamedTuple):
    """What an engine has done."""

    events: int
    """How many events it has folded."""
    spills: int
    """How often its rows took too much memory and were written before the end."""
    peak: int
    """The most memory that it took, in bytes."""
    written: Mapping[str, int] | None
    """How many rows were written, by table, where it was done in one go."""


class Engine:
    """Builds one generation, whose lease is held."""

    def __init__(
        self,
        hold: Held,
        *,
        reading: Connection,
        writing: Connection,
        mapper: EventMapper,
        memory: int,
        told: Told = silent,
    ) -> None:
        """``memory`` is the most that this process is to take, in bytes.

        ``reading`` and ``writing`` are connections of its own, set as `stretch.SETTINGS` say.
        """
        self._hold = hold
        self._generation = hold.generation
        self._reading = reading
        self._writing = writing
        self._mapper = mapper
        self._memory = memory
        self._told = told
        self._set = WorkingSet(hold.generation, hold.position, whole=hold.fresh)
        self._events = 0
        self._spills = 0
        self._peak = 0
        self._stopping = False

    def stop(self) -> None:
        """Store what is folded, and end."""
        self._stopping = True

    async def run(self, upto: int | None = None) -> Built:
        """Fold up to the head, or to a position; write the tables and make their indexes.

        What is appended meanwhile is taken in afterwards, until there is hardly any more.

        Raises:
            Stopped: `stop` was called; what was folded by then is stored.
            Unfoldable: an event cannot be folded.
            UnreadableEvent: an event cannot be decoded.
            LeaseLost: somebody else has the generation now.
            Wrong: a table has not as many rows as were written.
            asyncpg.PostgresError: the database refuses; what was folded since the last checkpoint
                is not stored.
        """
        if self._set.whole:
            await indexes.leave_out(self._writing, self._generation)
        near = 0
        with _without_collecting():
            while (end := await self._end(upto)) > self._set.position + near:
                await self._fold(end)
                near = NEAR
            written = await self._write()
        await self._index(indexes.indexes_of(self._generation.projection))
        await self._measure()
        await self._count(written or {})
        await self.follow(upto)
        return Built(self._events, self._spills, self._peak, written)

    async def follow(self, upto: int | None = None) -> None:
        """Take in what was appended since, up to a position, or until there is hardly any more.

        Whoever writes without a break is never overtaken by more than a moment. Raises what `run`
        raises.
        """
        while (left := (end := await self._end(upto)) - self._set.position) > 0:
            await self._fold(end)
            await self._write()
            if upto is None and left <= NEAR:
                return

    async def _end(self, upto: int | None) -> int:
        head: int = await self._reading.fetchval(HEAD)
        return head if upto is None else min(head, upto)

    async def _fold(self, end: int) -> None:
        aside = await self._hold.aside(self._writing)
        topics = self._generation.projection.topics
        pages = stretches(self._reading, topics, after=self._set.position, upto=end)
        async with aclosing(pages):
            async for page in pages:
                self._hold.check()
                events = page.events
                if aside:
                    events = [e for e in events if e.position < aside.get(e.stream_id, end + 1)]
                batch = await self._mapper.decode(events)
                await self._set.take(self._writing, batch, page.scanned)
                self._events += len(batch)
                self._told(page.scanned, end)
                if self._set.is_full:
                    await self._drain()
                await self._look_up()

    async def _look_up(self) -> None:
        """See whether to end here, and whether rows take too much memory."""
        taken = memory()
        self._peak = max(self._peak, taken)
        if self._stopping:
            await self._write()
            raise Stopped
        if taken > _HEADROOM * self._memory:
            await self._write()
            self._spills += 1
            # From now on rows are found by what they are asked for.
            await self._index(indexes.needed(self._generation.projection))

    async def _drain(self) -> None:
        """Write what is needed no more; the checkpoint stays, for the rest is not written yet."""

        async def drain() -> list[str]:
            await self._set.drain(self._writing)
            return []

        await self._hold.store(self._writing, self._hold.position, drain)

    async def _write(self) -> Mapping[str, int] | None:
        """Write what is in memory together with the checkpoint, and give it up."""
        written: Mapping[str, int] | None = None

        async def write() -> list[str]:
            nonlocal written
            written = await self._set.write(self._writing)
            return [kind.TABLE.name for kind in self._generation.projection.rows]

        await self._hold.store(self._writing, self._set.position, write)
        self._peak = max(self._peak, memory())
        self._set.give_up()
        return written

    async def _index(self, wanted: Iterable[indexes.Index]) -> None:
        for index in await indexes.missing(self._writing, self._generation, wanted):
            if self._stopping:
                raise Stopped
            self._hold.check()
            await indexes.make(self._writing, self._generation, index)

    async def _measure(self) -> None:
        """Let PostgreSQL know how full the tables are, and which of their pages all may see."""
        for kind in self._generation.projection.rows:
            await self._writing.execute(
                f"vacuum (analyze) {self._generation.schema}.{kind.TABLE.name}"
            )

    async def _count(self, written: Mapping[str, int]) -> None:
        for table, rows in written.items():
            name = f"{self._generation.schema}.{table}"
            there = await self._writing.fetchval(f"select count(*) from {name}")  # noqa: S608
            if there != rows:
                raise Wrong(f"{table} has {there} rows where {rows} were written")


@contextmanager
def _without_collecting() -> Iterator[None]:
    """Let nobody look for garbage among millions of rows, none of which is part of a circle."""
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
