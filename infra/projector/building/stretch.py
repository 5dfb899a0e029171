"""The log in stretches: what a projection follows of so many positions, one read ahead."""

import asyncio
from collections.abc import AsyncGenerator, Collection
from contextlib import suppress
from typing import Final

from asyncpg import Record

from infra.projector.connection import Connection
from infra.store import Page, StoredEvent

LENGTH: Final = 10_000
"""Positions of a stretch: enough for round trips not to tell, and some 20 MB while it is folded."""

WEIGHT: Final = 8 << 20
"""Bytes of events after which a stretch ends before its time: memory is held whatever they say."""

HEAD: Final = "select coalesce(max(position), 0) from log.event"

_STRETCH: Final = """
select weight, position, stream_id, version, topic, class_version, state, meta, command_id,
       recorded_at
from (
    select *, sum(octet_length(state)) over (order by position) as weight
    from log.event
    where position > $1 and position <= $2 and topic = any($3::text[])
) e
where weight - octet_length(state) < $4
order by position
"""

SETTINGS: Final = {
    "application_name": "cordee build",
    # Where topics are known when a statement is planned, each row is looked up in a hash of them.
    "plan_cache_mode": "force_custom_plan",
    "enable_seqscan": "off",
    "jit": "off",
    # What a crash takes back is folded again: rows and checkpoint go together.
    "synchronous_commit": "off",
    # Instants leave a table as JSON, in the zone of the session.
    "timezone": "UTC",
}
"""How the connections of a builder are set."""


async def stretches(
    connection: Connection, topics: Collection[str], *, after: int, upto: int
) -> AsyncGenerator[Page, None]:
    """Give the events of some topics with ``after < position <= upto``, a stretch at a time.

    While one is folded the next is fetched, over a connection that serves nothing else. Close it
    with `contextlib.aclosing`.
    """
    wanted = list(topics)

    async def fetch(start: int) -> list[Record]:
        return await connection.fetch(_STRETCH, start, min(start + LENGTH, upto), wanted, WEIGHT)

    ahead = asyncio.ensure_future(fetch(after))
    try:
        while after < upto:
            found = await ahead
            cut = found and found[-1]["weight"] >= WEIGHT
            after = found[-1]["position"] if cut else min(after + LENGTH, upto)
            if after < upto:
                ahead = asyncio.ensure_future(fetch(after))
            yield Page([StoredEvent(*row[1:]) for row in found], after)
    finally:
        ahead.cancel()
        with suppress(asyncio.CancelledError):
            await ahead
