"""Replies: answers over HTTP that are there as a whole, written with little ado."""

from typing import Final

import orjson
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from strawberry.types import ExecutionResult
from strawberry.types.execution import PreExecutionError

from api.executor import Answered
from api.frame import body_of
from api.tags import written


class Reply(Response):
    """An answer that is there as a whole; what says so costs little."""

    def __init__(self, body: bytes, status: int = 200, tag: str | None = None) -> None:
        self.body, self.status_code, self.background = body, status, None
        self.raw_headers = []
        self.tag = tag
        """What names it, where something does."""

    def describe(self, media: str) -> None:
        """Say what it is."""
        if self.status_code != 304:
            self.raw_headers.append((b"content-type", media.encode()))
            self.raw_headers.append((b"content-length", b"%d" % len(self.body)))
        if self.tag is not None:
            self.raw_headers.append((b"etag", written(self.tag, media).encode()))

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        """Send it; nothing follows."""
        head = {
            "type": "http.response.start",
            "status": self.status_code,
            "headers": self.raw_headers,
        }
        await send(head)
        await send({"type": "http.response.body", "body": self.body})


_STRICT: Final = 400
"""The status of what could not be executed, for those who learn it from the status."""


def reply_with(result: ExecutionResult, *, strict: bool) -> Reply:
    """Reply with a result; where it is strict, the status tells what could not be executed."""
    if not isinstance(result, Answered):
        refused = strict and isinstance(result, PreExecutionError)
        return Reply(orjson.dumps(body_of(result)), _STRICT if refused else 200)
    if result.held:
        return Reply(b"", 304, result.tag)
    return Reply(orjson.dumps(body_of(result)), 200, result.tag)
