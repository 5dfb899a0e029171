"""Filling tables from a backup, and proving that they hold the very bytes of it."""

import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

from infra.keeping.archive import ArchiveReader, Header, Proof
from infra.keeping.damage import Unproven
from infra.keeping.kept import (
    COPY_END,
    COPY_HEAD,
    SLICE,
    Connection,
    Kept,
    bounds,
    copy_slices,
)
from infra.progress import Told


class Filling:
    """Tables on their way out of backups, in one transaction."""

    def __init__(self, connection: Connection, tell: Told) -> None:
        """``tell`` is told how many rows are done, of how many."""
        self._connection = connection
        self._tell = tell
        self._done = 0
        self._total = 0

    def expect(self, header: Header) -> None:
        """Count the rows of a file among those that are to come."""
        # Each counts twice, once for being read and once for being proved.
        self._total += 2 * sum(table.rows for table in header.tables)

    async def take_in(
        self, archive: ArchiveReader, header: Header, tables: tuple[Kept, ...]
    ) -> tuple[Proof, ...]:
        """Fill the tables of a backup, and see that they hold what was backed up.

        Raises:
            DamagedBackup: the file is not as it was written.
            Unproven: a table holds something else.
        """
        # An older backup lacks the tables that were added since, which are the last.
        written_tables = [
            kept._replace(columns=rows.columns)
            for kept, rows in zip(tables, header.tables, strict=False)
        ]
        for number, written in enumerate(written_tables):
            await self._fill(archive, number, written)
        trailer = await archive.trailer()
        for number, written in enumerate(written_tables):
            await self._prove(archive.path, written, trailer.proofs[number])
        return trailer.proofs

    async def _fill(self, archive: ArchiveReader, number: int, kept: Kept) -> None:
        async def source() -> AsyncIterator[bytes]:
            yield COPY_HEAD
            async for data, rows in archive.rows(number):
                yield data
                self._count(rows)
            yield COPY_END

        schema, _, table = kept.name.partition(".")
        await self._connection.copy_to_table(
            table, schema_name=schema, columns=kept.columns, source=source(), format="binary"
        )
        # The log is read by its statistics from the first command on, and so is the proof.
        await self._connection.execute(f"analyze {kept.name}")

    async def _prove(self, path: Path, kept: Kept, proof: Proof) -> None:
        """See that the database holds the very bytes that were backed up."""
        rows, ends = await bounds(self._connection, kept)
        if rows != proof.rows:
            raise Unproven(path, f"{kept.name} has {rows} rows in place of {proof.rows}")
        digest = hashlib.sha256()
        left = rows

        async def take(data: bytes) -> None:
            digest.update(data)

        async def done() -> None:
            nonlocal left
            ended = min(SLICE, left)
            left -= ended
            self._count(ended)

        await copy_slices(self._connection, kept, ends, take, done)
        if digest.digest() != proof.sha256:
            raise Unproven(path, f"{kept.name} holds other rows than were backed up")

    def _count(self, rows: int) -> None:
        self._done += rows
        self._tell(self._done, self._total)
