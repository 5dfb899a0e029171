"""The setting of a command that builds: the database, its events readable, and what to build."""

import os
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import asyncpg

from infra.keys.person_keys import PersonKeys
from infra.keys.vault import open_vault
from infra.mapper import EventMapper
from infra.migrate import migrate
from infra.projector.building.builder import Builder, builder, connections
from infra.projector.census import Census, take_census
from infra.projector.choice import following
from infra.projector.refusals import NotPossible
from infra.projector.schema import prepare
from infra.settings import Settings
from infra.store.availability import DISCONNECTED
from infra.system import DatabaseUnreachable, reachable
from infra.terminal import say
from projections.catalogue import kept
from projections.projection import Projection


@dataclass(frozen=True)
class Setting:
    """What these commands work on."""

    dsn: str
    mapper: EventMapper
    projections: Sequence[Projection]
    memory: int

    def chosen(self, name: str | None, *, every: bool) -> list[Projection]:
        """Give the projections that were named.

        Raises:
            NotPossible: there is none of that name, it follows no events, or none was named.
        """
        live = [projection for projection in self.projections if projection.topics]
        if every and name is None:
            return live
        if name is None or every:
            raise NotPossible("Name one read model, or say --all.")
        return [following(name, self.projections)]

    async def census(self, *projections: Projection) -> Census:
        """Count the generations of projections."""
        async with connections(self.dsn, 1) as (connection,):
            return await take_census(connection, [each.name for each in projections])

    @asynccontextmanager
    async def builder(self) -> AsyncIterator[Builder]:
        """Open a builder."""
        owner = f"{socket.gethostname()}:{os.getpid()} (rebuild)"
        async with builder(self.dsn, self.mapper, owner=owner, memory=self.memory) as opened:
            yield opened


@asynccontextmanager
async def setting(settings: Settings) -> AsyncIterator[Setting]:
    """Open the database, brought up to date; works while servers run.

    Raises:
        What `infra.system.system` raises.
    """
    async with reachable(settings, say) as dsn:
        await migrate(dsn)
        vault = await open_vault(settings, dsn)
        projections = kept(settings.disclosure_threshold)
        await prepare(dsn, projections)
        options = {"application_name": vault.keyring.name}
        async with asyncpg.create_pool(
            dsn, min_size=1, max_size=2, server_settings=options
        ) as pool:
            mapper = EventMapper(PersonKeys(pool, vault.keyring))
            try:
                yield Setting(dsn, mapper, projections, settings.rebuild_memory)
            except DISCONNECTED as error:
                raise DatabaseUnreachable(
                    f"The database went away ({error}). What was stored is there: the same command"
                    " goes on with it when the database is back."
                ) from error
