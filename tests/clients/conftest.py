"""The program, asked by clients that others wrote."""

import os
from collections.abc import Iterator

import pytest

from tests.clients.node import Node, NotHere, found
from tests.conftest import Databases
from tests.end_to_end.running import Running, environment, running
from tests.scratch import scratch

collect_ignore = ["node_modules"]


@pytest.fixture(scope="session")
def node() -> Node:
    """Node with everything installed; where that cannot be, what it is for is not run."""
    try:
        node = found()
        node.install()
    except NotHere as why:
        told = f"The clients of other makers were not run: {why}"
        if "CI" in os.environ:
            pytest.fail(told)
        pytest.skip(told)
    return node


@pytest.fixture(scope="module")
def served(databases: Databases) -> Iterator[Running]:
    """The program, on a database without events."""
    with (
        scratch("cordee-") as data,
        databases.copy(Databases.PREPARED) as dsn,
        running("serve", env=environment(data, DATABASE_URL=dsn)) as started,
    ):
        yield started
