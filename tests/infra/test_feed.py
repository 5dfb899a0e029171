"""The feed: what is sound is told, what is damaged is named."""

from uuid import uuid4

import asyncpg
import pytest

from api.ports import FeedBroken
from domain.organisation import Organisation, OrganisationKind
from infra.feed import Feed
from infra.mapper import EventMapper
from infra.store import EventStore
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
    assert [(await anext(told)).position for _ in range(2)] == [1, 2]
    with pytest.raises(FeedBroken) as broken:
        await anext(told)
    assert broken.value.position == 3


async def test_the_head_is_that_of_the_log(store: EventStore, mapper: EventMapper) -> None:
    feed = Feed(store, mapper)
    assert await feed.head() == 0
    await filled(store, mapper)
    assert await feed.head() == 5
