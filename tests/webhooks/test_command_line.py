"""Webhooks from the command line: who runs the instance lists, pauses and resumes them."""

import asyncio
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from typer.testing import CliRunner, Result

from api.webhooks.port import WEBHOOK
from infra.main import app

ENDPOINT = UUID(int=0xABC)
ID = WEBHOOK.write(ENDPOINT.int)


@pytest.fixture
def cordee(prepared: str, tmp_path: Path) -> Any:
    """Run a command on a database with one webhook."""
    _run(
        prepared,
        "insert into webhook.endpoint (id, principal, url, filter, position, rights, secret,"
        " verified) values ($1, $1, 'https://a.example/hook', '', 0, '{}', '', true)",
        ENDPOINT,
    )

    def run(*words: str) -> Result:
        env = {"DATABASE_URL": prepared, "CORDEE_DATA_DIR": str(tmp_path), "COLUMNS": "250"}
        return CliRunner(env=env).invoke(app, ["webhooks", *words])

    return run


def _run(dsn: str, statement: str, *arguments: object) -> Any:
    async def fetch() -> Any:
        connection = await asyncpg.connect(dsn)
        try:
            return await connection.fetch(statement, *arguments)
        finally:
            await connection.close()

    return asyncio.run(fetch())


def test_an_operator_pauses_and_resumes_a_webhook_and_its_owner_is_told(
    prepared: str, cordee: Any
) -> None:
    assert cordee("pause", ID).exit_code == 0
    assert cordee("resume", ID).exit_code == 0
    notices = _run(prepared, "select code from webhook.notice order by id")
    assert [row["code"] for row in notices] == ["PAUSED_BY_OPERATOR", "RESUMED_BY_OPERATOR"]
    assert not _run(prepared, "select paused from webhook.endpoint")[0]["paused"]


def test_what_there_is_not_is_told_in_a_sentence(cordee: Any) -> None:
    for unknown in ("whk_1", WEBHOOK.write(7)):
        told = cordee("pause", unknown)
        assert (told.exit_code, unknown in told.output) == (2, True)


def test_the_list_says_where_they_lead_and_how_they_fare(
    cordee: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    listed = cordee("list")
    assert listed.exit_code == 0
    told = listed.output + capsys.readouterr().out
    assert ID in told
    assert "https://a.example/hook" in told
    assert "active" in told
