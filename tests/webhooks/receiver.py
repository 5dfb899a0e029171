"""A receiver of webhooks that does what a test says, well or badly, over plain sockets."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, TypeAlias


@dataclass(frozen=True, slots=True)
class Received:
    """A request that came."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def event(self) -> dict[str, Any]:
        """The event that it brought."""
        event: dict[str, Any] = json.loads(self.body)
        return event

    @property
    def is_challenge(self) -> bool:
        """Whether it asks for an echo."""
        return bool(self.event["type"] == "fr.cordee.webhook.challenge.v1")


Reply: TypeAlias = bytes | None
Behaviour: TypeAlias = Callable[[Received], Awaitable[Reply]]


def reply(status: int, body: bytes = b"", *headers: str) -> bytes:
    """Write an answer."""
    lines = [f"HTTP/1.1 {status} Said", *headers, f"content-length: {len(body)}", "", ""]
    return "\r\n".join(lines).encode() + body


def echo(received: Received) -> bytes:
    """Answer a challenge."""
    return reply(200, json.dumps(received.event["data"]).encode())


async def well(_received: Received) -> Reply:
    """Take what comes."""
    return reply(204)


@dataclass
class Receiver:
    """A receiver, and all that came to it."""

    port: int = 0
    behaviour: Behaviour = well
    answers_challenges: bool = True
    received: list[Received] = field(default_factory=list)
    came: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}/hook"

    @property
    def events(self) -> list[dict[str, Any]]:
        """The events that came, challenges aside, as often as they came."""
        return [each.event for each in self.received if not each.is_challenge]

    async def until(self, count: int, within: float = 5) -> list[dict[str, Any]]:
        """Wait until so many events came, and give them."""
        async with asyncio.timeout(within):
            while len(self.events) < count:
                self.came.clear()
                await self.came.wait()
        return self.events

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of one connection; no answer closes it."""
        with suppress(OSError, EOFError, ValueError):
            while (received := await _read(reader)) is not None:
                self.received.append(received)
                self.came.set()
                if received.is_challenge and self.answers_challenges:
                    answer: Reply = echo(received)
                else:
                    answer = await self.behaviour(received)
                if answer is None:
                    break
                writer.write(answer)
                await writer.drain()
        writer.close()


@asynccontextmanager
async def receiving(port: int = 0) -> AsyncIterator[Receiver]:
    """Give a receiver that listens."""
    receiver = Receiver()
    connections = set[asyncio.Task[None]]()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        connections.add(task)
        try:
            with suppress(asyncio.CancelledError):
                await receiver.serve(reader, writer)
        finally:
            writer.close()
            connections.discard(task)

    server = await asyncio.start_server(serve, "127.0.0.1", port)
    receiver.port = server.sockets[0].getsockname()[1]
    try:
        yield receiver
    finally:
        server.close()
        for each in connections:
            each.cancel()
        await asyncio.gather(*connections, return_exceptions=True)


async def _read(reader: asyncio.StreamReader) -> Received | None:
    head = await reader.readuntil(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    pairs = [line.split(": ", 1) for line in lines if line]
    headers = {name.lower(): value for name, value in pairs}
    body = await reader.readexactly(int(headers["content-length"]))
    return Received(first.split(" ")[1], headers, body)
