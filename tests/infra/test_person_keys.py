"""People's keys: one each, made once, wrapped by the master key, destroyed for ever."""

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import asyncpg
import pytest
from asyncpg import Record

from infra.person_keys import PersonForgotten, PersonKeys, WrongMasterKey

MASTER_KEY = bytes(range(32))
NONCE = bytes(12)


@pytest.fixture
async def pool(database: str) -> AsyncIterator["asyncpg.Pool[Record]"]:
    """Connections to a fresh database."""
    async with asyncpg.create_pool(database, min_size=1, max_size=4) as pool:
        yield pool


async def seal(keys: PersonKeys, subject: UUID) -> bytes:
    """Encrypt something under a person's key."""
    cipher = (await keys.ensure([subject]))[subject].cipher
    assert cipher is not None
    return cipher.encrypt(NONCE, b"Quelqu'un", None)


async def test_a_person_has_one_key_for_ever(pool: "asyncpg.Pool[Record]") -> None:
    somebody = uuid4()
    sealed = await seal(PersonKeys(pool, MASTER_KEY), somebody)
    assert await seal(PersonKeys(pool, MASTER_KEY), somebody) == sealed


async def test_two_people_have_two_keys(pool: "asyncpg.Pool[Record]") -> None:
    keys = PersonKeys(pool, MASTER_KEY)
    assert await seal(keys, uuid4()) != await seal(keys, uuid4())


async def test_two_processes_that_meet_a_person_at_once_agree_on_the_key(
    pool: "asyncpg.Pool[Record]",
) -> None:
    somebody = uuid4()
    sealed = await asyncio.gather(*(seal(PersonKeys(pool, MASTER_KEY), somebody) for _ in range(8)))
    assert len(set(sealed)) == 1


async def test_no_key_is_in_the_database_as_it_is(pool: "asyncpg.Pool[Record]") -> None:
    keys, somebody = PersonKeys(pool, MASTER_KEY), uuid4()
    await seal(keys, somebody)
    wrapped = await pool.fetchval("select wrapped_key from log.person_key")
    assert len(wrapped) == 12 + 32 + 16, "a nonce, a key, a tag"
    with pytest.raises(WrongMasterKey, match=str(somebody)):
        await PersonKeys(pool, bytes(32)).fetch([somebody])


async def test_a_key_that_was_given_to_somebody_else_does_not_unwrap(
    pool: "asyncpg.Pool[Record]",
) -> None:
    somebody, other = uuid4(), uuid4()
    await seal(PersonKeys(pool, MASTER_KEY), somebody)
    await pool.execute("update log.person_key set subject = $1", other)
    with pytest.raises(WrongMasterKey):
        await PersonKeys(pool, MASTER_KEY).fetch([other])


async def test_who_was_forgotten_has_no_key_and_never_gets_another(
    pool: "asyncpg.Pool[Record]",
) -> None:
    keys, somebody = PersonKeys(pool, MASTER_KEY), uuid4()
    await seal(keys, somebody)
    await keys.forget(somebody)
    assert keys.at_hand(somebody) is None
    assert (await keys.fetch([somebody]))[somebody].cipher is None
    with pytest.raises(PersonForgotten):
        await keys.ensure([somebody])
    assert await pool.fetchval("select wrapped_key from log.person_key") is None


async def test_who_was_never_met_can_be_forgotten_too(pool: "asyncpg.Pool[Record]") -> None:
    keys, somebody = PersonKeys(pool, MASTER_KEY), uuid4()
    await keys.forget(somebody)
    with pytest.raises(PersonForgotten):
        await keys.ensure([somebody])


async def test_a_bounded_number_of_keys_is_kept_for_a_bounded_time(
    pool: "asyncpg.Pool[Record]",
) -> None:
    keys = PersonKeys(pool, MASTER_KEY, kept=2)
    people = [uuid4() for _ in range(3)]
    for somebody in people:
        await keys.ensure([somebody])
    assert [keys.at_hand(somebody) is not None for somebody in people] == [False, True, True]
    brief = PersonKeys(pool, MASTER_KEY, kept_for=0.0)
    await brief.ensure(people)
    assert brief.at_hand(people[0]) is None
