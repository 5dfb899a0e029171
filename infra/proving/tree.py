"""The Merkle tree of RFC 9162 as arithmetic: how it grows, and of which hashes proofs consist.

A span ``(start, stop)`` stands for the root over the leaves from ``start`` up to, but not including
``stop``, counted from 0. A node ``(height, index)`` is the perfect subtree of ``2 ** height``
leaves that begins at leaf ``index << height``.
"""

from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import Final, TypeAlias

from infra.proving.verifier import HASH, node_hash

STRIDE: Final = 8
"""Of the inner nodes those are kept whose height is a multiple of this; the others follow from at
most 256 hashes."""

Span: TypeAlias = tuple[int, int]
Node: TypeAlias = tuple[int, int]
Block: TypeAlias = tuple[int, bytes]
"""The number of a block of 256 leaves, and the hashes of the kept nodes that end with it."""

EMPTY: Final = sha256(b"").digest()
"""The root of a tree without leaves."""


class Frontier:
    """The right edge of a growing tree: the roots of the perfect subtrees of which it consists."""

    def __init__(self, size: int = 0, peaks: Sequence[bytes] = ()) -> None:
        """``peaks`` are the roots of the subtrees of ``nodes_of((0, size))``, in that order."""
        self.size = size
        heights = (height for height, _ in nodes_of((0, size)))
        self._peaks = dict(zip(heights, peaks, strict=True))

    def copy(self) -> "Frontier":
        """Give another one that grows by itself."""
        return Frontier(self.size, self._highest_first())

    def extend(self, leaves: bytes) -> list[Block]:
        """Add leaves, whose hashes come one after the other, and give the blocks that they end."""
        ended: dict[int, bytes] = {}
        height, row = 0, leaves
        while row:
            if height and height % STRIDE == 0:
                self._keep(height, row, ended)
            if (self.size >> height) & 1:
                row = self._peaks.pop(height) + row
            if len(row) % (2 * HASH):
                self._peaks[height] = row[-HASH:]
            row = _above(row)
            height += 1
        self.size += len(leaves) // HASH
        return list(ended.items())

    def root(self) -> bytes:
        """Give the root of the tree as it is."""
        return folded(self._highest_first())

    def _keep(self, height: int, row: bytes, ended: dict[int, bytes]) -> None:
        """Note nodes that came to be, with the blocks of leaves with which they end."""
        first = self.size >> height
        for place in range(len(row) // HASH):
            number = ((first + place + 1) << (height - STRIDE)) - 1
            ended[number] = ended.get(number, b"") + row[place * HASH : (place + 1) * HASH]

    def _highest_first(self) -> list[bytes]:
        return [self._peaks[height] for height in sorted(self._peaks, reverse=True)]


def folded(peaks: Sequence[bytes]) -> bytes:
    """Give the root over perfect subtrees that stand side by side, the highest first."""
    if not peaks:
        return EMPTY
    root = peaks[-1]
    for peak in reversed(peaks[:-1]):
        root = node_hash(peak, root)
    return root


def nodes_of(span: Span) -> Iterator[Node]:
    """Split a span of a tree into perfect subtrees, the highest first."""
    start, stop = span
    while start < stop:
        height = (stop - start).bit_length() - 1
        yield height, start >> height
        start += 1 << height


def perfect(row: bytes) -> bytes:
    """Give the root over hashes that come one after the other, as many as a power of two."""
    while len(row) > HASH:
        row = _above(row)
    return row


def inclusion(index: int, size: int) -> list[Span]:
    """Give the spans whose roots prove that a leaf is in a tree (RFC 9162, 2.1.3.1)."""
    path: list[Span] = []
    start, stop = 0, size
    while stop - start > 1:
        split = start + _split(stop - start)
        if index < split:
            path.append((split, stop))
            stop = split
        else:
            path.append((start, split))
            start = split
    return path[::-1]


def consistency(first: int, second: int) -> list[Span]:
    """Give the spans whose roots prove that a tree goes on from a smaller one (2.1.4.1)."""
    path: list[Span] = []
    start, stop, whole = 0, second, True
    while stop != first:
        split = start + _split(stop - start)
        if first <= split:
            path.append((split, stop))
            stop = split
        else:
            path.append((start, split))
            start, whole = split, False
    if not whole:
        path.append((start, stop))
    return path[::-1]


def _split(leaves: int) -> int:
    """Give the largest power of two below a number of leaves."""
    return 1 << ((leaves - 1).bit_length() - 1)


def _above(row: bytes) -> bytes:
    """Give the nodes over each two of the hashes in a row, and none over one that is left."""
    pairs = range(0, len(row) - HASH, 2 * HASH)
    return b"".join([sha256(b"\x01" + row[at : at + 2 * HASH]).digest() for at in pairs])
