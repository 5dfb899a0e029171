"""The feed: what is sound is told, what is damaged is named."""

import asyncio
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from api.ports import FeedBroken, ReadsUnavailable
from domain.organisation import Organisation, OrganisationKind
from infra.feed import Feed
from infra.mapper import EventMapper
from infra.store import EventStore, StoreUnavailable
from tests.domain.work import NOW
from tests.history import given, news


async def filled(store: EventStore, mapper: EventMapper) -> None:
    """Put five events into the log."""
    for number in range(5):
        organisation = Organisation.register(
            uuid4(), now=NOW, name=f"Air {number}", kind=OrganisationKind.ASSOCIATION
        )
        await given(store, mapper, *news(organisation))


async def damage(dsn: str, *positions: int) -> None:
    """Cut events off in the middle, past the database's guard."""
    connection = await asyncpg.connect(dsn)
    await connection.execute("alter table log.event disable trigger user")
    await connection.execute(
        "update log.event set state = substring(state for 10) where position = any($1)",
        list(positions),
    )
    await connection.close()


async def test_the_events_before_a_damaged_one_are_told_before_it_is_named(
    database: str, store: EventStore, mapper: EventMapper
) -> None:
    await filled(store, mapper)
    await damage(database, 3, 5)
    told = Feed(store, mapper).since(0)
    assert [each.position for each in await anext(told)] == [1, 2]
    with pytest.raises(FeedBroken) as broken:
        await anext(told)
    assert broken.value.position == 3


async def test_the_head_is_that_of_the_log(store: EventStore, mapper: EventMapper) -> None:
    feed = Feed(store, mapper)
    assert await feed.head() == 0
    await filled(store, mapper)
    assert await feed.head() == 5


TYPES = {Organisation.Registered.TOPIC}
MANY = TYPES | {f"organisation.other_{number}" for number in range(100)}


@pytest.mark.parametrize("types", [TYPES, MANY], ids=["few types", "many types"])
async def test_a_stretch_has_some_types_and_says_how_far_it_was_looked(
    store: EventStore, mapper: EventMapper, types: set[str]
) -> None:
    feed = Feed(store, mapper)
    await filled(store, mapper)
    some = await feed.stretch(1, 2, types)
    assert ([each.position for each in some.events], some.scanned) == ([2, 3], 3)
    rest = await feed.stretch(3, 10, types)
    assert ([each.position for each in rest.events], rest.scanned) == ([4, 5], 5)
    none = await feed.stretch(0, 10, {f"{topic}_not" for topic in types})
    assert (none.events, none.scanned) == ([], 5)


async def test_a_stretch_ends_before_a_damaged_event_which_is_named_next(
    database: str, store: EventStore, mapper: EventMapper
) -> None:
    await filled(store, mapper)
    await damage(database, 3)
    feed = Feed(store, mapper)
    sound = await feed.stretch(0, 10, TYPES)
    assert ([each.position for each in sound.events], sound.scanned) == ([1, 2], 2)
    with pytest.raises(FeedBroken) as broken:
        await feed.stretch(2, 10, TYPES)
    assert broken.value.position == 3


async def test_who_waits_is_woken_by_what_follows(store: EventStore, mapper: EventMapper) -> None:
    feed = Feed(store, mapper)
    waiting = asyncio.ensure_future(feed.beyond(0, 20))
    await asyncio.sleep(0.02)
    assert not waiting.done()
    await filled(store, mapper)
    assert await asyncio.wait_for(waiting, 5) >= 1


async def test_what_many_ask_for_at_once_is_read_once(
    store: EventStore, mapper: EventMapper, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = list[int]()
    page = store.page

    async def noting(after: int, **more: Any) -> Any:
        read.append(after)
        return await page(after, **more)

    monkeypatch.setattr(store, "page", noting)
    await filled(store, mapper)
    feed = Feed(store, mapper)
    followed = [feed.since(0) for _ in range(20)]
    given = await asyncio.gather(*(anext(each) for each in followed))
    assert all([each.position for each in facts] == [1, 2, 3, 4, 5] for facts in given)
    assert read == [0]
    following = [asyncio.ensure_future(anext(each)) for each in followed]
    await asyncio.sleep(0.02)
    read.clear()
    await filled(store, mapper)
    for facts in await asyncio.gather(*following):
        assert facts[0].position == 6
    assert len(read) <= 2


async def test_who_goes_away_while_many_read_takes_nothing_from_the_others(
    store: EventStore, mapper: EventMapper
) -> None:
    await filled(store, mapper)
    feed = Feed(store, mapper)
    leaving, staying = (asyncio.ensure_future(anext(feed.since(0))) for _ in range(2))
    await asyncio.sleep(0)
    leaving.cancel()
    assert len(await staying) == 5


async def test_a_reader_in_another_process_misses_nothing_though_nobody_notifies_it(
    database: str, store: EventStore, mapper: EventMapper
) -> None:
    listening = await EventStore.open(database)
    try:
        told = Feed(listening, mapper).since(0)
        await filled(store, mapper)
        assert len(await anext(told)) == 5
        deaf = asyncio.ensure_future(anext(told))
        connection = await asyncpg.connect(database)
        await connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname ="
            " current_database() and application_name = 'cordee watch'"
        )
        await connection.close()
        await filled(store, mapper)
        first = await asyncio.wait_for(deaf, 5)
        assert first[0].position == 6
    finally:
        await listening.close()


async def test_a_reader_whose_listening_is_silent_finds_what_comes_by_itself(
    database: str, store: EventStore, mapper: EventMapper
) -> None:
    silent = await EventStore.open(database)
    try:
        told = Feed(silent, mapper).since(0)
        waiting = asyncio.ensure_future(anext(told))
        await asyncio.sleep(0.05)
        # Recorded, as it were, by a process that died before it could tell anybody.
        store._watch._told = 2**40
        await filled(store, mapper)
        facts = await asyncio.wait_for(waiting, 5)
        assert facts[0].position == 1
    finally:
        await silent.close()


async def test_a_log_that_is_away_can_be_asked_again(
    store: EventStore, mapper: EventMapper, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_asked: object, **_more: object) -> None:
        raise StoreUnavailable("no answer", stored=False)

    monkeypatch.setattr(store, "page", away)
    monkeypatch.setattr(store, "head", away)
    feed = Feed(store, mapper)
    with pytest.raises(ReadsUnavailable):
        await feed.stretch(0, 10, TYPES)
    with pytest.raises(ReadsUnavailable):
        await feed.head()
