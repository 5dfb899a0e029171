"""The outlet: what those see of the broker who do not relay themselves."""

from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import httpx
import pytest
from typer.testing import CliRunner

import api.app
from api.ports import Relayed
from infra.broker.outlet import Outlet
from infra.main import app
from infra.reads import Reads
from infra.summary import Relay, read_summary
from tests.api.ports import Still
from tests.broker.stage import Stage
from tests.generations import FIRST


@pytest.fixture
async def outlet(stage: Stage) -> AsyncIterator[Outlet]:
    """What tells of the stage's stream."""
    async with asyncpg.create_pool(stage.log.dsn, min_size=1, max_size=1) as pool:
        yield Outlet(pool, stage.settings.stream)


async def test_it_tells_how_far_public_events_have_gone(stage: Stage, outlet: Outlet) -> None:
    assert await outlet.relayed() == Relayed(0, stopped=False)
    async with stage.relaying():
        head = await stage.record(3)
        await stage.relayed(head)
    assert await outlet.relayed() == Relayed(3, stopped=False)
    async with stage.relaying(urls=("nats://127.0.0.1:9",)):
        problem = await stage.problem()
    assert await outlet.relayed() == Relayed(3, stopped=True)
    summary = await read_summary(stage.log.dsn)
    assert summary.relays == [Relay(stage.settings.stream, 3, problem)]


async def test_health_tells_it_and_a_broker_that_is_away_takes_no_server_away(
    stage: Stage, outlet: Outlet
) -> None:
    async with stage.relaying(urls=("nats://127.0.0.1:9",)):
        await stage.problem()
    reads, unused = await Reads.open(stage.log.dsn, FIRST, pool_size=1), Any
    made = api.app.create(
        commands=unused,  # type: ignore[arg-type]
        reads=reads,
        positions=Still(7),
        feed=stage.feed,
        sheets=unused,  # type: ignore[arg-type]
        outlet=outlet,
    )
    transport = httpx.ASGITransport(made)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        ready = await client.get("/health/ready")
    await reads.close()
    assert ready.status_code == 200
    assert ready.json() == {
        "status": "ready",
        "position": "7",
        "broker": {"position": "0", "stopped": True},
    }


def test_to_relay_takes_a_broker() -> None:
    said = CliRunner().invoke(app, ["relay"], env={"CORDEE_NATS_URL": ""})
    assert said.exit_code == 2
    assert "CORDEE_NATS_URL is not set: name the broker" in said.stderr
