"""A partner: the README's program, as it is printed, on the broker as it is deployed."""

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import nats
import orjson
import pytest
from nats.aio.client import Client

from infra.broker.connection import connected
from infra.broker.stream import Stream
from tests.broker.servers import Server, client_of, deployed
from tests.broker.stage import broker_of

README: Final = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
(PROGRAM,) = re.findall(
    r"```python\n(.*?)```",
    README.partition("\n### From a broker\n")[2].partition("\n### ")[0],
    re.DOTALL,
)
PATIENCE: Final = 20.0
REGION: Final = "cordee.events.region:28.departement:76.organisation.registered.v1"


@pytest.fixture
async def server(folder: Path) -> AsyncIterator[Server]:
    """The broker as it is deployed, with the stream."""
    async with deployed(folder) as server:
        async with connected([server.url], "test") as connection:
            settings = broker_of(server, stream="cordee")
            await Stream(connection.client.jetstream(), settings).prepare()
        yield server


def address(server: Server) -> str:
    """Give the address that partners are told."""
    return f"nats://partner:some@127.0.0.1:{server.port}"


async def publish(server: Server, *positions: int) -> None:
    """Let something happen in a département, and something elsewhere."""
    client = await client_of(server)
    jetstream = client.jetstream()
    for position in positions:
        title = {"fr": f"La {position}e chose"}
        event = {"sequence": f"{position:019}", "data": {"title": title}}
        await jetstream.publish(REGION, orjson.dumps(event))
        await jetstream.publish(REGION.replace("28", "84"), b"of nobody's interest here")
    await client.close()


@asynccontextmanager
async def program(server: Server, folder: Path) -> AsyncIterator[asyncio.StreamReader]:
    """Run the README's program, and give what it says."""
    (folder / "broker.py").write_text(PROGRAM, "utf-8")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "broker.py"),
        cwd=folder,
        env={**os.environ, "BROKER": address(server), "PYTHONUTF8": "1"},
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        yield process.stdout
    finally:
        process.kill()
        await process.wait()


@asynccontextmanager
async def partner(server: Server) -> AsyncIterator[tuple[Client, asyncio.Future[str]]]:
    """Give a partner's client, and what the server says to it, in small letters."""
    complaint: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def complained(error: Exception) -> None:
        if not complaint.done():
            complaint.set_result(str(error).lower())

    client = await nats.connect(address(server), error_cb=complained)
    try:
        async with asyncio.timeout(PATIENCE):
            yield client, complaint
    finally:
        await client.close()


async def lines(said: asyncio.StreamReader, count: int) -> list[str]:
    """Give the next lines that it says."""
    async with asyncio.timeout(PATIENCE):
        return [(await said.readline()).decode().rstrip() for _ in range(count)]


async def test_the_program_gets_what_happens_in_its_region_and_goes_on_where_it_was(
    server: Server, folder: Path
) -> None:
    await publish(server, 1, 2)
    async with program(server, folder) as said:
        assert await lines(said, 2) == [f"{n:019} La {n}e chose" for n in (1, 2)]
        await publish(server, 3)
        assert await lines(said, 1) == [f"{3:019} La 3e chose"]
    await publish(server, 4)
    async with program(server, folder) as said:
        (first,) = await lines(said, 1)
        assert int(first.split()[0]) in {3, 4}  # it was killed before its last word arrived, or not


@pytest.mark.parametrize(
    "subject",
    [
        REGION,
        "cordee.head",
        "$JS.API.STREAM.PURGE.cordee",
        "$JS.API.STREAM.DELETE.cordee",
        "$JS.API.STREAM.UPDATE.cordee",
        "$JS.API.STREAM.MSG.DELETE.cordee",
        "$JS.API.STREAM.CREATE.another",
    ],
)
async def test_a_partner_changes_nothing(server: Server, subject: str) -> None:
    async with partner(server) as (client, complaint):
        await client.publish(subject, b"{}")
        assert "permissions violation for publish" in await complaint


async def test_a_partner_hears_no_wake_ups(server: Server) -> None:
    async with partner(server) as (client, complaint):
        await client.subscribe("cordee.>")
        assert "permissions violation for subscription" in await complaint
