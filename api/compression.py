"""Compression: answers in fewer bytes, for those who accept it.

Compressed is what says in `Vary` that it may be, is whole and is long enough: never a stream. The
cost is bounded: the fastest level of each coding, long answers in a thread beside the loop, and
nothing for those who accept none. `SECURITY.md` argues why what is secret may be compressed here.
"""

import asyncio
import sys
import zlib
from collections.abc import Awaitable, Callable
from functools import lru_cache
from typing import Final, NamedTuple

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.media import qualities

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

GZIP: Final = "gzip"
ZSTD: Final = "zstd"
LEAST: Final = 1_400
"""Bytes of an answer that is compressed: a shorter one is one packet anyway."""
_ACCEPTED: Final = b"accept-encoding"


class Coding(NamedTuple):
    """A way to write an answer in fewer bytes."""

    compress: Callable[[bytes], bytes]
    long: int
    """Bytes from which it is done in a thread: as much takes 0.4 ms."""


CODINGS: Final = {
    # A quarter of gzip's time and a tenth fewer bytes, on answers of 80 kB.
    ZSTD: Coding(lambda body: zstd.compress(body, 1), 256 * 1024),
    GZIP: Coding(lambda body: zlib.compress(body, 1, zlib.MAX_WBITS + 16), 64 * 1024),
}
"""What compresses, the one that we like better first."""


@lru_cache(maxsize=256)
def chosen(accepted: str, offered: tuple[str, ...] = tuple(CODINGS)) -> str | None:
    """Choose the coding that `Accept-Encoding` ranks first (RFC 9110, 12.5.3), or none."""
    given = qualities(accepted)
    anything = given.get("*", 0.0)
    ranked = {coding: given.get(coding, anything) for coding in offered}
    best = max(ranked, key=lambda coding: ranked[coding])
    return best if ranked[best] > 0 and ranked[best] >= given.get("identity", 0.0) else None


class Compression:
    """Compresses the answers of an application."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Serve as the application within does."""
        coding = None
        if scope["type"] == "http":
            for name, value in scope["headers"]:
                if name == _ACCEPTED:
                    coding = chosen(value.decode("latin-1"))
                    break
        answering = send if coding is None else _Answer(coding, send).send
        return self._app(scope, receive, answering)


class _Answer:
    """One answer on its way, held until it is known whether it comes whole."""

    def __init__(self, coding: str, send: Send) -> None:
        self._coding = coding
        self._send = send
        self._held: Message | None = None

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start" and _may_be_compressed(message):
            self._held = message
            return
        start, self._held = self._held, None
        if start is not None:
            whole = message["type"] == "http.response.body" and not message.get("more_body")
            if whole and len(message.get("body", b"")) >= LEAST:
                message = await self._compressed(start, message)
            await self._send(start)
        await self._send(message)

    async def _compressed(self, start: Message, message: Message) -> Message:
        (compress, long), body = CODINGS[self._coding], message["body"]
        packed = compress(body) if len(body) < long else await asyncio.to_thread(compress, body)
        start["headers"] = list(start["headers"])  # those of an answer that is sent again stay
        headers = MutableHeaders(raw=start["headers"])
        headers["content-encoding"] = self._coding
        headers["content-length"] = str(len(packed))
        tag = headers.get("etag")
        if tag is not None and not tag.startswith("W/"):
            headers["etag"] = f"W/{tag}"  # a strong one stands for the same bytes (RFC 9110, 8.8.3)
        return {**message, "body": packed}


def _may_be_compressed(start: Message) -> bool:
    headers = Headers(raw=start["headers"])
    if int(headers.get("content-length", 0)) < LEAST or "content-encoding" in headers:
        return False
    return _ACCEPTED.decode() in headers.get("vary", "").lower() and start["status"] != 206
