"""Sealing: every event once, by one at a time, through crashes, clocks and changes of keys."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from itertools import count as counted
from typing import Any
from unittest.mock import patch

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from infra.keys.keyring import Keyring, WrongMasterKey
from infra.keys.rotation import rotate
from infra.proving import sealer as sealers
from infra.proving.hashing import tree_id
from infra.proving.nodes import BrokenTree, roots
from infra.proving.sealer import LOCK, Sealer
from infra.proving.sealing import Overtaken, SealingStopped, resume, seal
from infra.proving.signing import renew_signing_key
from infra.proving.tree import consistency, inclusion
from infra.proving.verifier import HASH, check_consistency, check_inclusion
from infra.store import EventStore
from tests.history import MASTER_KEY
from tests.proving.conftest import EVENTS
from tests.proving.sealed import (
    KEYRING,
    by_hand,
    happen,
    look,
    own_master_key,
    seal_all,
    sealing,
)
from tests.proving.test_tree import root_over
from tests.store.asking import append, at_once, event


async def asked(dsn: str, question: str) -> Any:
    """Ask a database something, past the program."""
    connection = await asyncpg.connect(dsn)
    try:
        return await connection.fetchval(question)
    finally:
        await connection.close()


async def test_a_tree_is_taken_up_where_its_last_head_has_it(database: str) -> None:
    await own_master_key(database)
    for count in (1, 255, 1, 300):
        await happen(database, count)
        await seal_all(database, 100)

    looked = await look(database)

    assert looked.found == []
    assert looked.verified.newest is not None
    assert looked.verified.newest.size == 557


async def test_nothing_is_sealed_twice(sealed: str) -> None:
    assert await seal_all(sealed) == 0


async def test_whoever_was_overtaken_seals_nothing(sealed: str) -> None:
    async with sealing(sealed) as (one, tree), sealing(sealed) as (other, same):
        await happen(sealed, 10)
        assert await seal(one, KEYRING, tree) == 10
        with pytest.raises(Overtaken):
            await seal(other, KEYRING, same)
        assert await seal(other, KEYRING, await resume(other, KEYRING)) == 0

    assert (await look(sealed)).found == []


async def test_heads_and_blocks_are_there_together_or_not_at_all(sealed: str) -> None:
    async with sealing(sealed) as (connection, tree):
        await happen(sealed, 300)
        await by_hand(sealed, "insert into log.block values (2, sha256(''))")
        with pytest.raises(Overtaken):
            await seal(connection, KEYRING, tree)
        assert tree.edge.size == EVENTS

    assert await asked(sealed, "select max(size) from log.head") == EVENTS


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (f"delete from log.event where position = {EVENTS}", "is not the one that was sealed"),  # noqa: S608
        (f"update log.event set state = '' where position = {EVENTS}", "is not the one that"),  # noqa: S608
        (f"delete from log.event where position = {EVENTS + 1}", "are missing"),  # noqa: S608
        (f"update log.head set root = sha256(root) where size = {EVENTS}", "not signed by"),  # noqa: S608
        ("update log.block set hashes = sha256(hashes) where number = 0", "has another root"),
        ("delete from log.block where number = 1", "lacks hashes"),
    ],
)
async def test_nothing_is_signed_over_a_log_that_is_not_what_was_sealed(
    sealed: str, change: str, problem: str
) -> None:
    await happen(sealed, 3)
    await by_hand(sealed, change)

    with pytest.raises(SealingStopped, match=problem):
        await seal_all(sealed)

    assert await asked(sealed, "select max(size) from log.head") == EVENTS


async def test_the_time_of_a_head_never_runs_back(sealed: str) -> None:
    before = await asked(sealed, "select max(sealed_at) from log.head")
    await happen(sealed, 1)

    class Behind(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> "Behind":
            return cls(2001, 1, 1, tzinfo=tz)

    with patch("infra.proving.sealing.datetime", Behind):
        await seal_all(sealed)

    assert await asked(sealed, "select max(sealed_at) from log.head") >= before
    assert await asked(sealed, "select max(sealed_at) from log.head") >= await asked(
        sealed, "select max(recorded_at) from log.event"
    )
    assert (await look(sealed)).found == []


async def test_a_new_key_is_introduced_by_the_one_before_and_used_at_once(sealed: str) -> None:
    async with sealing(sealed) as (connection, tree):
        other = await asyncpg.connect(sealed)
        renewed = await renew_signing_key(other, KEYRING, tree.log)
        await other.close()
        await happen(sealed, 1)
        assert await seal(connection, KEYRING, tree) == 1
        assert tree.key.public_key == renewed.public_key

    looked = await look(sealed)
    assert looked.found == []
    assert looked.verified.key == renewed.public_key
    assert await asked(sealed, "select introduced is not null from log.signer where number = 2")


async def test_without_its_private_key_a_log_gets_another_one(sealed: str) -> None:
    await by_hand(sealed, "delete from keys.signing_key")
    await happen(sealed, 1)
    await seal_all(sealed)

    assert (await look(sealed)).found == []
    assert await asked(sealed, "select introduced is null from log.signer where number = 2")


async def test_the_signing_key_is_wrapped_anew_with_the_master_key(sealed: str) -> None:
    new = Keyring(bytes(range(32, 64)), MASTER_KEY)
    signer = await asked(sealed, "select public_key from keys.signing_key")

    assert await rotate(sealed, new, lambda _done, _of: None)

    connection = await asyncpg.connect(sealed)
    try:
        assert (await resume(connection, Keyring(bytes(range(32, 64))))).key.public_key == signer
        with pytest.raises(WrongMasterKey):
            await resume(connection, KEYRING)
    finally:
        await connection.close()


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
async def test_any_proof_that_is_made_from_what_is_stored_holds(
    sealed_once: str, server: Any, data: st.DataObject
) -> None:
    connection = await asyncpg.connect(server.dsn_of(sealed_once))
    try:
        heads = await connection.fetch("select size, root, leaves from log.head order by size")
        joined = b"".join(head["leaves"] for head in heads)
        leaves = [joined[at : at + HASH] for at in range(0, len(joined), HASH)]
        second = data.draw(st.integers(1, EVENTS))
        first = data.draw(st.integers(1, second))
        index = data.draw(st.integers(0, second - 1))
        old, new, leaf = await roots(connection, [(0, first), (0, second), (index, index + 1)])
        assert (old, new) == (root_over(leaves[:first]), root_over(leaves[:second]))
        path = await roots(connection, inclusion(index, second))
        check_inclusion(index, second, leaf, path, new)
        check_consistency(
            first, second, old, new, await roots(connection, consistency(first, second))
        )
    finally:
        await connection.close()


async def test_a_tree_of_many_blocks_is_proved_from_its_inner_nodes(database: str) -> None:
    await own_master_key(database)
    count = 256 * 256 + 300
    connection = await asyncpg.connect(database)
    await connection.execute(
        "insert into log.event select n, gen_random_uuid(), 1, 'thing.happened', 1, '', '',"
        " gen_random_uuid(), timestamptz '2026-01-01Z' from generate_series(1, $1::int) n",
        count,
    )
    await seal_all(database)
    rows = await connection.fetch("select leaves from log.head order by size")
    joined = b"".join(row["leaves"] for row in rows)
    leaves = [joined[at : at + HASH] for at in range(0, len(joined), HASH)]
    try:
        root, leaf, *path = await roots(connection, [(0, count), (70, 71), *inclusion(70, count)])
        assert root == root_over(leaves)
        check_inclusion(70, count, leaf, path, root)
        old, *path = await roots(connection, [(0, 300), *consistency(300, count)])
        check_consistency(300, count, old, root, path)
        with pytest.raises(BrokenTree):
            await roots(connection, [(0, count + 1)])
    finally:
        await connection.close()


@asynccontextmanager
async def running(dsn: str) -> AsyncIterator[tuple[EventStore, Sealer]]:
    """Let a sealer run beside a store."""
    with (
        patch.object(sealers, "LOOK", 0.05),
        patch.object(sealers, "WITHIN", 0.02),
        patch.object(sealers, "REST", 0.01),
        patch.object(sealers, "PATIENCE", 0.5),
    ):
        store = await EventStore.open(dsn, pool_size=2, poll=0.05)
        sealer = Sealer(dsn, store, KEYRING)
        try:
            yield store, sealer
        finally:
            await sealer.stop()
            await store.close()


async def until_sealed(dsn: str, size: int) -> None:
    """Wait until there is a head of so many events."""
    async with asyncio.timeout(10):
        while await asked(dsn, "select coalesce(max(size), 0) from log.head") < size:
            await asyncio.sleep(0.02)


async def test_a_running_sealer_keeps_up_with_the_log(database: str) -> None:
    await own_master_key(database)
    async with running(database) as (store, _):
        for _ in range(5):
            await at_once(store, [append(event()) for _ in range(30)])
        await until_sealed(database, 150)

    assert (await look(database)).found == []


class Grown:
    """What tells how a log grows: by so many events from one look to the next."""

    def __init__(self, by: int) -> None:
        self._heads = counted(1_000, by)

    async def wait_beyond(self, position: int, timeout: float) -> int:  # noqa: ARG002, ASYNC109
        """Give the next head at once."""
        return next(self._heads)


@pytest.mark.parametrize(("by", "heads"), [(0, 10), (1, 1)])
async def test_a_rest_follows_each_head_while_others_append_and_none_once_they_do_not(
    database: str, by: int, heads: int
) -> None:
    await own_master_key(database)
    await happen(database, 100)
    with (
        patch.object(sealers, "MOST", 10),
        patch.object(sealers, "seal", partial(seal, most=10)),
        patch.object(sealers, "REST", 60),
    ):
        sealer = Sealer(database, Grown(by), KEYRING)
        await until_sealed(database, 10 * heads)
        await asyncio.sleep(0.1)
        await sealer.stop()

    assert await asked(database, "select count(*) from log.head") == heads


async def test_a_log_in_which_nothing_happened_gets_no_tree(database: str) -> None:
    await own_master_key(database)
    async with running(database):
        await asyncio.sleep(0.3)

    assert await asked(database, "select count(*) from log.tree") == 0
    assert await asked(database, "select count(*) from keys.signing_key") == 0


async def test_another_takes_over_from_one_that_is_gone(database: str) -> None:
    await own_master_key(database)
    async with running(database) as (store, _), running(database):
        await at_once(store, [append(event())])
        await until_sealed(database, 1)
        assert await asked(database, f"select count(*) from pg_locks where objid = {LOCK}") == 1  # noqa: S608
        await asked(
            database,
            f"select pg_terminate_backend(pid) from pg_locks where objid = {LOCK}",  # noqa: S608
        )
        await at_once(store, [append(event()) for _ in range(3)])
        await until_sealed(database, 4)

    assert (await look(database)).found == []


async def test_a_sealer_that_had_to_stop_goes_on_once_the_log_is_mended(sealed: str) -> None:
    await by_hand(sealed, "update log.event set state = state || 'x' where position = 700")
    async with running(sealed) as (store, _):
        await at_once(store, [append(event())])
        await asyncio.sleep(0.3)
        assert await asked(sealed, "select max(size) from log.head") == EVENTS
        await by_hand(
            sealed,
            "update log.event set state = substring(state for length(state) - 1)"
            " where position = 700",
        )
        await until_sealed(sealed, EVENTS + 1)

    assert (await look(sealed)).found == []
    assert datetime.now(UTC) >= await asked(sealed, "select max(sealed_at) from log.head")


async def test_a_tree_is_known_by_the_secret_of_its_log(sealed: str) -> None:
    secret = await asked(sealed, "select secret from log.tree")

    assert (await look(sealed)).verified.log == tree_id(secret)
