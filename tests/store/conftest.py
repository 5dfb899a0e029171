"""An event store on a database of its own."""

from collections.abc import AsyncIterator

import pytest

from infra.migrate import migrate
from infra.postgres import EmbeddedPostgres
from infra.store import EventStore
from tests.scratch import scratch


@pytest.fixture
async def store(database: str) -> AsyncIterator[EventStore]:
    """The event store of a fresh database."""
    store = await EventStore.open(database, pool_size=4, budget=5)
    yield store
    await store.close()


@pytest.fixture
async def own_server() -> AsyncIterator[EmbeddedPostgres]:
    """A migrated server that a test may stop and kill, and that keeps what it has committed."""
    with scratch("cordee-own-") as folder:
        server = EmbeddedPostgres(folder)
        try:
            await server.start()
            await migrate(server.dsn)
            yield server
        finally:
            await server.stop()
