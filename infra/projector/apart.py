"""Building apart: a generation with many events to fold is built by a process of its own.

That process folds in memory what a worker would take in batch by batch, and this one goes on to
serve meanwhile. A worker takes over where it ends, whether it came to the end or not.
"""

import asyncio
import os
import sys
from typing import Final

import asyncpg
import structlog

from infra.projector.connection import Pool
from infra.projector.fault import told
from infra.projector.generation import Generation

log = structlog.get_logger()

FEW: Final = 20_000
"""Events that a worker folds as soon as a process could have been started for them."""

_MORE: Final = """
select count(*) > $3 from (
    select from log.event where position > $1 and topic = any($2::text[]) limit $3 + 1
) e
"""

PROGRAM: Final = "infra.projector.building"

_PATIENCE: Final = 5.0
"""Seconds that the process has to store what it has folded when it is told to end."""


class Apart:
    """Builds generations on one database in processes of their own, one at a time."""

    def __init__(self, dsn: str) -> None:
        self._environment = os.environ | {"DATABASE_URL": dsn}
        self._turn = asyncio.Semaphore(1)

    async def build(self, generation: Generation) -> None:
        """Build a generation as far as it goes; what went wrong is told by that process."""
        async with self._turn:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                PROGRAM,
                generation.name,
                str(generation.number),
                env=self._environment,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL,
            )
            log.info(
                "projection.building",
                projection=generation.name,
                generation=generation.number,
                process=process.pid,
            )
            try:
                code = await process.wait()
            except asyncio.CancelledError:
                await _end(process)
                raise
            if code != 0:
                log.warning(
                    "projection.not_built",
                    projection=generation.name,
                    generation=generation.number,
                    code=code,
                )


async def much_left(pool: Pool, generation: Generation, position: int, few: int = FEW) -> bool:
    """Tell whether a generation has more than ``few`` events of interest after a position.

    In a long log most read models have not; going over what does not concern them is quick.
    """
    topics = list(generation.projection.topics)
    try:
        more: bool = await pool.fetchval(_MORE, position, topics, few)
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        log.info("projection.not_counted", projection=generation.name, error=told(error))
        return True
    return more


async def _end(process: asyncio.subprocess.Process) -> None:
    """Let a process store what it has, but not for ever."""
    try:
        process.terminate()
        async with asyncio.timeout(_PATIENCE):
            await process.wait()
    except ProcessLookupError:
        await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
