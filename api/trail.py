"""The trail of a request: two ids by which logs, traces, faults and answers are found to belong.

The request's id is the caller's where `X-Request-Id` holds one that a program made, and goes back
to them with every answer. The trace's id is that of the `traceparent` (W3C Trace Context) that
came along, or a new one: it is what a caller is told of a fault.
"""

import random
import re
from collections.abc import Awaitable
from contextvars import ContextVar
from typing import Final, NamedTuple

from starlette.types import ASGIApp, Message, Receive, Scope, Send

REQUEST_ID: Final = b"x-request-id"
"""The header that names a request."""
TRACEPARENT: Final = b"traceparent"
"""The header that names the trace to which a request belongs."""

_BEGINS: Final = frozenset({"http.response.start", "websocket.accept"})
# What programs make has a digit and is not short. A name or a number of telephone is neither, and
# stays out of the logs.
_WELL_FORMED: Final = re.compile(rb"(?=.*[0-9])[0-9A-Za-z_-]{16,64}")
_PARENT: Final = re.compile(rb"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-")


_CHANCE: Final = random.Random(random.SystemRandom().getrandbits(256))  # noqa: S311 - no secrets
"""What ids are drawn from. They tell requests apart, and nothing has to be kept from anybody."""


def _new_id() -> str:
    return f"{_CHANCE.getrandbits(128):032x}"


class Trail(NamedTuple):
    """The ids under which something is done."""

    request_id: str
    trace_id: str
    """Sixteen bytes in hexadecimal."""


_CURRENT: ContextVar[Trail | None] = ContextVar("trail", default=None)


def current() -> Trail | None:
    """Give the trail of what is done at the moment; None where nobody asked for it."""
    return _CURRENT.get()


def trace_id() -> str:
    """Give the id of the trace to which what happens now belongs, a new one where there is none."""
    trail = _CURRENT.get()
    return _new_id() if trail is None else trail.trace_id


def headers() -> dict[str, str]:
    """Give the header that names the request, for an answer from outside of `Trails`."""
    trail = _CURRENT.get()
    return {} if trail is None else {REQUEST_ID.decode(): trail.request_id}


def branch() -> None:
    """Let what follows in this task have a trace of its own, on the trail of the same request.

    A connection lives for hours and carries many operations: each is found by itself.
    """
    trail = _CURRENT.get()
    if trail is not None:
        _CURRENT.set(Trail(trail.request_id, _new_id()))


class Trails:
    """Begins a trail for each request, and tells its id with the answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    # Neither has a frame of its own to wait in: an answer that is kept takes not much longer.

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Serve as the application within does."""
        if scope["type"] == "lifespan":
            return self._app(scope, receive, send)
        trail = _begun(scope)
        _CURRENT.set(trail)

        def told(message: Message) -> Awaitable[None]:
            if message["type"] in _BEGINS:
                header = REQUEST_ID, trail.request_id.encode()
                message["headers"] = [*message.get("headers", ()), header]
            return send(message)

        return self._app(scope, receive, told)


def _begun(scope: Scope) -> Trail:
    headers = dict(scope["headers"])
    given, parent = headers.get(REQUEST_ID), headers.get(TRACEPARENT)
    found = None if parent is None else _PARENT.match(parent)
    trace = _new_id() if found is None else found[1].decode()
    if given is None or _WELL_FORMED.fullmatch(given) is None:
        return Trail(trace, trace)
    return Trail(given.decode(), trace)
