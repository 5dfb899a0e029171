"""A backup file: what it says of itself, rows of tables in compressed frames, and their digests."""

import asyncio
import hashlib
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO, Final, TypeVar

import msgspec

from infra.keeping.damage import DamagedBackup, OtherBackup
from infra.keeping.frame import HEADER, LONGEST, ROWS, TRAILER, Frame, FrameWriter, read_frames

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

_CHUNK: Final = 1 << 20
"""Bytes of rows after which a frame is written, before compression."""

_LEVEL: Final = 3
"""Of compression: higher ones take longer than reading the rows does."""

T = TypeVar("T")


class Content(StrEnum):
    """Of what a file is a backup."""

    EVENTS = "events"
    KEYS = "keys"


class KeptRows(msgspec.Struct, frozen=True):
    """Of one table, what the file says before its rows come."""

    name: str
    columns: tuple[str, ...]
    rows: int


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """What a file says of itself before any row."""

    content: Content
    made_at: datetime
    """The instant of the snapshot, by the clock of the database."""
    migration: str
    """The newest migration of the database, by the name of its file."""
    head: int
    """The position of the last event."""
    beginning: bytes | None
    """A digest of the first event, which tells one log from another; None for an empty one."""
    master_keys: tuple[bytes, ...]
    """The fingerprints of the master keys in use: one, or two while it is replaced."""
    tables: tuple[KeptRows, ...]


class Proof(msgspec.Struct, frozen=True):
    """Of one table, what was written and what must be there after a restore."""

    rows: int
    sha256: bytes
    """Over the rows in the order of their key, as PostgreSQL's binary COPY without its frame."""


class Trailer(msgspec.Struct, frozen=True):
    """What a file says at its end."""

    proofs: tuple[Proof, ...]
    """One for each table of the header."""


class ArchiveWriter:
    """Writes a backup file. One frame is compressed in a thread while the next is gathered."""

    def __init__(self, file: BinaryIO, header: Header) -> None:
        self._frames = FrameWriter(file)
        self._frames.write(Frame(HEADER, 0, 0, msgspec.json.encode(header)))
        self._proofs: list[Proof] = []
        self._table = -1
        self._written: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Turn to the next table of the header."""
        self._table += 1
        self._digest = hashlib.sha256()
        self._rows = 0
        self._gathered = bytearray()

    async def take(self, data: bytes) -> None:
        """Take the next bytes of the table's rows."""
        self._gathered += data
        if len(self._gathered) >= _CHUNK:
            await self._flush(0)

    async def end_slice(self, rows: int) -> None:
        """Take in that so many rows have ended since this was last said."""
        self._rows += rows
        await self._flush(rows)

    async def end(self) -> Proof:
        """Finish the table."""
        await self._settle()
        self._proofs.append(Proof(self._rows, self._digest.digest()))
        return self._proofs[-1]

    async def close(self) -> None:
        """Write the trailer."""
        trailer = msgspec.json.encode(Trailer(tuple(self._proofs)))
        await asyncio.to_thread(self._frames.write, Frame(TRAILER, 0, 0, trailer))

    async def abandon(self) -> None:
        """Let the thread come to its end, whatever comes of it."""
        with suppress(OSError):
            await self._settle()

    async def _flush(self, rows: int) -> None:
        await self._settle()
        gathered, self._gathered = bytes(self._gathered), bytearray()
        if gathered or rows:
            self._written = asyncio.create_task(asyncio.to_thread(self._write, gathered, rows))

    async def _settle(self) -> None:
        if self._written is not None:
            written, self._written = self._written, None
            await written

    def _write(self, gathered: bytes, rows: int) -> None:
        self._digest.update(gathered)
        for start in range(0, max(len(gathered), 1), LONGEST // 2):
            piece = gathered[start : start + LONGEST // 2]
            ended = rows if start + len(piece) == len(gathered) else 0
            self._frames.write(
                Frame(ROWS, self._table, ended, zstd.compress(piece, _LEVEL)),
            )


class ArchiveReader:
    """Reads a backup file, each frame after it was checked, and no further than is asked for.

    Raises, from each of its methods, what `read_frames` raises.
    """

    def __init__(self, path: Path, file: BinaryIO, content: Content) -> None:
        self.path = path
        self._frames = read_frames(path, file)
        self._content = content
        self._next: Frame | None = None

    async def header(self) -> Header:
        """Read what the file says of itself.

        Raises:
            OtherBackup: it is a backup of something else.
        """
        frame = await self._take()
        header = self._decoded(frame, HEADER, Header)
        if header.content is not self._content:
            raise OtherBackup(self.path, found=header.content, wanted=self._content)
        return header

    async def rows(self, table: int) -> AsyncIterator[tuple[bytes, int]]:
        """Give the rows of the next table, in pieces, with how many rows end in each."""
        while True:
            frame = await self._take()
            if frame.kind != ROWS or frame.table != table:
                self._next = frame
                return
            yield await asyncio.to_thread(self._plain, frame), frame.rows

    async def trailer(self) -> Trailer:
        """Read what the file says at its end."""
        trailer = self._decoded(await self._take(), TRAILER, Trailer)
        # Whatever follows it is noticed by asking for more.
        await asyncio.to_thread(next, self._frames, None)
        return trailer

    async def _take(self) -> Frame:
        frame, self._next = self._next, None
        return frame if frame is not None else await asyncio.to_thread(next, self._frames)

    def _plain(self, frame: Frame) -> bytes:
        try:
            return zstd.decompress(frame.payload)
        except zstd.ZstdError as error:
            raise DamagedBackup(self.path, frame.offset, str(error)) from error

    def _decoded(self, frame: Frame, kind: bytes, model: type[T]) -> T:
        if frame.kind != kind:
            raise DamagedBackup(self.path, frame.offset, "a piece stands where another belongs")
        try:
            return msgspec.json.decode(frame.payload, type=model)
        except msgspec.MsgspecError as error:
            raise DamagedBackup(self.path, frame.offset, str(error)) from error
