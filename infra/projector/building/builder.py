"""The builder: one generation from its checkpoint to where it can be read, or to its failure."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Final, NamedTuple

import asyncpg
import structlog
from asyncpg import Record

from infra.mapper import EventMapper
from infra.projector.building.blame import blame, sentence
from infra.projector.building.engine import Built, Engine, Stopped, Told, Wrong, silent
from infra.projector.building.hold import HeldElsewhere, Hold, begun, taken, taken_up
from infra.projector.building.sample import Sampled, Sampler
from infra.projector.building.stretch import SETTINGS
from infra.projector.connection import Connection, exact_dates
from infra.projector.generation import Generation
from infra.projector.lease import LeaseLost
from infra.projector.refusals import NotPossible
from projections.projection import Projection

log = structlog.get_logger()

MEMORY: Final = 512 << 20
"""Bytes of memory that a process that builds takes at most, unless told otherwise."""


class BuildFailed(NotPossible):
    """A generation could not be built: it is FAILED, and its space is given back."""


class Outcome(NamedTuple):
    """A generation that was built, and how."""

    generation: Generation
    position: int
    built: Built
    sampled: Sampled


class Builder:
    """Builds a generation over three connections of its own, in a process that does little else."""

    def __init__(
        self,
        keeper: Connection,
        reading: Connection,
        writing: Connection,
        *,
        mapper: EventMapper,
        owner: str,
        memory: int,
    ) -> None:
        self._keeper = keeper
        self._reading = reading
        self._writing = writing
        self._mapper = mapper
        self._owner = owner
        self._memory = memory

    async def anew(self, projection: Projection, told: Told = silent) -> Outcome:
        """Begin a generation, which an operator is to switch to, and build it until it is ready.

        Raises:
            What `go_on` raises.
        """
        hold = await begun(projection, self._owner, self._keeper)
        return await self._build(hold, told, ready=True)

    async def go_on(self, generation: Generation, told: Told = silent, *, ready: bool) -> Outcome:
        """Build a generation from its checkpoint on; a worker makes it ready unless this does.

        Cancelled, it stores what it has folded together with the checkpoint first; cancelled once
        more, it leaves at once, and the next one begins again at the checkpoint before. What was
        to be ready here is then paused, until this is called again: whoever stops it has a reason.

        Raises:
            HeldElsewhere: somebody else builds it or took it meanwhile, or it is not to be built.
            BuildFailed: an event cannot be folded, the database refuses, or it came out wrong.
            OSError, asyncpg.PostgresError, asyncpg.InterfaceError: the database went away.
        """
        take = taken_up if ready else taken
        hold = await take(generation, self._owner, self._keeper)
        return await self._build(hold, told, ready=ready)

    async def _build(self, hold: Hold, told: Told, *, ready: bool) -> Outcome:
        engine = Engine(
            hold,
            reading=self._reading,
            writing=self._writing,
            mapper=self._mapper,
            memory=self._memory,
            told=told,
        )
        async with hold.kept():
            try:
                built = await _stoppable(engine)
                sampled = await self._checked(hold)
                if ready:
                    await engine.follow()
                    await hold.ready()
            except asyncio.CancelledError:
                if ready:
                    await hold.rest()
                raise
            except LeaseLost as lost:
                raise HeldElsewhere(
                    f"{str(hold.generation).capitalize()} was taken from this process: somebody"
                    " paused, dropped or builds it. What this process had not stored yet is not in"
                    " it."
                ) from lost
            except Exception as error:
                reason, position = blame(error)
                if reason is None:
                    raise
                log.error(  # noqa: TRY400  (a traceback may quote what people are called)
                    "projection.not_built",
                    projection=hold.generation.name,
                    generation=hold.generation.number,
                    position=position,
                    error=reason,
                )
                await hold.fail(reason, position)
                raise BuildFailed(sentence(hold.generation, reason, position)) from error
            return Outcome(hold.generation, hold.position, built, sampled)

    async def _checked(self, hold: Hold) -> Sampled:
        """Hold some of what was built against the log itself.

        Raises:
            Wrong: it is not the same.
        """
        aside = await hold.aside(self._writing)
        sampler = Sampler(hold.generation, self._mapper, aside)
        sampled = await sampler.look(self._writing, hold.position)
        if sampled.wrong:
            raise Wrong(f"{sampled.wrong[0]} came out otherwise than folded by itself")
        return sampled


@asynccontextmanager
async def builder(
    dsn: str, mapper: EventMapper, *, owner: str, memory: int = MEMORY
) -> AsyncIterator[Builder]:
    """Open the connections of a builder.

    Args:
        dsn: the database, prepared.
        mapper: what decodes its events.
        owner: who is told to others that want to build the same.
        memory: the most that this process is to take, in bytes.

    Raises:
        OSError, asyncpg.PostgresError, asyncpg.InterfaceError: the database cannot be used.
    """
    async with connections(dsn, 3) as (keeper, reading, writing):
        yield Builder(keeper, reading, writing, mapper=mapper, owner=owner, memory=memory)


@asynccontextmanager
async def connections(dsn: str, number: int) -> AsyncIterator[list[Connection]]:
    """Open so many connections, set for building; no statement on them has to be quick."""
    async with AsyncExitStack() as stack:
        opened: list[Connection] = []
        for _ in range(number):
            connection: asyncpg.Connection[Record] = await asyncpg.connect(
                dsn, timeout=10, server_settings=SETTINGS
            )
            stack.push_async_callback(_close, connection)
            await exact_dates(connection)
            opened.append(connection)
        yield opened


async def _close(connection: "asyncpg.Connection[Record]") -> None:
    """Close a connection, even one on which something is still under way."""
    try:
        await connection.close(timeout=2)
    except (TimeoutError, OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
        connection.terminate()


async def _stoppable(engine: Engine) -> Built:
    """Run an engine; whoever cancels lets it store what it has, whoever does so twice does not."""
    running = asyncio.ensure_future(engine.run())
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        engine.stop()
        try:
            await asyncio.wait((running,))
        except asyncio.CancelledError:
            running.cancel()
            await asyncio.wait((running,))
        if not running.cancelled() and not isinstance(running.exception(), Stopped | None):
            raise running.exception() from None  # type: ignore[misc]
        raise
