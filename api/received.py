"""What is received over HTTP: the bytes that say what is asked, and how they are read."""

from typing import Any, Final, TypeAlias

import orjson
from cross_web import HTTPException
from starlette.datastructures import QueryParams
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope

from api import request
from api.head import Head
from api.limits import LONGEST_BODY, MOST_BYTES
from api.media import JSON
from api.request import Asked
from api.scalars import position
from api.starting import within
from api.trusted import Trusted

ALLOWED: Final = "GET, POST"
"""The methods of requests."""

Sent: TypeAlias = tuple[str, bytes]
"""The method of a request, and what says what is asked: its query string or its body."""


async def receive_from(scope: Scope, receive: Receive, head: Head) -> Sent:
    """Receive what says what is asked.

    Raises:
        HTTPException: it is no request of ours: its method, its type, its length or its pace.
        ClientDisconnect: its sender left.
    """
    if head.method == "GET":
        return "GET", scope["query_string"]
    if head.method != "POST":
        raise HTTPException(405, f"A request is one of {ALLOWED}.")
    if not head.in_json:
        raise HTTPException(415, f"The body of a request is {JSON}, in UTF-8.")
    try:
        return "POST", await within(LONGEST_BODY, _body(receive))
    except TimeoutError:
        slow = f"The body of a request is sent within {LONGEST_BODY:.0f} s."
        raise HTTPException(408, slow) from None


async def _body(receive: Receive) -> bytes:
    parts, taken = list[bytes](), 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        part: bytes = message.get("body", b"")
        taken += len(part)
        if taken > MOST_BYTES:
            raise HTTPException(413, f"A request has {MOST_BYTES} bytes at most.")
        if not message.get("more_body"):
            return b"".join((*parts, part)) if parts else part
        parts.append(part)


def read(sent: Sent, trusted: Trusted) -> Asked:
    """Read what is asked.

    Raises:
        HTTPException: it is not JSON.
        Malformed, DocumentRefused: as `api.request.read`.
    """
    method, text = sent
    if method == "GET":
        return _in_url(QueryParams(text), trusted)
    try:
        return request.read(orjson.loads(text), trusted)
    except orjson.JSONDecodeError as wrong:
        raise HTTPException(400, f"The body is not JSON: {wrong}.") from None


def _in_url(parameters: QueryParams, trusted: Trusted) -> Asked:
    given: dict[str, Any] = {name: value for name, value in parameters.items() if value}
    for name in given.keys() & {"variables", "extensions"}:
        try:
            given[name] = orjson.loads(given[name])
        except orjson.JSONDecodeError as wrong:
            raise HTTPException(400, f"`{name}` is not JSON: {wrong}.") from None
    return request.read(given, trusted)


def position_in(head: Head, field: str) -> int | None:
    """Read a position from a field of a head, None where there is none.

    Raises:
        HTTPException: it is no position.
    """
    given = head.get(field.encode())
    if given is None:
        return None
    try:
        return position(given)
    except ValueError as wrong:
        raise HTTPException(400, f"{field}: {wrong}.") from None
