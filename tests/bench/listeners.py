"""Listeners for benchmarks: many subscribers in a process of their own, who note what they hear."""

import asyncio
import multiprocessing
import re
import resource
import time
from array import array
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Final, cast
from uuid import uuid4

import orjson
import uvloop

QUERY: Final = "subscription($after: Position) {events(after: $after) {type subject position}}"
TOLD: Final = re.compile(rb'"position":"(\d+)"\}\},"')
"""Where a frame tells the position of its event, once in each, over either transport."""
_LONGEST: Final = 64
"""Bytes in which it tells it."""
_AT_ONCE: Final = 100
"""Connections that are being made at a time."""


@dataclass(slots=True)
class Heard:
    """What all of them heard, in the order in which they did."""

    positions: "array[int]" = field(default_factory=lambda: array("q"))
    times: "array[float]" = field(default_factory=lambda: array("d"))
    """On the clock that all processes of the machine share, in seconds."""

    @property
    def last(self) -> float:
        """When the last one heard the last of it."""
        return float(self.times[-1])


class Subscriber(asyncio.Protocol):
    """One connection with one subscription."""

    def __init__(self, transport: str, after: int, heard: Heard) -> None:
        self.begun: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._socket = transport == "websocket"
        self._asked = orjson.dumps({"query": QUERY, "variables": {"after": str(after)}})
        self._heard = heard
        self._rest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask, or ask for a WebSocket to ask over."""
        self._transport = cast(asyncio.Transport, transport)
        self._transport.write(_UPGRADE if self._socket else _by_stream(self._asked))

    def data_received(self, data: bytes) -> None:
        """Note what is told."""
        data = self._rest + data
        if not self.begun.done():
            if b"\r\n\r\n" not in data:
                self._rest = data
                return
            assert data[9:12] in {b"101", b"200"}, data
            if self._socket:
                self._transport.write(_by_socket(self._asked))
            self.begun.set_result(None)
        now, end = time.perf_counter(), 0
        for told in TOLD.finditer(data):
            self._heard.positions.append(int(told[1]))
            self._heard.times.append(now)
            end = told.end()
        if (ping := data.rfind(_PING, end)) >= 0:  # who does not answer is taken for gone
            self._transport.write(_PONG + data[ping + 2 : ping + 6])
            end = ping + 6
        self._rest = data[max(end, len(data) - _LONGEST) :]

    def connection_lost(self, exc: Exception | None) -> None:
        """Nobody is meant to leave before the end."""
        if not self.begun.done():
            self.begun.set_exception(exc or EOFError("the connection ended"))


_PING: Final = b"\x89\x04"
"""How a ping of uvicorn's begins: its four bytes follow."""
_PONG: Final = b"\x8a\x84\0\0\0\0"
_UPGRADE: Final = (
    b"GET /graphql HTTP/1.1\r\nhost: bench\r\nconnection: upgrade\r\nupgrade: websocket\r\n"
    b"sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    b"sec-websocket-protocol: graphql-transport-ws\r\n\r\n"
)


def _by_socket(asked: bytes) -> bytes:
    id = str(uuid4()).encode()
    return _masked(b'{"type":"connection_init"}') + _masked(
        b'{"id":"%b","type":"subscribe","payload":%b}' % (id, asked)
    )


def _by_stream(asked: bytes) -> bytes:
    return (
        b"POST /graphql HTTP/1.1\r\nhost: bench\r\naccept: text/event-stream\r\n"
        b"content-type: application/json\r\ncontent-length: %d\r\n\r\n%b" % (len(asked), asked)
    )


def _masked(text: bytes) -> bytes:
    """Write a message of a client, under a mask of zeros."""
    if len(text) < 126:
        return bytes((0x81, 0x80 | len(text), 0, 0, 0, 0)) + text
    return bytes((0x81, 0xFE, *len(text).to_bytes(2, "big"), 0, 0, 0, 0)) + text


@dataclass(frozen=True, slots=True)
class Listeners:
    """Subscribers in another process, as they are told what to do."""

    pipe: "Connection[object, object]"

    def begun(self) -> float:
        """Wait until all have begun, and give the seconds that it took."""
        return cast(float, self.pipe.recv())

    def heard(self, frames: int, timeout: float) -> Heard:
        """Wait, for so many seconds at most, until they heard so much since they were asked last.

        Raises:
            TimeoutError: they did not.
        """
        self.pipe.send((frames, timeout))
        answer = self.pipe.recv()
        if isinstance(answer, Heard):
            return answer
        raise TimeoutError(f"{answer} of {frames} frames were heard in {timeout:.0f} s")


@contextmanager
def listeners(transport: str, port: int, count: int, after: int) -> Iterator[Listeners]:
    """Let so many subscribers listen to what happens beyond a position."""
    ours, theirs = multiprocessing.get_context("spawn").Pipe()
    process = multiprocessing.get_context("spawn").Process(
        target=_run, args=(transport, port, count, after, theirs)
    )
    process.start()
    theirs.close()
    try:
        yield Listeners(ours)
    finally:
        process.kill()
        process.join()


def _run(
    transport: str, port: int, count: int, after: int, pipe: "Connection[object, object]"
) -> None:
    many_files()
    uvloop.run(_listen(transport, port, count, after, pipe))


async def _listen(
    transport: str, port: int, count: int, after: int, pipe: "Connection[object, object]"
) -> None:
    loop, heard, room = asyncio.get_running_loop(), Heard(), asyncio.Semaphore(_AT_ONCE)
    began = time.perf_counter()

    async def one() -> Subscriber:
        async with room:
            _, subscriber = await loop.create_connection(
                lambda: Subscriber(transport, after, heard), "127.0.0.1", port
            )
            await subscriber.begun
            return subscriber

    _subscribers = await asyncio.gather(*(one() for _ in range(count)))
    pipe.send(time.perf_counter() - began)
    while True:
        frames, timeout = cast(tuple[int, float], await asyncio.to_thread(pipe.recv))
        until = loop.time() + timeout
        while len(heard.times) < frames and loop.time() < until:
            await asyncio.sleep(0.002)
        if len(heard.times) < frames:
            pipe.send(len(heard.times))
        else:
            pipe.send(Heard(heard.positions[:], heard.times[:]))
            del heard.positions[:], heard.times[:]


def many_files() -> None:
    """Allow this process as many connections as it may have."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
