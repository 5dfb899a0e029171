"""The HTTP server: a port taken early, requests served, an end in order."""

import asyncio
import errno
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import uvicorn
from starlette.types import ASGIApp

from api.limits import MOST_BYTES

GRACE: Final = 8
"""Seconds that requests under way have to finish after the server was told to stop."""


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


async def serve(app: ASGIApp, listening: socket.socket) -> None:
    """Serve until SIGINT or SIGTERM; a second one does not wait for requests under way."""
    server = _Server(
        uvicorn.Config(
            app,
            loop="none",
            http="httptools",
            lifespan="off",
            access_log=False,
            log_config=None,
            server_header=False,
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
