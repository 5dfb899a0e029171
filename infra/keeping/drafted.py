"""Files that are written beside their names first, and get them when they are whole."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from infra.keeping.damage import FileTaken, Unwritable


class Drafted:
    """Files that come to be together and whole, or not at all."""

    def __init__(self, *, force: bool) -> None:
        self._force = force
        self._drafts: list[tuple[Path, Path]] = []

    def open(self, path: Path) -> BinaryIO:
        """Open the draft of a file, which no other account of the machine may read.

        Raises:
            FileTaken: there is such a file, and it is not to be written over.
            Unwritable: no file can be made there.
        """
        if not self._force and path.exists():
            raise FileTaken(path)
        try:
            handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        except OSError as error:
            raise Unwritable(path, error, "Name a folder that is there and is yours.") from error
        self._drafts.append((Path(name), path))
        return os.fdopen(handle, "wb")

    @property
    def newest(self) -> Path | None:
        """The file that was opened last."""
        return self._drafts[-1][1] if self._drafts else None

    def publish(self) -> None:
        """Give the drafts, which are on the disk by now, their names: all of them, or none.

        Raises:
            FileTaken: such a file has come to be meanwhile.
        """
        published: list[Path] = []
        for draft, path in self._drafts:
            if self._force:
                draft.replace(path)
                continue
            try:
                os.link(draft, path)  # it refuses to replace what is there
            except FileExistsError:
                for each in published:
                    each.unlink()
                raise FileTaken(path) from None
            published.append(path)
        for folder in {path.parent for _, path in self._drafts}:
            _sync(folder)

    def clear(self) -> None:
        """Remove what was not published."""
        for draft, _ in self._drafts:
            draft.unlink(missing_ok=True)


@contextmanager
def drafted(*, force: bool) -> Iterator[Drafted]:
    """Give a place for drafts, which are gone afterwards unless they were published.

    Raises:
        Unwritable: the disk does not take them.
    """
    drafts = Drafted(force=force)
    try:
        yield drafts
    except OSError as error:
        if error.errno not in Unwritable.NO_ROOM or drafts.newest is None:
            raise
        then = "Nothing of it is left there: make room, or name another place."
        raise Unwritable(drafts.newest, error, then) from error
    finally:
        drafts.clear()


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
