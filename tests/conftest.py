"""What every test may ask for: a database of its own, on one PostgreSQL for the whole run."""

import asyncio
from asyncio import AbstractEventLoop
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import count

import asyncpg
import hypothesis
import pytest
import uvloop

from infra.migrate import migrate
from infra.postgres import EmbeddedPostgres
from infra.projector.schema import prepare
from projections.catalogue import PASTS, PROJECTIONS
from tests.scratch import scratch

# A second's work a law in every run; `--hypothesis-profile=thorough` before a release.
hypothesis.settings.register_profile("quick", max_examples=50, deadline=None)
hypothesis.settings.register_profile("thorough", max_examples=2_000, deadline=None)
hypothesis.settings.load_profile("quick")


def pytest_asyncio_loop_factories() -> Mapping[str, Callable[[], AbstractEventLoop]]:
    """Run every asynchronous test on the loop that serves."""
    return {"uvloop": uvloop.new_event_loop}


class Databases:
    """Databases for the tests of one run: copies of what is made once."""

    EMPTY = "template0"
    MIGRATED = "template_migrated"
    PREPARED = "template_prepared"

    def __init__(self, server: EmbeddedPostgres, runner: asyncio.Runner) -> None:
        self._server = server
        self._runner = runner
        self._numbers = count(1)
        self._superuser = runner.run(asyncpg.connect(server.dsn_of("postgres")))
        self._copy(self.EMPTY, self.MIGRATED)
        runner.run(migrate(server.dsn_of(self.MIGRATED)))
        self._copy(self.MIGRATED, self.PREPARED)
        runner.run(prepare(server.dsn_of(self.PREPARED), (*PROJECTIONS, *PASTS)))

    def close(self) -> None:
        """End the connection that makes them."""
        self._runner.run(self._superuser.close())

    @contextmanager
    def copy(self, template: str) -> Iterator[str]:
        """Give the address of a fresh copy that nobody else uses."""
        name = f"test_{next(self._numbers)}"
        self._copy(template, name)
        yield self._server.dsn_of(name)
        self._do(f"drop database {name} with (force)")

    def _copy(self, template: str, name: str) -> None:
        # Copying files takes a tenth of the time of copying pages through the log.
        self._do(f"create database {name} template {template} strategy file_copy")

    def _do(self, statement: str) -> None:
        self._runner.run(self._superuser.execute(statement))


@pytest.fixture(scope="session")
def runner() -> Iterator[asyncio.Runner]:
    """A loop for what no test awaits itself."""
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture(scope="session")
def server(runner: asyncio.Runner) -> Iterator[EmbeddedPostgres]:
    """One PostgreSQL for the run, fast and forgetful."""
    with scratch("cordee-tests-") as folder:
        postgres = EmbeddedPostgres(folder, durable=False)
        try:
            runner.run(postgres.start())
            yield postgres
        finally:
            runner.run(postgres.stop())


@pytest.fixture(scope="session")
def databases(server: EmbeddedPostgres, runner: asyncio.Runner) -> Iterator[Databases]:
    """What makes databases on it."""
    databases = Databases(server, runner)
    yield databases
    databases.close()


@pytest.fixture
def empty(databases: Databases) -> Iterator[str]:
    """The address of a fresh database in which nothing is."""
    with databases.copy(Databases.EMPTY) as dsn:
        yield dsn


@pytest.fixture
def database(databases: Databases) -> Iterator[str]:
    """The address of a fresh, migrated database that nobody else uses."""
    with databases.copy(Databases.MIGRATED) as dsn:
        yield dsn


@pytest.fixture
def prepared(databases: Databases) -> Iterator[str]:
    """The address of such a database that has the tables of the read model, too."""
    with databases.copy(Databases.PREPARED) as dsn:
        yield dsn
