"""Verifying: the whole log against the hashes that were sealed, and these against the signed heads.

The hashes are made anew by Python, where the database made them for the tree. Trust begins with the
public half of the key that the master key wraps: its newest head vouches for all heads before it,
each head for the hashes of the tree, and these for the events.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias
from uuid import UUID

from infra.keeping.inspection.finding import Findings, Rule
from infra.keeping.kept import Connection
from infra.progress import Told
from infra.proving.altered import Altered
from infra.proving.chain import Chain, check_signers
from infra.proving.hashing import COLUMNS, Row, leaf_of, tree_id
from infra.proving.head import SIGNERS, TREE, Head, Signer
from infra.proving.verifier import HASH

if TYPE_CHECKING:
    from asyncpg import Record
    from asyncpg.cursor import Cursor as _Cursor

    Cursor: TypeAlias = _Cursor[Record]
else:
    Cursor = Any

_COUNT: Final = "select count(*) from log.event"

_EVENTS: Final = f"select {COLUMNS} from log.event order by position"  # noqa: S608

_LEAVES: Final = """
select size - octet_length(leaves) / 32 + 1 as first, leaves from log.head order by size
"""

_SLICE: Final = 5_000
"""Events that are fetched in one go, and after which progress is told."""


@dataclass(frozen=True, slots=True)
class Verified:
    """What was verified."""

    events: int
    """Events of the log."""
    unsealed: int
    """Those of them that lie beyond the newest head."""
    log: UUID | None
    """The id of the tree, None while there is none."""
    newest: Head | None
    key: bytes | None
    """The public key that signed the newest head."""


async def verify(
    connection: Connection, findings: Findings, tell: Told, *, trusted: bytes | None
) -> Verified:
    """Hold the whole log against its tree.

    Args:
        connection: in a transaction that sees one moment.
        findings: takes what is altered, missing, inserted or forged, each with its position.
        tell: is told how many events are done, of how many.
        trusted: the public key for which the master key vouches, None where it is not here.
    """
    total = await connection.fetchval(_COUNT)
    secret = await connection.fetchval(TREE)
    signers = [Signer(*row) for row in await connection.fetch(SIGNERS)]
    if secret is None:
        if signers:
            findings.add(Rule.PROOF, "the tree has lost the secret under which its hashes are made")
        return Verified(total, total, None, None, None)
    log = tree_id(secret)
    check_signers(log, signers, trusted, findings)
    chain = Chain(connection, log, signers, findings)
    await chain.check()
    comparison = _Comparison(connection, secret, findings)
    await comparison.run(total, tell)
    key = None if chain.newest is None else chain.key_of(chain.newest)
    return Verified(total, comparison.unsealed, log, chain.newest, key)


class _Comparison:
    """Events and the hashes under which they were sealed, side by side."""

    def __init__(self, connection: Connection, secret: bytes, findings: Findings) -> None:
        self._connection = connection
        self._secret = secret
        self._findings = findings
        self._altered = Altered(secret, findings)
        self.unsealed = 0

    async def run(self, total: int, tell: Told) -> None:
        """Go through both by position, and say how many events of ``total`` are done."""
        leaves = _Leaves(await self._connection.cursor(_LEAVES))
        await leaves.advance()
        events = await self._connection.cursor(_EVENTS)
        done = 0
        while rows := await events.fetch(_SLICE):
            for row in rows:
                await self._compare(Row(*row), leaves)
            done += len(rows)
            tell(done, max(done, total))
        while leaves.position:
            self._miss(leaves.position)
            await leaves.advance()
        self._altered.report()

    async def _compare(self, event: Row, leaves: "_Leaves") -> None:
        """Hold an event against the hash of its position, and find those that are passed over."""
        while 0 < leaves.position < event.position:
            self._miss(leaves.position)
            await leaves.advance()
        if leaves.position == event.position:
            if leaf_of(self._secret, event) != leaves.leaf:
                self._altered.add(event, leaves.leaf)
            await leaves.advance()
        elif leaves.position or event.position < 1:
            self._findings.add(Rule.PROOF, "an event was inserted here", event.position)
        else:
            self.unsealed += 1

    def _miss(self, position: int) -> None:
        self._findings.add(Rule.PROOF, "the event that was sealed here is missing", position)


class _Leaves:
    """The hashes of the tree, one after the other."""

    def __init__(self, heads: Cursor) -> None:
        self._heads = heads
        self._hashes = b""
        self._place = 0
        self.position = 0
        """Of the hash, 0 before the first and after the last."""
        self.leaf = b""

    async def advance(self) -> None:
        """Turn to the next one."""
        self._place += HASH
        if self._place < len(self._hashes):
            self.position += 1
        else:
            row = await self._heads.fetchrow()
            self._place = 0
            self.position, self._hashes = (0, b"") if row is None else (row["first"], row["leaves"])
        self.leaf = self._hashes[self._place : self._place + HASH]
