"""The composition root: every part of cordée, started in order and stopped in the reverse one."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

import asyncpg
from starlette.applications import Starlette

from api.ports import Identities
from infra.broker.opening import herald_of, relay_of
from infra.broker.outlet import Outlet
from infra.budgets import Budgets
from infra.command_bus import CommandBus
from infra.feed import Feed
from infra.histories import Histories
from infra.identity.demo import Demo
from infra.identity.identities import open_identities
from infra.keys.person_keys import PersonKeys
from infra.keys.vault import open_vault
from infra.mapper import EventMapper
from infra.migrate import migrate
from infra.moments import Moments
from infra.observing.observatory import UNOBSERVED, Observatory
from infra.observing.parts import Parts, state_of
from infra.people.dossier import Dossiers
from infra.people.oblivion import Oblivion
from infra.positions import Positions
from infra.postgres import EmbeddedPostgres, dsn_of_running
from infra.projector import Projector, prepare
from infra.projector.apart import Apart
from infra.projector.both import Both
from infra.proving.proofs import Proofs
from infra.proving.sealer import Sealer
from infra.reads import Reads
from infra.report.press import Press
from infra.settings import Settings
from infra.store import EventStore
from projections.catalogue import kept
from projections.past import Past

PATIENT: Final = 120.0
"""Seconds that a lease on the past lasts: whatever is there is copied when an epoch begins."""
UNHURRIED: Final = 0.1
"""Seconds from one batch to the next of what keeps the past: it must not take the processor from
commands, nor from those who see the present."""


class DatabaseUnreachable(Exception):
    """The database that the settings name does not let us in."""


@dataclass(frozen=True)
class System:
    """The parts of a running cordée."""

    store: EventStore
    commands: CommandBus
    projector: Projector
    positions: Positions
    pasts: Positions
    """How far the past of the read models is gathered."""
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
    relay: bool | None = None,
    deliver: bool = False,
    observatory: Observatory = UNOBSERVED,
) -> AsyncIterator[System]:
    """Start every part on a database, which is migrated first.

    Without ``workers`` read models, and the tree that proves the log, are kept up with it by other
    processes alone.

    Where the settings name a broker, public events are brought there by a process that has workers,
    or is to ``relay``. One that is to ``deliver`` tells webhooks what happens.

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
    projections = kept(settings.disclosure_threshold)
    await prepare(dsn, projections)
    async with AsyncExitStack() as parts:
        store = await EventStore.open(
            dsn,
            pool_size=settings.pool_size,
            watch=observatory.appends,
            herald=herald_of(settings, vault.request_secret),
        )
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
        apart = Apart(dsn)
        projector = await Projector.start(
            dsn,
            store,
            mapper,
            projections=[each for each in projections if not isinstance(each, Past)],
            workers=workers,
            apart=apart,
            watch=observatory.folds,
        )
        parts.push_async_callback(projector.stop)
        historian = await Projector.start(
            dsn,
            store,
            mapper,
            projections=[each for each in projections if isinstance(each, Past)],
            workers=workers,
            apart=apart,
            watch=observatory.folds,
            pace=UNHURRIED,
            lease=PATIENT,
            first=projector.least,
        )
        parts.push_async_callback(historian.stop)
        schemas = Both(projector, historian)
        reads = await Reads.open(dsn, schemas, pool_size=settings.pool_size)
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
        positions, pasts = Positions(projector), Positions(historian)
        parting = asyncio.Event()
        feed, budgets = Feed(store, mapper), Budgets(settings)
        outlet = None if settings.broker is None else Outlet(pool, settings.broker.stream)
        if settings.broker is not None and (workers if relay is None else relay):
            relaying = relay_of(dsn, settings, feed, positions, reads)
            parts.push_async_callback(relaying.stop)
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
        if deliver:
            from infra.webhooks.opening import courier_of

            courier = courier_of(
                settings,
                dsn,
                store=store,
                feed=feed,
                positions=positions,
                reads=reads,
                request_secret=vault.request_secret,
                watch=observatory.webhooks,
            )
            await parts.enter_async_context(courier)
        if identities is None:
            issuer = None if demo is None else demo.issuer
            opened = open_identities(settings, reads, issuer)
            identities = await parts.enter_async_context(opened)

        def create_app() -> Starlette:
            import api.app
            from api.limits import Limits
            from infra import explorer, manifests
            from infra.bookmarks import Bookmarks
            from infra.sheets.intake import SheetIntake
            from infra.webhooks.opening import registry_of

            return api.app.create(
                commands=commands,
                reads=observatory.timed(reads),
                positions=positions,
                pasts=pasts,
                feed=feed,
                sheets=SheetIntake(commands, store),
                dossiers=dossiers,
                proofs=Proofs(pool),
                outlet=outlet,
                histories=Histories(store, mapper),
                moments=Moments(pool),
                bookmarks=Bookmarks(pool),
                press=Press(),
                webhooks=registry_of(settings, pool, reads, vault.request_secret),
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
            pasts,
            reads,
            create_app,
            oblivion,
            dossiers,
            parting,
        )
