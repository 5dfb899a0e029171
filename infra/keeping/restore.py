"""Restoring: a backup into an empty database, whole and proved, or nothing of it.

All of it is one transaction. The rows go in through the very constraints and triggers of the log,
so a person who was forgotten by one of the events is forgotten; then they are read again, and
only if they are byte for byte what was backed up, and dense, is the transaction committed.
"""

from contextlib import ExitStack
from pathlib import Path
from typing import Final, NamedTuple

import asyncpg

from infra.keeping.archive import ArchiveReader, Content, Header
from infra.keeping.backup import beginning_of
from infra.keeping.damage import (
    ForeignKeys,
    NewerBackup,
    NotEmpty,
    OtherMasterKey,
    ServerRunning,
    Unproven,
)
from infra.keeping.density import first_gap
from infra.keeping.filling import Filling
from infra.keeping.kept import (
    APPENDERS,
    KEYS,
    LOG,
    Connection,
)
from infra.keys.keyring import SESSION, Keyring
from infra.progress import Told
from infra.projector.generation import LOCK, remove

_SESSION: Final = {
    "application_name": "cordee restore",
    "enable_seqscan": "off",
    "jit": "off",
    "timezone": "UTC",
}

_FOUND: Final = """
select coalesce((select max(position) from log.event), 0) as events,
       (select count(*) from (select from log.command limit 1) one) as commands,
       (select count(*) from (select from keys.person_key limit 1) one) as people
"""

_SERVED: Final = """
select exists (
    select from pg_stat_activity
    where datname = current_database() and starts_with(application_name, $1)
)
"""

_GENERATIONS: Final = "select projection, number from log.generation"

_MIGRATION: Final = "select max(name) from log.migration"


class Restored(NamedTuple):
    """What was restored and proved."""

    events: int
    commands: int
    sha256: bytes
    """The digest of the events, as their backup has it."""
    people: int | None
    """People with keys, or forgotten; None where no keys were restored."""
    forgotten_again: int
    """People whose keys were in the backup although an event says that they are forgotten."""


async def restore(
    dsn: str,
    events: Path,
    keys: Path | None,
    tell: Told,
    *,
    keyring: Keyring | None = None,
    source: str = "this process",
) -> Restored:
    """Restore a backup of events, and one of their keys, into an empty database.

    Whatever stops it before its end, the database is as it was.

    Args:
        dsn: a migrated database without any event, command or key, from which nobody serves.
        events: the file of the events.
        keys: the file of the keys, or none: then what was said of people in person is not told.
        tell: is told how many rows are restored or proved, of how many.
        keyring: the master keys that must be able to open the keys.
        source: where those come from, for the message if they are not.

    Raises:
        NotEmpty, ServerRunning: the database is in use.
        NotABackup, NewerBackup, OtherBackup, DamagedBackup: a file is not what it should be.
        ForeignKeys, OtherMasterKey: the keys do not belong to the events, or not to the keyring.
        Unproven: what the database holds is not what the files say.
    """
    connection: Connection = await asyncpg.connect(dsn, server_settings=_SESSION)
    try:
        with ExitStack() as files:
            log = ArchiveReader(events, files.enter_context(events.open("rb")), Content.EVENTS)
            ring = None
            if keys is not None:
                ring = ArchiveReader(keys, files.enter_context(keys.open("rb")), Content.KEYS)
            async with connection.transaction():
                await connection.execute("select pg_advisory_xact_lock($1)", APPENDERS)
                await _refuse_used(connection)
                run = _Run(connection, tell)
                log_header = await run.open(log)
                if ring is None or keys is None:
                    return await run.restore(log, log_header)
                key_header = await run.open(ring)
                _match(events, log_header, keys, key_header)
                if keyring is not None and not all(by in keyring for by in key_header.master_keys):
                    raise OtherMasterKey(keys, source)
                return await run.restore(log, log_header, ring, key_header)
    finally:
        await connection.close()


async def _refuse_used(connection: Connection) -> None:
    if await connection.fetchval(_SERVED, SESSION):
        raise ServerRunning
    await connection.execute("select log.make_keys()")
    # A server that starts meanwhile waits before it makes keys of its own.
    await connection.execute("lock table keys.master_key, keys.person_key in exclusive mode")
    found = await connection.fetchrow(_FOUND)
    assert found is not None
    if any(found.values()):
        raise NotEmpty(f"{found['events']} events" if found["events"] else "commands or keys")


def _match(events: Path, log: Header, keys: Path, ring: Header) -> None:
    if log.beginning is not None and ring.beginning not in (None, log.beginning):
        raise ForeignKeys(events, keys)


class _Run:
    """One restore under way, in its transaction."""

    def __init__(self, connection: Connection, tell: Told) -> None:
        self._connection = connection
        self._filling = Filling(connection, tell)

    async def open(self, archive: ArchiveReader) -> Header:
        """Read a header, and see whether this database can take what follows it."""
        header = await archive.header()
        newest = await self._connection.fetchval(_MIGRATION)
        if header.migration > newest:
            raise NewerBackup(
                archive.path, f"migration {header.migration}, this one knows {newest}"
            )
        self._filling.expect(header)
        return header

    async def restore(
        self,
        log: ArchiveReader,
        log_header: Header,
        ring: ArchiveReader | None = None,
        key_header: Header | None = None,
    ) -> Restored:
        """Bring everything in and prove it."""
        await self._drop_read_models()
        proofs = await self._filling.take_in(log, log_header, LOG)
        await self._prove_log(log.path, log_header)
        people, again = None, 0
        if ring is not None and key_header is not None:
            people, again = await self._take_in_keys(ring, key_header)
        return Restored(proofs[0].rows, proofs[1].rows, proofs[0].sha256, people, again)

    async def _drop_read_models(self) -> None:
        """Take away what an earlier start has made of the empty log: it is built from the other."""
        await self._connection.execute(LOCK)
        for name, number in await self._connection.fetch(_GENERATIONS):
            await remove(self._connection, name, number)

    async def _take_in_keys(self, ring: ArchiveReader, header: Header) -> tuple[int, int]:
        """Bring the keys in, but for those of people whom an event has forgotten.

        They come by a table that is gone with the transaction, so that a key which must not be
        there never is, not even as a dead row.
        """
        apart = tuple(kept._replace(name=f"pg_temp.{kept.name.partition('.')[2]}") for kept in KEYS)
        for kept, copy in zip(KEYS, apart, strict=True):
            await self._connection.execute(
                f"create temp table {copy.name.partition('.')[2]} (like {kept.name}"
                " including defaults) on commit drop"
            )
        proofs = await self._filling.take_in(ring, header, apart)
        await self._connection.execute("delete from keys.master_key")
        again = await self._connection.fetchval(
            "select count(*) from pg_temp.person_key b join keys.person_key k using (subject)"
            " where b.wrapped_key is not null"
        )
        for kept, copy in zip(KEYS, apart, strict=True):
            columns = ", ".join(kept.columns)
            await self._connection.execute(
                f"insert into {kept.name} ({columns}) select {columns} from {copy.name}"  # noqa: S608
                f" on conflict ({kept.key}) do nothing"
            )
        return proofs[1].rows, again

    async def _prove_log(self, path: Path, header: Header) -> None:
        if (gap := await first_gap(self._connection, header.head)) is not None:
            raise Unproven(path, gap)
        if await beginning_of(self._connection) != header.beginning:
            raise Unproven(path, "its first event is another one than it says")
