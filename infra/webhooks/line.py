"""Lines: connections to one receiver, over which bodies are posted and answers begun to be read."""

import asyncio
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import aiohttp
from yarl import URL

from api.webhooks.port import WebhookError
from infra.webhooks.reach import NotReachable, Reach

LONGEST: Final = 15.0
"""Seconds in which a receiver connects, takes a body, and begins to answer."""
READ: Final = 1024
"""Bytes that are read of an answer: enough to see what is wrong."""
AT_ONCE: Final = 16
"""Connections to a receiver."""
IDLE: Final = 30.0
"""Seconds for which a connection is kept that nobody uses."""

_GONE: Final = 410
_PATIENT: Final = frozenset({429, 503})
"""Statuses that may say in ``Retry-After`` when to come again."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one request."""

    took: float
    """Seconds."""
    error: WebhookError | None
    """None where the receiver took it."""
    status: int | None = None
    """None where there was no answer."""
    text: str = ""
    """How the answer begins."""
    again_in: timedelta | None = None
    """For how long the receiver wants to be left alone."""

    @property
    def gone(self) -> bool:
        """Whether the receiver says that there is nobody to be told any more."""
        return self.status == _GONE


class Line:
    """The connections to one receiver: whoever hangs keeps nobody else waiting."""

    def __init__(
        self, url: str, reach: Reach, trusted: ssl.SSLContext, longest: float = LONGEST
    ) -> None:
        """``trusted`` says whose certificates count."""
        self.turn = asyncio.Semaphore(AT_ONCE)
        """Held by whoever posts: to wait for a connection is no part of an attempt."""
        self._url = URL(url, encoded=True)
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=AT_ONCE,
                keepalive_timeout=IDLE,
                ssl=trusted,
                resolver=aiohttp.ThreadedResolver(),
                socket_factory=reach.sockets(self._url.host or ""),
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=longest),
            auto_decompress=False,
            headers={"user-agent": "cordee-webhooks/1", "accept-encoding": "identity"},
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._session.close()

    async def post(self, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Post a body, and read how the answer begins; it is not gone after to where it leads."""
        began = time.perf_counter()
        status, text = None, b""
        again_in, error = None, None
        try:
            async with self._session.post(
                self._url, data=body, headers=headers, allow_redirects=False
            ) as response:
                status = response.status
                again_in = _again_in(response)
                error = _verdict(status)
                text = await _beginning(response)
        except TimeoutError:
            error = WebhookError.TOO_SLOW
        except aiohttp.ClientConnectorDNSError:
            error = WebhookError.NO_ADDRESS
        except (aiohttp.ClientSSLError, ssl.SSLError):
            error = WebhookError.NO_TLS
        except aiohttp.ClientConnectorError as unreached:
            private = isinstance(unreached.os_error, NotReachable)
            error = WebhookError.PRIVATE_ADDRESS if private else WebhookError.NO_CONNECTION
        except (aiohttp.ClientError, OSError):
            error = WebhookError.BROKEN_OFF
        return Answer(time.perf_counter() - began, error, status, _legible(text), again_in)


async def _beginning(response: aiohttp.ClientResponse) -> bytes:
    """Read how an answer begins; where it goes on, the connection is given up."""
    text = b""
    while len(text) < READ and (piece := await response.content.read(READ - len(text))):
        text += piece
    if not response.content.at_eof():
        response.close()
    return text


def _verdict(status: int) -> WebhookError | None:
    if 200 <= status < 300:
        return None
    return WebhookError.REDIRECTED if 300 <= status < 400 else WebhookError.REFUSED


def _again_in(response: aiohttp.ClientResponse) -> timedelta | None:
    said = response.headers.get("retry-after", "")
    if response.status not in _PATIENT or not (said.isascii() and said.isdigit()):
        return None
    return timedelta(seconds=min(int(said[:9]), 10**8))


def _legible(text: bytes) -> str:
    """Make of bytes what can be stored and shown."""
    return text.decode(errors="replace").replace("\0", "�")
