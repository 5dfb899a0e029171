"""The HTTP server: a port taken early, requests served, an end that breaks nothing off."""

import asyncio
import errno
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, Final, cast

import structlog
import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from api.limits import MOST_BYTES
from api.sse import STALLED
from api.websocket import PARTING
from infra.ending import heed
from infra.outgoing import Outgoing
from infra.websocket import TogetherProtocol

LINGER: Final = 1.0
"""Seconds for which a server that was told to stop still takes requests, while anybody is there.

Each answer says that its connection ends with it, so that clients go elsewhere by themselves and
none finds its connection closed at the moment at which it asks; proxies see that it is not ready.
"""
GRACE: Final = 6.0
"""Seconds that requests under way have to finish after the server was told to stop."""
_LAST: Final = 0.3
"""Seconds in which those who were taken last have asked."""
_LOOK: Final = 0.05
_LET_GO: Final = 0.5
"""Seconds in which a request that was broken off gives back what it holds."""

HEAD_IN: Final = 10.0
"""Seconds in which the head of a request is there."""
MOST_HEAD_BYTES: Final = 64 * 1024
"""Bytes of a request's head."""

_log = structlog.get_logger(__name__)


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
    app: ASGIApp,
    listening: socket.socket,
    trusted_proxies: Sequence[str] = (),
    parting: asyncio.Event | None = None,
) -> None:
    """Serve until SIGINT or SIGTERM; a second one does not wait for requests under way.

    What ``trusted_proxies`` say of a caller's address and scheme is taken for true, and of nobody
    else. ``parting`` is set when the end begins, for those who hold connections open.
    """
    parting = parting or asyncio.Event()
    server = _Server(configured(app, parting, trusted_proxies))

    def end() -> None:
        parting.set()
        server.should_exit = True

    heed(end)
    await server.serve(sockets=[listening])


def configured(
    app: ASGIApp, parting: asyncio.Event, trusted_proxies: Sequence[str] = ()
) -> uvicorn.Config:
    """Say how an application is served."""
    return uvicorn.Config(
        app,
        loop="none",
        http=cast("type[asyncio.Protocol]", partial(Impatient, parting=parting)),
        lifespan="off",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=bool(trusted_proxies),
        forwarded_allow_ips=list(trusted_proxies),
        ws=TogetherProtocol,
        ws_max_size=MOST_BYTES,
        # A ping waits behind all that a slow reader has yet to take: that they are too slow, and
        # where to go on, is told before they are taken for gone.
        ws_ping_timeout=STALLED + PARTING,
        # Each connection would compress for itself what is written once for all; and Node's own
        # client loses how a compressed connection ends (tests/clients/test_clients.py).
        ws_per_message_deflate=False,
    )


class Impatient(HttpToolsProtocol):
    """Closes a connection whose request has a head that is late, or too long."""

    def __init__(self, *args: Any, parting: asyncio.Event, **options: Any) -> None:
        super().__init__(*args, **options)
        self.access_log = False  # uvicorn takes any handler of its logger for a wish to have one
        self._parting = parting
        self._in_head = False
        self._head_due: asyncio.TimerHandle | None = None
        self._head_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for a first request."""
        super().connection_made(transport)
        self._in_head = True
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing any more."""
        self._have_head()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on, unless a head has no end."""
        super().data_received(data)
        if self._in_head:  # most are whole by now, and need no clock
            self._await_head()
            self._head_bytes += len(data)
            if self._head_bytes > MOST_HEAD_BYTES:
                self._have_head()
                self.send_400_response(
                    f"The head of a request has {MOST_HEAD_BYTES} bytes at most."
                )

    def on_message_begin(self) -> None:
        """Wait for the head of a request that has begun."""
        super().on_message_begin()
        self._in_head = True

    def on_headers_complete(self) -> None:
        """Have the head."""
        self._have_head()
        super().on_headers_complete()
        if self._parting.is_set() and self.cycle is not None:
            self.cycle.keep_alive = False  # and the answer says so

    def part(self, *, lingering: bool) -> None:
        """Let a request end that is under way, and whoever reads a stream know that it ends.

        A connection that waits for its next request is closed unless ``lingering``.
        """
        cycle: RequestResponseCycle | None = self.cycle  # none before the first request
        if cycle is None or cycle.response_complete:
            if not lingering:
                self.transport.close()
        elif cycle.chunked_encoding:
            # What has a length is soon there; a stream would go on until somebody loses patience.
            # It breaks off, for one that came to its end would not be taken up again elsewhere.
            self.transport.close()
        else:
            cycle.keep_alive = False

    def _await_head(self) -> None:
        if self._head_due is None:
            self._head_due = self.loop.call_later(HEAD_IN, self.transport.close)

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        super()._start_asgi_task(cycle, cast(Any, Outgoing(cycle, app)))

    def _have_head(self) -> None:
        self._in_head = False
        if self._head_due is not None:
            self._head_due.cancel()
            self._head_due = None
        self._head_bytes = 0


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals to `heed`: uvicorn would raise them again in the midst of our end."""
        yield

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Linger, take nobody any more, let what is under way finish, and break off the rest."""
        state, loop = self.server_state, asyncio.get_running_loop()
        now = began = loop.time()
        listened_until = None
        while now < began + GRACE and (listened_until is None or state.connections or state.tasks):
            if listened_until is None and (now >= began + LINGER or not state.connections):
                listened_until = now
                await self._stop_listening(sockets or ())
            lingering = listened_until is None or now < listened_until + _LAST
            for connection in list(state.connections):
                if isinstance(connection, Impatient):
                    connection.part(lingering=lingering)
            await asyncio.sleep(_LOOK)
            now = loop.time()
        await self._break_off()

    async def _stop_listening(self, sockets: Sequence[socket.socket]) -> None:
        """Take those who are connected already, and nobody any more."""
        # The system would reset whoever is connected and not taken, with a request on its way.
        last = [accepted for each in sockets for accepted in _accepted(each)]
        for server in self.servers:
            server.close()
        for each in sockets:
            each.close()
        loop = asyncio.get_running_loop()
        for accepted in last:
            await loop.connect_accepted_socket(self._protocol, accepted)

    def _protocol(self) -> asyncio.Protocol:
        return self.config.http_protocol_class(  # type: ignore[call-arg]
            config=self.config, server_state=self.server_state, app_state=self.lifespan.state
        )

    async def _break_off(self) -> None:
        late = list(self.server_state.tasks)
        if late:
            _log.warning("server.broken_off", requests=len(late), seconds=GRACE)
        for connection in list(self.server_state.connections):
            connection.shutdown()  # a WebSocket is told to come back, with 1012
        for task in late:
            task.cancel()
        if late:
            await asyncio.wait(late, timeout=_LET_GO)


def _accepted(listening: socket.socket) -> Iterator[socket.socket]:
    while True:
        try:
            accepted, _ = listening.accept()
        except OSError:  # nobody waits any more
            return
        accepted.setblocking(False)
        yield accepted


def _cause(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} on {host} is taken: stop what listens there, or set CORDEE_PORT."
    if error.errno == errno.EACCES:
        return f"Port {port} may not be opened by this account: set CORDEE_PORT above 1023."
    return f"{host} is no address of this machine ({error.strerror}): set CORDEE_HOST."
