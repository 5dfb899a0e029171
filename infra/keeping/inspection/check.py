"""Checking: all that must hold in a database, held against all that is stored in it."""

from typing import Final, NamedTuple

import asyncpg

from infra.keeping.inspection.finding import Findings
from infra.keeping.inspection.order import check_order
from infra.keeping.inspection.streams import Streams
from infra.keeping.kept import Connection
from infra.mapper import EventMapper
from infra.progress import Told

_SESSION: Final = {
    "application_name": "cordee check",
    "jit": "off",
    "timezone": "UTC",
    # The whole log goes by in the order of an index; sorting it first would fill a disk.
    "cursor_tuple_fraction": "0.01",
}

_COUNTED: Final = """
select (select count(*) from log.event) as events, (select count(*) from log.command) as commands
"""


class Checked(NamedTuple):
    """What was looked at."""

    events: int
    commands: int


async def check(dsn: str, mapper: EventMapper, findings: Findings, tell: Told) -> Checked:
    """Hold the log of a database against every rule that it must keep.

    One moment of it, while servers run; `read_models` looks at what is made from it.

    Args:
        dsn: a migrated database.
        mapper: what decodes its events.
        findings: takes what is found.
        tell: is told how many events are done, of how many.
    """
    connection: Connection = await asyncpg.connect(dsn, server_settings=_SESSION)
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            counted = await connection.fetchrow(_COUNTED)
            assert counted is not None
            await check_order(connection, findings)
            await Streams(connection, mapper, findings).check(counted["events"], tell)
    finally:
        await connection.close()
    return Checked(counted["events"], counted["commands"])
