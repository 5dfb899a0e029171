"""A broker for the tests of a module, and a stage on it for each."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.broker.servers import Server, alone
from tests.broker.stage import Stage, staged
from tests.scratch import scratch


@pytest.fixture
def folder() -> Iterator[Path]:
    """Where servers may write."""
    with scratch("cordee-broker-") as folder:
        yield folder


@pytest.fixture(scope="module")
def broker(runner: asyncio.Runner) -> Iterator[Server]:
    """A server that no test kills."""
    with scratch("cordee-broker-") as folder:
        running = alone(folder)
        yield runner.run(running.__aenter__())
        runner.run(running.__aexit__(None, None, None))


@pytest.fixture
async def stage(prepared: str, broker: Server) -> AsyncIterator[Stage]:
    """A log, and a stream of its own."""
    async with staged(prepared, broker) as stage:
        yield stage
