"""An estimate of a rebuild: how many events, how long, how much space, by a measured sample."""

import time
from typing import Final, NamedTuple

from infra.mapper import EventMapper
from infra.projector.building.engine import Engine
from infra.projector.building.scratch import Scratch
from infra.projector.connection import Connection
from infra.projector.generation import schema_of
from projections.projection import Projection

SAMPLE: Final = 20_000
"""Events that are folded to see how fast it goes."""

_EVENTS: Final = "select count(*) from log.event where topic = any($1::text[])"

_END: Final = """
select coalesce(max(position), 0) from (
    select position from log.event where topic = any($1::text[]) order by position limit $2
) e
"""

_SPACE: Final = """
select coalesce(sum(pg_total_relation_size(c.oid)), 0)::bigint
from pg_class c
where c.relnamespace = to_regnamespace($1) and c.relkind = 'r'
"""

_SPACE_OF_SCRATCH: Final = """
select coalesce(sum(pg_total_relation_size(c.oid)), 0)::bigint
from pg_class c
where c.relnamespace = pg_my_temp_schema() and c.relkind = 'r'
"""


class Estimate(NamedTuple):
    """What a rebuild is expected to take."""

    events: int
    """How many events are to be folded."""
    seconds: float
    space: int
    """Bytes of tables and indexes."""


async def estimated(
    reading: Connection,
    writing: Connection,
    mapper: EventMapper,
    projection: Projection,
    *,
    memory: int,
    number: int | None,
) -> Estimate:
    """Fold the first events into temporary tables, and reckon from there.

    What space it takes is known better from a generation that there is, told by its ``number``.

    Raises:
        Unfoldable, UnreadableEvent: one of the first events cannot be folded.
        asyncpg.PostgresError: the database cannot do it.
    """
    topics = list(projection.topics)
    events: int = await reading.fetchval(_EVENTS, topics)
    end: int = await reading.fetchval(_END, topics, SAMPLE)
    async with Scratch.made(writing, projection) as scratch:
        started = time.monotonic()
        engine = Engine(scratch, reading=reading, writing=writing, mapper=mapper, memory=memory)
        built = await engine.run(end)
        took = time.monotonic() - started
        taken: int = await writing.fetchval(_SPACE_OF_SCRATCH)
    share = events / max(built.events, 1)
    space = round(taken * share)
    if number is not None:
        space = await reading.fetchval(_SPACE, schema_of(projection.name, number))
    return Estimate(events, took * share, space)
