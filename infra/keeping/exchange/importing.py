"""Importing: lines of events into a log that has none of them, some, or all.

Batch by batch, each in one transaction: what is there already must be what the line says, and what
is not must follow what is. So a stopped import is taken up by doing it again, and two logs never
mix. Rows go in through the log's own constraints and triggers, with the instants they had.
"""

import itertools
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple
from uuid import UUID

import asyncpg

from infra.keeping.damage import BrokenLine
from infra.keeping.exchange.cloud_event import CommandRow, Entry, EventRow, UnfitLine, read
from infra.keeping.kept import APPENDERS, LOG, Connection
from infra.progress import Told

_BATCH: Final = 2_000
"""Lines that one transaction takes in."""

_HEAD: Final = """
select position, recorded_at from log.event order by position desc limit 1
"""

_STORED_EVENTS: Final = f"""
select {", ".join(LOG[0].columns)} from log.event
where position >= $1 and position <= $2 order by position
"""  # noqa: S608  (names of this program)

_STORED_COMMANDS: Final = f"""
select {", ".join(LOG[1].columns)} from log.command where command_id = any($1::uuid[])
"""  # noqa: S608  (names of this program)

_VERSIONS: Final = """
select s.stream_id, (select max(e.version) from log.event e where e.stream_id = s.stream_id)
from unnest($1::uuid[]) s (stream_id)
"""

_SESSION: Final = {
    "application_name": "cordee import",
    "enable_seqscan": "off",
    "jit": "off",
    "timezone": "UTC",
}


class Imported(NamedTuple):
    """What an import did."""

    events: int
    """Events that were not there before."""
    known: int
    """Events that were there already, and are the same."""
    head: int
    """The position of the last event of the log."""


class _Numbered(NamedTuple):
    line: int
    entry: Entry


async def import_events(
    dsn: str,
    name: str,
    lines: Iterable[bytes],
    tell: Told,
    *,
    after: int = 0,
    upto: int = 0,
    batch: int = _BATCH,
) -> Imported:
    """Take lines of events into a log.

    Args:
        dsn: a migrated database.
        name: what the lines are called in an error.
        lines: in the order of their positions.
        tell: is told up to which position it has come, of which.
        after: lines up to this position are passed over without being compared.
        upto: the position of the last line, as far as it is known.
        batch: how many lines are taken in at a time, whole or not at all.

    Raises:
        BrokenLine: a line cannot be read, contradicts the log or does not follow it. What the
            batches before it said is stored, of its own batch nothing.
    """
    connection: Connection = await asyncpg.connect(dsn, server_settings=_SESSION)
    new = known = 0
    try:
        numbered = enumerate(lines, 1)
        while few := list(itertools.islice(numbered, batch)):
            entries = _read_all(name, few, after)
            async with connection.transaction():
                taken = _Batch(connection, name, entries)
                await taken.take_in()
            new, known = new + taken.new, known + taken.known
            if entries:
                position = entries[-1].entry.position
                tell(position, max(position, upto))
        last = await connection.fetchrow(_HEAD)
        return Imported(new, known, 0 if last is None else last["position"])
    finally:
        await connection.close()


def _read_all(name: str, lines: Iterable[tuple[int, bytes]], after: int) -> list[_Numbered]:
    entries = []
    for number, line in lines:
        try:
            entry = read(line)
        except UnfitLine as unfit:
            raise BrokenLine(name, number, None, str(unfit)) from unfit
        if entry.position > after or (entry.event is None and entry.position == after):
            entries.append(_Numbered(number, entry))
    return entries


class _Batch:
    """Some lines on their way into the log, in one transaction."""

    def __init__(self, connection: Connection, name: str, entries: Sequence[_Numbered]) -> None:
        self._connection = connection
        self._name = name
        self._entries = entries
        self.new = 0
        self.known = 0

    async def take_in(self) -> None:
        """Compare what is there, add what is not."""
        await self._connection.execute("select pg_advisory_xact_lock($1)", APPENDERS)
        last = await self._connection.fetchrow(_HEAD)
        head = 0 if last is None else last["position"]
        events = [each for each in self._entries if each.entry.event is not None]
        known = [each for each in events if each.entry.position <= head]
        new = [each for each in events if each.entry.position > head]
        await self._compare(known)
        await self._add(new, head, last)
        await self._add_commands(head + len(new))
        self.new, self.known = len(new), len(known)

    async def _compare(self, known: Sequence[_Numbered]) -> None:
        if not known:
            return
        positions = [each.entry.position for each in known]
        rows = await self._connection.fetch(_STORED_EVENTS, min(positions), max(positions))
        stored = {row["position"]: EventRow(*row) for row in rows}
        for each in known:
            if stored.get(each.entry.position) != each.entry.event:
                raise self._broken(each, "the log has another event at this position")

    async def _add(self, new: Sequence[_Numbered], head: int, last: asyncpg.Record | None) -> None:
        rows = [each.entry.event for each in new if each.entry.event is not None]
        streams = {row.stream_id for row in rows}
        found = await self._connection.fetch(_VERSIONS, list(streams)) if streams else []
        versions: dict[UUID, int | None] = dict(tuple(row) for row in found)
        instant = None if last is None else last["recorded_at"]
        for expected, (each, row) in enumerate(zip(new, rows, strict=True), head + 1):
            if row.position != expected:
                raise self._broken(each, f"the log goes on at position {expected}")
            before = versions[row.stream_id]
            if row.version != (row.version if before is None else before + 1) or row.version < 0:
                raise self._broken(each, f"its stream goes on at version {(before or 0) + 1}")
            if before is None and row.version > 1:
                raise self._broken(each, f"its stream begins at version {row.version}")
            if instant is not None and row.recorded_at < instant:
                raise self._broken(each, "it was recorded before the one that it follows")
            versions[row.stream_id], instant = row.version, row.recorded_at
        await self._copy("event", LOG[0].columns, rows)

    async def _add_commands(self, head: int) -> None:
        given: dict[UUID, _Numbered] = {}
        for each in self._entries:
            said = each.entry.command
            if said is not None:
                if said.last_position > head:
                    raise self._broken(each, f"the log goes on at position {head + 1}")
                if given.setdefault(said.command_id, each).entry.command != said:
                    raise self._broken(each, f"a line above has another command {said.command_id}")
        found = await self._connection.fetch(_STORED_COMMANDS, list(given)) if given else []
        for row in found:
            each = given.pop(row["command_id"])
            if CommandRow(*row) != each.entry.command:
                raise self._broken(each, f"the log has another command {row['command_id']}")
        new = [each.entry.command for each in given.values() if each.entry.command is not None]
        await self._copy("command", LOG[1].columns, new)

    async def _copy(
        self, table: str, columns: tuple[str, ...], rows: Sequence[tuple[object, ...]]
    ) -> None:
        if rows:
            await self._connection.copy_records_to_table(
                table, schema_name="log", columns=columns, records=rows
            )

    def _broken(self, each: _Numbered, problem: str) -> BrokenLine:
        return BrokenLine(self._name, each.line, each.entry.position, problem)
