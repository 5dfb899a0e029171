"""The trail: which ids a request has, and where they show."""

import logging
from collections.abc import Iterator
from io import StringIO
from typing import Any

import httpx
import orjson
import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from api import trail
from api.faults import MASK, broken, fault
from api.trail import Trails
from infra import log as logs

ID = "01JD8ZS4V2W6M7Q9X0ABCDEFGH"
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = f"00-{TRACE}-00f067aa0ba902b7-01"


def the_app() -> Starlette:
    async def tell(_request: Request) -> Response:
        found = trail.current()
        assert found is not None
        structlog.get_logger().info("asked")
        return JSONResponse({"request": found.request_id, "trace": found.trace_id})

    async def mask(_request: Request) -> Response:
        return JSONResponse(fault(ValueError("Jeanne Dupont"), "en", []).extensions)

    async def fail(_request: Request) -> Response:
        raise ValueError("Jeanne Dupont")

    return Starlette(
        routes=[Route("/", tell), Route("/mask", mask), Route("/fail", fail)],
        middleware=[Middleware(Trails)],
        exception_handlers={Exception: broken},
    )


async def asked(path: str = "/", headers: Any = None) -> httpx.Response:
    transport = httpx.ASGITransport(the_app(), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        return await client.get(path, headers=headers)


@pytest.fixture
def log() -> Iterator[StringIO]:
    """What is logged from now on."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    logs.configure_logging("info")
    written = StringIO()
    handler = root.handlers[0]
    assert isinstance(handler, logging.StreamHandler)
    handler.setStream(written)
    logging.getLogger("httpx").setLevel(logging.WARNING)
    yield written
    root.handlers[:], root.level = before, level


async def test_an_id_that_a_program_made_comes_back() -> None:
    answer = await asked(headers={"x-request-id": ID})
    assert answer.headers["x-request-id"] == answer.json()["request"] == ID


@pytest.mark.parametrize(
    "given",
    [
        "",
        "short-1",
        "0612345678",
        "Jeanne-Dupont-Durand",
        "jeanne.dupont.1970@example.org",
        "a" * 64 + "1",
        "a1" * 8 + "\x7f",
        'a1"} , {"level": "error"',
    ],
)
async def test_what_no_program_made_is_replaced(given: str) -> None:
    answer = await asked(headers={"x-request-id": given})
    assert answer.headers["x-request-id"] == answer.json()["trace"] != given


@given(st.binary(max_size=80).filter(lambda text: b"\n" not in text and b"\r" not in text))
async def test_whatever_is_sent_the_answer_has_one_well_formed_id(given: bytes) -> None:
    answer = await asked(headers=[(b"x-request-id", given)])
    (told,) = answer.headers.get_list("x-request-id")
    assert told.replace("-", "").replace("_", "").isalnum()
    assert 16 <= len(told) <= 64


async def test_two_requests_have_two_ids() -> None:
    first, second = await asked(), await asked()
    assert first.headers["x-request-id"] != second.headers["x-request-id"]


async def test_the_trace_of_the_caller_goes_on() -> None:
    assert (await asked(headers={"traceparent": PARENT})).json()["trace"] == TRACE


@pytest.mark.parametrize(
    "wrong",
    [
        "00-" + "0" * 32 + "-00f067aa0ba902b7-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"ff-{TRACE}-00f067aa0ba902b7-01",
        f"00-{TRACE.upper()}-00f067aa0ba902b7-01",
        f"00-{TRACE[:-1]}-00f067aa0ba902b7-01",
        "Jeanne Dupont",
    ],
)
async def test_a_trace_that_is_none_is_not_taken(wrong: str) -> None:
    told = (await asked(headers={"traceparent": wrong})).json()["trace"]
    assert told.lower() != TRACE
    assert len(bytes.fromhex(told)) == 16


async def test_what_is_logged_for_a_request_names_it(log: StringIO) -> None:
    await asked(headers={"x-request-id": ID, "traceparent": PARENT})
    (line,) = log.getvalue().splitlines()
    entry = orjson.loads(line)
    assert (entry["request_id"], entry["trace_id"]) == (ID, TRACE)


async def test_a_fault_is_found_in_the_log_by_the_trace_that_its_caller_is_told(
    log: StringIO,
) -> None:
    told = (await asked("/mask", {"x-request-id": ID, "traceparent": PARENT})).json()
    entry = orjson.loads(log.getvalue())
    assert told == {"code": "FAULT", "traceId": TRACE}
    assert (entry["event"], entry["trace_id"], entry["request_id"]) == ("fault", TRACE, ID)
    assert "Dupont" not in log.getvalue()


async def test_what_fails_outside_of_operations_is_masked_and_can_be_found() -> None:
    answer = await asked("/fail", {"x-request-id": ID, "traceparent": PARENT})
    (error,) = answer.json()["errors"]
    assert answer.status_code == 500
    assert error == {"message": MASK, "extensions": {"code": "FAULT", "traceId": TRACE}}
    assert answer.headers["x-request-id"] == ID


async def test_an_operation_of_a_long_connection_is_found_by_itself() -> None:
    seen: list[trail.Trail | None] = []

    async def app(_scope: object, _receive: object, _send: object) -> None:
        seen.append(trail.current())
        trail.branch()
        seen.append(trail.current())

    async def nothing(*_message: object) -> Any:
        raise AssertionError("nothing is received or sent")

    await Trails(app)({"type": "websocket", "headers": []}, nothing, nothing)
    before, after = seen
    assert before is not None
    assert after is not None
    assert after.request_id == before.request_id
    assert after.trace_id != before.trace_id
