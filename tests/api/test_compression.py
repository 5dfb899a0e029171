"""Compression: for whom, of what, and what stays as it was."""

import gzip
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from threading import get_ident

import httpx
import pytest
from backports import zstd
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

import api.app
from api.compression import CODINGS, GZIP, LEAST, ZSTD, Coding, Compression, chosen
from tests.api.conftest import Client

VARY = {"vary": "accept, accept-encoding"}
NATURE = b'{"name": "Les Tisserands"}, '
PLAIN = {"accept-encoding": "identity"}


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("", None),
        ("identity", None),
        ("br, deflate", None),
        ("gzip", GZIP),
        ("GZIP", GZIP),
        ("gzip, deflate, br, zstd", ZSTD),
        ("gzip;q=1.0, zstd;q=0.5", GZIP),
        ("gzip;q=0", None),
        ("gzip;q=0, *", ZSTD),
        ("*", ZSTD),
        ("*;q=0", None),
        ("zstd;q=0, gzip;q=0.001", GZIP),
        ("gzip;q=0.5, identity;q=0.8", None),
        ("gzip, identity", GZIP),
        ("gzip;q=none", None),
        (" , ;q=1,,", None),
    ],
)
def test_the_coding_is_the_one_that_is_accepted_most_gladly(
    accepted: str, coding: str | None
) -> None:
    assert chosen(accepted) == coding


@asynccontextmanager
async def served(response: Response) -> AsyncIterator[httpx.AsyncClient]:
    async def give(_request: Request) -> Response:
        return response

    app = Starlette(routes=[Route("/", give)], middleware=[Middleware(Compression)])
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as http:
        yield http


async def raw(response: Response, accepted: str) -> tuple[httpx.Headers, bytes]:
    """Give what is sent for a response, before any client unpacks it."""
    async with (
        served(response) as http,
        http.stream("GET", "/", headers={"accept-encoding": accepted}) as answer,
    ):
        return answer.headers, b"".join([part async for part in answer.aiter_raw()])


@pytest.mark.parametrize("length", [LEAST, 10_000, 300_000])
async def test_an_answer_is_the_same_in_fewer_bytes(length: int) -> None:
    body = (NATURE * (length // len(NATURE) + 1))[:length]
    for accepted, unpack in (("gzip", gzip.decompress), ("zstd", zstd.decompress)):
        headers, sent = await raw(Response(body, headers=VARY), accepted)
        assert headers["content-encoding"] == accepted
        assert int(headers["content-length"]) == len(sent) < length / 2
        assert unpack(sent) == body


async def test_a_short_answer_goes_as_it_is() -> None:
    headers, sent = await raw(Response(b"x" * (LEAST - 1), headers=VARY), "gzip")
    assert "content-encoding" not in headers
    assert len(sent) == LEAST - 1


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"vary": "accept"}, 200),
        (VARY | {"content-encoding": "br"}, 200),
        (VARY | {"content-range": "bytes 0-1999/5000"}, 206),
    ],
)
async def test_what_does_not_say_that_it_may_be_compressed_is_not(
    headers: dict[str, str], status: int
) -> None:
    body = NATURE * 100
    sent = await raw(Response(body, status, headers), "gzip")
    assert sent[1] == body
    assert sent[0].get("content-encoding") == headers.get("content-encoding")


async def test_a_stream_is_neither_compressed_nor_held_back() -> None:
    async def parts() -> AsyncIterator[bytes]:
        yield NATURE * 100
        yield NATURE * 100

    for headers in (VARY, VARY | {"content-length": str(len(NATURE) * 200)}):
        told, sent = await raw(StreamingResponse(parts(), headers=headers), "gzip")
        assert "content-encoding" not in told
        assert sent == NATURE * 200


async def test_a_compressed_answer_has_no_tag_that_stands_for_other_bytes() -> None:
    for tag in ('"a"', 'W/"a"'):
        response = Response(NATURE * 100, headers=VARY | {"etag": tag})
        assert (await raw(response, "gzip"))[0]["etag"] == 'W/"a"'
        assert (await raw(response, "identity"))[0]["etag"] == tag


async def test_a_response_that_is_sent_again_is_as_it_was() -> None:
    response = Response(NATURE * 100, headers=VARY)
    assert await raw(response, "gzip") == await raw(response, "gzip")
    assert (await raw(response, "identity"))[1] == NATURE * 100


async def test_a_long_answer_is_compressed_beside_the_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    threads: list[int] = []

    def compress(body: bytes) -> bytes:
        threads.append(get_ident())
        return gzip.compress(body)

    monkeypatch.setitem(CODINGS, GZIP, Coding(compress, 5_000))
    await raw(Response(b"x" * 4_999, headers=VARY), "gzip")
    await raw(Response(b"x" * 5_000, headers=VARY), "gzip")
    assert threads[0] == get_ident()
    assert threads[1] != get_ident()


async def test_the_interface_compresses_what_it_answers(client: Client) -> None:
    body = {"query": "{ enumerations { name values { value fr } } }"}
    packed = await client.http.post("/graphql", json=body, headers={"accept-encoding": "gzip"})
    plain = await client.http.post("/graphql", json=body, headers=PLAIN)
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.json() == plain.json()
    for response in (packed, plain):
        assert "accept-encoding" in response.headers["vary"].split(", ")


async def test_a_calendar_may_be_compressed_too(client: Client) -> None:
    calendar = await client.http.get("/calendar/region:28.ics")
    assert "accept-encoding" in calendar.headers["vary"]


async def test_it_can_be_left_to_a_proxy(client: Client) -> None:
    app = api.app.create(
        commands=client.commands,
        reads=client.reads,
        positions=client.positions,
        feed=client.feed,
        sheets=client.sheets,
        compression=False,
    )
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as http:
        body = {"query": "{ enumerations { name values { value fr } } }"}
        response = await http.post("/graphql", json=body, headers={"accept-encoding": "gzip"})
    assert "content-encoding" not in response.headers
