"""The chain of heads: whose keys signed, which head rests on which, and what each says of the tree.

A head signs the digest of the one before it, so the newest one of each key vouches for all before
it; the signatures of the others are looked at where something does not fit.
"""

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from infra.keeping.inspection.finding import Findings, Rule
from infra.keeping.kept import Connection
from infra.proving.head import FIRST, HEAD_COLUMNS, Head, Signer
from infra.proving.nodes import BrokenTree, frontier
from infra.proving.tree import STRIDE, Block, Frontier, Span
from infra.proving.verifier import HASH, NOBODY, Unproven, check_signature, signed_by_signer

_HEADS: Final = f"select {HEAD_COLUMNS}, leaves from log.head order by size"  # noqa: S608

_BLOCKS: Final = "select number, hashes from log.block where number between $1 and $2"

_BEYOND: Final = "select min(number) from log.block where number not between 0 and $1"

_PREFETCHED: Final = 50
"""Heads that are fetched in one go: 16 MB at most."""


def check_signers(
    log: UUID, signers: Sequence[Signer], trusted: bytes | None, findings: Findings
) -> None:
    """Find strangers among the keys whose signatures count.

    ``trusted`` is the public half of the private key that is kept with the keys, if it is here: who
    could put it there has the master key. It vouches for the one before it, and so on.
    """
    before = NOBODY
    for number, signer in enumerate(signers, 1):
        statement = signed_by_signer(log, number, before, signer.public_key)
        try:
            told = f"what key {number} of the tree says of itself"
            check_signature(signer.public_key, signer.accepted, statement, told)
            if signer.introduced is not None:
                told = f"what key {number - 1} of the tree says of key {number}"
                check_signature(before, signer.introduced, statement, told)
        except Unproven as wrong:
            findings.add(Rule.PROOF, str(wrong))
        before = signer.public_key
    if trusted not in (None, before):
        findings.add(
            Rule.PROOF,
            f"the last key that signed, {before.hex()}, is not the one that is kept here wrapped",
        )


class Chain:
    """The heads of a tree, as they go by from the first to the newest."""

    def __init__(
        self,
        connection: Connection,
        log: UUID,
        signers: Sequence[Signer],
        findings: Findings,
    ) -> None:
        self._connection = connection
        self._log = log
        self._keys: Mapping[int, bytes] = {each.number: each.public_key for each in signers}
        self._findings = findings
        self._edge = Frontier()
        self._sound = True
        """Whether the tree has been what its heads sign; what comes after a break has no root."""
        self.newest: Head | None = None

    def key_of(self, head: Head) -> bytes:
        """Give the key by which a head says that it was signed; zeros where the log has no such."""
        return self._keys.get(head.signer, NOBODY)

    async def check(self) -> None:
        """Go through all heads."""
        async for *columns, leaves in self._connection.cursor(_HEADS, prefetch=_PREFETCHED):
            head = Head(*columns)
            self._check_link(head)
            await self._check_tree(head, leaves)
            self.newest = head
        if self.newest is not None:
            self._check_signature(self.newest)
        beyond = await self._connection.fetchval(_BEYOND, (self._edge.size >> STRIDE) - 1)
        if self._sound and beyond is not None:
            self._add("the tree keeps hashes of events that no head covers", (beyond << STRIDE) + 1)

    def _check_link(self, head: Head) -> None:
        """See that a head rests on the one before it."""
        held = self.newest
        previous = FIRST if held is None else held.digest(self._log, self.key_of(held))
        if head.previous != previous:
            rest = "none" if held is None else f"that of {held.size}, which is another one now"
            self._add(f"the head of {head.size} events rests on {rest}", head.size)
            self._check_signature(head)
        if held is not None:
            if head.previous != previous or head.signer != held.signer:
                self._check_signature(held)
            if head.sealed_at < held.sealed_at:
                self._add(f"the head of {head.size} events is older than the one before", head.size)

    async def _check_tree(self, head: Head, leaves: bytes) -> None:
        """See that the hashes of a head are what it signs, and the kept nodes what they give."""
        after = head.size - len(leaves) // HASH
        before = 0 if self.newest is None else self.newest.size
        if before != after:
            self._add(f"heads are missing between {before} and {after} events", before + 1)
            self._sound = False
        if not self._sound:
            # Where the kept nodes come to what a head signed, all is known again from there on.
            self._sound = await self._kept_below(head)
            return
        blocks = self._edge.extend(leaves)
        if self._edge.root() != head.root:
            self._check_signature(head)
            if await self._kept_below(head):
                await self._tell_altered(after, blocks)
                return
            self._sound = False
            self._tell_other(after + 1, head.size)
        for last in dict.fromkeys(stop for _, stop in await self._other_nodes(blocks)):
            first = last - (1 << STRIDE) + 1
            self._add(f"the inner hashes over the events from {first} on are others", first)

    async def _kept_below(self, head: Head) -> bool:
        """Go on from the inner nodes that are kept, if they are what a head signed."""
        try:
            kept = await frontier(self._connection, head.size)
        except BrokenTree:
            return False
        if kept.root() != head.root:
            return False
        self._edge = kept
        return True

    async def _tell_altered(self, after: int, blocks: Sequence[Block]) -> None:
        """Tell under which inner nodes, which are right, there are hashes of other events."""
        others = await self._other_nodes(blocks)
        for start, stop in others:
            within = [each for each in others if start <= each[0] and each[1] <= stop]
            if within == [(start, stop)]:
                self._tell_other(max(after, start) + 1, stop)

    def _tell_other(self, first: int, last: int) -> None:
        told = f"the hashes of the events {first} to {last}"
        self._add(f"{told} are not those over which the head was signed", first)

    async def _other_nodes(self, blocks: Sequence[Block]) -> list[Span]:
        """Give the spans of the nodes of some blocks that are not kept as they are."""
        if not blocks:
            return []
        rows = await self._connection.fetch(_BLOCKS, blocks[0][0], blocks[-1][0])
        kept = {row["number"]: row["hashes"] for row in rows}
        others: list[Span] = []
        for number, hashes in blocks:
            found, stop = kept.get(number, b""), (number + 1) << STRIDE
            others.extend(
                (stop - (1 << STRIDE * (at // HASH + 1)), stop)
                for at in range(0, max(len(hashes), len(found)), HASH)
                if found[at : at + HASH] != hashes[at : at + HASH]
            )
        return others

    def _check_signature(self, head: Head) -> None:
        try:
            head.check(self._log, self.key_of(head))
        except Unproven as wrong:
            self._add(str(wrong), head.size)

    def _add(self, problem: str, position: int) -> None:
        self._findings.add(Rule.PROOF, problem, position)
