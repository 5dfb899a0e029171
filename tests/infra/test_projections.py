"""Read models from the command line, as whoever runs them steers them."""

import asyncio
import base64
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import asyncpg
import pytest
from asyncpg import Record
from typer.testing import CliRunner

from infra.main import app
from infra.projector import ProjectionState, Projector, report
from infra.projector.generation import LOCK, begin
from infra.projector.status import generations
from projections.cohorts import COHORTS
from projections.organisations import ORGANISATIONS
from projections.projection import Projection
from tests.history import MASTER_KEY, Log, given, news, opened
from tests.projections.projecting import SOON, an_organisation, broken, names, until
from tests.store.recorder import LoopThread


@pytest.fixture
def environment(prepared: str, tmp_path: Path) -> Iterator[dict[str, str]]:
    """Settings that name a fresh database; each command sets the log up for itself."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    yield {
        "CORDEE_DATA_DIR": str(tmp_path),
        "CORDEE_MASTER_KEY": base64.b64encode(MASTER_KEY).decode(),
        "DATABASE_URL": prepared,
    }
    root.handlers[:], root.level = before, level


@pytest.fixture
def loop() -> Iterator[LoopThread]:
    """Where a server goes on while commands are run."""
    loop = LoopThread()
    yield loop
    loop.close()


class Server:
    """A process that folds organisations, and a log to write to."""

    def __init__(self, log: Log, projector: Projector, loop: LoopThread) -> None:
        self.log = log
        self.projector = projector
        self._loop = loop

    def record(self, *names: str) -> int:
        """Register organisations with these names, and give the position."""
        events = news(*(an_organisation(name) for name in names))
        return self._loop.run(given(self.log.store, self.log.mapper, *events))

    def shows(self, position: int) -> None:
        """Wait until organisations are shown up to a position."""

        async def passed() -> None:
            async with asyncio.timeout(SOON):
                while self.projector.position()["organisations"] < position:
                    await asyncio.sleep(0.02)

        self._loop.run(passed())

    def until(self, state: ProjectionState) -> None:
        """Wait until the generation that is read is in a state."""
        self._loop.run(until(state, self.log.dsn))

    def begins(self) -> None:
        """Let there be another generation, and wait until it is ready."""

        async def made() -> None:
            connection: asyncpg.Connection[Record] = await asyncpg.connect(self.log.dsn)
            async with connection.transaction():
                await connection.execute(LOCK)
                number = (await begin(connection, ORGANISATIONS, automatic=False)).number
            async with asyncio.timeout(SOON):
                while not any(
                    each.number == number and each.state is ProjectionState.LIVE
                    for each in await generations(connection, [ORGANISATIONS])
                ):
                    await asyncio.sleep(0.02)
            await connection.close()

        self._loop.run(made())

    def names(self) -> list[str]:
        """The names of organisations in the first generation."""
        return sorted(self._loop.run(names(self.log.dsn)))


@contextmanager
def serving(
    environment: dict[str, str], loop: LoopThread, projection: Projection = ORGANISATIONS
) -> Iterator[Server]:
    """Serve beside the commands."""
    opening = opened(environment["DATABASE_URL"])
    log = loop.run(opening.__aenter__())
    projector = loop.run(Projector.start(log.dsn, log.store, log.mapper, projections=[projection]))
    try:
        yield Server(log, projector, loop)
    finally:
        loop.run(projector.stop())
        loop.run(opening.__aexit__(None, None, None))


def cordee(environment: dict[str, str], *words: str, status: int = 0) -> str:
    """Run `cordee projections` and give what it says."""
    done = CliRunner().invoke(app, ["projections", *words], env=environment)
    assert done.exit_code == status, done.output
    return done.output


def row_of(output: str, *cells: str) -> Sequence[str]:
    """Give the cells of the first row of a printed table that begins with some."""
    for line in output.splitlines():
        found = [cell.strip() for cell in line.strip("│┃ ").replace("┃", "│").split("│")]
        if found[: len(cells)] == list(cells):
            return found
    raise AssertionError(output)


def test_what_there_is_is_listed(environment: dict[str, str], loop: LoopThread) -> None:
    with serving(environment, loop) as server:
        server.shows(server.record("Atmo Normandie"))
        server.begins()
        listed = cordee(environment, "list")
    assert row_of(listed, "organisations", "1")[2:6] == ["read", "live", "1", "0"]
    assert row_of(listed, "organisations", "2")[2:6] == ["next", "live", "1", "0"]
    assert row_of(listed, "cohorts", "1")[2:6] == ["read", "waiting", "0", "1"]
    assert row_of(listed, "territories", "1")[2] == "read"


def test_the_status_tells_how_far_each_is_and_what_stops_it(
    environment: dict[str, str], loop: LoopThread
) -> None:
    with serving(environment, loop, broken("Air Breizh", ValueError())) as server:
        server.record("Atmo Normandie", "Air Breizh", "Après")
        server.until(ProjectionState.STOPPED)
        told = cordee(environment, "status", "organisations")
    assert "head of the log: 3" in told
    found = row_of(told, "organisations 1")
    assert found[1:5] == ["read", "stopped", "1", "2"]
    assert found[-1] == "2: ValueError"


async def test_where_there_is_no_terminal_the_watch_prints_lines(
    prepared: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(report, "_PLAIN", 0.05)
    connection: asyncpg.Connection[Record] = await asyncpg.connect(prepared)
    async with opened(prepared) as log:
        await given(log.store, log.mapper, *news(an_organisation()))
        watching = asyncio.create_task(report.follow(connection, [ORGANISATIONS, COHORTS]))
        await asyncio.sleep(0.2)
        watching.cancel()
        await asyncio.wait((watching,))
    await connection.close()
    assert "organisations 1 (waiting): 0/1 events, 0 events/s" in capsys.readouterr().out


def test_an_operator_switches_and_goes_back(environment: dict[str, str], loop: LoopThread) -> None:
    with serving(environment, loop) as server:
        server.begins()
        assert "Generation 2 of organisations is read from now on. Generation 1 is kept" in cordee(
            environment, "switch", "organisations"
        )
        assert "is read already" in cordee(
            environment, "switch", "organisations", "--generation", "2"
        )
        assert "Generation 1 of organisations is read from now on" in cordee(
            environment, "back", "organisations"
        )
        assert "Generation 2 of organisations is gone" in cordee(
            environment, "drop", "organisations", "2"
        )
        server.shows(server.record("Atmo Normandie"))
        assert server.names() == ["Atmo Normandie"]


def test_a_read_model_is_paused_and_resumed(environment: dict[str, str], loop: LoopThread) -> None:
    with serving(environment, loop) as server:
        server.until(ProjectionState.LIVE)
        assert "Generation 1 of organisations is paused" in cordee(
            environment, "pause", "organisations"
        )
        assert "was paused already" in cordee(environment, "pause", "organisations")
        position = server.record("Atmo Normandie")
        server.until(ProjectionState.PAUSED)
        assert server.names() == []
        assert "is folded again" in cordee(environment, "resume", "organisations")
        assert "was not paused" in cordee(environment, "resume", "organisations")
        server.shows(position)


def test_a_stream_is_parked_and_taken_in_again(
    environment: dict[str, str], loop: LoopThread
) -> None:
    with serving(environment, loop, broken("Air Breizh", ValueError())) as server:
        position = server.record("Atmo Normandie", "Air Breizh", "Après")
        server.until(ProjectionState.STOPPED)
        assert "set aside of generation 1 of organisations from position 2 on" in cordee(
            environment, "park", "organisations", "--failing"
        )
        server.shows(position)
        assert server.names() == ["Après", "Atmo Normandie"]
        assert "stays aside of generation 1 of organisations: ValueError" in cordee(
            environment, "unpark", "organisations", status=2
        )
    with serving(environment, loop) as server:
        assert "is taken in again" in cordee(environment, "unpark", "organisations")
        assert server.names() == ["Air Breizh", "Après", "Atmo Normandie"]
        assert "No stream is set aside" in cordee(environment, "unpark", "organisations", status=2)


def test_what_has_stopped_is_tried_again(environment: dict[str, str], loop: LoopThread) -> None:
    assert "Nothing has stopped generation 1" in cordee(environment, "retry", "organisations")
    with serving(environment, loop, broken("Air Breizh", ValueError())) as server:
        server.record("Air Breizh")
        server.until(ProjectionState.STOPPED)
    assert "is tried again" in cordee(environment, "retry", "organisations")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("list", "guilds"), "There is no read model guilds. There are: territories, org"),
        (("switch", "organisations"), "there is none newer: `cordee projections rebuild"),
        (("back", "organisations"), "that was read before and was kept"),
        (("drop", "organisations", "1"), "is read: switch to another one first"),
        (("drop", "organisations", "7"), "There is no generation 7 of organisations"),
        (("pause", "organisations", "--generation", "7"), "There are: 1"),
        (("park", "organisations", "--failing"), "No event has stopped generation 1"),
        (("park", "organisations", "org_1"), "write an id as callers see it"),
        (("park", "organisations"), "Name a stream, or say --failing"),
    ],
)
def test_what_cannot_be_done_is_told_with_what_can(
    environment: dict[str, str], words: Sequence[str], told: str
) -> None:
    assert told in " ".join(cordee(environment, *words, status=2).split())


def test_a_database_without_read_models_is_told_what_makes_them(
    environment: dict[str, str], empty: str
) -> None:
    told = cordee(environment | {"DATABASE_URL": empty}, "status", status=2)
    assert "`cordee serve` makes them" in told
