"""A wire between the store and its server that a test can cut, hold and listen at."""

import asyncio
import contextlib
import shutil
import struct
import tempfile
from pathlib import Path
from typing import Final, Self
from urllib.parse import parse_qs, quote, urlsplit, urlunsplit

_SOCKET: Final = ".s.PGSQL.5432"


class Connection:
    """One connection through the wire."""

    def __init__(self, application: str, writers: tuple[asyncio.StreamWriter, ...]) -> None:
        self.application = application
        self._writers = writers
        self._open = asyncio.Event()
        self._open.set()
        self.loses_answers = False
        """When the server answers next, the wire breaks instead."""

    def hold(self) -> None:
        """Let nothing through any more, and tell nobody."""
        self._open.clear()

    def go_on(self) -> None:
        """Let through what was held."""
        self._open.set()

    def cut(self) -> None:
        """Break the wire at both ends."""
        self._open.set()
        for writer in self._writers:
            writer.close()

    async def carry(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, answers: bool
    ) -> None:
        """Carry bytes one way until an end closes."""
        with contextlib.suppress(OSError):
            while data := await reader.read(65_536):
                await self._open.wait()
                if answers and self.loses_answers:
                    break
                writer.write(data)
                await writer.drain()
        self.cut()


class Wire:
    """Stands between a store and its server; `dsn` leads through it."""

    def __init__(self, dsn: str) -> None:
        parts = urlsplit(dsn)
        (sockets,) = parse_qs(parts.query)["host"]
        self._server = str(Path(sockets) / _SOCKET)
        self._folder = Path(tempfile.mkdtemp(prefix="cordee-wire-"))
        self.dsn = urlunsplit(parts._replace(query=f"host={quote(str(self._folder), safe='')}"))
        self.refuses = False
        self._connections: list[Connection] = []
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        """Begin to carry."""
        self._listener = await asyncio.start_unix_server(self._accept, self._folder / _SOCKET)
        return self

    async def __aexit__(self, *_: object) -> None:
        """Cut all that is left."""
        self._listener.close()
        for connection in self._connections:
            connection.cut()
        await asyncio.gather(*self._tasks)
        await self._listener.wait_closed()
        shutil.rmtree(self._folder)

    def connections(self, application: str) -> list[Connection]:
        """Give the connections of a kind, the newest last."""
        return [each for each in self._connections if each.application == f"cordee {application}"]

    def connection(self, application: str) -> Connection:
        """Give the newest connection of a kind."""
        return self.connections(application)[-1]

    async def until_connections(self, application: str, number: int) -> None:
        """Wait until so many connections of a kind were made, and the newest is in use."""
        async with asyncio.timeout(10):
            while len(self.connections(application)) < number:
                await asyncio.sleep(0.01)
        await asyncio.sleep(0.1)

    def break_off(self) -> None:
        """Cut every connection and refuse new ones: the database is gone."""
        self.refuses = True
        for connection in self._connections:
            connection.cut()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        if self.refuses:
            writer.close()
            return
        start = await _start_of(reader)
        server_reader, server_writer = await asyncio.open_unix_connection(self._server)
        server_writer.write(start)
        connection = Connection(_application(start), (writer, server_writer))
        self._connections.append(connection)
        await asyncio.gather(
            connection.carry(reader, server_writer, answers=False),
            connection.carry(server_reader, writer, answers=True),
        )


async def _start_of(reader: asyncio.StreamReader) -> bytes:
    """Read the first message of a client: its length, and what it wants to be."""
    length = await reader.readexactly(4)
    return length + await reader.readexactly(struct.unpack(">I", length)[0] - 4)


def _application(start: bytes) -> str:
    words = start[8:].split(b"\0")
    parameters = dict(zip(words[::2], words[1::2], strict=False))
    return parameters.get(b"application_name", b"").decode()
