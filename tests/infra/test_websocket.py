"""Messages that are written together are what a client of others reads one by one."""

import asyncio
import signal
from collections.abc import AsyncIterator
from typing import Any

import pytest
from websockets.asyncio.client import connect

from api.websocket import TEXTS
from infra.server import listen, serve

LENGTHS = (0, 1, 125, 126, 127, 65_535, 65_536, 70_000)
PATIENCE = 10.0


class Speaker:
    """An application that writes what it is asked for, and then again once it is told to close."""

    def __init__(self) -> None:
        self.writer: Any = None
        self.refused = asyncio.Event()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve one connection."""
        await receive()
        await send({"type": "websocket.accept"})
        self.writer = scope["extensions"][TEXTS]["writer"]
        assert self.writer.write(["é".encode() * (length // 2) for length in LENGTHS]) in {
            True,
            False,
        }
        await self.writer.drain()
        await receive()
        try:
            self.writer.write([b"too late"])
        except OSError:
            self.refused.set()


@pytest.fixture
async def speaker() -> AsyncIterator[tuple[Speaker, str]]:
    speaker = Speaker()
    with listen("127.0.0.1", 0) as listening:
        serving = asyncio.create_task(serve(speaker, listening, parting=asyncio.Event()))
        await asyncio.sleep(0)  # from here on it hears signals
        host, port = listening.getsockname()
        yield speaker, f"ws://{host}:{port}/"
        signal.raise_signal(signal.SIGTERM)
        await serving


async def test_messages_of_every_length_come_whole_and_in_order(
    speaker: tuple[Speaker, str],
) -> None:
    _, url = speaker
    async with asyncio.timeout(PATIENCE), connect(url) as client:
        for length in LENGTHS:
            assert await client.recv() == "é" * (length // 2)


async def test_nothing_is_written_to_who_has_left(speaker: tuple[Speaker, str]) -> None:
    application, url = speaker
    async with asyncio.timeout(PATIENCE):
        async with connect(url) as client:
            await client.recv()
        await application.refused.wait()
