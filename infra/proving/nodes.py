"""The tree as it is stored: the hashes of leaves in its heads, kept inner nodes in its blocks."""

from collections.abc import Mapping, Sequence
from typing import Final

from infra.keeping.kept import Connection
from infra.proving.tree import STRIDE, Frontier, Node, Span, folded, nodes_of, perfect
from infra.proving.verifier import HASH

# Of the heads that cover some spans of leaves, those hashes and no others.
_LEAVES: Final = """
select substring(h.leaves from (32 * (greatest(h.after, s.start) - h.after) + 1)::int
                 for (32 * (least(h.size, s.stop) - greatest(h.after, s.start)))::int) as leaves
from unnest($1::bigint[], $2::bigint[]) with ordinality s (start, stop, place)
cross join lateral (
    select size, size - octet_length(leaves) / 32 as after, leaves
    from log.head
    where size > s.start and size <= (select min(size) from log.head where size >= s.stop)
) h
order by s.place, h.size
"""

_BLOCKS: Final = "select number, hashes from log.block where number = any($1::bigint[])"


class BrokenTree(Exception):
    """Hashes are missing in the stored tree."""

    def __init__(self, first: int, last: int) -> None:
        super().__init__(f"the tree lacks hashes of the events {first} to {last}")
        self.first = first
        self.last = last


async def roots(connection: Connection, spans: Sequence[Span]) -> list[bytes]:
    """Give the root over each span of the tree.

    Raises:
        BrokenTree: hashes are missing.
    """
    parts = [list(nodes_of(span)) for span in spans]
    found = await _hashes(connection, [node for nodes in parts for node in nodes])
    return [folded([found[node] for node in nodes]) for nodes in parts]


async def frontier(connection: Connection, size: int) -> Frontier:
    """Give the right edge of the tree as it was with so many leaves.

    Raises:
        BrokenTree: hashes are missing.
    """
    nodes = list(nodes_of((0, size)))
    found = await _hashes(connection, nodes)
    return Frontier(size, [found[node] for node in nodes])


async def leaves(connection: Connection, spans: Sequence[Span]) -> bytes:
    """Give the hashes of all leaves of some spans, one after the other.

    Raises:
        BrokenTree: some are missing.
    """
    starts, stops = [start for start, _ in spans], [stop for _, stop in spans]
    rows = await connection.fetch(_LEAVES, starts, stops)
    found = b"".join(row["leaves"] for row in rows)
    if len(found) != HASH * (sum(stops) - sum(starts)):
        raise BrokenTree(min(starts) + 1, max(stops))
    return found


async def _hashes(connection: Connection, nodes: Sequence[Node]) -> Mapping[Node, bytes]:
    """Give the hashes of nodes, each made from the nearest below it that are kept."""
    low = [node for node in nodes if node[0] < STRIDE]
    found: dict[Node, bytes] = {}
    if low:
        joined = await leaves(connection, [(at << up, (at + 1) << up) for up, at in low])
        place = 0
        for height, index in low:
            stop = place + (HASH << height)
            found[height, index] = perfect(joined[place:stop])
            place = stop
    high = {node: _kept_below(*node) for node in nodes if node[0] >= STRIDE}
    if high:
        numbers = [number for kept in high.values() for number in kept]
        rows = await connection.fetch(_BLOCKS, numbers)
        blocks = {row["number"]: row["hashes"] for row in rows}
        for (height, index), kept in high.items():
            begin = HASH * (height // STRIDE - 1)
            hashes = b"".join(blocks.get(number, b"")[begin : begin + HASH] for number in kept)
            if len(hashes) != HASH * len(kept):
                raise BrokenTree((index << height) + 1, (index + 1) << height)
            found[height, index] = perfect(hashes)
    return found


def _kept_below(height: int, index: int) -> range:
    """Give the blocks with which the kept nodes end of which a node consists."""
    kept = height - height % STRIDE
    first = index << (height - kept)
    last = (index + 1) << (height - kept)
    ends = 1 << (kept - STRIDE)
    return range((first + 1) * ends - 1, last * ends, ends)
