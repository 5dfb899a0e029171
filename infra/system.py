"""The composition root: every part of cordée, started in order and stopped in the reverse one."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import asyncpg
from starlette.applications import Starlette

from api.ports import Identities
from infra.budgets import Budgets
from infra.command_bus import CommandBus
from infra.feed import Feed
from infra.identity.demo import Demo
from infra.identity.identities import open_identities
from infra.keys.person_keys import PersonKeys
from infra.keys.vault import open_vault
from infra.mapper import EventMapper
from infra.migrate import migrate
from infra.observing.observatory import UNOBSERVED, Observatory
from infra.observing.parts import Parts, state_of
from infra.people.dossier import Dossiers
from infra.people.oblivion import Oblivion
from infra.positions import Positions
from infra.postgres import EmbeddedPostgres, dsn_of_running
from infra.projector import Projector, prepare
from infra.projector.apart import Apart
from infra.proving.proofs import Proofs
from infra.proving.sealer import Sealer
from infra.reads import Reads
from infra.settings import Settings
from infra.store import EventStore
from projections.catalogue import under


class DatabaseUnreachable(Exception):
    """The database that the settings name does not let us in."""


@dataclass(frozen=True)
class System:
    """The parts of a running cordée."""

    store: EventStore
    commands: CommandBus
    projector: Projector
    positions: Positions
    reads: Reads
    create_app: Callable[[], Starlette]
    oblivion: Oblivion
    dossiers: Dossiers
    parting: asyncio.Event
    """Set when the server is told to end."""

    @cached_property
    def app(self) -> Starlette:
        """The interface, imported and made when it is first asked for: commands do without."""
        return self.create_app()


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
async def reachable(
    settings: Settings, on_wait: Callable[[str], None] | None = None
) -> AsyncIterator[str]:
    """Give the address of the database, as `database` does, also while a server has it in use."""
    running = None
    if settings.database_url is None:
        running = dsn_of_running(postgres_folder(settings))
    if running is not None:
        yield running
        return
    async with database(settings, on_wait) as dsn:
        yield dsn


@asynccontextmanager
async def system(
    settings: Settings,
    dsn: str,
    *,
    demo: Demo | None = None,
    identities: Identities | None = None,
    workers: bool = True,
    observatory: Observatory = UNOBSERVED,
) -> AsyncIterator[System]:
    """Start every part on a database, which is migrated first.

    Without ``workers`` read models, and the tree that proves the log, are kept up with it by other
    processes alone.

    In a ``demo`` the tokens of its own issuer count, and its personas have a page. Others than
    the settings name tell who is calling where ``identities`` are given. What the parts do they
    tell the ``observatory``.

    Raises:
        PostgresTooOld, MigrationChanged: the database cannot be brought up to date.
        SettingsError: the master key is not that of the database.
        StoreUnavailable: the database went away.
    """
    await migrate(dsn)
    vault = await open_vault(settings, dsn)
    projections = under(settings.disclosure_threshold)
    await prepare(dsn, projections)
    async with AsyncExitStack() as parts:
        store = await EventStore.open(dsn, pool_size=settings.pool_size, watch=observatory.appends)
        parts.push_async_callback(store.close)
        pool = await parts.enter_async_context(
            asyncpg.create_pool(
                dsn,
                min_size=1,
                max_size=settings.pool_size,
                server_settings={"application_name": vault.keyring.name},
            )
        )
        mapper = EventMapper(PersonKeys(pool, vault.keyring))
        projector = await Projector.start(
            dsn,
            store,
            mapper,
            projections=projections,
            workers=workers,
            apart=Apart(dsn),
            watch=observatory.folds,
        )
        parts.push_async_callback(projector.stop)
        reads = await Reads.open(dsn, projector, pool_size=settings.pool_size)
        parts.push_async_callback(reads.close)
        commands = CommandBus(
            store, mapper, secret=vault.request_secret, watch=observatory.commands
        )
        parts.push_async_callback(commands.close)
        dossiers = Dossiers(commands, store, mapper, pool, reads)
        if workers:
            sealer = Sealer(dsn, store, vault.keyring)
            parts.push_async_callback(sealer.stop)
        oblivion = await Oblivion.start(pool, mapper.keys, commands.forget)
        parts.push_async_callback(oblivion.stop)
        positions = Positions(projector)
        parting = asyncio.Event()
        feed, budgets = Feed(store, mapper), Budgets(settings)
        observatory.attend(
            dsn,
            Parts(
                ready=lambda: (
                    not parting.is_set() and all(each.everywhere for each in positions.hindrances())
                ),
                pools={
                    "reads": reads.state,
                    "log": store.state,
                    "keys": lambda: state_of(pool),
                },
                waiting=lambda: store.waiting,
                backlog=feed.backlog,
                refused=budgets.refused,
            ),
        )
        if identities is None:
            issuer = None if demo is None else demo.issuer
            opened = open_identities(settings, reads, issuer)
            identities = await parts.enter_async_context(opened)

        def create_app() -> Starlette:
            import api.app
            from api.limits import Limits
            from infra import explorer, manifests
            from infra.sheets.intake import SheetIntake

            return api.app.create(
                commands=commands,
                reads=observatory.timed(reads),
                positions=positions,
                feed=feed,
                sheets=SheetIntake(commands, store),
                dossiers=dossiers,
                proofs=Proofs(pool),
                identities=identities,
                budgets=budgets,
                origins=settings.origins,
                personas=demo,
                parting=parting,
                trusted=manifests.read(settings.documents, only=settings.documents_only),
                explorer=explorer.built(),
                compression=settings.compression,
                answer_bytes=settings.answer_cache,
                limits=Limits(**settings.limits),
                cursor_key=vault.request_secret,
                meter=observatory.interface,
                watches=observatory.middleware,
            )

        yield System(
            store,
            commands,
            projector,
            positions,
            reads,
            create_app,
            oblivion,
            dossiers,
            parting,
        )
