"""A worker with a short lease, in a process of its own, so that a pause beyond it is short, too."""

import asyncio
import os
from typing import Final

import asyncpg
import uvloop

from infra.ending import heed
from infra.keys.person_keys import PersonKeys
from infra.keys.vault import open_vault
from infra.log import configure_logging
from infra.mapper import EventMapper
from infra.projector import Projector
from infra.settings import Settings
from infra.store import EventStore

LEASE: Final = 1.0
"""Seconds."""


async def lead(settings: Settings) -> None:
    """Keep the read models up with the log until told to end."""
    ended = asyncio.Event()
    assert settings.database_url is not None
    vault = await open_vault(settings, settings.database_url)
    store = await EventStore.open(settings.database_url, pool_size=2)
    async with asyncpg.create_pool(settings.database_url, min_size=0, max_size=2) as pool:
        mapper = EventMapper(PersonKeys(pool, vault.keyring))
        projector = await Projector.start(settings.database_url, store, mapper, lease=LEASE)
        heed(ended.set)
        print("cordée is ready", flush=True)
        await ended.wait()
        await projector.stop()
    await store.close()


if __name__ == "__main__":
    configure_logging("info")
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(lead(Settings.from_environment(os.environ)))
