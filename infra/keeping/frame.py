"""Frames: a file of pieces, each bound by its checksum to all that stands before it.

A file is a preamble and frames. A frame is a head (what it is, of which table, how many rows end
in it, how long it is), its bytes, and a checksum over both and over the checksum before. So a
changed, missing or moved byte is noticed at the first frame that it touches, and the checksum of
the last frame is one over the whole file. It tells accidents, not forgeries: whoever rewrites a
whole file can compute it, too.
"""

import struct
from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

from infra.keeping.damage import DamagedBackup, NewerBackup, NotABackup, TruncatedBackup

FORMAT: Final = 1
"""The version of this format. One that reads otherwise gets the next number."""

LONGEST: Final = 32 << 20
"""Bytes that a frame may have: a damaged length must not fill the memory."""

# A high bit, an end of line of each kind and an end of file: what spoils transfers spoils these.
_MAGIC: Final = b"\x89cordee\r\n\x1a\n"
_HEAD: Final = struct.Struct(">cBII")
_DIGEST: Final = 16

HEADER: Final = b"H"
ROWS: Final = b"R"
TRAILER: Final = b"T"


class Frame(NamedTuple):
    """A piece of a file."""

    kind: bytes
    table: int
    """Which of the header's tables its rows are of, from 0."""
    rows: int
    """How many rows end in it."""
    payload: bytes
    offset: int = 0
    """Where it begins, in bytes from the beginning of the file."""


class FrameWriter:
    """Writes frames, one after the other."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        preamble = _MAGIC + bytes([FORMAT])
        self._chain = _checksum(preamble)
        file.write(preamble)

    def write(self, frame: Frame) -> None:
        """Write the next frame."""
        assert len(frame.payload) <= LONGEST
        head = _HEAD.pack(frame.kind, frame.table, frame.rows, len(frame.payload))
        self._chain = _checksum(self._chain, head, frame.payload)
        self._file.write(head)
        self._file.write(frame.payload)
        self._file.write(self._chain)


def read_frames(path: Path, file: BinaryIO) -> Iterator[Frame]:
    """Give the frames of a file, each after it was checked; the last is the trailer.

    Raises:
        NotABackup: the file begins otherwise.
        NewerBackup: the format is one that is not known here.
        TruncatedBackup: the file ends before its trailer.
        DamagedBackup: a frame is not as it was written, or something follows the trailer.
    """
    magic = file.read(len(_MAGIC))
    if magic != _MAGIC:
        if magic and _MAGIC.startswith(magic):
            raise TruncatedBackup(path, len(magic))
        raise NotABackup(path)
    version = file.read(1)
    if version and version[0] > FORMAT:
        raise NewerBackup(path, f"format {version[0]}, this one knows {FORMAT}")
    chain = _checksum(magic + version)
    kind, offset = b"", len(magic) + 1
    while kind != TRAILER:
        head = file.read(_HEAD.size)
        if len(head) < _HEAD.size:
            raise TruncatedBackup(path, offset + len(head))
        kind, table, rows, length = _HEAD.unpack(head)
        if length > LONGEST:
            raise DamagedBackup(path, offset, "the length of a piece was changed")
        rest = file.read(length + _DIGEST)
        if len(rest) < length + _DIGEST:
            raise TruncatedBackup(path, offset + _HEAD.size + len(rest))
        payload = rest[:length]
        chain = _checksum(chain, head, payload)
        if chain != rest[length:]:
            raise DamagedBackup(path, offset, "its checksum is another one")
        yield Frame(kind, table, rows, payload, offset)
        offset += len(head) + len(rest)
    if file.read(1):
        raise DamagedBackup(path, offset, "something follows its end")


def _checksum(*parts: bytes) -> bytes:
    digest = blake2b(digest_size=_DIGEST)
    for part in parts:
        digest.update(part)
    return digest.digest()
