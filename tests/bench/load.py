"""A load generator for benchmarks: many connections, each with one request under way."""

import asyncio
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import cast

import httptools


@dataclass(slots=True)
class Load:
    """What came of so many seconds of load."""

    seconds: float
    latencies: list[float] = field(default_factory=list)
    failures: list[bytes] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Answers per second."""
        return len(self.latencies) / self.seconds

    def quantile(self, share: float) -> float:
        """The latency in milliseconds that this share of the answers did not exceed."""
        ordered = sorted(self.latencies)
        return 1000 * ordered[min(int(share * len(ordered)), len(ordered) - 1)]


def post(path: str, body: bytes, token: str | None = None) -> bytes:
    """Write a request with a JSON body, and with the token of whoever sends it."""
    proof = "" if token is None else f"authorization: Bearer {token}\r\n"
    return (
        f"POST {path} HTTP/1.1\r\nhost: bench\r\ncontent-type: application/json\r\n"
        f"{proof}content-length: {len(body)}\r\n\r\n"
    ).encode() + body


def get(path: str) -> bytes:
    """Write a request without a body."""
    return f"GET {path} HTTP/1.1\r\nhost: bench\r\n\r\n".encode()


async def load(
    port: int,
    requests: Callable[[], Iterator[bytes]],
    *,
    clients: int,
    seconds: float,
    right: Callable[[bytes], bool],
) -> Load:
    """Send requests over so many connections for so many seconds.

    ``right`` tells whether a body is what was asked for; others are kept as failures.
    """
    result = Load(seconds)
    loop = asyncio.get_running_loop()
    until = time.perf_counter() + seconds

    def client() -> _Client:
        return _Client(requests(), result, right, until)

    connected = [await loop.create_connection(client, "127.0.0.1", port) for _ in range(clients)]
    for _, one in connected:
        one.send()
    await asyncio.gather(*(one.done for _, one in connected))
    return result


class _Client(asyncio.Protocol):
    def __init__(
        self,
        requests: Iterator[bytes],
        result: Load,
        right: Callable[[bytes], bool],
        until: float,
    ) -> None:
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._requests = requests
        self._result = result
        self._right = right
        self._until = until
        self._parser = httptools.HttpResponseParser(self)
        self._body: list[bytes] = []
        self._sent = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def send(self) -> None:
        self._sent = time.perf_counter()
        if self._sent >= self._until:
            self._transport.close()
            self.done.set_result(None)
            return
        self._transport.write(next(self._requests))

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(exc or ConnectionError("the server closed the connection"))

    def on_body(self, body: bytes) -> None:
        self._body.append(body)

    def on_message_complete(self) -> None:
        self._result.latencies.append(time.perf_counter() - self._sent)
        body = b"".join(self._body)
        self._body.clear()
        if not self._right(body):
            self._result.failures.append(body)
        self.send()
