"""Steering: what an operator does to generations, each in one step that holds or does nothing."""

import asyncio
from typing import Final

import asyncpg

from infra.projector.census import take_census
from infra.projector.choice import known, own
from infra.projector.connection import Connection
from infra.projector.generation import LOCK, Generation, State, fill, remove
from infra.projector.refusals import InUse
from projections.projection import Projection

SETTLING: Final = 3.0
"""Seconds after a switch in which a process may still read what was read before."""

ATTEMPTS: Final = 40
"""How often a generation is tried to be dropped that somebody still looks at."""

_BETWEEN: Final = 0.25
"""Seconds from one such attempt to the next."""

# Readers are not to queue up behind one that is not through yet.
_PATIENCE: Final = "set local lock_timeout = '250ms'"

_SETTLED: Final = """
select coalesce(max(switched_at) < clock_timestamp() - $2 * interval '1 s', true)
from log.active where projection = $1
"""

_PAUSE: Final = """
update log.generation
set paused = true, owner = null, fence = fence + 1, lease_until = '-infinity', updated_at = now()
where projection = $1 and number = $2 and not paused
returning true
"""

_RESUME: Final = """
update log.generation set paused = false, updated_at = now()
where projection = $1 and number = $2 and paused
returning true
"""

_RETRY: Final = """
update log.generation
set error = null, failing_position = null, updated_at = now(),
    state = case state when 'FAILED' then 'BUILDING' else state end
where projection = $1 and number = $2 and error is not null
returning true
"""


async def drop(
    connection: Connection, projection: Projection, number: int, settling: float = SETTLING
) -> None:
    """Take a generation away, and give back the space of its tables.

    For ``settling`` seconds after a switch it waits, until every process has followed.

    Raises:
        NoSuchGeneration: there is none.
        InUse: it is read, by whatever version of the program, or a process of another version
            folds it, or queries that began before still look at it.
    """
    for _ in range(ATTEMPTS):
        try:
            async with connection.transaction():
                await connection.execute(LOCK)
                census = await take_census(connection, [projection.name])
                entry = known(census, projection, number)
                ours = entry.code_hash == projection.code_hash
                if (refusal := InUse.by_somebody(entry, own=ours)) is not None:
                    raise refusal
                if await connection.fetchval(_SETTLED, projection.name, settling):
                    await connection.execute(_PATIENCE)
                    await remove(connection, projection.name, number)
                    return
        except asyncpg.LockNotAvailableError:
            pass  # somebody looks at it
        await asyncio.sleep(_BETWEEN)
    raise InUse.looked_at(Generation(projection, number))


async def pause(connection: Connection, generation: Generation) -> bool:
    """Let nobody fold a generation until it is resumed; False where that was so before."""
    return bool(await connection.fetchval(_PAUSE, generation.name, generation.number))


async def resume(connection: Connection, generation: Generation) -> bool:
    """Let a paused generation be folded again; False where it was not paused."""
    return bool(await connection.fetchval(_RESUME, generation.name, generation.number))


async def retry(connection: Connection, generation: Generation) -> bool:
    """Let what has stopped or failed be tried again; False where nothing had.

    A generation that could not be built begins again at the first event.
    """
    async with connection.transaction():
        await connection.execute(LOCK)
        census = await take_census(connection, [generation.name])
        entry = own(census, generation.projection, generation.number)
        if not await connection.fetchval(_RETRY, generation.name, generation.number):
            return False
        if entry.state is State.FAILED:
            await fill(connection, generation)
    return True
