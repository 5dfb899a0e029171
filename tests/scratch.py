"""Folders for the servers and programs that tests start, in memory where there is room."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

_MEMORY: Final = Path("/dev/shm")  # noqa: S108 - each folder in it is a fresh one, of mkdtemp
_ROOM: Final = 2 << 30
"""Bytes. A run takes a tenth of it; a container that has no more than 64 MB goes to the disk."""


@contextmanager
def scratch(prefix: str) -> Iterator[Path]:
    """Give a folder that is empty, and gone afterwards.

    Copying a database of 600 files takes 6 ms in memory and 130 ms on a disk. Nothing that a test
    tells of is lost: a killed process leaves both alike, and no test cuts the power.

    Not one of pytest's own temporary folders: their paths are too long for a socket.
    """
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=_place()))
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def _place() -> Path | None:
    """Name the folder in memory, or none: then `tempfile` goes where it always goes."""
    chosen = "TMPDIR" in os.environ  # by whoever wants to find what is left of a run
    roomy = not chosen and _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free >= _ROOM
    return _MEMORY if roomy else None
