"""A server that is told to end breaks nothing off, and others go on where it was."""

import asyncio
import signal
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any
from uuid import uuid4

import orjson
import pytest
import websockets

from tests.faults.client import Client, NotSent
from tests.faults.listening import positions_by_socket, positions_by_stream
from tests.faults.program import Program, together
from tests.faults.writer import REGISTER, Writers
from tests.store.wire import Wire

LONGEST = 10.0
"""Seconds in which a server has ended that was told to."""
CLIENTS = 6
RESTARTING = 1012


@pytest.fixture
async def pair(
    prepared: str,
    key: str,  # noqa: ARG001 - it is known when they are ready
    folder: Path,
) -> AsyncIterator[tuple[Program, Program]]:
    """Two servers on one database."""
    ending, staying = (Program(["serve"], prepared, folder) for _ in range(2))
    async with together(ending, staying):
        yield ending, staying


async def test_no_request_fails_while_a_server_ends_under_load(
    pair: tuple[Program, Program], prepared: str, key: str
) -> None:
    ending, staying = pair
    writers = Writers([ending.url, staying.url], key, Random(1), pause=0.0)  # noqa: S311
    enough = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(writers.write(CLIENTS, enough))
        await asyncio.sleep(0.5)
        stopping = asyncio.create_task(ending.stop())
        ready = await _readiness(ending)
        took = await stopping
        await asyncio.sleep(0.2)
        enough.set()
    assert writers.failures == []
    assert took < LONGEST
    assert ending.status == 0, ending.said()
    assert 503 in ready
    assert set(ready[ready.index(503) :]) == {503}, "once it is not ready it stays so"
    await writers.check(prepared)


async def _readiness(program: Program) -> list[int]:
    """Ask whether it is ready until nobody answers any more, over new connections."""
    told = []
    while program.runs:
        async with Client(program.url) as client:
            try:
                told.append((await client.send("GET", "/health/ready")).status)
            except NotSent:
                return told
        await asyncio.sleep(0.02)
    return told


async def test_another_process_goes_on_with_the_read_models_at_once(
    pair: tuple[Program, Program], key: str
) -> None:
    ending, staying = pair
    await ending.stop()
    began = time.monotonic()
    async with Client(staying.url, key) as client:
        done = await _register(client)
        answer = await client.ask(
            "query ($id: ID!) { organisation(id: $id) { name } }",
            at=done["position"],
            id=done["created"],
        )
    assert answer.json()["data"]["organisation"] == {"name": "Atmo"}
    assert time.monotonic() - began < 3.0, "long before a lease is over"


async def _register(client: Client) -> dict[str, Any]:
    answer = await client.ask(REGISTER, command=str(uuid4()), name="Atmo")
    done: dict[str, Any] = answer.json()["data"]["registerOrganisation"]
    return done


async def test_who_listens_goes_on_elsewhere_and_misses_nothing(
    pair: tuple[Program, Program], key: str
) -> None:
    ending, staying = pair
    async with Client(staying.url, key) as client:
        first = int((await _register(client))["position"])
        by_socket = asyncio.create_task(positions_by_socket(ending.url, key, after=first - 1))
        by_stream = asyncio.create_task(positions_by_stream(ending.url, key, after=first - 1))
        await asyncio.sleep(0.5)
        took = await ending.stop()
        seen_by_socket, code = await by_socket
        seen_by_stream, frames = await by_stream
        second = int((await _register(client))["position"])
    assert took < LONGEST / 2, "nobody waits for what has no end"
    assert seen_by_socket == seen_by_stream == [first]
    assert code == RESTARTING
    assert "event: complete" not in frames, "what is complete is not taken up again"
    async with asyncio.timeout(LONGEST):
        again = await positions_by_socket(staying.url, key, after=first, enough=1)
    assert again[0] == [second]


@pytest.fixture
async def far(
    prepared: str,
    key: str,  # noqa: ARG001 - it is known when it is ready
    folder: Path,
) -> AsyncIterator[tuple[Wire, Program]]:
    """A server whose database does not answer what it appends until the wire is let go on."""
    async with Wire(prepared) as wire:
        program = Program(["serve"], wire.dsn, folder)
        async with together(program):
            wire.connection("append").hold()
            yield wire, program


async def test_what_was_begun_over_a_socket_is_answered_before_it_closes(
    far: tuple[Wire, Program], key: str
) -> None:
    wire, ending = far
    answering = asyncio.create_task(_register_by_socket(ending.url, key))
    await asyncio.sleep(0.5)
    ending.signal(signal.SIGTERM)
    await asyncio.sleep(0.3)
    assert not answering.done()
    wire.connection("append").go_on()
    told, code = await answering
    assert told["registerOrganisation"]["__typename"] == "RegisterOrganisationSuccess"
    assert code == RESTARTING


async def _register_by_socket(url: str, key: str) -> tuple[dict[str, Any], int | None]:
    async with websockets.connect(
        f"{url.replace('http', 'ws')}/graphql",
        subprotocols=[websockets.Subprotocol("graphql-transport-ws")],
        additional_headers={"authorization": f"Bearer {key}"},
    ) as socket:
        await socket.send('{"type": "connection_init"}')
        await socket.recv()
        variables = {"command": str(uuid4()), "name": "Atmo"}
        payload = {"query": REGISTER, "variables": variables}
        await socket.send(
            orjson.dumps({"type": "subscribe", "id": "1", "payload": payload}), text=True
        )
        messages = [orjson.loads(await socket.recv()) for _ in range(2)]
        with suppress(websockets.ConnectionClosedError):
            await socket.recv()
    assert [message["type"] for message in messages] == ["next", "complete"]
    return messages[0]["payload"]["data"], socket.close_code


async def test_who_is_told_twice_ends_at_once(far: tuple[Wire, Program], key: str) -> None:
    _, ending = far
    async with Client(ending.url, key) as client:
        waiting = asyncio.create_task(_register(client))
        await asyncio.sleep(0.5)
        ending.signal(signal.SIGINT)
        await asyncio.sleep(0.3)
        assert ending.runs, "what is under way is waited for"
        began = time.monotonic()
        ending.signal(signal.SIGINT)
        assert await ending.ended() - began < 3.0
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
