"""The part of an export that is on the disk already, so that a stopped one can be taken up again.

An export grows in a file beside the one that is asked for, and gets its name when it is whole. Who
is stopped leaves whole lines behind and at most one that is cut, which is written again.
"""

import asyncio
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final

from infra.keeping.damage import ExportElsewhere, FileTaken, Unwritable
from infra.keeping.exchange.cloud_event import UnfitLine, read
from infra.keeping.exchange.exporting import OtherLog, Since, export_events
from infra.progress import Told

_STEP: Final = 1 << 16


async def export_to(
    dsn: str, path: Path, tell: Told, *, after: int = 0, force: bool = False
) -> int:
    """Export the events after a position to a file, and give the position of the last.

    What an export that was stopped has left of it is gone on with.

    Raises:
        FileTaken: the file is there, and is not to be written over.
        ExportElsewhere: what was left is of another log, or begins elsewhere.
        LogBroken, OSError: as `export_events` does.
    """
    with part_of(path, after, force=force) as part:
        try:
            last = await export_events(dsn, part.write, tell, since=part.since)
        except OtherLog:
            raise ExportElsewhere(part.path, "it is of another log") from None
        await asyncio.to_thread(part.publish, path, force=force)
        return last


class Part:
    """An export that is being written."""

    def __init__(self, path: Path, file: BinaryIO, after: int) -> None:
        self.path = path
        self._file = file
        self.since = self._found(after)
        file.seek(0, os.SEEK_END)

    def write(self, lines: bytes) -> None:
        """Write whole lines after those that are there."""
        self._file.write(lines)
        self._file.flush()

    def publish(self, path: Path, *, force: bool) -> None:
        """Give the file its name, now that it is whole.

        Raises:
            FileTaken: such a file has come to be meanwhile.
        """
        os.fsync(self._file.fileno())
        if force:
            self.path.replace(path)
            return
        try:
            os.link(self.path, path)
        except FileExistsError:
            raise FileTaken(path) from None
        self.path.unlink()

    def _found(self, after: int) -> Since:
        """Read what is there, and cut off what was not written to its end."""
        end = last_break(self._file)
        self._file.truncate(end)
        if end == 0:
            return Since(after)
        begins = last_break(self._file, end - 1)
        self._file.seek(0)
        first = self._file.readline()
        self._file.seek(begins)
        last = self._file.readline()
        try:
            beginning, entry = read(first), read(last)
        except UnfitLine as unfit:
            raise ExportElsewhere(self.path, f"of one of its lines: {unfit}") from unfit
        if not after <= beginning.position <= after + 1:
            raise ExportElsewhere(self.path, f"it begins at position {beginning.position}")
        if entry.event is not None:
            return Since(entry.position, line=last)
        assert entry.command is not None
        return Since(entry.position, entry.command.command_id)


@contextmanager
def part_of(path: Path, after: int, *, force: bool) -> Iterator[Part]:
    """Open the part of an export to a file, from a position on, alone.

    Raises:
        FileTaken: the file itself is there, and is not to be written over.
        ExportElsewhere: somebody writes the part, or it is of an export from elsewhere on.
        Unwritable: it cannot be made there, or the disk is full.
    """
    if not force and path.exists():
        raise FileTaken(path)
    part = path.with_name(f"{path.name}.part")
    try:
        handle = os.open(part, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise Unwritable(path, error, "Name a folder that is there and is yours.") from error
    try:
        with os.fdopen(handle, "r+b") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise ExportElsewhere(part, "another export writes it") from None
            yield Part(part, file, after)
    except OSError as error:  # also of the end of the file, which closing it brings to the disk
        if error.errno not in Unwritable.NO_ROOM:
            raise
        then = "What there is of it stays: make room, and the same command goes on."
        raise Unwritable(part, error, then) from error


def last_break(file: BinaryIO, end: int | None = None) -> int:
    """Tell where the last line of a file begins that ends before ``end``: after the line break."""
    place = file.seek(0, os.SEEK_END) if end is None else end
    while place > 0:
        start = max(0, place - _STEP)
        file.seek(start)
        found = file.read(place - start).rfind(b"\n")
        if found >= 0:
            return start + found + 1
        place = start
    return 0


def last_position(file: BinaryIO) -> int:
    """Tell at which position the last whole line of a file stands, 0 where there is none."""
    end = last_break(file)
    file.seek(last_break(file, end - 1) if end else 0)
    try:
        return read(file.readline()).position
    except UnfitLine:
        return 0
    finally:
        file.seek(0)
