"""Backing up: events in one file, keys in another, of one moment, while servers run."""

import asyncio
import hashlib
import os
from contextlib import closing
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

import asyncpg

from infra.keeping.archive import ArchiveWriter, Content, Header, KeptRows
from infra.keeping.damage import LogBroken
from infra.keeping.drafted import Drafted, drafted
from infra.keeping.kept import KEYS, LOG, SLICE, Connection, Kept, bounds, copy_slices
from infra.progress import Told

_SESSION: Final = {
    "application_name": "cordee backup",
    # Rows come in the order of a key; a plan made while a table was empty must not sort them.
    "enable_seqscan": "off",
    "jit": "off",
    "timezone": "UTC",
}

_MOMENT: Final = """
select now() as instant,
       (select max(name) from log.migration) as migration,
       (select coalesce(max(position), 0) from log.event) as head,
       (select array_remove(array[fingerprint, next], null) from keys.master_key) as master_keys
"""

# What tells one log from another; the bytes of the row, independent of where it is read.
_BEGINNING: Final = """
select stream_id, version, command_id, state, meta from log.event where position = 1
"""


class BackedUp(NamedTuple):
    """What a backup holds."""

    events: int
    commands: int
    people: int | None
    """People with keys, or forgotten; None where no keys were asked for."""


async def backup(
    dsn: str, events: Path, keys: Path | None, tell: Told, *, force: bool = False
) -> BackedUp:
    """Write the events of a database to a file, and its keys to another one if they are asked for.

    Both show the same moment. Whatever happens, no file comes to be that is not whole.

    Args:
        dsn: a migrated database; others may write to it meanwhile.
        events: the file of the events, with the commands that made them.
        keys: the file of the keys, or none.
        tell: is told how many rows are written, of how many.
        force: whether files that are there are written over.

    Raises:
        FileTaken: there is such a file.
        LogBroken: positions are missing in the log, or there is none.
        OSError: a file cannot be written.
    """
    connection: Connection = await asyncpg.connect(dsn, server_settings=_SESSION)
    try:
        await _make_keys(connection)
        with drafted(force=force) as drafts:
            async with connection.transaction(isolation="repeatable_read", readonly=True):
                run = _Run(connection, drafts, tell)
                return await run.write(events, keys)
    finally:
        await connection.close()


async def _make_keys(connection: Connection) -> None:
    """Let there be a schema of keys: one that was restored without them has none yet."""
    if await connection.fetchval("select to_regproc('log.make_keys') is null"):
        raise LogBroken("this database has no log, or one of an older cordée")
    await connection.execute("select log.make_keys()")


async def beginning_of(connection: Connection) -> bytes | None:
    """Give a digest of the first event of a log, None while there is none."""
    row = await connection.fetchrow(_BEGINNING)
    if row is None:
        return None
    stream, version, command, state, meta = row
    parts = (stream.bytes, version.to_bytes(4, "big"), command.bytes, state, meta)
    return hashlib.sha256(b"".join(parts)).digest()


class _Run:
    """One backup under way."""

    def __init__(self, connection: Connection, drafts: Drafted, tell: Told) -> None:
        self._connection = connection
        self._drafts = drafts
        self._tell = tell
        self._done = 0
        self._total = 0

    async def write(self, events: Path, keys: Path | None) -> BackedUp:
        # Opened first: a file that is in the way is told before anything is read.
        with closing(self._drafts.open(events)) as event_file:
            if keys is None:
                (counted,) = await self._write_all((event_file, Content.EVENTS, LOG))
            else:
                with closing(self._drafts.open(keys)) as key_file:
                    counted, people = await self._write_all(
                        (event_file, Content.EVENTS, LOG), (key_file, Content.KEYS, KEYS)
                    )
        self._drafts.publish()  # in no thread: who is cancelled now has both files, or none
        return BackedUp(counted[0], counted[1], None if keys is None else people[1])

    async def _write_all(
        self, *files: tuple[BinaryIO, Content, tuple[Kept, ...]]
    ) -> list[list[int]]:
        moment = await self._connection.fetchrow(_MOMENT)
        assert moment is not None
        beginning = await beginning_of(self._connection)
        known = {
            kept: await bounds(self._connection, kept) for _, _, tables in files for kept in tables
        }
        self._total = sum(rows for rows, _ in known.values())
        events, _ = known[LOG[0]]
        if events != moment["head"]:
            raise LogBroken(f"the log has {events} events, and its last is at {moment['head']}")
        for file, content, tables in files:
            header = Header(
                content=content,
                made_at=moment["instant"],
                migration=moment["migration"],
                head=moment["head"],
                beginning=beginning,
                master_keys=tuple(moment["master_keys"] or ()),
                tables=tuple(KeptRows(kept.name, kept.columns, known[kept][0]) for kept in tables),
            )
            await self._write_file(file, header, [(kept, *known[kept]) for kept in tables])
        return [[known[kept][0] for kept in tables] for _, _, tables in files]

    async def _write_file(
        self, file: BinaryIO, header: Header, tables: list[tuple[Kept, int, list[object]]]
    ) -> None:
        archive = ArchiveWriter(file, header)
        try:
            for kept, rows, ends in tables:
                await self._write_table(archive, kept, rows, ends)
            await archive.close()
        finally:
            await archive.abandon()
        await asyncio.to_thread(_sync, file)

    async def _write_table(
        self, archive: ArchiveWriter, kept: Kept, rows: int, ends: list[object]
    ) -> None:
        archive.begin()
        left = rows

        async def end_slice() -> None:
            nonlocal left
            ended = min(SLICE, left)
            left -= ended
            await archive.end_slice(ended)
            self._done += ended
            self._tell(self._done, self._total)

        await copy_slices(self._connection, kept, ends, archive.take, end_slice)
        await archive.end()


def _sync(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())
