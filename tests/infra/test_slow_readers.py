"""Readers who are too slow, over real connections: dropped, they come back and miss nothing."""

import asyncio
import json
import re
import signal
import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from infra.server import listen, serve
from tests.api.test_events import Stage, registered

NARROW = 4_096
"""Bytes that a connection holds back, so that who takes nothing is soon waited for."""
LAST = 2_000
QUERY = (
    "subscription($after: Position) {events(after: $after) {position type noun subject version"
    " recordedAt actor command}}"
)
PATIENCE = 20.0


@pytest.fixture
def stage() -> Stage:
    """The application, and what happened."""
    stage = Stage()
    stage.feed.recorded = [registered(position) for position in range(1, LAST + 1)]
    stage.feed.at = LAST
    return stage


@pytest.fixture
async def address(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[str, int]]:
    """Where a server tells what happened to whoever asks, and waits a little for who is slow."""
    monkeypatch.setattr("api.sse.STALLED", 0.2)
    with listen("127.0.0.1", 0) as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, NARROW)
        serving = asyncio.create_task(serve(stage.app, listening, parting=asyncio.Event()))
        await asyncio.sleep(0)  # from here on it hears signals
        yield listening.getsockname()
        signal.raise_signal(signal.SIGTERM)
        await serving


def narrow(address: tuple[str, int]) -> socket.socket:
    """Connect so that little is on its way at once."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, NARROW)
    connection.connect(address)
    connection.setblocking(False)
    return connection


async def subscribed(address: tuple[str, int], after: int, **options: Any) -> ClientConnection:
    """Ask over a WebSocket for what happened after a position."""
    url = f"ws://{address[0]}:{address[1]}/graphql"
    websocket = await connect(url, subprotocols=["graphql-transport-ws"], **options)  # type: ignore[list-item]
    await websocket.send('{"type": "connection_init"}')
    await websocket.recv()
    payload = {"query": QUERY, "variables": {"after": str(after)}}
    await websocket.send(json.dumps({"id": "1", "type": "subscribe", "payload": payload}))
    return websocket


def position_of(message: str | bytes) -> int:
    """Give the position of the event that a message tells."""
    return int(json.loads(message)["payload"]["data"]["events"]["position"])


async def left(slow: ClientConnection) -> tuple[list[int], int | None]:
    """Take all that still comes: the positions, and the code with which the connection ended."""
    seen = list[int]()
    try:
        while True:
            seen.append(position_of(await slow.recv()))
    except ConnectionClosed as closed:
        return seen, closed.rcvd.code if closed.rcvd else None


async def test_over_websocket_a_slow_reader_is_told_a_code_and_goes_on_where_they_were(
    address: tuple[str, int],
) -> None:
    async with asyncio.timeout(PATIENCE):
        slow = await subscribed(address, 0, sock=narrow(address), max_queue=1)
        await asyncio.sleep(0.6)
        seen, code = await left(slow)
        assert code == 1013
        assert 0 < len(seen) < LAST
        back = await subscribed(address, seen[-1])
        while seen[-1] < LAST:
            seen.append(position_of(await back.recv()))
        await back.close()
    assert seen == list(range(1, LAST + 1))


async def test_who_is_handed_what_happens_is_dropped_once_they_take_nothing_and_slows_nobody(
    stage: Stage, address: tuple[str, int]
) -> None:
    goal = LAST + 4_000
    async with asyncio.timeout(PATIENCE):
        slow = await subscribed(address, LAST, sock=narrow(address), max_queue=1)
        quick = await subscribed(address, LAST)
        told = list[int]()
        for position in range(LAST + 1, goal + 1, 100):
            stage.feed.recorded += [registered(each) for each in range(position, position + 100)]
            stage.feed.grown.set()
            told += [position_of(await quick.recv()) for _ in range(100)]
        await asyncio.sleep(0.3)
        seen, code = await left(slow)
        assert code == 1013
        assert 0 < len(seen) < len(told)
        back = await subscribed(address, seen[-1])
        while seen[-1] < goal:
            seen.append(position_of(await back.recv()))
        await asyncio.gather(back.close(), quick.close())
    assert seen == told == list(range(LAST + 1, goal + 1))


async def test_a_connection_ends_although_nobody_takes_why(
    address: tuple[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.websocket.PARTING", 0.1)
    async with asyncio.timeout(PATIENCE):
        slow = await subscribed(address, 0, sock=narrow(address), max_queue=1)
        await asyncio.sleep(0.6)
        seen, code = await left(slow)
    assert code is None
    assert 0 < len(seen) < LAST


async def test_over_events_a_slow_reader_is_dropped_and_goes_on_where_they_were(
    address: tuple[str, int],
) -> None:
    async with asyncio.timeout(PATIENCE):
        reader, writer = await asked(address, limit=NARROW)
        await asyncio.sleep(0.6)
        seen = positions(await reader.read())
        writer.close()
        assert 0 < len(seen) < LAST
        reader, writer = await asked(address, seen[-1])
        text = b""
        while not (back := positions(text)) or back[-1] < LAST:
            text += await reader.read(100_000)
        writer.close()
    assert seen + back == list(range(1, LAST + 1))


async def asked(
    address: tuple[str, int], seen: int = 0, limit: int = 2**16
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Ask over server-sent events for what happened after a position."""
    reader, writer = await asyncio.open_connection(sock=narrow(address), limit=limit)
    body = json.dumps({"query": QUERY, "variables": {"after": "0"}}).encode()
    writer.write(
        b"POST /graphql HTTP/1.1\r\nhost: x\r\naccept: text/event-stream\r\n"
        b"content-type: application/json\r\nlast-event-id: %d\r\ncontent-length: %d\r\n\r\n%b"
        % (seen, len(body), body)
    )
    return reader, writer


def positions(text: bytes) -> list[int]:
    """Give the positions of the events that came whole."""
    return [int(found) for found in re.findall(rb"id: (\d+)\ndata: [^\n]*\n\n", text)]
