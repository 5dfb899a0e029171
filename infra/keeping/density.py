"""Density: positions and versions without a gap, as the database itself can tell."""

from typing import Final

from infra.keeping.kept import Connection

_POSITIONS: Final = """
select count(*) as events, min(position) as first, max(position) as last from log.event
"""

_STREAM: Final = """
select stream_id, count(*) as events, min(version) as first, max(version) as last
from log.event
group by stream_id
having max(version) - min(version) + 1 <> count(*) or min(version) > 1
limit 1
"""


async def first_gap(connection: Connection, head: int) -> str | None:
    """Say what is missing in a log whose last event should be at ``head``; None if nothing is."""
    found = await connection.fetchrow(_POSITIONS)
    assert found is not None
    if found["events"] != head or (head and (found["first"], found["last"]) != (1, head)):
        return f"the log has {found['events']} events in place of 1 to {head} without a gap"
    stream = await connection.fetchrow(_STREAM)
    if stream is None:
        return None
    return (
        f"stream {stream['stream_id']} has {stream['events']} events for its versions"
        f" {stream['first']} to {stream['last']}"
    )
