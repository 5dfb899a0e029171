"""Building by the program: what an operator types, and what a server starts for itself."""

import asyncio
import base64
import os
import subprocess
import sys
from collections.abc import Callable

import asyncpg
import pytest
from typer.testing import CliRunner

from infra.main import app
from infra.projector.generation import LOCK, begin
from projections.cohorts import COHORTS
from tests.history import MASTER_KEY

Run = Callable[..., str]


@pytest.fixture
def environment(copied: str) -> dict[str, str]:
    """What the program is told: a database with a long story, and its key."""
    return {
        "DATABASE_URL": copied,
        "CORDEE_MASTER_KEY": base64.b64encode(MASTER_KEY).decode(),
        "COLUMNS": "200",
    }


@pytest.fixture
def projections(environment: dict[str, str]) -> Run:
    """Run `cordee projections`, and give what it says."""

    def run(*arguments: str, code: int = 0) -> str:
        ended = CliRunner().invoke(app, ["projections", *arguments], env=environment)
        assert ended.exit_code == code, ended.output
        return ended.output

    return run


def test_an_operator_rebuilds_compares_and_verifies(
    projections: Run, copied: str, runner: asyncio.Runner
) -> None:
    assert " events, about 1 s and " in projections("rebuild", "cohorts", "--dry-run")
    assert "Generation 2 of cohorts is ready at position " in projections("rebuild", "cohorts")
    same = "Generations 1 and 2 of cohorts are the same at position "
    assert same in projections("diff", "cohorts")
    switched = projections("rebuild", "cohorts", "--switch")
    assert "Generation 3 of cohorts is read now; `cordee projections back cohorts`" in switched
    runner.run(_do(copied, "update read_cohorts_3.cohort set name = 'Personne'"))
    verified = projections("verify", "cohorts", code=1)
    assert "Generation 3 of cohorts is NOT what the events say" in verified


def test_what_cannot_be_done_is_told_in_a_sentence(projections: Run) -> None:
    unknown = projections("rebuild", "cohort", code=2)
    assert "There is no read model cohort. There are: " in unknown
    for neither_nor in (("rebuild",), ("verify",), ("rebuild", "cohorts", "--all")):
        told = projections(*neither_nor, code=2)
        assert "Name one read model, or say --all." in told
    assert "There are: 1." in projections("diff", "cohorts", "--generation", "9", code=2)
    assert "territories follows no events: " in projections("rebuild", "territories", code=2)
    alone = projections("diff", "cohorts", code=2)
    assert "`cordee projections rebuild cohorts` makes another." in alone


def test_a_server_has_a_generation_built_apart(
    environment: dict[str, str], copied: str, runner: asyncio.Runner
) -> None:
    number = runner.run(_begun(copied))
    subprocess.run(
        [sys.executable, "-m", "infra.projector.building", "cohorts", str(number)],
        env=environment | {"PATH": os.environ["PATH"]},
        timeout=60,
        check=True,
    )
    (row,) = runner.run(
        _do(
            copied,
            "select state, position = (select max(position) from log.event), owner"
            " from log.generation where projection = 'cohorts' and number = $1",
            number,
        )
    )
    assert row == ("BUILDING", True, None)


def test_a_server_is_told_in_a_sentence_what_was_not_built(environment: dict[str, str]) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "infra.projector.building", "cohorts", "99"],
        env=environment | {"PATH": os.environ["PATH"]},
        timeout=60,
        check=False,
        capture_output=True,
        text=True,
    )
    assert ended.returncode == 2
    told = " ".join(ended.stderr.split())
    assert told.endswith("There is no generation 99 of cohorts any more: somebody dropped it.")
    assert "Traceback" not in told, "it may quote what people are called"


async def _begun(dsn: str) -> int:
    """Begin a generation that is read as soon as it is ready."""
    connection = await asyncpg.connect(dsn)
    async with connection.transaction():
        await connection.execute(LOCK)
        generation = await begin(connection, COHORTS, automatic=True)
    await connection.close()
    return generation.number


async def _do(dsn: str, statement: str, *arguments: object) -> list[tuple[object, ...]]:
    connection = await asyncpg.connect(dsn)
    try:
        return [tuple(row) for row in await connection.fetch(statement, *arguments)]
    finally:
        await connection.close()
