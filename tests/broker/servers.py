"""Servers of NATS, alone or as a cluster, which can be killed and started again."""

import asyncio
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import nats
import nats.errors
from nats.aio.client import Client

PATIENCE: Final = 15.0
"""Seconds in which a server, or a cluster, is there."""
PROGRAM: Final = shutil.which("nats-server", path=f"{Path(sys.executable).parent}:{os.defpath}")

DEPLOYED: Final = Path(__file__).parents[2] / "infra" / "deployment" / "nats.conf"
"""How the broker is configured in containers."""

_CONFIGURED: Final = """
server_name: {name}
listen: 127.0.0.1:{port}
jetstream {{ store_dir: "{folder}/{name}", sync_interval: always }}
{more}
"""
_CLUSTERED: Final = """
cluster {{ name: test, listen: 127.0.0.1:{route}, routes: [{routes}] }}
"""


class Server:
    """One server, with JetStream, in a folder."""

    def __init__(self, folder: Path, name: str, port: int, configured: str, who: str = "") -> None:
        """Nothing runs yet.

        Args:
            folder: where it may write.
            name: its name.
            port: where it listens.
            configured: its configuration.
            who: the user and the password of those who may do everything.
        """
        self.name = name
        self.port = port
        self.url = f"nats://{who}127.0.0.1:{port}"
        self._log = folder / f"{name}.log"
        self._configuration = folder / f"{name}.conf"
        self._configuration.write_text(configured)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, or start it again."""
        assert PROGRAM is not None, "nats-server is there"
        with self._log.open("ab") as log:
            command = [PROGRAM, "--config", str(self._configuration)]
            self._process = subprocess.Popen(command, stdout=log, stderr=log)

    def kill(self) -> None:
        """End it without a word (SIGKILL)."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    @property
    def runs(self) -> bool:
        """Whether it is there."""
        return self._process is not None and self._process.poll() is None

    def said(self) -> str:
        """Give what it has written."""
        return self._log.read_text(errors="replace")


async def _silently(_error: Exception) -> None:
    """Leave it to whoever asked."""


async def client_of(*servers: Server) -> Client:
    """Give a client that looks for another server when one is lost."""
    return await nats.connect([each.url for each in servers], error_cb=_silently)


@asynccontextmanager
async def alone(folder: Path, more: str = "") -> AsyncIterator[Server]:
    """Run one server; ``more`` is added to its configuration."""
    (port,) = free_ports(1)
    server = Server(folder, "alone", port, _configured(folder, "alone", port, more))
    async with _running((server,)):
        yield server


@asynccontextmanager
async def deployed(folder: Path) -> AsyncIterator[Server]:
    """Run one that is configured as it is deployed, but for where it listens and writes."""
    (port,) = free_ports(1)
    configured = (
        DEPLOYED.read_text("utf-8")
        .replace("port: 4222", f"listen: 127.0.0.1:{port}")
        .replace("http: 127.0.0.1:8222", "")
        .replace("/var/tmp", str(folder / "deployed"))  # noqa: S108 - in the container
        .replace("$NATS_PASSWORD", "all")
        .replace("$NATS_PARTNER_PASSWORD", "some")
    )
    server = Server(folder, "deployed", port, configured, "cordee:all@")
    async with _running((server,)):
        yield server


@asynccontextmanager
async def clustered(folder: Path, size: int = 3) -> AsyncIterator[Sequence[Server]]:
    """Run some servers as a cluster."""
    ports = free_ports(2 * size)
    routes = ", ".join(f'"nats://127.0.0.1:{route}"' for route in ports[size:])
    servers = []
    for number, (port, route) in enumerate(zip(ports[:size], ports[size:], strict=True), 1):
        name, more = f"n{number}", _CLUSTERED.format(route=route, routes=routes)
        servers.append(Server(folder, name, port, _configured(folder, name, port, more)))
    async with _running(servers):
        yield servers


def _configured(folder: Path, name: str, port: int, more: str) -> str:
    return _CONFIGURED.format(folder=folder, name=name, port=port, more=more)


@asynccontextmanager
async def _running(servers: Sequence[Server]) -> AsyncIterator[None]:
    try:
        for server in servers:
            server.start()
        for server in servers:
            await ready(server)
        yield
    finally:
        for server in servers:
            if server.runs:
                server.kill()


async def ready(server: Server) -> None:
    """Wait until a server answers, and JetStream with it."""
    deadline = time.monotonic() + PATIENCE
    while True:
        assert server.runs, server.said()
        assert time.monotonic() < deadline, server.said()
        client = Client()
        try:
            await client.connect(
                server.url,
                allow_reconnect=False,
                max_reconnect_attempts=1,
                reconnect_time_wait=0,
                error_cb=_silently,
            )
            await client.jetstream(timeout=0.5).account_info()
        except (OSError, TimeoutError, nats.errors.Error) as error:
            if "authorization" in str(error).lower():
                return
            await asyncio.sleep(0.05)
        else:
            return
        finally:
            await client.close()


def free_ports(count: int) -> list[int]:
    """Give ports that nobody listens on."""
    taken = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    try:
        return [each.getsockname()[1] for each in taken]
    finally:
        for each in taken:
            each.close()
