"""Pruning: generations go that two versions of the program ago were read."""

from typing import Final

from infra.projector.census import take_census
from infra.projector.connection import Connection
from infra.projector.generation import LOCK, remove
from projections.projection import Projection

# Whoever still looks at one is not to be disturbed: the next switch tries again.
_PATIENCE: Final = "set local lock_timeout = '250ms'"


async def prune(connection: Connection, projection: Projection) -> list[int]:
    """Take away what other versions than this and the last one have made, and name the numbers.

    What somebody folds stays: that version runs.

    Raises:
        asyncpg.LockNotAvailableError: somebody looks at one of them; nothing was taken away.
    """
    async with connection.transaction():
        await connection.execute(LOCK)
        await connection.execute(_PATIENCE)
        census = await take_census(connection, [projection.name])
        entries = census.entries.get(projection.name, [])
        others = [entry for entry in entries if entry.code_hash != projection.code_hash]
        gone = [
            entry.number
            for entry in others
            if entry.code_hash != others[-1].code_hash and not entry.led
        ]
        for number in gone:
            await remove(connection, projection.name, number)
    return gone
