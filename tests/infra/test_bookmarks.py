"""Bookmarks in the database: moved by two at once, bounded, and gone with whom they belong to."""

import asyncio
from collections.abc import AsyncIterator
from random import Random
from uuid import UUID, uuid4

import asyncpg
import pytest
from asyncpg import Record

from api.bookmarks import MOST, OwnerForgotten, TooManyBookmarks
from api.ports import ReadsUnavailable
from domain.identity import internal
from domain.person import ForgetPerson
from infra.bookmarks import Bookmarks
from infra.people.dossier import dossier
from infra.reads import Reads
from tests.generations import FIRST
from tests.infra.forgotten import remains
from tests.infra.test_forgetting import SOON, WE, House, house, principal

__all__ = ["house"]

ADA, GRACE = UUID(int=1), UUID(int=2)


@pytest.fixture
async def pool(database: str) -> AsyncIterator["asyncpg.Pool[Record]"]:
    """Connections to a database without events."""
    async with asyncpg.create_pool(database, min_size=8, max_size=8) as pool:
        yield pool


async def test_moved_by_many_at_once_it_is_where_the_furthest_wanted_it(
    pool: "asyncpg.Pool[Record]",
) -> None:
    bookmarks = Bookmarks(pool)
    wanted = list(range(1, 101))
    Random(1).shuffle(wanted)  # noqa: S311
    told = await asyncio.gather(
        *(bookmarks.move(ADA, "region", position, back=False) for position in wanted)
    )
    assert all(moved.position >= position for moved, position in zip(told, wanted, strict=True))
    found = await bookmarks.find(ADA, "region")
    assert found is not None
    assert found.position == 100


async def test_who_has_the_most_may_move_them_and_adds_none(pool: "asyncpg.Pool[Record]") -> None:
    bookmarks = Bookmarks(pool)
    results = await asyncio.gather(
        *(bookmarks.move(ADA, f"page {number}", 1, back=False) for number in range(MOST + 5)),
        return_exceptions=True,
    )
    assert sum(isinstance(each, TooManyBookmarks) for each in results) == 5
    kept = await bookmarks.all_of(ADA)
    assert len(kept) == MOST
    assert (await bookmarks.move(ADA, kept[0].name, 2, back=False)).position == 2
    assert (await bookmarks.move(GRACE, "page", 1, back=False)).position == 1
    await bookmarks.remove(ADA, kept[0].name)
    assert (await bookmarks.move(ADA, "another", 1, back=False)).position == 1


async def test_a_database_that_is_away_is_told_as_such() -> None:
    class Away:
        async def fetch(self, *_: object) -> None:
            raise ConnectionRefusedError

    with pytest.raises(ReadsUnavailable):
        await Bookmarks(Away()).all_of(ADA)  # type: ignore[arg-type]


NAME = f"bookmark {uuid4()}"


async def test_bookmarks_are_in_the_dossier_and_go_with_the_person(house: House) -> None:
    bookmarks = Bookmarks(house.pool)
    one, another = await principal(house, "one"), await principal(house, "another")
    owner, other = internal("principal", one), internal("principal", another)
    await bookmarks.move(owner, NAME, 1, back=False)
    await bookmarks.move(other, "region", 2, back=False)
    reads = await Reads.open(house.dsn, FIRST, pool_size=1)
    held = await dossier(one, house.store, house.mapper, house.pool, reads)
    assert [(each["name"], each["position"]) for each in held["bookmarks"]] == [(NAME, 1)]
    assert await remains(house.dsn, NAME.encode()) == {"bookmark", "bookmark_pkey"}

    await house.forget(one)
    assert await bookmarks.all_of(owner) == []
    assert len(await bookmarks.all_of(other)) == 1
    async with asyncio.timeout(SOON):
        while await house.pool.fetchval("select count(*) from log.residue"):
            await house.oblivion.look()
            await asyncio.sleep(0.05)
    assert await remains(house.dsn, NAME.encode()) == set()
    forgotten = await dossier(one, house.store, house.mapper, house.pool, reads)
    await reads.close()
    assert forgotten["bookmarks"] == []


async def test_whoever_is_forgotten_leaves_no_bookmark_however_close_they_read(
    house: House,
) -> None:
    bookmarks, one = Bookmarks(house.pool), await principal(house, "one")
    owner = internal("principal", one)
    reading = [
        asyncio.ensure_future(bookmarks.move(owner, f"page {number}", 1, back=False))
        for number in range(20)
    ]
    await house.bus.execute(ForgetPerson(person=one), WE)
    await asyncio.gather(*reading, return_exceptions=True)
    assert await bookmarks.all_of(owner) == []
    with pytest.raises(OwnerForgotten):
        await bookmarks.move(owner, "region", 1, back=False)
