"""Answers on their way out: one that is there as a whole is written at once.

uvicorn looks through every header of every answer and writes head and body apart, which takes
longer than many an answer that is kept. Most headers are the same each time: here they are looked
at once. Whatever is not whole, or is not an ordinary answer, goes the way of uvicorn, and a stream
waits behind each piece until most of it is taken: what comes next is asked for when it can be sent.
"""

from collections.abc import Awaitable
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import (
    HEADER_RE,
    HEADER_VALUE_RE,
    STATUS_LINE,
    RequestResponseCycle,
)

MOST_LINES: Final = 1_000
"""Header lines that are known to be sound; once there are more, they are looked at again."""
LONG: Final = 16 * 1024
"""Bytes from which a body is not copied behind its head."""

_EMPTY: Final = frozenset({204, 304})
"""Statuses of answers that have no body, and say no length."""
_OF_THE_CONNECTION: Final = frozenset({b"connection", b"transfer-encoding"})


class Outgoing:
    """The application, for one request whose answer is written at once if it can be."""

    __slots__ = ("_app", "_cycle", "_head", "_length", "_start")

    def __init__(self, cycle: RequestResponseCycle, app: ASGIApp) -> None:
        self._cycle = cycle
        self._app = app
        self._start: Message | None = None
        self._head: list[bytes] = []
        self._length = 0

    def __call__(self, scope: Scope, receive: Receive, _send: Send) -> Awaitable[None]:
        """Serve as the application does."""
        return self._app(scope, receive, self.send)

    async def send(self, message: Message) -> None:
        """Hold the head of an answer until it is known whether all of its body comes with it."""
        start = self._start
        if start is None:
            if not self._may_be_whole(message):
                await self._cycle.send(message)  # type: ignore[arg-type]
                if message.get("more_body") and self._cycle.flow.write_paused:
                    await self._cycle.flow.drain()
            return
        self._start = None
        cycle = self._cycle
        body: bytes = message.get("body", b"")
        if (
            message.get("more_body")
            or message["type"] != "http.response.body"
            or len(body) != self._length
            or cycle.flow.write_paused
            or cycle.disconnected
        ):
            await cycle.send(start)  # type: ignore[arg-type]
            await cycle.send(message)  # type: ignore[arg-type]
        else:
            self._write(body)

    def _may_be_whole(self, message: Message) -> bool:
        """Hold the head of an answer that says how long it is."""
        cycle = self._cycle
        if (
            message["type"] != "http.response.start"
            or cycle.response_started
            or cycle.scope["method"] == "HEAD"
        ):
            return False
        head = [STATUS_LINE[message["status"]]]
        length = None
        for name, value in (*cycle.default_headers, *message.get("headers", ())):
            known = _LINES.get((name, value))
            if known is None:
                lowered = name.lower()
                if lowered in _OF_THE_CONNECTION:
                    return False
                if lowered == b"content-length":
                    length, known = int(value), b"content-length: %b\r\n" % value
                else:
                    known = line(name, value)
            head.append(known)
        if length is None:
            if message["status"] not in _EMPTY:
                return False
            length = 0
        self._start, self._head, self._length = message, head, length
        return True

    def _write(self, body: bytes) -> None:
        """Write the whole answer, and be done with the request."""
        cycle, head = self._cycle, self._head
        head.append(b"\r\n" if cycle.keep_alive else b"connection: close\r\n\r\n")
        if len(body) < LONG:
            head.append(body)
            cycle.transport.write(b"".join(head))
        else:
            cycle.transport.writelines((b"".join(head), body))
        cycle.response_started = cycle.response_complete = True
        cycle.waiting_for_100_continue = False
        cycle.message_event.set()
        if not cycle.keep_alive:
            cycle.transport.close()
        cycle.on_response()


_NAMES: Final = set[bytes]()
"""Names of headers that are known to be sound: as many as the application has."""
_LINES: Final[dict[tuple[bytes, bytes], bytes]] = {}
"""The lines of headers that are known to be sound."""
_NEVER_TWICE: Final = frozenset({b"x-request-id", b"ratelimit", b"etag"})


def line(name: bytes, value: bytes) -> bytes:
    """Write the line of a header. Raises RuntimeError where it would break out of its line."""
    if HEADER_VALUE_RE.search(value) or (name not in _NAMES and HEADER_RE.search(name)):
        raise RuntimeError(f"the header {name!r} is not sound")
    written = b"%b: %b\r\n" % (name, value)
    if name not in _NEVER_TWICE:
        if len(_LINES) >= MOST_LINES:
            _LINES.clear()
        _LINES[name, value] = written
    if name not in _NAMES and len(_NAMES) < MOST_LINES:
        _NAMES.add(name)
    return written
