"""Where metrics are shown, from before there is anything to show."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from infra.observing.observatory import UNOBSERVED, observing
from infra.observing.parts import Parts
from infra.server import PortTaken, listen
from infra.settings import Settings
from tests.end_to_end.running import PATIENCE, environment
from tests.observing.scraping import Scrape


@contextmanager
def starting(env: dict[str, str]) -> Iterator[tuple[str, Iterator[str]]]:
    """Start a server, and give where its metrics are, and what it says from then on."""
    with subprocess.Popen(
        [sys.executable, "-m", "infra.main", "serve"],
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            lines = iter(process.stdout)
            first = next(lines)
            assert first.startswith("Metrics, for operators: "), first
            yield first.split()[-1].removesuffix("/metrics"), lines
        finally:
            process.terminate()
            process.wait(PATIENCE)


def test_a_process_is_watched_before_it_is_ready(empty: str, tmp_path: Path) -> None:
    env = environment(tmp_path, DATABASE_URL=empty, CORDEE_METRICS_PORT="0")
    with starting(env) as (metrics, lines):
        assert httpx.get(f"{metrics}/health/live").status_code == 200
        assert httpx.get(f"{metrics}/health/ready").status_code == 503
        told = Scrape(httpx.get(f"{metrics}/metrics").text)
        assert (told["cordee_ready"], told["cordee_database_up"]) == (0, 0)
        ready = next(line for line in lines if " is ready " in line)
        public = ready.split()[-1].removesuffix("/graphql")
        assert httpx.get(f"{public}/health/ready").json()["status"] == "ready"
        assert httpx.get(f"{metrics}/health/ready").status_code == 200
        told = Scrape(httpx.get(f"{metrics}/metrics").text)
        assert (told["cordee_ready"], told["cordee_database_up"]) == (1, 1)


async def test_a_taken_port_is_told_with_what_to_do(tmp_path: Path) -> None:
    with listen("127.0.0.1", 0) as listening:
        port = listening.getsockname()[1]
        given = {"CORDEE_DATA_DIR": str(tmp_path), "CORDEE_METRICS_PORT": str(port)}
        with pytest.raises(PortTaken, match=f"port {port} of 127.0.0.1.*CORDEE_METRICS_PORT"):
            async with observing(Settings.from_environment(given), print):
                raise AssertionError("nothing is shown on a port of somebody else")


async def test_without_a_port_nothing_is_counted(tmp_path: Path) -> None:
    settings = Settings.from_environment({"CORDEE_DATA_DIR": str(tmp_path)})
    async with observing(settings, print) as observatory:
        assert observatory is UNOBSERVED


async def test_a_database_that_is_away_is_told(tmp_path: Path) -> None:
    said: list[str] = []
    given = {"CORDEE_DATA_DIR": str(tmp_path), "CORDEE_METRICS_PORT": "0"}
    async with observing(Settings.from_environment(given), said.append) as observatory:
        observatory.attend("postgresql://127.0.0.1:1/nowhere", Parts(ready=lambda: True))
        async with httpx.AsyncClient() as client:
            told = Scrape((await client.get(said[0].split()[-1])).text)
    assert (told["cordee_ready"], told["cordee_database_up"]) == (0, 0)
    assert "cordee_log_head_position" not in told.names()
