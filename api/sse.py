"""GraphQL over server-sent events: each operation on a connection of its own (graphql-sse).

A stream is `next` for each result and `complete` after the last one. A result is asked for once
the one before it was taken, so that whoever reads slowly makes the stream wait, not the memory
fill; whoever goes away ends it at once.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Final

from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from strawberry.types import ExecutionResult

from api.admission import lapse
from api.faults import fault, refused
from api.frame import Frame, Telling, failed
from api.media import EVENTS
from api.ports import Identities, Identity
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


class Results:
    """The results of an operation, of which the next ones are asked for when they are wanted."""

    def __init__(self, results: AsyncGenerator[Telling, None]) -> None:
        self._results = results
        self._first = asyncio.ensure_future(self._begin())

    async def refused(self, begun: asyncio.Event) -> Frame | None:
        """Wait until the results begin, None; or give what says why there will be none.

        What may keep an operation out takes less than `HEARTBEAT`. Raises what comes instead of
        the first result, such as `api.identity.RateLimited`.
        """
        listened = asyncio.ensure_future(begun.wait())
        try:
            await asyncio.wait(
                {self._first, listened}, timeout=HEARTBEAT, return_when=asyncio.FIRST_COMPLETED
            )
            known = self._first.done() and not begun.is_set()
            first = self._first.result() if known else None
        except BaseException:
            await self.close()
            raise
        finally:
            listened.cancel()
        return first.frames[0] if first is not None and first.frames[0].errors else None

    async def told(self) -> AsyncGenerator[Telling, None]:
        """Give them, one after the other."""
        first = await self._first
        if first is not None:
            yield first
            async for telling in self._results:
                yield telling

    async def close(self) -> None:
        """End the operation, whatever it is waiting for."""
        self._first.cancel()
        await asyncio.gather(self._first, return_exceptions=True)
        await self._results.aclose()

    async def _begin(self) -> Telling | None:
        return await anext(self._results, None)


class EventStream(Response):
    """The results of an operation as a stream of events, while its caller is who they proved."""

    media_type = EVENTS

    def __init__(
        self, results: Results, identity: Identity, identities: Identities, language: Language
    ) -> None:
        self.status_code, self.background = 200, None
        self.init_headers(_HEADERS)  # without a body, and so without its length
        self._results = results
        self._identity = identity
        self._identities = identities
        self._language = language
        self._sending = False
        self._sent_at = 0.0

    async def __call__(self, _scope: Scope, receive: Receive, send: Send) -> None:
        """Send the stream until it ends or its reader goes away."""
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        self._sent_at = asyncio.get_running_loop().time()
        telling = asyncio.ensure_future(self._tell(send))
        lapsing = asyncio.ensure_future(self._lapse())
        others = asyncio.ensure_future(_left(receive)), asyncio.ensure_future(self._live(send))
        try:
            await asyncio.wait({telling, lapsing, *others}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (telling, lapsing, *others):
                task.cancel()
            await asyncio.gather(telling, lapsing, *others, return_exceptions=True)
            await self._results.close()
        if telling.cancelled() and not lapsing.cancelled():
            await self._end(send, self._failed(lapsing))
        elif not telling.cancelled():
            telling.result()

    async def _tell(self, send: Send) -> None:
        last = b""
        try:
            async with aclosing(self._results.told()) as told:
                async for telling in told:
                    if not await self._sent(send, telling.events()):
                        return
        except Exception as error:  # noqa: BLE001 - it is logged, and told masked
            last = failed(fault(error, self._language, [])).event()
        await self._end(send, last)

    async def _live(self, send: Send) -> None:
        """Say in each silence that the stream is still there, as long as somebody takes it."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(HEARTBEAT - (loop.time() - self._sent_at))
            quiet = loop.time() - self._sent_at >= HEARTBEAT and not self._sending
            if quiet and not await self._sent(send, _ALIVE):
                return

    async def _lapse(self) -> Refusal:
        """Wait until the caller is not any more who they proved to be, and give the reason."""
        if self._identity.expires_at is None and self._identity.key is None:
            await asyncio.get_running_loop().create_future()  # which never comes
        return await lapse(self._identity, self._identities)

    def _failed(self, lapsing: "asyncio.Future[Refusal]") -> bytes:
        """Write why nothing more is told."""
        error = lapsing.exception()
        if isinstance(error, Exception):
            return failed(fault(error, self._language, [])).event()
        return failed(refused(lapsing.result(), self._language)).event()

    async def _end(self, send: Send, last: bytes) -> None:
        """Send what comes last, and that it does."""
        if await self._sent(send, last + _COMPLETE):
            await self._sent(send, b"", more=False)

    async def _sent(self, send: Send, body: bytes, *, more: bool = True) -> bool:
        """Send a piece, and tell whether its reader is there and took it in time."""
        self._sending = True
        try:
            async with asyncio.timeout(STALLED):
                await send({"type": "http.response.body", "body": body, "more_body": more})
        except OSError:  # the reader went away, or takes nothing any more
            return False
        finally:
            self._sending = False
            self._sent_at = asyncio.get_running_loop().time()
        return True


async def once(result: ExecutionResult) -> AsyncGenerator[Telling, None]:
    """Give the one result of an operation that has no more."""
    yield Telling([Frame.of(result)])


async def _left(receive: Receive) -> None:
    """Wait until the reader goes away."""
    while (await receive())["type"] != "http.disconnect":
        pass
