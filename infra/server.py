"""The HTTP server: a port taken early, requests served, an end in order."""

import asyncio
import errno
import signal
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from api.limits import MOST_BYTES

GRACE: Final = 8
"""Seconds that requests under way have to finish after the server was told to stop."""


HEAD_IN: Final = 10.0
"""Seconds in which the head of a request is there."""
MOST_HEAD_BYTES: Final = 64 * 1024
"""Bytes of a request's head."""


class PortTaken(Exception):
    """The address cannot be listened on."""


def listen(host: str, port: int) -> socket.socket:
    """Take a port before anything else starts, so that a taken one is told at once.

    Raises:
        PortTaken: with what to do.
    """
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listening = socket.socket(family, socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise PortTaken(f"{host} is no address of this machine: set CORDEE_HOST.") from error
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind(address)
        listening.listen(2048)
    except OSError as error:
        listening.close()
        raise PortTaken(_cause(host, port, error)) from error
    return listening


def url(listening: socket.socket) -> str:
    """The address under which a browser on this machine reaches the server."""
    host, port = listening.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, host)  # noqa: S104
    return f"http://[{host}]:{port}" if ":" in host and host[0] != "[" else f"http://{host}:{port}"


async def serve(
    app: ASGIApp, listening: socket.socket, trusted_proxies: Sequence[str] = ()
) -> None:
    """Serve until SIGINT or SIGTERM; a second one does not wait for requests under way.

    What ``trusted_proxies`` say of a caller's address and scheme is taken for true, and of nobody
    else.
    """
    server = _Server(
        uvicorn.Config(
            app,
            loop="none",
            http=Impatient,
            lifespan="off",
            access_log=False,
            log_config=None,
            server_header=False,
            proxy_headers=bool(trusted_proxies),
            forwarded_allow_ips=list(trusted_proxies),
            ws_max_size=MOST_BYTES,
            timeout_graceful_shutdown=GRACE,
        )
    )
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, server.handle_exit, number, None)
    await server.serve(sockets=[listening])
    for number in (signal.SIGINT, signal.SIGTERM):  # the rest ends by itself, undisturbed
        loop.add_signal_handler(number, lambda: None)


class Impatient(HttpToolsProtocol):
    """Closes a connection whose request has a head that is late, or too long."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._head_due: asyncio.TimerHandle | None = None
        self._head_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for a first request."""
        super().connection_made(transport)
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing any more."""
        self._have_head()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on, unless a head has no end."""
        super().data_received(data)
        if self._head_due is not None:
            self._head_bytes += len(data)
            if self._head_bytes > MOST_HEAD_BYTES:
                self._have_head()
                self.send_400_response(
                    f"The head of a request has {MOST_HEAD_BYTES} bytes at most."
                )

    def on_message_begin(self) -> None:
        """Wait for the head of a request that has begun."""
        super().on_message_begin()
        self._await_head()

    def on_headers_complete(self) -> None:
        """Have the head."""
        self._have_head()
        super().on_headers_complete()

    def shutdown(self) -> None:
        """Let requests end that are under way, and whoever reads a stream know that it ends."""
        super().shutdown()
        cycle: RequestResponseCycle | None = self.cycle  # none before the first request
        # What has a length is soon there; a stream would go on until somebody loses patience.
        if cycle is not None and cycle.chunked_encoding and not cycle.response_complete:
            self.transport.close()

    def _await_head(self) -> None:
        if self._head_due is None:
            self._head_due = self.loop.call_later(HEAD_IN, self.transport.close)

    def _have_head(self) -> None:
        if self._head_due is not None:
            self._head_due.cancel()
            self._head_due = None
        self._head_bytes = 0


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals to `serve`: uvicorn would raise them again in the midst of our end."""
        yield


def _cause(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} on {host} is taken: stop what listens there, or set CORDEE_PORT."
    if error.errno == errno.EACCES:
        return f"Port {port} may not be opened by this account: set CORDEE_PORT above 1023."
    return f"{host} is no address of this machine ({error.strerror}): set CORDEE_HOST."
