"""A client that knows of each request whether it was answered, lost on its way, or never sent."""

import asyncio
from dataclasses import dataclass
from typing import Any, Final, Self
from urllib.parse import urlsplit

import orjson

PATIENCE: Final = 20.0
"""Seconds after which a request without an answer counts as lost."""


class NotSent(Exception):
    """Nobody listens there, or the connection was closed before the request was written."""


class Lost(Exception):
    """The request was written, and its connection ended without a whole answer."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        """Read it as JSON."""
        return orjson.loads(self.body)


class Client:
    """One connection to a server, kept alive for as long as the server keeps it."""

    def __init__(self, url: str, key: str | None = None) -> None:
        parts = urlsplit(url)
        assert parts.hostname is not None
        assert parts.port is not None
        self._address = (parts.hostname, parts.port)
        self._proof = "" if key is None else f"authorization: Bearer {key}\r\n"
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None

    async def ask(self, query: str, at: str | None = None, **variables: Any) -> Answer:
        """Send an operation, to be answered at a position or later."""
        extensions = {} if at is None else {"minPosition": at}
        asked = {"query": query, "variables": variables, "extensions": extensions}
        return await self.send("POST", "/graphql", orjson.dumps(asked))

    async def send(self, method: str, path: str, body: bytes = b"") -> Answer:
        """Send a request, over the connection that there is or a new one.

        Raises:
            NotSent: there was nobody to send it to.
            Lost: it was sent, and what became of it is not known.
        """
        reader, writer = await self._connected()
        head = (
            f"{method} {path} HTTP/1.1\r\nhost: test\r\naccept: application/json\r\n"
            f"content-type: application/json\r\n{self._proof}content-length: {len(body)}\r\n\r\n"
        )
        try:
            writer.write(head.encode() + body)
            async with asyncio.timeout(PATIENCE):
                answer = await _read(reader)
        except (OSError, EOFError, TimeoutError, ValueError) as error:
            self.close()
            raise Lost(f"{method} {path}: {error!r}") from error
        if answer.headers.get("connection") == "close":
            self.close()
        return answer

    async def _connected(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._streams is not None and self._streams[0].at_eof():
            self.close()
        if self._streams is None:
            try:
                self._streams = await asyncio.open_connection(*self._address)
            except OSError as error:
                raise NotSent(str(error)) from error
        return self._streams


async def _read(reader: asyncio.StreamReader) -> Answer:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    status, *lines = head.rstrip().split("\r\n")
    headers = {
        name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)
    }
    body = await reader.readexactly(int(headers["content-length"]))
    return Answer(int(status.split()[1]), headers, body)
