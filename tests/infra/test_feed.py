"""The feed: what is sound is told, what is damaged is named."""

import asyncio
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
