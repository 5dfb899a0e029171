"""A builder's hold on a generation: its lease, prolonged beside the work until it is let go."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Final
from uuid import UUID

import asyncpg
import structlog

from infra.projector import parking
from infra.projector.activation import activate
from infra.projector.connection import Connection
from infra.projector.fault import AWAY, told
from infra.projector.generation import LOCK, Generation, State, begin
from infra.projector.lease import Lease, LeaseLost
from infra.projector.refusals import NotPossible
from projections.projection import Projection

log = structlog.get_logger()

LASTS: Final = 10.0
"""Seconds for which a lease lasts; it is renewed when a third of them are over."""

_WHY: Final = """
select state, paused, code_hash = $3 as own,
       case when lease_until > clock_timestamp() then owner end as owner
from log.generation where projection = $1 and number = $2
"""


_GO_ON: Final = """
update log.generation set paused = false, updated_at = now()
where projection = $1 and number = $2 and paused and state = 'BUILDING'
"""


class HeldElsewhere(NotPossible):
    """Somebody else builds the generation, or nobody may."""


class Hold:
    """A generation in the hands of one builder."""

    def __init__(self, generation: Generation, lease: Lease, keeper: Connection) -> None:
        """``keeper`` is the connection on which the lease is held; it serves nothing else."""
        self.generation = generation
        self.lease = lease
        self._keeper = keeper
        self._lost = False
        # Who renews names the checkpoint: it must not move meanwhile.
        self._still = asyncio.Lock()

    @property
    def position(self) -> int:
        """The checkpoint."""
        return self.lease.position

    @property
    def fresh(self) -> bool:
        """Whether its tables hold nothing yet, and nobody reads them."""
        return self.position == 0 and self.lease.state is State.BUILDING

    def check(self) -> None:
        """Make sure that the lease is held, as far as is known.

        Raises:
            LeaseLost: somebody else has it.
        """
        if self._lost:
            raise LeaseLost(self.generation.schema)

    async def aside(self, connection: Connection) -> Mapping[UUID, int]:
        """Name the streams that are parked, or are to be taken in again by a worker."""
        found = await parking.parked(connection, self.generation)
        return {each.stream_id: each.position for each in found}

    async def store(
        self, connection: Connection, position: int, write: Callable[[], Awaitable[Collection[str]]]
    ) -> None:
        """Write rows and move the checkpoint, in one transaction.

        ``write`` names the tables that it changed.

        Raises:
            LeaseLost: somebody else has the generation; nothing is written.
        """
        transaction = connection.transaction()
        await transaction.start()
        try:
            tables = await write()
            async with self._still:
                moved = await self.lease.advance(connection, position, tables)
                await transaction.commit()
                self.lease.reached(position, moved)
        except BaseException:
            if not connection.is_closed():
                with suppress(asyncpg.InterfaceError):
                    await transaction.rollback()
            raise

    async def ready(self) -> None:
        """Note that the generation can be read; it is from now on, where that was to be so."""
        async with self._still, self._keeper.transaction():
            await self._keeper.execute(LOCK)
            await self.lease.advance(self._keeper, self.position)
            await self.lease.ready(self._keeper, self.position)
            if self.lease.automatic:
                await activate(self._keeper, self.generation)

    async def rest(self) -> None:
        """Let what an operator has stopped wait for an operator: a worker would go on at once."""
        async with self._still:
            await self.lease.rest(self._keeper)

    async def fail(self, error: str, position: int | None) -> None:
        """Note that the generation cannot be built, and give back the space that it took."""
        schema = self.generation.schema
        async with self._still, self._keeper.transaction():
            if await self.lease.fail(self._keeper, error, position):
                await self._keeper.execute(f"drop schema {schema} cascade")
                await self._keeper.execute(f"create schema {schema}")

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(LASTS / 3)
            try:
                async with self._still:
                    await self.lease.renew(self._keeper)
            except LeaseLost:
                self._lost = True
                return
            except AWAY as error:
                log.info("projection.not_renewed", schema=self.generation.schema, error=told(error))

    @asynccontextmanager
    async def kept(self) -> AsyncIterator["Hold"]:
        """Prolong the lease until the end, and then let others have it."""
        renewing = asyncio.create_task(self._renew(), name=f"lease {self.generation.schema}")
        try:
            yield self
        finally:
            renewing.cancel()
            await asyncio.wait((renewing,))
            with suppress(*AWAY):
                await self.lease.release(self._keeper)
                await self.lease.let_go(self._keeper)


async def taken(generation: Generation, owner: str, keeper: Connection) -> Hold:
    """Take a generation into one's hands.

    Raises:
        HeldElsewhere: somebody else has it, or it is not to be built.
    """
    lease = Lease(generation.projection, generation.number, owner, LASTS)
    if not await lease.claim(keeper):
        await lease.let_go(keeper)
        raise HeldElsewhere(await _reason(generation, keeper))
    return Hold(generation, lease, keeper)


async def taken_up(generation: Generation, owner: str, keeper: Connection) -> Hold:
    """Take a generation into one's hands that is being built, though it may have been paused.

    Raises:
        HeldElsewhere: somebody else has it, or it is not to be built.
    """
    async with keeper.transaction():  # no worker gets it in between
        await keeper.execute(_GO_ON, generation.name, generation.number)
        return await taken(generation, owner, keeper)


async def begun(projection: Projection, owner: str, keeper: Connection) -> Hold:
    """Begin a new generation that an operator is to switch to; nobody else can take it first."""
    async with keeper.transaction():
        await keeper.execute(LOCK)
        generation = await begin(keeper, projection, automatic=False)
        return await taken(generation, owner, keeper)


async def _reason(generation: Generation, connection: Connection) -> str:
    row = await connection.fetchrow(
        _WHY, generation.name, generation.number, generation.projection.code_hash
    )
    if row is None:
        return f"There is no {generation} any more: somebody dropped it."
    if row["owner"] is not None:
        return f"{row['owner']} has {generation} in hand: wait until it is done, or stop it there."
    named = str(generation).capitalize()
    if not row["own"]:
        return f"{named} belongs to another version of the program, which alone can build it."
    if row["paused"]:
        again = f"`cordee projections resume {generation.name} --generation {generation.number}`"
        return f"{named} is paused: {again} lets it be built."
    option = f"{generation.name} --generation {generation.number}"
    return (
        f"{named} could not be built before: `cordee projections retry {option}` lets it be tried."
    )
