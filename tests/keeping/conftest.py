"""A database in which much has happened, made once; each test gets a copy that it may damage."""

import asyncio
from collections.abc import Iterator

import asyncpg
import pytest

from tests.conftest import Databases
from tests.keeping.world import fill


@pytest.fixture(scope="session")
def filled(databases: Databases, runner: asyncio.Runner) -> Iterator[str]:
    """The name of the database that is copied."""
    with databases.copy(Databases.MIGRATED) as dsn:
        runner.run(fill(dsn))
        yield runner.run(_name_of(dsn))


@pytest.fixture
def world(filled: str, databases: Databases) -> Iterator[str]:
    """The address of a copy of it."""
    with databases.copy(filled) as dsn:
        yield dsn


async def _name_of(dsn: str) -> str:
    connection = await asyncpg.connect(dsn)
    try:
        name: str = await connection.fetchval("select current_database()")
        return name
    finally:
        await connection.close()
