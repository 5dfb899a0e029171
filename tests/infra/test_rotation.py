"""The master key is replaced while everything runs, and nobody's texts are lost."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from unittest.mock import patch
from uuid import UUID, uuid4

import asyncpg
import pytest
from asyncpg import Record

from infra.keys.keyring import Keyring, WrongMasterKey, fingerprint
from infra.keys.person_keys import PersonKeys
from infra.keys.rotation import ServerBehind, rotate
from infra.keys.vault import open_vault
from infra.settings import Settings, SettingsError

OLD, NEW = bytes(range(32)), bytes(range(32, 64))
STREAM = uuid4()


@pytest.fixture
async def pool(database: str) -> AsyncIterator["asyncpg.Pool[Record]"]:
    """Connections to a fresh database that belongs to the old key."""
    await open_vault(settings(master_key=OLD), database)
    async with asyncpg.create_pool(database, min_size=1, max_size=4) as pool:
        yield pool


def settings(master_key: bytes, master_key_previous: bytes | None = None) -> Settings:
    return replace(
        Settings.from_environment({"CORDEE_DATA_DIR": "/nowhere"}),
        master_key=master_key,
        master_key_previous=master_key_previous,
    )


def untold(_done: int, _total: int) -> None:
    """Nobody is told how far it has come."""


async def sealed(keys: PersonKeys, people: list[UUID]) -> dict[UUID, bytes]:
    """Something of each person, encrypted under their key."""
    found = await keys.ensure(dict.fromkeys(people, STREAM))
    return {
        subject: key.cipher.encrypt(bytes(12), b"Quelqu'un", None)
        for subject, key in found.items()
        if key.cipher is not None
    }


async def wrapped_by(pool: "asyncpg.Pool[Record]") -> set[bytes]:
    rows = await pool.fetch("select distinct wrapped_by from keys.person_key")
    return {row["wrapped_by"] for row in rows}


async def test_everybody_is_read_as_before_and_the_old_key_opens_nothing(
    database: str, pool: "asyncpg.Pool[Record]"
) -> None:
    people = [uuid4() for _ in range(5)]
    before = await sealed(PersonKeys(pool, Keyring(OLD)), people)
    told: list[tuple[int, int]] = []

    with patch("infra.keys.rotation.BATCH", 2):
        assert await rotate(database, Keyring(NEW, OLD), lambda *how_far: told.append(how_far))

    assert told == [(0, 5), (2, 5), (4, 5), (5, 5)]
    assert await sealed(PersonKeys(pool, Keyring(NEW)), people) == before
    with pytest.raises(WrongMasterKey):
        await PersonKeys(pool, Keyring(OLD)).fetch(people)


async def test_done_twice_it_does_nothing_the_second_time(
    database: str, pool: "asyncpg.Pool[Record]"
) -> None:
    await sealed(PersonKeys(pool, Keyring(OLD)), [uuid4()])
    assert await rotate(database, Keyring(NEW, OLD), untold)
    assert not await rotate(database, Keyring(NEW, OLD), untold)
    assert not await rotate(database, Keyring(NEW), untold)


async def test_a_start_needs_the_key_in_use_and_during_a_change_both(
    database: str, pool: "asyncpg.Pool[Record]"
) -> None:
    await sealed(PersonKeys(pool, Keyring(OLD)), [uuid4() for _ in range(4)])
    both = settings(master_key=NEW, master_key_previous=OLD)
    await open_vault(both, database)
    with pytest.raises(SettingsError, match="another master key"):
        await open_vault(settings(master_key=NEW), database)

    await broken_off(database)
    await open_vault(both, database)
    with pytest.raises(SettingsError, match="is being replaced"):
        await open_vault(settings(master_key=OLD), database)

    await rotate(database, Keyring(NEW, OLD), untold)
    await open_vault(settings(master_key=NEW), database)
    with pytest.raises(SettingsError, match="another master key"):
        await open_vault(settings(master_key=OLD), database)


async def broken_off(database: str) -> None:
    """Begin to rotate, and break off after the first batch."""

    def enough(done: int, _total: int) -> None:
        if done:
            raise KeyboardInterrupt

    with patch("infra.keys.rotation.BATCH", 2), pytest.raises(KeyboardInterrupt):
        await rotate(database, Keyring(NEW, OLD), enough)


async def test_broken_off_it_leaves_everybody_readable_and_goes_on_where_it_was(
    database: str, pool: "asyncpg.Pool[Record]"
) -> None:
    people = [uuid4() for _ in range(5)]
    before = await sealed(PersonKeys(pool, Keyring(OLD)), people)

    await broken_off(database)
    assert await wrapped_by(pool) == {fingerprint(OLD), fingerprint(NEW)}
    assert await sealed(PersonKeys(pool, Keyring(NEW, OLD)), people) == before

    told: list[tuple[int, int]] = []
    await rotate(database, Keyring(NEW, OLD), lambda *how_far: told.append(how_far))
    assert told[0] == (2, 5)
    assert await sealed(PersonKeys(pool, Keyring(NEW)), people) == before


async def test_those_who_are_met_while_it_runs_are_read_afterwards(
    database: str, pool: "asyncpg.Pool[Record]"
) -> None:
    running = PersonKeys(pool, Keyring(NEW, OLD))
    people = [uuid4() for _ in range(200)]
    before: dict[UUID, bytes] = await sealed(running, people[:40])

    async def meet() -> None:
        for somebody in people[40:]:
            before.update(await sealed(running, [somebody]))

    with patch("infra.keys.rotation.BATCH", 3):
        await asyncio.gather(meet(), rotate(database, Keyring(NEW, OLD), untold))
    before.update(await sealed(running, [uuid4()]))

    assert await wrapped_by(pool) == {fingerprint(NEW)}
    assert await sealed(PersonKeys(pool, Keyring(NEW)), list(before)) == before


async def test_a_server_that_has_the_old_key_only_stores_nobody_under_it_any_more(
    database: str, pool: "asyncpg.Pool[Record]"
) -> None:
    await rotate(database, Keyring(NEW, OLD), untold)
    with pytest.raises(WrongMasterKey, match="was changed"):
        await PersonKeys(pool, Keyring(OLD)).ensure({uuid4(): STREAM})


async def test_repeated_commands_are_still_recognised(
    database: str, pool: "asyncpg.Pool[Record]"
) -> None:
    before = await open_vault(settings(master_key=OLD), database)
    await rotate(database, Keyring(NEW, OLD), untold)
    after = await open_vault(settings(master_key=NEW), database)
    assert after.request_secret == before.request_secret
    assert OLD not in (await pool.fetchval("select request_secret from keys.master_key"))


async def test_the_key_is_not_changed_under_a_server_that_lacks_the_new_one(
    database: str, pool: "asyncpg.Pool[Record]"
) -> None:
    people = [uuid4()]
    before = await sealed(PersonKeys(pool, Keyring(OLD)), people)
    session = {"application_name": Keyring(OLD).name}
    async with asyncpg.create_pool(database, min_size=1, max_size=1, server_settings=session):
        with pytest.raises(ServerBehind):
            await rotate(database, Keyring(NEW, OLD), untold)
    assert await sealed(PersonKeys(pool, Keyring(OLD)), people) == before

    session = {"application_name": Keyring(NEW, OLD).name}
    async with asyncpg.create_pool(database, min_size=1, max_size=1, server_settings=session):
        assert await rotate(database, Keyring(NEW, OLD), untold)
