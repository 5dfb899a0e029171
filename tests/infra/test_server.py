"""Where the server listens, and what is said when it cannot."""

import asyncio
import signal
import socket
from collections.abc import AsyncIterator

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.routing import Route

from infra.server import GRACE, LINGER, PortTaken, listen, serve, url


def test_a_free_port_is_taken_and_named() -> None:
    with listen("127.0.0.1", 0) as listening:
        assert url(listening) == f"http://127.0.0.1:{listening.getsockname()[1]}"


def test_every_address_is_named_by_one_that_a_browser_understands() -> None:
    with listen("0.0.0.0", 0) as listening:  # noqa: S104
        assert url(listening).startswith("http://127.0.0.1:")


@pytest.mark.skipif(not socket.has_ipv6, reason="this machine has no IPv6")
def test_an_ipv6_address_stands_in_brackets() -> None:
    with listen("::1", 0) as listening:
        assert url(listening).startswith("http://[::1]:")


def test_a_taken_port_is_told_with_what_to_do() -> None:
    with listen("127.0.0.1", 0) as listening:
        port = listening.getsockname()[1]
        with pytest.raises(PortTaken, match=f"Port {port} on 127.0.0.1 is taken.*CORDEE_PORT"):
            listen("127.0.0.1", port)


@pytest.mark.parametrize("host", ["203.0.113.7", "no such host"])
def test_an_address_of_another_machine_is_told(host: str) -> None:
    with pytest.raises(PortTaken, match="no address of this machine"):
        listen(host, 0)


@pytest.fixture
async def address(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[str, int]]:
    """Where a server listens that waits for a twentieth of a second."""
    monkeypatch.setattr("infra.server.HEAD_IN", 0.05)
    app = Starlette(routes=[Route("/", lambda _request: PlainTextResponse("here"))])
    with listen("127.0.0.1", 0) as listening:
        serving = asyncio.create_task(serve(app, listening))
        await asyncio.sleep(0)  # from here on it hears signals
        yield listening.getsockname()
        signal.raise_signal(signal.SIGTERM)
        await serving


async def answered(address: tuple[str, int], *pieces: bytes, pause: float = 0.0) -> bytes:
    """Send the pieces of a request, and give all that is answered before the connection ends."""
    reader, writer = await asyncio.open_connection(*address)
    for piece in pieces:
        writer.write(piece)
        await asyncio.sleep(pause)
    answer = await asyncio.wait_for(reader.read(), 5)
    writer.close()
    return answer


async def test_a_request_is_answered(address: tuple[str, int]) -> None:
    request = b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"
    assert (await answered(address, request)).endswith(b"here")


@pytest.mark.parametrize(
    "begun", [b"", b"GET / HT", b"GET / HTTP/1.1\r\nhost: x\r\n", b"GET / HTTP/1.1\r\nx: "]
)
async def test_a_head_that_does_not_end_is_not_waited_for(
    address: tuple[str, int], begun: bytes
) -> None:
    assert await answered(address, begun) == b""


async def test_a_second_request_is_not_waited_for_either(address: tuple[str, int]) -> None:
    first = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n"
    answer = await answered(address, first, b"GET / HTTP/1.1\r\n", pause=0.01)
    assert answer.count(b"200 OK") == 1


@pytest.mark.parametrize("line", [b"x: " + b"y" * 1000 + b"\r\n", b"y" * 1000])
async def test_a_head_has_an_end(address: tuple[str, int], line: bytes) -> None:
    answer = await answered(address, b"GET / HTTP/1.1\r\nx: " + line * 70)
    assert answer.startswith(b"HTTP/1.1 400")


