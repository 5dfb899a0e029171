"""The program, asked by clients that others wrote."""

from collections.abc import Iterator

import pytest

from tests.clients.node import Node, installed
from tests.conftest import Databases
from tests.end_to_end.running import Running, environment, running
from tests.scratch import scratch

collect_ignore = ["node_modules"]


@pytest.fixture(scope="session")
def node() -> Node:
    """Node with everything installed."""
    return installed()


@pytest.fixture(scope="session")
def served(databases: Databases) -> Iterator[Running]:
    """The program, on a database without events."""
    with (
        scratch("cordee-") as data,
        databases.copy(Databases.PREPARED) as dsn,
        running("serve", env=environment(data, DATABASE_URL=dsn)) as started,
    ):
        yield started
