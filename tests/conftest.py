"""What every test may ask for: a database of its own, on one PostgreSQL for the whole run."""

import asyncio
import shutil
import tempfile
import uuid
from asyncio import AbstractEventLoop
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import asyncpg
import hypothesis
import pytest
import uvloop

from infra.migrate import migrate
from infra.postgres import EmbeddedPostgres

TEMPLATE = "template_cordee"

# A second's work a law in every run; `--hypothesis-profile=thorough` before a release.
hypothesis.settings.register_profile("quick", max_examples=50, deadline=None)
hypothesis.settings.register_profile("thorough", max_examples=2_000, deadline=None)
hypothesis.settings.load_profile("quick")


def pytest_asyncio_loop_factories() -> Mapping[str, Callable[[], AbstractEventLoop]]:
    """Run every asynchronous test on the loop that serves."""
    return {"uvloop": uvloop.new_event_loop}


@pytest.fixture(scope="session")
def server() -> Iterator[EmbeddedPostgres]:
    """One PostgreSQL for the run, fast and forgetful, with a migrated template database."""
    # Not pytest's own temporary folders: their paths are too long for a socket.
    folder = Path(tempfile.mkdtemp(prefix="cordee-tests-"))
    postgres = EmbeddedPostgres(folder, durable=False)
    try:
        asyncio.run(postgres.start())
        asyncio.run(_make_template(postgres))
        yield postgres
    finally:
        asyncio.run(postgres.stop())
        shutil.rmtree(folder)


@pytest.fixture
def database(server: EmbeddedPostgres) -> Iterator[str]:
    """The address of a fresh, migrated database that nobody else uses."""
    name = f"test_{uuid.uuid4().hex}"
    # Copying files takes half the time of copying pages through the log.
    copy = f"create database {name} template {TEMPLATE} strategy file_copy"
    asyncio.run(_as_superuser(server, copy))
    yield server.dsn_of(name)
    asyncio.run(_as_superuser(server, f"drop database {name} with (force)"))


async def _make_template(server: EmbeddedPostgres) -> None:
    await _as_superuser(server, f"create database {TEMPLATE}")
    await migrate(server.dsn_of(TEMPLATE))


async def _as_superuser(server: EmbeddedPostgres, statement: str) -> None:
    connection = await asyncpg.connect(server.dsn_of("postgres"))
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
