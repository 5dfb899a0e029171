"""A year that was told and folded once, for the tests of what is built of it anew."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from random import Random
from urllib.parse import urlsplit

import pytest

from domain.person import Person
from infra.projector import Projector
from tests.conftest import Databases
from tests.domain.work import NOW, personal_in
from tests.history import Log, given, news, opened
from tests.projections.stories import story


@pytest.fixture(scope="session")
def year(databases: Databases, runner: asyncio.Runner) -> Iterator[str]:
    """The name of a database with a long story, which live work has folded."""

    async def tell(dsn: str) -> None:
        chance = Random(7)  # noqa: S311
        events = story([chance.randrange(2**32) for _ in range(1500)])
        gone = {event.subject for event in events if isinstance(event, Person.Forgotten)}
        people = {
            named.subject: event.originator_id
            for event in events
            for named in personal_in(event)
            if named.subject not in gone
        }
        for subject, stream in sorted(people.items())[::2]:
            events += news(Person.forget(subject, named_in=stream, now=NOW))
        async with opened(dsn) as log:
            for start in range(0, len(events), 50):
                await given(log.store, log.mapper, *events[start : start + 50])
            projector = await Projector.start(dsn, log.store, log.mapper)
            assert await projector.wait_until(await log.store.head(), 30)
            await projector.stop()

    with databases.copy(Databases.PREPARED) as dsn:
        runner.run(tell(dsn))
        yield urlsplit(dsn).path[1:]


@pytest.fixture
def copied(databases: Databases, year: str) -> Iterator[str]:
    """A copy of it."""
    with databases.copy(year) as dsn:
        yield dsn


@pytest.fixture
async def log(copied: str) -> AsyncIterator[Log]:
    """The log of the copy, open."""
    async with opened(copied) as opening:
        yield opening
