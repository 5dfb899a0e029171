"""Exporting: the events of a log as lines, in their order, from any position on."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any, Final, NamedTuple
from uuid import UUID

import asyncpg

from infra.keeping.damage import LogBroken
from infra.keeping.exchange.cloud_event import CommandRow, Entry, EventRow, UnfitLine, written
from infra.keeping.kept import Connection
from infra.progress import Told

_SLICE: Final = 2_000
"""Events that are read and written in one go: about a megabyte."""

_SESSION: Final = {
    "application_name": "cordee export",
    "enable_seqscan": "off",
    "jit": "off",
    "timezone": "UTC",
}

_HEAD: Final = "select coalesce(max(position), 0) from log.event"

_EVENTS: Final = """
select e.position, e.stream_id, e.version, e.topic, e.class_version, e.state, e.meta, e.command_id,
       e.recorded_at, c.request_hash, c.stream_id as command_stream, c.version as command_version,
       c.recorded_at as command_recorded_at
from log.event e
left join log.command c on c.command_id = e.command_id and c.last_position = e.position
where e.position > $1 and e.position <= $2
order by e.position
"""

# Sorted once, on the server; there are few of them.
_SILENT: Final = """
select c.command_id, c.request_hash, c.stream_id, c.version, c.last_position, c.recorded_at
from log.command c
where (c.last_position, c.command_id) > ($1, $2) and not exists (
    select from log.event e where e.position = c.last_position and e.command_id = c.command_id
)
order by c.last_position, c.command_id
"""


class Since(NamedTuple):
    """After what an export begins."""

    position: int = 0
    command: UUID = UUID(int=0)
    """Of the commands that recorded nothing after that position, up to which they are there."""
    line: bytes | None = None
    """The line of the event at that position, where it is there already."""


START: Final = Since()
"""The whole log."""


class OtherLog(Exception):
    """What is there already is of another log."""


async def export_events(
    dsn: str,
    write: Callable[[bytes], Any],
    tell: Told,
    *,
    since: Since = START,
) -> int:
    """Write events as lines, and give the position of the last.

    One moment of the log, while others write to it. What `write` gets are whole lines.

    Args:
        dsn: a migrated database.
        write: takes lines, in a thread.
        tell: is told up to which position it has come, of which.
        since: after what to begin.

    Raises:
        LogBroken: a position is missing, or an event cannot be written.
        OtherLog: the line that is there already is not the one of this log.
        OSError: the lines cannot be written.
    """
    connection: Connection = await asyncpg.connect(dsn, server_settings=_SESSION)
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            if since.line is not None and await _line_at(connection, since.position) != since.line:
                raise OtherLog
            head: int = await connection.fetchval(_HEAD)
            silent = _Silent(connection, since)
            await asyncio.to_thread(write, b"".join(await silent.at(since.position)))
            for start in range(since.position, head, _SLICE):
                end = min(start + _SLICE, head)
                lines = [line async for line in _slice(connection, silent, start, end)]
                await asyncio.to_thread(write, b"".join(lines))
                tell(end, head)
            return head
    finally:
        await connection.close()


async def _line_at(connection: Connection, position: int) -> bytes | None:
    rows = await connection.fetch(_EVENTS, position - 1, position)
    return written(_entry(rows[0])) if rows else None


async def _slice(
    connection: Connection, silent: "_Silent", start: int, end: int
) -> AsyncIterator[bytes]:
    rows = await connection.fetch(_EVENTS, start, end)
    for expected in range(start + 1, end + 1):
        entry = _entry(rows[expected - start - 1]) if expected - start <= len(rows) else None
        if entry is None or entry.position != expected:
            raise LogBroken(f"it has no event at position {expected}")
        try:
            yield written(entry)
        except UnfitLine as unfit:
            raise LogBroken(f"the event at position {expected} is unfit: {unfit}") from unfit
        if silent.waits_for(expected):
            for line in await silent.at(expected):
                yield line


def _entry(row: asyncpg.Record) -> Entry:
    event = EventRow(*row[:9])
    if row["request_hash"] is None:
        return Entry(event, None)
    hashed, stream, version, recorded_at = row[9:]
    command = CommandRow(event.command_id, hashed, stream, version, event.position, recorded_at)
    return Entry(event, command)


class _Silent:
    """Commands that recorded nothing, each to follow the event that was the last before it."""

    def __init__(self, connection: Connection, since: Since) -> None:
        self._rows = aiter(
            connection.cursor(_SILENT, since.position, since.command, prefetch=1_000)
        )
        self._next: CommandRow | None = None
        self._begun = False

    def waits_for(self, position: int) -> bool:
        """Tell whether one follows the event at a position."""
        return self._next is not None and self._next.last_position <= position

    async def at(self, position: int) -> list[bytes]:
        """Give the lines of those that follow the event at a position."""
        if not self._begun:
            self._begun = True
            await self._advance()
        lines = []
        while self._next is not None and self._next.last_position <= position:
            lines.append(written(Entry(None, self._next)))
            await self._advance()
        return lines

    async def _advance(self) -> None:
        row = await anext(self._rows, None)
        self._next = None if row is None else CommandRow(*row)
