"""Answers that are written at once, over real connections; and those that are not."""

import asyncio
import signal
from collections.abc import AsyncIterator

import pytest
from starlette.types import Receive, Scope, Send

from infra import outgoing
from infra.server import listen, serve

LONG = b"x" * 300_000


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer in as many ways as there are paths."""
    await receive()
    headers, body = [(b"content-length", b"4")], b"here"
    match scope["path"]:
        case "/long":
            headers, body = [(b"content-length", b"%d" % len(LONG))], LONG
        case "/nothing":
            headers, body = [], b""
        case "/piece":
            headers = [(b"content-length", b"8")]
        case "/short":
            headers = [(b"content-length", b"5")]
        case "/split":
            headers.append((b"x-name", b"a\r\nset-cookie: b"))
        case "/ends":
            headers.append((b"Connection", b"close"))
        case "/stream" | "/fails":
            headers = [] if scope["path"] == "/stream" else headers
    status = 204 if scope["path"] == "/nothing" else 200
    await send({"type": "http.response.start", "status": status, "headers": headers})
    if scope["path"] == "/fails":
        raise ValueError
    if scope["path"] == "/stream":
        await asyncio.sleep(0.05)
    more = scope["path"] == "/piece"
    await send({"type": "http.response.body", "body": body, "more_body": more})
    if more:
        await send({"type": "http.response.body", "body": body})


@pytest.fixture
async def address() -> AsyncIterator[tuple[str, int]]:
    """Where a server listens."""
    with listen("127.0.0.1", 0) as listening:
        serving = asyncio.create_task(serve(app, listening))
        await asyncio.sleep(0)
        yield listening.getsockname()
        signal.raise_signal(signal.SIGTERM)
        await serving


def get(path: str = "/", *fields: str, method: str = "GET") -> bytes:
    """Write a request."""
    return "\r\n".join([f"{method} {path} HTTP/1.1", "host: x", *fields, "", ""]).encode()


async def told(address: tuple[str, int], *requests: bytes) -> bytes:
    """Send requests at once, the last of which ends the connection, and give all that comes."""
    reader, writer = await asyncio.open_connection(*address)
    writer.write(b"".join(requests))
    async with asyncio.timeout(5):
        answer = await reader.read()
    writer.close()
    return answer


LAST = get("/", "connection: close")


async def test_a_connection_answers_one_request_after_the_other(address: tuple[str, int]) -> None:
    reader, writer = await asyncio.open_connection(*address)
    for _ in range(3):
        writer.write(get())
        answer = await reader.readuntil(b"here")
        assert answer.startswith(b"HTTP/1.1 200 OK\r\ndate: ")
        assert answer.endswith(b"\r\ncontent-length: 4\r\n\r\nhere")
    writer.close()


async def test_what_is_asked_at_once_is_answered_in_turns(address: tuple[str, int]) -> None:
    answer = await told(address, get("/long"), get("/stream"), get("/nothing"), LAST)
    assert answer.count(b"HTTP/1.1 200 OK") == 3
    assert answer.count(b"HTTP/1.1 204") == 1
    assert LONG in answer
    assert answer.index(LONG) < answer.index(b"4\r\nhere\r\n0") < answer.index(b"HTTP/1.1 204")
    assert answer.endswith(b"connection: close\r\n\r\nhere")


async def test_a_head_alone_has_no_body(address: tuple[str, int]) -> None:
    answer = await told(address, get("/", method="HEAD"), LAST)
    head, _, rest = answer.partition(b"\r\n\r\n")
    assert b"content-length: 4" in head
    assert rest.startswith(b"HTTP/1.1 200 OK")


async def test_an_answer_may_end_its_connection(address: tuple[str, int]) -> None:
    answer = await told(address, get("/ends"))
    assert answer.count(b"connection: close") == 1
    assert answer.endswith(b"here")


async def test_what_comes_in_pieces_is_written_as_it_comes(address: tuple[str, int]) -> None:
    answer = await told(address, get("/piece"), LAST)
    assert b"content-length: 8\r\n\r\nherehereHTTP/1.1 200" in answer


async def test_a_stream_begins_before_anything_is_in_it(address: tuple[str, int]) -> None:
    reader, writer = await asyncio.open_connection(*address)
    writer.write(get("/stream"))
    head = await reader.readuntil(b"\r\n\r\n")
    assert b"transfer-encoding: chunked" in head
    assert await reader.readuntil(b"0\r\n\r\n") == b"4\r\nhere\r\n0\r\n\r\n"
    writer.close()


async def test_who_asks_whether_to_go_on_is_told_so(address: tuple[str, int]) -> None:
    asked = get("/", "expect: 100-continue", "content-length: 2", method="POST") + b"{}"
    answer = await told(address, asked, LAST)
    assert answer.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK")


@pytest.mark.parametrize("path", ["/split", "/fails"])
async def test_what_cannot_be_sent_is_a_fault_and_nothing_of_it_is_sent(
    address: tuple[str, int], path: str
) -> None:
    answer = await told(address, get(path))
    assert answer.startswith(b"HTTP/1.1 500")
    assert b"set-cookie" not in answer


async def test_an_answer_that_is_shorter_than_it_says_is_broken_off(
    address: tuple[str, int],
) -> None:
    answer = await told(address, get("/short"), LAST)
    assert answer.count(b"HTTP/1.1") == 1


async def test_what_is_known_of_headers_has_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outgoing, "MOST_LINES", 3)
    for number in range(10):
        assert outgoing.line(b"x-name", b"%d" % number) == b"x-name: %d\r\n" % number
    assert len(outgoing._LINES) <= 3
