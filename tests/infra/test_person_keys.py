"""People's keys: one each, made once, wrapped by the master key, destroyed for ever."""

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import asyncpg
import pytest
from asyncpg import Record

from infra.keys.keyring import Keyring, WrongMasterKey
from infra.keys.person_keys import PersonForgotten, PersonKeys

MASTER_KEY = bytes(range(32))
NONCE = bytes(12)
STREAM = uuid4()


@pytest.fixture
async def pool(database: str) -> AsyncIterator["asyncpg.Pool[Record]"]:
    """Connections to a fresh database."""
    async with asyncpg.create_pool(database, min_size=1, max_size=4) as pool:
        yield pool


async def seal(keys: PersonKeys, subject: UUID) -> bytes:
    """Encrypt something under a person's key."""
    cipher = (await keys.ensure({subject: STREAM}))[subject].cipher
    assert cipher is not None
    return cipher.encrypt(NONCE, b"Quelqu'un", None)


async def test_a_person_has_one_key_for_ever(pool: "asyncpg.Pool[Record]") -> None:
    somebody = uuid4()
    sealed = await seal(PersonKeys(pool, Keyring(MASTER_KEY)), somebody)
    assert await seal(PersonKeys(pool, Keyring(MASTER_KEY)), somebody) == sealed


async def test_two_people_have_two_keys(pool: "asyncpg.Pool[Record]") -> None:
    keys = PersonKeys(pool, Keyring(MASTER_KEY))
    assert await seal(keys, uuid4()) != await seal(keys, uuid4())


async def test_two_processes_that_meet_a_person_at_once_agree_on_the_key(
    pool: "asyncpg.Pool[Record]",
) -> None:
    somebody = uuid4()
    sealed = await asyncio.gather(
        *(seal(PersonKeys(pool, Keyring(MASTER_KEY)), somebody) for _ in range(8))
    )
    assert len(set(sealed)) == 1


async def test_no_key_is_in_the_database_as_it_is(pool: "asyncpg.Pool[Record]") -> None:
    keys, somebody = PersonKeys(pool, Keyring(MASTER_KEY)), uuid4()
    await seal(keys, somebody)
    wrapped = await pool.fetchval("select wrapped_key from keys.person_key")
    assert len(wrapped) == 12 + 32 + 16, "a nonce, a key, a tag"
    with pytest.raises(WrongMasterKey, match=str(somebody)):
        await PersonKeys(pool, Keyring(bytes(32))).fetch([somebody])


async def test_a_key_that_was_given_to_somebody_else_does_not_unwrap(
    pool: "asyncpg.Pool[Record]",
) -> None:
    somebody, other = uuid4(), uuid4()
    await seal(PersonKeys(pool, Keyring(MASTER_KEY)), somebody)
    await pool.execute("update keys.person_key set subject = $1", other)
    with pytest.raises(WrongMasterKey):
        await PersonKeys(pool, Keyring(MASTER_KEY)).fetch([other])


async def test_who_was_forgotten_has_no_key_and_never_gets_another(
    pool: "asyncpg.Pool[Record]",
) -> None:
    keys, somebody = PersonKeys(pool, Keyring(MASTER_KEY), kept_for=0.0), uuid4()
    await seal(keys, somebody)
    await pool.execute(
        "update keys.person_key set wrapped_key = null, wrapped_by = null, forgotten_at = now()"
    )
    assert (await keys.fetch([somebody]))[somebody].cipher is None
    with pytest.raises(PersonForgotten):
        await keys.ensure({somebody: STREAM})


async def test_a_key_that_is_in_memory_goes_when_the_person_is_forgotten(
    pool: "asyncpg.Pool[Record]",
) -> None:
    keys, somebody = PersonKeys(pool, Keyring(MASTER_KEY)), uuid4()
    await seal(keys, somebody)
    keys.forgotten(somebody)
    at_hand = keys.at_hand(somebody)
    assert at_hand is not None
    assert at_hand.cipher is None


async def test_a_key_that_was_on_its_way_when_the_person_was_forgotten_is_not_kept(
    pool: "asyncpg.Pool[Record]",
) -> None:
    keys, somebody = PersonKeys(pool, Keyring(MASTER_KEY)), uuid4()
    await seal(keys, somebody)
    keys.forgotten(somebody)
    late = await keys.fetch([somebody])  # as the database still has it
    assert late[somebody].cipher is None


async def test_it_is_known_where_a_person_is_named(pool: "asyncpg.Pool[Record]") -> None:
    keys, somebody = PersonKeys(pool, Keyring(MASTER_KEY)), uuid4()
    assert await keys.named_in(somebody) is None
    await seal(keys, somebody)
    assert await keys.named_in(somebody) == STREAM


async def test_a_bounded_number_of_keys_is_kept_for_a_bounded_time(
    pool: "asyncpg.Pool[Record]",
) -> None:
    keys = PersonKeys(pool, Keyring(MASTER_KEY), kept=2)
    people = [uuid4() for _ in range(3)]
    for somebody in people:
        await keys.ensure({somebody: STREAM})
    assert [keys.at_hand(somebody) is not None for somebody in people] == [False, True, True]
    brief = PersonKeys(pool, Keyring(MASTER_KEY), kept_for=0.0)
    await brief.ensure(dict.fromkeys(people, STREAM))
    assert brief.at_hand(people[0]) is None
