"""The difference between two generations of a projection: what would change on switching."""

import asyncio
from collections.abc import Sequence
from time import monotonic
from typing import Final, NamedTuple

from infra.projector.building.comparison import TableComparison, compared
from infra.projector.connection import Connection
from infra.projector.generation import schema_of
from infra.projector.refusals import NotPossible
from projections.projection import Projection

_POSITIONS: Final = """
select number, position from log.generation where projection = $1 and number = any($2)
"""

_TABLES: Final = """
select c.relname::text as name
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where n.nspname = any($1) and c.relkind = 'r'
group by c.relname order by min(c.oid)
"""

_PATIENCE: Final = 15.0
"""Seconds for which it is tried to meet both at one position."""


class NeverTogether(NotPossible):
    """Two generations were never at the same position while it was tried to compare them."""


class Difference(NamedTuple):
    """How one generation differs from another at one position."""

    position: int
    tables: Sequence[TableComparison]


async def difference(
    connection: Connection, projection: Projection, before: int, after: int
) -> Difference:
    """Compare two generations, told by their numbers, in a snapshot where both are equally far.

    Raises:
        NeverTogether: they never were within some seconds.
    """
    deadline = monotonic() + _PATIENCE
    while True:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            rows = await connection.fetch(_POSITIONS, projection.name, [before, after])
            positions = {row["number"]: row["position"] for row in rows}
            if positions.get(before) == positions.get(after) and len(positions) == 2:
                return Difference(
                    positions[before], await _tables(connection, projection, before, after)
                )
        if monotonic() > deadline or len(positions) < 2:
            raise NeverTogether(_told(projection.name, positions, before, after))
        await asyncio.sleep(0.005)


async def _tables(
    connection: Connection, projection: Projection, before: int, after: int
) -> list[TableComparison]:
    schemas = schema_of(projection.name, before), schema_of(projection.name, after)
    known = {kind.TABLE.name: kind for kind in projection.rows}
    names = [row["name"] for row in await connection.fetch(_TABLES, schemas)]
    return [await compared(connection, known.get(name, name), *schemas) for name in names]


def _told(name: str, positions: dict[int, int], before: int, after: int) -> str:
    for number in (before, after):
        if number not in positions:
            return f"There is no generation {number} of {name} any more: somebody dropped it."
    return (
        f"Generation {before} of {name} is at position {positions[before]}, and generation {after}"
        f" at {positions[after]}: they can be compared when workers have brought both to the same"
        " one. Start `cordee serve` or `cordee work`, or resume what is paused."
    )
