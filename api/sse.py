"""GraphQL over server-sent events: each operation on a connection of its own (graphql-sse).

A stream is `next` for each result and `complete` after the last one. A result is asked for once
the one before it was taken, so that whoever reads slowly makes the stream wait, not the memory
fill; whoever goes away ends it at once.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

import orjson
from graphql import GraphQLError
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send
from strawberry.types import ExecutionResult
from strawberry.types.execution import PreExecutionError

from api.admission import lapse
from api.faults import fault, refused
from api.media import EVENTS
from api.ports import Feed, Identities, Identity, Stretch
from domain.aggregate import AggregateEvent
from domain.record import Recorded
from domain.refusal import Language, Refusal

LAST_EVENT_ID: Final = "last-event-id"
"""The header by which a reader who comes back tells the position of what they saw last."""
HEARTBEAT: Final = 12.0
"""Seconds of silence after which a stream says that it is still there."""
STALLED: Final = 60.0
"""Seconds after which a reader who takes nothing is taken for gone."""

_HEADERS: Final = {"cache-control": "no-store", "x-accel-buffering": "no"}
_ALIVE: Final = b":\n\n"
_COMPLETE: Final = b"event: complete\ndata:\n\n"


@dataclass(frozen=True, slots=True)
class Listening:
    """A feed that tells when somebody begins to listen, and goes on where a reader left off."""

    feed: Feed
    seen: int | None = None
    """The position of what the reader saw last, where they come back."""
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    """Set once the feed is listened to: nothing keeps a subscription out any more."""

    async def head(self) -> int:
        """Give the position of the newest event, or of the one that the reader saw last."""
        self.begun.set()
        return await self.feed.head() if self.seen is None else self.seen

    def since(self, after: int) -> AsyncIterator[Sequence[Recorded[AggregateEvent]]]:
        """Give every event beyond a position, without those that the reader has seen."""
        self.begun.set()
        return self.feed.since(after if self.seen is None else max(after, self.seen))

    async def stretch(self, after: int, limit: int, types: Collection[str]) -> Stretch:
        """Give events of some types beyond a position, as the feed does."""
        return await self.feed.stretch(after, limit, types)

    async def beyond(self, position: int, timeout: float) -> int:  # noqa: ASYNC109
        """Wait until something follows a position, as the feed does."""
        return await self.feed.beyond(position, timeout)


class Results:
    """The results of an operation, of which the next one is asked for when it is wanted."""

    def __init__(self, results: AsyncGenerator[ExecutionResult, None]) -> None:
        self._results = results
        self.next = self._ask()
        """What comes next: a result, or None after the last one."""

    def taken(self) -> None:
        """Ask for the result after this one."""
        self.next = self._ask()

    async def refused(self, begun: asyncio.Event) -> PreExecutionError | None:
        """Wait until the results begin, None; or give why there will be none.

        What may keep an operation out takes less than `HEARTBEAT`. Raises what comes instead of
        the first result, such as `api.identity.RateLimited`.
        """
        listened = asyncio.ensure_future(begun.wait())
        try:
            await asyncio.wait(
                {self.next, listened}, timeout=HEARTBEAT, return_when=asyncio.FIRST_COMPLETED
            )
            first = self.next.result() if self.next.done() and not begun.is_set() else None
        except BaseException:
            await self.close()
            raise
        finally:
            listened.cancel()
        return first if isinstance(first, PreExecutionError) else None

    async def close(self) -> None:
        """End the operation, whatever it is waiting for."""
        self.next.cancel()
        await asyncio.gather(self.next, return_exceptions=True)
        await self._results.aclose()

    def _ask(self) -> asyncio.Task[ExecutionResult | None]:
        async def ask() -> ExecutionResult | None:
            return await anext(self._results, None)

        return asyncio.ensure_future(ask())


class EventStream(StreamingResponse):
    """The results of an operation as a stream of events, while its caller is who they proved."""

    def __init__(
        self, results: Results, identity: Identity, identities: Identities, language: Language
    ) -> None:
        self._written = self._frames()
        super().__init__(self._written, headers=_HEADERS, media_type=EVENTS)
        self._results = results
        self._identity = identity
        self._identities = identities
        self._language = language

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        """Send the stream until it ends or its reader goes away."""
        sending = asyncio.ensure_future(self.stream_response(_patient(send)))
        leaving = asyncio.ensure_future(self.listen_for_disconnect(receive))
        try:
            await asyncio.wait({sending, leaving}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            sending.cancel()
            leaving.cancel()
            await asyncio.gather(sending, leaving, return_exceptions=True)
            await self._written.aclose()
            await self._results.close()
        if not sending.cancelled():
            with suppress(OSError):  # the reader went away, or takes nothing any more
                sending.result()

    async def _frames(self) -> AsyncGenerator[bytes, None]:
        watch = self._watch()
        try:
            while True:
                awaited: list[asyncio.Task[Any]] = [self._results.next]
                done, _ = await asyncio.wait(
                    awaited if watch is None else [*awaited, watch],
                    timeout=HEARTBEAT,
                    return_when=asyncio.FIRST_COMPLETED,
                )
                if watch is not None and watch.done():
                    yield _next(_failed(refused(watch.result(), self._language)))
                    break
                if not done:
                    yield _ALIVE
                    continue
                result = self._results.next.result()
                if result is None:
                    break
                yield _next(result)
                self._results.taken()
        except Exception as error:  # noqa: BLE001 - it is logged, and told masked
            yield _next(_failed(fault(error, self._language, [])))
        finally:
            if watch is not None:
                watch.cancel()
        yield _COMPLETE

    def _watch(self) -> asyncio.Task[Refusal] | None:
        identity = self._identity
        if identity.expires_at is None and identity.key is None:
            return None
        return asyncio.ensure_future(lapse(identity, self._identities))


async def once(result: ExecutionResult) -> AsyncGenerator[ExecutionResult, None]:
    """Give the one result of an operation that has no more."""
    yield result


def body_of(result: ExecutionResult) -> dict[str, Any]:
    """Write a result as every transport carries it; what was not executed has no data."""
    body: dict[str, Any] = {}
    if not isinstance(result, PreExecutionError):
        body["data"] = result.data
    if result.errors:
        body["errors"] = [error.formatted for error in result.errors]
    if result.extensions:
        body["extensions"] = result.extensions
    return body


def _failed(error: GraphQLError) -> ExecutionResult:
    return ExecutionResult(None, [error])


def _next(result: ExecutionResult) -> bytes:
    """Write a result on one line: PostgreSQL breaks those of its JSON between two values."""
    line = orjson.dumps(body_of(result)).replace(b"\r", b" ").replace(b"\n", b" ")
    position = _position(result.data)
    named = b"" if position is None else b"id: %b\n" % position
    return b"event: next\n%bdata: %b\n\n" % (named, line)


def _position(data: object) -> bytes | None:
    """Give the position of a result that is one event, and says where that stands."""
    match data:
        case {"events": {"position": str(position)}, **others} if not others:
            return position.encode() if position.isdecimal() else None
        case _:
            return None


def _patient(send: Send) -> Send:
    """Bound for how long a reader may take nothing."""

    async def bounded(message: Any) -> None:
        async with asyncio.timeout(STALLED):
            await send(message)

    return bounded
