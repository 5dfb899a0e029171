"""Logs that are sealed, and hands that change them past every trigger."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import NamedTuple
from uuid import uuid4

import asyncpg

from infra.keeping.inspection.finding import Finding, Findings, Rule
from infra.keeping.inspection.order import check_order
from infra.keeping.kept import Connection
from infra.keys.keyring import Keyring
from infra.migrate import migrate
from infra.proving.sealer import connect
from infra.proving.sealing import MOST, Sealed, resume, seal
from infra.proving.signing import held_public_key
from infra.proving.verification import Verified, verify
from infra.store import Append, EventStore
from tests.history import MASTER_KEY
from tests.store.asking import append, at_once, event

KEYRING = Keyring(MASTER_KEY)
_TABLES = ("log.event", "log.command", "log.tree", "log.signer", "log.head", "log.block")


async def happen(dsn: str, events: int) -> None:
    """Let so many events happen, a few a command, each with a text of its own."""
    store = await EventStore.open(dsn, pool_size=2)
    try:
        left = events
        while left:
            commands: list[Append] = []
            while left and len(commands) < 200:
                several = min(left, len(commands) % 3 + 1)
                left -= several
                commands.append(
                    append(*(event(state=uuid4().hex.encode()) for _ in range(several)))
                )
            await at_once(store, commands)
    finally:
        await store.close()


@asynccontextmanager
async def sealing(dsn: str) -> AsyncIterator[tuple[Connection, Sealed]]:
    """Give the tree of a log as the one has it who seals."""
    connection = await connect(dsn)
    try:
        yield connection, await resume(connection, KEYRING)
    finally:
        await connection.close()


async def seal_all(dsn: str, most: int = MOST) -> int:
    """Seal what is there, ``most`` events under one head, and give how many heads were signed."""
    heads = 0
    async with sealing(dsn) as (connection, tree):
        while await seal(connection, KEYRING, tree, most):
            heads += 1
    return heads


async def own_master_key(dsn: str) -> None:
    """Let a database belong to the master key of these tests."""
    connection = await asyncpg.connect(dsn)
    await connection.execute(
        "insert into keys.master_key (fingerprint) values ($1)", KEYRING.current
    )
    await connection.close()


async def fill(dsn: str, events: int, most: int) -> None:
    """Make a log of so many sealed events."""
    await migrate(dsn)
    await own_master_key(dsn)
    await happen(dsn, events)
    await seal_all(dsn, most)


async def by_hand(dsn: str, *statements: str) -> None:
    """Change a log as only who owns its tables can, with all triggers off."""
    connection = await asyncpg.connect(dsn)
    try:
        async with connection.transaction():
            for table in _TABLES:
                await connection.execute(f"alter table {table} disable trigger all")
            for statement in statements:
                await connection.execute(statement)
    finally:
        await connection.close()


class Looked(NamedTuple):
    """What a verification came to."""

    verified: Verified
    found: list[Finding]

    @property
    def positions(self) -> set[int | None]:
        """Where something was found."""
        return {each.position for each in self.found}

    @property
    def proof(self) -> dict[int | None, str]:
        """What the tree showed, by position."""
        return {each.position: each.problem for each in self.found if each.rule is Rule.PROOF}


async def look(dsn: str, *, trusted: bytes | None = None) -> Looked:
    """Verify a log; ``trusted`` stands in for the key that is held with it."""
    found: list[Finding] = []
    connection = await asyncpg.connect(dsn)
    try:
        held = trusted or await held_public_key(connection, KEYRING)
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            findings = Findings(found.append)
            verified = await verify(connection, findings, lambda _done, _of: None, trusted=held)
            await check_order(connection, findings)
    finally:
        await connection.close()
    return Looked(verified, found)
