"""Keys are fetched from where an issuer says that they are, nowhere else, and within bounds."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest

from infra.identity import discovery
from infra.identity.discovery import MOST_BYTES, fetch_keys
from infra.identity.key_ring import Undiscoverable
from tests.identity.issuing import URL, published

ABOUT = f"{URL}/.well-known/openid-configuration"
KEYS = f"{URL}/keys"
SOUND: dict[str, Any] = {
    ABOUT: {"issuer": URL, "jwks_uri": KEYS},
    KEYS: {"keys": [published("one"), {"kty": "oct", "k": "AA"}, published("two")]},
}


def served(body: bytes) -> httpx.Response:
    """Answer as a server does, piece by piece."""

    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(body), 1000):
            yield body[start : start + 1000]

    return httpx.Response(200, content=pieces())


async def fetched(changed: dict[str, Any], url: str = URL) -> list[str | None]:
    def answer(request: httpx.Request) -> httpx.Response:
        found = (SOUND | changed).get(str(request.url))
        if found is None:
            return httpx.Response(404)
        if isinstance(found, httpx.Response):
            return found
        return served(found if isinstance(found, bytes) else json.dumps(found).encode())

    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http:
        return [key.id for key in await fetch_keys(url, http)]


async def test_the_keys_of_use_are_found() -> None:
    assert await fetched({}) == ["one", "two"]


async def test_a_slash_at_the_end_belongs_to_the_name_only() -> None:
    about = {ABOUT: {"issuer": f"{URL}/", "jwks_uri": KEYS}}
    assert await fetched(about, f"{URL}/") == ["one", "two"]


@pytest.mark.parametrize(
    "changed",
    [
        {ABOUT: {"issuer": "https://evil.example", "jwks_uri": KEYS}},
        {ABOUT: {"issuer": f"{URL}/", "jwks_uri": KEYS}},
        {ABOUT: {"jwks_uri": KEYS}},
        {ABOUT: {"issuer": URL}},
        {ABOUT: {"issuer": URL, "jwks_uri": 7}},
        {ABOUT: {"issuer": URL, "jwks_uri": "http://login.example/keys"}},
        {ABOUT: {"issuer": URL, "jwks_uri": "file:///etc/passwd"}},
        {ABOUT: {"issuer": URL, "jwks_uri": "https://["}},
        {ABOUT: {"issuer": URL, "jwks_uri": "https://elsewhere.example/none"}},
        {ABOUT: httpx.Response(302, headers={"location": KEYS})},
        {ABOUT: httpx.Response(500)},
        {ABOUT: b"<html>"},
        {ABOUT: b"[" * 100_000},
        {ABOUT: []},
        {ABOUT: b" " * (MOST_BYTES + 1)},
        {KEYS: {}},
        {KEYS: {"keys": {}}},
        {KEYS: {"keys": []}},
        {KEYS: {"keys": [{"kty": "oct", "k": "AA"}]}},
        {KEYS: httpx.Response(301, headers={"location": ABOUT})},
    ],
)
async def test_what_is_no_issuer_has_no_keys(changed: dict[str, Any]) -> None:
    with pytest.raises(Undiscoverable):
        await fetched(changed)


def failing(error: Exception) -> Callable[[httpx.Request], httpx.Response]:
    def answer(_request: httpx.Request) -> httpx.Response:
        raise error

    return answer


@pytest.mark.parametrize("error", [httpx.ConnectError("no"), httpx.ReadTimeout("slow")])
async def test_an_issuer_that_is_away_has_no_keys(error: Exception) -> None:
    async with httpx.AsyncClient(transport=httpx.MockTransport(failing(error))) as http:
        with pytest.raises(Undiscoverable):
            await fetch_keys(URL, http)


async def test_an_issuer_that_drips_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(discovery, "LONGEST", 0.05)

    async def drops() -> AsyncIterator[bytes]:
        while True:
            yield b" "
            await asyncio.sleep(0.01)

    def answer(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=drops())

    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http:
        with pytest.raises(Undiscoverable):
            await fetch_keys(URL, http)
