"""A command bus on a database of its own."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from infra.command_bus import CommandBus
from infra.keys.keyring import Keyring
from infra.keys.person_keys import PersonKeys
from infra.mapper import EventMapper
from infra.store import EventStore

MASTER_KEY = bytes(range(32))


@pytest.fixture
async def store(database: str) -> AsyncIterator[EventStore]:
    """The event store of a fresh database."""
    store = await EventStore.open(database)
    yield store
    await store.close()


@pytest.fixture
async def mapper(database: str) -> AsyncIterator[EventMapper]:
    """A mapper with the keys of a fresh database."""
    async with asyncpg.create_pool(database, min_size=1, max_size=2) as pool:
        yield EventMapper(PersonKeys(pool, Keyring(MASTER_KEY)))


@pytest.fixture
async def bus(store: EventStore, mapper: EventMapper) -> AsyncIterator[CommandBus]:
    """A command bus over that store."""
    bus = CommandBus(store, mapper, secret=MASTER_KEY)
    yield bus
    await bus.close()
