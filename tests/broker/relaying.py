"""A relay in a process of its own, for which a read model need not be kept up."""

import asyncio
import os

import uvloop

from api.publication.search import Reader
from infra.broker.relay import Relay
from infra.ending import heed
from infra.feed import Feed
from infra.log import configure_logging
from infra.reads import Reads
from infra.settings import Settings
from projections.guard import Eyes
from tests.api.ports import Still
from tests.broker.stage import BASE
from tests.generations import FIRST
from tests.history import opened


async def relay(settings: Settings) -> None:
    """Relay all that is published until told to end."""
    ended = asyncio.Event()
    assert settings.database_url is not None
    assert settings.broker is not None
    reads = await Reads.open(settings.database_url, FIRST, pool_size=2)
    async with opened(settings.database_url) as log:
        reader = Reader(Eyes(trusted=True), Still(1 << 40), reads, BASE)
        feed = Feed(log.store, log.mapper)
        relaying = Relay(settings.database_url, settings.broker, feed, reader)
        heed(ended.set)
        print("cordée is ready", flush=True)
        await ended.wait()
        await relaying.stop()
    await reads.close()


if __name__ == "__main__":
    configure_logging("info")
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(relay(Settings.from_environment(os.environ)))
