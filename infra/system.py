"""The composition root: every part of cordée, started in order and stopped in the reverse one."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg
from starlette.applications import Starlette

import api.app
from infra.command_bus import CommandBus
from infra.feed import Feed
from infra.mapper import EventMapper
from infra.master_key import master_key_of
from infra.migrate import migrate
from infra.person_keys import PersonKeys
from infra.positions import Positions
from infra.postgres import EmbeddedPostgres
from infra.projector import Projector, prepare
from infra.reads import Reads
from infra.settings import Settings
from infra.store import EventStore


class DatabaseUnreachable(Exception):
    """The database that the settings name does not let us in."""


@dataclass(frozen=True, slots=True)
class System:
    """The parts of a running cordée."""

    store: EventStore
    commands: CommandBus
    positions: Positions
    app: Starlette


def postgres_folder(settings: Settings) -> Path:
    """Where the embedded PostgreSQL keeps its data."""
    return settings.data_dir / "postgres"


@asynccontextmanager
async def database(
    settings: Settings, on_wait: Callable[[str], None] | None = None
) -> AsyncIterator[str]:
    """Give the address of a database: the one named by the settings, or the embedded one.

    ``on_wait`` is told what a PostgreSQL is doing that takes long to start.

    Raises:
        EmbeddedPostgresError: the embedded server cannot start.
        DatabaseUnreachable: the server that the settings name does not answer.
    """
    if settings.database_url is None:
        async with EmbeddedPostgres(postgres_folder(settings), on_wait=on_wait) as postgres:
            yield postgres.dsn
        return
    try:
        await (await asyncpg.connect(settings.database_url, timeout=10)).close()
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise DatabaseUnreachable(
            f"The database of DATABASE_URL does not let us in ({str(error) or 'no answer'}):"
            " check its address, its account, and whether it runs."
        ) from error
    yield settings.database_url


@asynccontextmanager
async def system(settings: Settings, dsn: str) -> AsyncIterator[System]:
    """Start every part on a database, which is migrated first.

    Raises:
        PostgresTooOld, MigrationChanged: the database cannot be brought up to date.
        SettingsError: the master key is not that of the database.
        StoreUnavailable: the database went away.
    """
    await migrate(dsn)
    master_key = await master_key_of(settings, dsn)
    await prepare(dsn)
    async with AsyncExitStack() as parts:
        store = await EventStore.open(dsn, pool_size=settings.pool_size)
        parts.push_async_callback(store.close)
        pool = await parts.enter_async_context(
            asyncpg.create_pool(dsn, min_size=1, max_size=settings.pool_size)
        )
        mapper = EventMapper(PersonKeys(pool, master_key))
        projector = await Projector.start(dsn, store, mapper)
        parts.push_async_callback(projector.stop)
        reads = await Reads.open(dsn, pool_size=settings.pool_size)
        parts.push_async_callback(reads.close)
        commands = CommandBus(store, mapper, secret=master_key)
        parts.push_async_callback(commands.close)
        positions = Positions(projector)
        app = api.app.create(
            commands=commands, reads=reads, positions=positions, feed=Feed(store, mapper)
        )
        yield System(store, commands, positions, app)