async def test_a_stream_does_not_keep_the_server_from_ending() -> None:
    ended = asyncio.Event()

    async def forever() -> AsyncIterator[bytes]:
        try:
            while True:
                yield b":\n\n"
                await asyncio.sleep(0.01)
        finally:
            ended.set()

    app = Starlette(routes=[Route("/", lambda _request: StreamingResponse(forever()))])
    with listen("127.0.0.1", 0) as listening:
        serving = asyncio.create_task(serve(app, listening))
        await asyncio.sleep(0)
        reader, writer = await asyncio.open_connection(*listening.getsockname())
        writer.write(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
        await reader.readuntil(b":\n\n")
        signal.raise_signal(signal.SIGTERM)
        async with asyncio.timeout(GRACE / 2):
            await serving
        writer.close()
        await writer.wait_closed()
    assert ended.is_set()


@pytest.mark.parametrize(
    ("trusted", "seen"),
    [
        ([], "127.0.0.1 http"),
        (["198.51.100.1"], "127.0.0.1 http"),
        (["127.0.0.0/8"], "203.0.113.7 https"),
    ],
)
async def test_only_a_trusted_proxy_is_believed(trusted: list[str], seen: str) -> None:
    def tell(request: Request) -> PlainTextResponse:
        assert request.client is not None
        return PlainTextResponse(f"{request.client.host} {request.url.scheme}")

    with listen("127.0.0.1", 0) as listening:
        app = Starlette(routes=[Route("/", tell)])
        serving = asyncio.create_task(serve(app, listening, trusted))
        await asyncio.sleep(0)
        answer = await answered(
            listening.getsockname(),
            b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n"
            b"x-forwarded-for: 6.6.6.6, 203.0.113.7\r\nx-forwarded-proto: https\r\n\r\n",
        )
        signal.raise_signal(signal.SIGTERM)
        await serving
    assert answer.decode().endswith(seen)


async def asked(writer: asyncio.StreamWriter, reader: asyncio.StreamReader) -> bytes:
    """Ask over a connection that is kept alive, and give the whole answer."""
    writer.write(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
    return await reader.readuntil(b"here")


async def test_who_is_connected_is_told_to_go_elsewhere_before_anything_is_closed() -> None:
    app = Starlette(routes=[Route("/", lambda _request: PlainTextResponse("here"))])
    parting = asyncio.Event()
    with listen("127.0.0.1", 0) as listening:
        address = listening.getsockname()
        serving = asyncio.create_task(serve(app, listening, (), parting))
        await asyncio.sleep(0)
        reader, writer = await asyncio.open_connection(*address)
        assert b"connection: close" not in await asked(writer, reader)
        signal.raise_signal(signal.SIGTERM)
        await parting.wait()
        assert b"connection: close" in await asked(writer, reader)
        assert await reader.read() == b""
        writer.close()
        async with asyncio.timeout(LINGER):
            await serving
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection(*address)


async def test_who_came_while_the_server_ended_is_still_answered() -> None:
    """The system has taken the connection, the server not yet: its request is on its way."""
    app = Starlette(routes=[Route("/", lambda _request: PlainTextResponse("here"))])
    with listen("127.0.0.1", 0) as listening:
        serving = asyncio.create_task(serve(app, listening))
        await asyncio.sleep(0.2)
        with socket.create_connection(listening.getsockname()) as late:
            late.sendall(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
            signal.raise_signal(signal.SIGTERM)
            late.setblocking(False)
            async with asyncio.timeout(GRACE):
                answer = await asyncio.get_running_loop().sock_recv(late, 4096)
                await serving
        assert answer.endswith(b"here")


async def test_a_request_that_takes_too_long_is_broken_off(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("infra.server.LINGER", 0.1)
    monkeypatch.setattr("infra.server.GRACE", 0.2)
    broken_off = asyncio.Event()

    async def slow(_request: Request) -> PlainTextResponse:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            broken_off.set()
            raise
        return PlainTextResponse("late")

    app = Starlette(routes=[Route("/", slow)])
    with listen("127.0.0.1", 0) as listening:
        serving = asyncio.create_task(serve(app, listening))
        await asyncio.sleep(0)
        _, writer = await asyncio.open_connection(*listening.getsockname())
        writer.write(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
        await asyncio.sleep(0.1)
        signal.raise_signal(signal.SIGTERM)
        async with asyncio.timeout(LINGER + 2):
            await serving
        writer.close()
    assert broken_off.is_set()
