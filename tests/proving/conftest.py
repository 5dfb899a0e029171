"""A sealed log, made once; each test gets a copy that it may damage."""

import asyncio
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from tests.conftest import Databases
from tests.proving.sealed import fill

EVENTS = 700
EACH = 90
"""Events that one head adds: the blocks of the tree end in the midst of heads."""


@pytest.fixture(scope="session")
def sealed_once(databases: Databases, runner: asyncio.Runner) -> Iterator[str]:
    """The name of the database that is copied."""
    with databases.copy(Databases.MIGRATED) as dsn:
        runner.run(fill(dsn, EVENTS, EACH))
        yield urlsplit(dsn).path.lstrip("/")


@pytest.fixture
def sealed(sealed_once: str, databases: Databases) -> Iterator[str]:
    """The address of a copy of it."""
    with databases.copy(sealed_once) as dsn:
        yield dsn
