"""A WebSocket to an ASGI application, in the loop of the test."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from starlette.types import ASGIApp, Message

PROTOCOL = "graphql-transport-ws"
PATIENCE = 5.0


class Socket:
    """A client of graphql-transport-ws."""

    def __init__(self, app: ASGIApp, headers: dict[str, str]) -> None:
        self._received: asyncio.Queue[Message] = asyncio.Queue()
        self._sent: asyncio.Queue[Message] = asyncio.Queue()
        scope = {
            "type": "websocket",
            "asgi": {"version": "3.0"},
            "scheme": "ws",
            "path": "/graphql",
            "root_path": "",
            "query_string": b"",
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
            "subprotocols": [PROTOCOL],
            "extensions": {},
            "client": ("203.0.113.7", 50_000),
        }
        self.stalled = False
        """Whether this side takes no messages, as if it were too slow."""
        self._task = asyncio.ensure_future(app(scope, self._received.get, self._take))

    async def _take(self, message: Message) -> None:
        if self.stalled and message["type"] == "websocket.send":
            await asyncio.get_running_loop().create_future()  # which never comes
        await self._sent.put(message)

    async def send(self, **message: Any) -> None:
        """Send a message."""
        await self.say(json.dumps(message))

    async def say(self, text: str) -> None:
        """Send a text, whatever it is."""
        await self._received.put({"type": "websocket.receive", "text": text})

    async def receive(self) -> Any:
        """Receive a message, which must be text."""
        async with asyncio.timeout(PATIENCE):
            frame = await self._sent.get()
        assert frame["type"] == "websocket.send", frame
        assert "bytes" not in frame
        return json.loads(frame["text"])

    async def subscribe(self, id: str, query: str, **variables: Any) -> None:
        """Begin an operation."""
        await self.ask(id, query=query, variables=variables)

    async def ask(self, id: str, **payload: Any) -> None:
        """Begin an operation with a payload of one's own."""
        await self.send(id=id, type="subscribe", payload=payload)

    async def next(self, id: str) -> Any:
        """Give the next response of an operation."""
        message = await self.receive()
        assert (message["type"], message["id"]) == ("next", id), message
        return message["payload"]

    async def error(self, id: str) -> Any:
        """Give the errors with which an operation was turned away."""
        message = await self.receive()
        assert (message["type"], message["id"]) == ("error", id), message
        return message["payload"]

    async def complete(self, id: str) -> None:
        """See an operation end."""
        message = await self.receive()
        assert (message["type"], message["id"]) == ("complete", id), message

    async def closed(self) -> int:
        """See the connection closed by the other side, and give the code."""
        async with asyncio.timeout(PATIENCE):
            frame = await self._sent.get()
        assert frame["type"] == "websocket.close", frame
        assert len(frame["reason"].encode()) < 124
        return int(frame["code"])

    async def knock(self) -> Message:
        """Ask for a connection, and give the answer."""
        await self._received.put({"type": "websocket.connect"})
        return await self._sent.get()

    async def greet(self, **payload: Any) -> None:
        """Ask for a connection, get it, and begin to speak."""
        accepted = await self.knock()
        assert (accepted["type"], accepted["subprotocol"]) == ("websocket.accept", PROTOCOL)
        await self.send(type="connection_init", **({"payload": payload} if payload else {}))

    async def open(self, **payload: Any) -> None:
        """Shake hands."""
        await self.greet(**payload)
        assert (await self.receive())["type"] == "connection_ack"

    async def close(self) -> None:
        """Go away."""
        await self._received.put({"type": "websocket.disconnect", "code": 1000})
        await asyncio.wait_for(self._task, PATIENCE)


@asynccontextmanager
async def connected(app: ASGIApp, **headers: str) -> AsyncIterator[Socket]:
    """Connect to an application."""
    socket = Socket(app, headers)
    await socket.open()
    try:
        yield socket
    finally:
        await socket.close()
