"""Lines: what comes of one request, however badly a receiver behaves."""

import asyncio
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from api.webhooks.port import WebhookError
from infra.webhooks import line as lines
from infra.webhooks.line import Answer, Line
from infra.webhooks.reach import Reach
from tests.webhooks.receiver import Received, Reply, receiving, reply

LISTED = Reach.listing(["127.0.0.0/8"])


async def post(
    behaviour: Callable[[Received], Any] | None = None,
    reach: Reach = LISTED,
    host: str = "127.0.0.1",
) -> tuple[Answer, list[Received]]:
    """Post something to a receiver, and give what came of it here and there."""
    async with receiving() as receiver:
        if behaviour is not None:
            receiver.behaviour = behaviour
        url = receiver.url.replace("127.0.0.1", host)
        line = Line(url, reach, ssl.create_default_context(), 0.3)
        try:
            return await line.post(b'{"type": ""}', {"webhook-id": "1"}), receiver.received
        finally:
            await line.close()


async def served(
    serve: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Any],
    url: str = "http://127.0.0.1:{port}/",
    **listening: Any,
) -> Answer:
    """Post something to whoever serves a connection, and give what came of it."""
    trusted = listening.pop("trusted", None) or ssl.create_default_context()
    ended = asyncio.Event()
    ended.set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        ended.clear()
        try:
            await serve(reader, writer)
        finally:
            writer.close()
            ended.set()

    server = await asyncio.start_server(connected, "127.0.0.1", 0, **listening)
    line = Line(url.format(port=server.sockets[0].getsockname()[1]), LISTED, trusted, 0.3)
    try:
        return await line.post(b"{}", {})
    finally:
        await line.close()
        await ended.wait()
        server.close()


async def answering(answer: Reply) -> Answer:
    async def behave(_received: Received) -> Reply:
        return answer

    return (await post(behave))[0]


async def test_an_answer_from_200_to_299_is_enough() -> None:
    answer = await answering(reply(202, b"thanks"))
    assert (answer.status, answer.text, answer.error) == (202, "thanks", None)


async def test_any_other_is_a_failure_that_can_be_read() -> None:
    answer = await answering(reply(500, b"Zut\0 !\xff"))
    assert (answer.status, answer.text) == (500, "Zut� !�")
    assert answer.error is WebhookError.REFUSED


async def test_where_an_answer_leads_is_not_followed() -> None:
    answer = await answering(reply(301, b"", "location: http://127.0.0.1:1/admin"))
    assert (answer.status, answer.error) == (301, WebhookError.REDIRECTED)


async def test_a_receiver_that_hangs_is_left_in_time() -> None:
    async def hang(_received: Received) -> Reply:
        await asyncio.sleep(60)
        return None

    answer, _ = await post(hang)
    assert answer.error is WebhookError.TOO_SLOW
    assert answer.took < 2


async def test_a_receiver_that_answers_byte_by_byte_is_left_in_time() -> None:
    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"}")
        writer.write(b"HTTP/1.1 200 Said\r\ncontent-length: 900\r\n\r\n")
        while not writer.is_closing():
            writer.write(b".")
            await asyncio.sleep(0.02)

    answer = await served(drip)
    assert answer.error is WebhookError.TOO_SLOW


async def test_of_a_long_answer_only_the_beginning_is_read() -> None:
    answer = await answering(reply(200, b"a" * 10_000_000))
    assert (len(answer.text), answer.error) == (lines.READ, None)


@pytest.mark.parametrize(
    "half", [b"", b"HTTP/1.1 2", b"HTTP/1.1 200 Said\r\ncontent-length: 20\r\n\r\nhalf"]
)
async def test_an_answer_that_breaks_off_does_not_count(half: bytes) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"}")
        writer.write(half)

    answer = await served(serve)
    assert answer.error is WebhookError.BROKEN_OFF


async def test_where_nobody_listens_there_is_no_connection() -> None:
    line = Line("http://127.0.0.1:1/", LISTED, ssl.create_default_context(), 0.5)
    answer = await line.post(b"{}", {})
    await line.close()
    assert (answer.status, answer.error) == (None, WebhookError.NO_CONNECTION)


async def test_a_private_address_is_not_called() -> None:
    answer, received = await post(reach=Reach())
    assert (answer.error, received) == (WebhookError.PRIVATE_ADDRESS, [])


@pytest.mark.parametrize("found", [["127.0.0.1"], ["127.0.0.1", "127.0.0.2"]])
async def test_a_name_that_stands_for_a_private_address_is_not_called(
    monkeypatch: pytest.MonkeyPatch, found: list[str]
) -> None:
    _resolve_to(monkeypatch, found)
    answer, received = await post(reach=Reach(), host="a.example")
    assert (answer.error, received) == (WebhookError.PRIVATE_ADDRESS, [])


async def test_what_a_name_stands_for_is_looked_at_where_it_is_connected_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _resolve_to(monkeypatch, ["127.0.0.1"])
    answer, received = await post(host="a.example")
    assert (answer.error, len(received)) == (None, 1)
    assert received[0].headers["host"].startswith("a.example")


async def test_a_name_without_an_address_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    _resolve_to(monkeypatch, [])
    answer, _ = await post(host="a.example")
    assert answer.error is WebhookError.NO_ADDRESS


@pytest.mark.parametrize(
    ("name", "error"), [("a.example", None), ("b.example", WebhookError.NO_TLS)]
)
async def test_the_certificate_must_be_that_of_the_name(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, error: WebhookError | None
) -> None:
    serving, trusted = _certificate(tmp_path, "a.example")
    _resolve_to(monkeypatch, ["127.0.0.1"])

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(EOFError, OSError):  # whoever does not trust it says nothing
            await reader.readuntil(b"}")
            writer.write(reply(200))

    url = f"https://{name}:{{port}}/"
    answer = await served(serve, url, ssl=serving, trusted=trusted)
    assert answer.error is error


async def test_a_receiver_may_say_when_to_come_again() -> None:
    assert (await answering(reply(429, b"", "retry-after: 90"))).again_in == timedelta(seconds=90)
    assert (await answering(reply(503, b"", "retry-after: soon"))).again_in is None
    assert (await answering(reply(200, b"", "retry-after: 90"))).again_in is None


def _resolve_to(monkeypatch: pytest.MonkeyPatch, addresses: list[str]) -> None:
    """Let every name stand for some addresses."""
    monkeypatch.setattr(aiohttp, "ThreadedResolver", lambda: _Resolver(addresses))


class _Resolver:
    """Knows each name by some addresses."""

    def __init__(self, addresses: list[str]) -> None:
        self._addresses = addresses

    async def resolve(self, host: str, port: int = 0, family: int = 0) -> list[Any]:  # noqa: ARG002
        """Give the addresses."""
        if not self._addresses:
            raise socket.gaierror(socket.EAI_NONAME, "unknown")
        shared = {"hostname": host, "port": port, "family": socket.AF_INET, "proto": 0, "flags": 0}
        return [{**shared, "host": each} for each in self._addresses]

    async def close(self) -> None:
        """Have nothing to close."""


def _certificate(folder: Path, name: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Give what serves under a certificate of its own, and what trusts that."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = folder / "certificate.pem"
    file.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(file)
    return serving, ssl.create_default_context(cafile=str(file))
