"""Sealing: the tree takes in what was appended since, and its head is signed.

What one sealing adds is one statement, so it is there whole or not at all, and whoever goes on
after a crash finds the tree as its last head has it. Two who seal at once could only write the same
head twice, of which the second is refused: one at a time saves work, and no more.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

import asyncpg

from infra.keeping.kept import Connection
from infra.keys.keyring import Keyring
from infra.proving.hashing import HASHES, tree_id
from infra.proving.head import FIRST, NEWEST, SIGNERS, TREE, Head, Signer
from infra.proving.nodes import BrokenTree, frontier, leaves
from infra.proving.signing import SigningKey, open_signing_key
from infra.proving.tree import Frontier
from infra.proving.verifier import Unproven

MOST: Final = 10_000
"""Events that one head adds at most: some 40 ms, and 320 KB of hashes."""

# 256 bits that nobody can guess, by the only generator of the server that is meant for it.
_FIRST: Final = """
insert into log.tree (secret)
select sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())
    || uuid_send(gen_random_uuid()))
on conflict do nothing
"""

# Not by a key that was replaced meanwhile.
_ADD: Final = """
with head as (
    insert into log.head (size, root, sealed_at, previous, signer, signature, leaves)
    select $1, $2, $3, $4, $5, $6, $7
    where exists (select from keys.signing_key where public_key = $8)
    returning size
), block as (
    insert into log.block (number, hashes)
    select b.number, b.hashes
    from unnest($9::bigint[], $10::bytea[]) b (number, hashes), head
)
select count(*) from head
"""


class SealingStopped(Exception):
    """The log is not what its tree says: no head is signed over it until that is looked into."""

    def __init__(self, problem: str, position: int) -> None:
        super().__init__(f"{problem}: `cordee verify` tells what was changed")
        self.position = position


class Overtaken(Exception):
    """Another process has sealed meanwhile: take the tree up where it is now."""


@dataclass(slots=True)
class Sealed:
    """The tree as one process has it at hand while it seals."""

    secret: bytes
    log: UUID
    key: SigningKey
    edge: Frontier
    sealed_at: datetime
    """The instant of the last head, or the beginning of time."""
    previous: bytes
    """The digest of the last head."""


async def resume(connection: Connection, keyring: Keyring) -> Sealed:
    """Take the tree up where its last head has it; the first time it is begun.

    Raises:
        SealingStopped: the tree is not what its head signs, or its last event is another one.
        infra.keys.keyring.WrongMasterKey, infra.proving.signing.MasterKeyReplaced: nothing can be
            signed.
    """
    await connection.execute(_FIRST)
    secret = await connection.fetchval(TREE)
    log = tree_id(secret)
    key = await open_signing_key(connection, keyring, log)
    row = await connection.fetchrow(NEWEST)
    if row is None:
        beginning = datetime.min.replace(tzinfo=UTC)
        return Sealed(secret, log, key, Frontier(), beginning, FIRST)
    head = Head(*row)
    signers = [Signer(*each) for each in await connection.fetch(SIGNERS)]
    signed_by = signers[head.signer - 1].public_key
    await _refuse_other(connection, secret, head, signed_by)
    edge = await frontier(connection, head.size)
    return Sealed(secret, log, key, edge, head.sealed_at, head.digest(log, signed_by))


async def seal(connection: Connection, keyring: Keyring, tree: Sealed, most: int = MOST) -> int:
    """Seal what was appended since, ``most`` events at a time, and tell how many.

    Raises:
        SealingStopped: the log lacks an event.
        Overtaken: another process has sealed meanwhile.
    """
    size = tree.edge.size
    row = await connection.fetchrow(HASHES, size, most, tree.secret)
    assert row is not None
    events: int = row["events"]
    if not events:
        return 0
    if (row["first"], row["last"]) != (size + 1, size + events):
        raise SealingStopped(f"events beyond position {size} are missing", size + 1)
    edge = tree.edge.copy()
    blocks = edge.extend(row["leaves"])
    # The clock of the server, and of this machine, may run back; that of the tree does not.
    sealed_at = max(datetime.now(UTC), row["recorded_at"], tree.sealed_at)
    head = Head(edge.size, edge.root(), sealed_at, tree.previous, tree.key.number, b"")
    public = tree.key.public_key
    head = head._replace(signature=tree.key.sign(head.signed(tree.log, public)))
    numbers, hashes = [number for number, _ in blocks], [each for _, each in blocks]
    try:
        added = await connection.fetchval(_ADD, *head, row["leaves"], public, numbers, hashes)
    except asyncpg.UniqueViolationError as other:
        raise Overtaken from other
    if not added:
        tree.key = await open_signing_key(connection, keyring, tree.log)
        return await seal(connection, keyring, tree, most)
    tree.edge, tree.sealed_at, tree.previous = edge, sealed_at, head.digest(tree.log, public)
    return events


async def _refuse_other(
    connection: Connection, secret: bytes, head: Head, signed_by: bytes
) -> None:
    """See that the tree is the one that its head signs, and the log the one that it was made of."""
    try:
        head.check(tree_id(secret), signed_by)
        known = await frontier(connection, head.size)
        last = await leaves(connection, [(head.size - 1, head.size)])
    except (Unproven, BrokenTree) as wrong:
        raise SealingStopped(str(wrong), head.size) from wrong
    if known.root() != head.root:
        raise SealingStopped(f"the head of {head.size} events has another root", head.size)
    row = await connection.fetchrow(HASHES, head.size - 1, 1, secret)
    if row is None or row["leaves"] != last:
        problem = f"the event at position {head.size} is not the one that was sealed"
        raise SealingStopped(problem, head.size)
