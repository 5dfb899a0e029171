"""GraphQL over WebSocket (graphql-transport-ws): every operation as HTTP would answer it.

Strawberry keeps the connection: handshake, pings, ids, ends. What an operation is told is said
here, for Strawberry's own handler drops a request's extensions, and closes the connection of all
operations when one of them has a document that cannot be parsed.
"""

import asyncio
from collections.abc import AsyncGenerator, Coroutine, Mapping, Sequence
from contextlib import aclosing, suppress
from dataclasses import replace
from functools import partial
from json import JSONDecodeError
from time import monotonic
from typing import Any, Final, Protocol

import orjson
from graphql import GraphQLError
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState
from strawberry.asgi import ASGIWebSocketAdapter
from strawberry.http.exceptions import (
    NonJsonMessageReceived,
    NonTextMessageReceived,
    WebSocketDisconnected,
)
from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import (
    BaseGraphQLTransportWSHandler,
    Operation,
)
from strawberry.subscriptions.protocols.graphql_transport_ws.types import (
    ConnectionInitMessage,
    Message,
    SubscribeMessage,
)

from api import request, sse, trail
from api.admission import NOT_LET_IN, Admission, address_of, credentials_of, lapse
from api.context import Context
from api.executor import Schema
from api.fan_out import AT_ONCE
from api.faults import fault, refused
from api.frame import Telling
from api.identity import ANYBODY, RateLimited, TokenExpired, Unauthenticated
from api.limits import MESSAGES_IN, MOST_BYTES, MOST_MESSAGES
from api.request import Asked, Malformed
from api.trusted import DocumentRefused, Trusted

UNAUTHENTICATED: Final = 4401
"""The code with which a connection ends whose caller proves nothing, or nothing any more."""
FORBIDDEN: Final = 4403
"""The code with which a connection ends whose key was revoked."""
TRY_LATER: Final = 1013
"""The code with which a connection ends that may be tried again (IANA's registry)."""
RESTARTING: Final = 1012
"""The code with which a connection ends because the server does: come back (IANA's registry)."""
FLOODED: Final = 1008
"""The code with which a connection ends that sends more than it may (RFC 6455, 7.4.1)."""
TOO_BIG: Final = 1009
"""The code with which a connection ends whose message is too big (RFC 6455, 7.4.1)."""
SOON: Final = 0.1
"""Seconds from one look at what is still to be answered to the next, when the server ends."""
PARTING: Final = 30.0
"""Seconds for which a reader who took nothing can still be told why the connection ends."""
LONGEST_REASON: Final = 123
"""Bytes of the reason for which a connection ends (RFC 6455, 5.5)."""


TEXTS: Final = "cordee.texts"
"""The extension of ASGI by which a server takes several messages at once: a `Texts` as `writer`."""


class Texts(Protocol):
    """A WebSocket whose messages can be written together, without waiting for each."""

    def ready(self) -> bool:
        """Tell whether its reader keeps up, so that more can be written."""

    def write(self, messages: Sequence[bytes]) -> bool:
        """Write messages of text, in UTF-8, and tell whether their reader keeps up.

        Raises OSError when they left.
        """

    async def drain(self) -> None:
        """Wait until their reader has taken most of them. Raises OSError when they left."""


class TextWebSocket(ASGIWebSocketAdapter):
    """Sends text, for clients do not read binary frames; takes no more than HTTP does."""

    def __init__(self, view: Any, request: WebSocket, response: WebSocket) -> None:
        super().__init__(view, request, response)
        offered = response.scope.get("extensions", {}).get(TEXTS, {})
        self._texts: Texts | None = offered.get("writer")
        self._hearing = asyncio.timeout(None)
        self._dropping: asyncio.Task[None] | None = None

    async def iter_json(
        self,
        *,
        ignore_parsing_errors: bool = False,  # noqa: ARG002 - for the protocol before this one
    ) -> AsyncGenerator[object, None]:
        """Read messages, until one is too big or none comes any more."""
        while (message := await self._heard()) is not None:
            if len(message) > MOST_BYTES:
                await self.close(TOO_BIG, f"A message has {MOST_BYTES} bytes at most.")
                return
            try:
                yield orjson.loads(message)
            except JSONDecodeError as wrong:
                raise NonJsonMessageReceived from wrong

    async def _heard(self) -> bytes | None:
        if self._dropping is not None:
            await self._dropping
        if self.ws.application_state is WebSocketState.DISCONNECTED:
            return None
        try:
            async with asyncio.timeout(None) as self._hearing:
                return (await self.ws.receive_text()).encode()
        except (WebSocketDisconnect, TimeoutError):
            return None
        except KeyError as binary:
            raise NonTextMessageReceived from binary

    async def send_json(self, message: Mapping[str, object]) -> None:
        """Send a message; what PostgreSQL wrote goes through untouched."""
        await self._sent(self.ws.send_text(orjson.dumps(message).decode()))

    async def tell(self, id: bytes, telling: Telling) -> None:
        """Send what is told to an operation, whose id is JSON, and wait until most of it is taken.

        So what is asked for next has not waited for its reader when it is sent.
        """
        messages = [frame.message(id) for frame in telling.frames]
        if self._texts is None:
            for message in messages:
                await self._sent(self.ws.send_text(message.decode()))
        elif self._dropping is not None:
            raise WebSocketDisconnected
        elif not self._written(messages):
            await self._sent(self._texts.drain())

    def take(self, id: bytes, telling: Telling) -> bool:
        """Send what is told to an operation, if that needs no waiting; tell whether it did."""
        if self._texts is None or self._dropping is not None or not self._texts.ready():
            return False
        try:
            self._texts.write([frame.message(id) for frame in telling.frames])
        except OSError:  # who sends next finds out, too
            return False
        return True

    def _written(self, messages: Sequence[bytes]) -> bool:
        """Write messages together, and tell whether their reader keeps up."""
        assert self._texts is not None, "the server takes several at once"
        try:
            return self._texts.write(messages)
        except OSError as gone:
            raise WebSocketDisconnected from gone

    async def _sent(self, sending: Coroutine[Any, Any, None]) -> None:
        """Wait until something is sent; drop a reader who takes nothing."""
        if self._dropping or self.ws.application_state is WebSocketState.DISCONNECTED:
            sending.close()
            raise WebSocketDisconnected
        try:
            async with asyncio.timeout(sse.STALLED):
                await sending
        except TimeoutError as stalled:
            self._dropping = self._dropping or asyncio.create_task(self._drop())
            raise WebSocketDisconnected from stalled
        except (WebSocketDisconnect, OSError) as gone:
            raise WebSocketDisconnected from gone

    async def _drop(self) -> None:
        """End the connection of a reader who takes nothing.

        Why is told behind what is on its way, for a while: servers write nothing past a reader.
        """
        told = "Too slow: come back, and go on after the last position that you saw."
        try:
            async with asyncio.timeout(PARTING):
                await self.close(TRY_LATER, told)
        except (TimeoutError, RuntimeError):
            with suppress(RuntimeError):  # nobody listens at the moment
                self._hearing.reschedule(asyncio.get_running_loop().time())

    async def close(self, code: int, reason: str) -> None:
        """End the connection; a reason that is too long for its frame is cut."""
        told = reason.encode()[:LONGEST_REASON].decode(errors="ignore")
        await super().close(code, told)


class Begun(Operation[Context, None]):
    """An operation of a connection, with the whole payload that began it.

    Attributes:
        listening: set once it listens to the feed, and so goes on until somebody ends it.
    """

    __slots__ = ("listening", "payload")

    def __init__(self, handler: "Handler", id: str, payload: object) -> None:
        super().__init__(handler, id, "", None, None)
        self.payload = payload
        self.listening = asyncio.Event()


class Handler(BaseGraphQLTransportWSHandler[Context, None]):
    """Answers the messages of one connection, for as long as its caller is who they proved to be.

    Who that is stands in the `Authorization` header of the handshake, or, for browsers cannot
    send one, in the payload of `connection_init`.
    """

    schema: Schema
    websocket: TextWebSocket

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.admission: Admission = options["view"].admission
        self._parting: asyncio.Event = options["view"].parting
        self._trusted: Trusted = options["view"].trusted
        self._identity = ANYBODY
        self._watch: asyncio.Task[None] | None = None
        self._counted_from, self._messages = monotonic(), 0
        self._leaving = asyncio.create_task(self._part())

    async def handle_connection_init(self, message: ConnectionInitMessage) -> None:
        """Let the caller in, or end the connection with 4401 and the reason."""
        if self.connection_init_received:  # nobody becomes somebody else on their way
            await super().handle_connection_init(message)
            return
        http, payload = self.websocket.ws, message.get("payload")
        caller = self.context.caller
        try:
            given: object = credentials_of(http)
            if isinstance(payload, dict):
                named = {name.lower(): text for name, text in payload.items()}
                given = named.get("authorization", given)
            if given is not None and not isinstance(given, str):
                raise Unauthenticated
            identity = await self.admission.identify(given, address_of(http))
            purse = self.admission.admit(identity, address_of(http))
        except NOT_LET_IN as refusal:
            code = UNAUTHENTICATED if isinstance(refusal, Unauthenticated) else TRY_LATER
            await self.websocket.close(code, refusal.message(caller.language))
            return
        self._identity = identity
        self.context = replace(self.context, caller=identity.caller(caller.language), purse=purse)
        await super().handle_connection_init(message)
        if self._watch is None and (identity.expires_at or identity.key):
            self._watch = asyncio.create_task(self._end_in_time())

    async def shutdown(self) -> None:
        """End all that belongs to the connection."""
        self._leaving.cancel()
        if self._watch is not None:
            self._watch.cancel()
        await super().shutdown()

    async def _end_in_time(self) -> None:
        """End the connection once its caller is not any more who they proved to be."""
        refusal = await lapse(self._identity, self.admission.identities)
        code = UNAUTHENTICATED if isinstance(refusal, TokenExpired) else FORBIDDEN
        await self._end(code, refusal.message(self.context.caller.language))

    async def _part(self) -> None:
        """End the connection when the server ends, once all is answered that has one answer."""
        await self._parting.wait()
        while answering := [
            operation.task
            for operation in self.operations.values()
            if isinstance(operation, Begun)
            and not operation.listening.is_set()
            and operation.task is not None
            and not operation.task.done()
        ]:
            await asyncio.wait(answering, timeout=SOON)
        await self._end(RESTARTING, "The server restarts: come back.")

    async def _end(self, code: int, reason: str) -> None:
        for id in list(self.operations):
            await self.cleanup_operation(id)
        with suppress(WebSocketDisconnected, RuntimeError):
            await self.websocket.close(code, reason)

    async def handle_message(self, message: Message) -> None:
        """Answer a message; what has not the shape of one ends the connection, as too many do."""
        if self._is_flooded():
            told = f"A connection sends {MOST_MESSAGES} messages in {MESSAGES_IN:.0f} s at most."
            await self._end(FLOODED, told)
        elif _well_formed(message):
            await super().handle_message(message)
        else:
            await self.handle_invalid_message("This is no message of graphql-transport-ws")

    def _is_flooded(self) -> bool:
        """Count a message, and tell whether it is one too many: nothing else is paid for a ping."""
        now = monotonic()
        if now - self._counted_from > MESSAGES_IN:
            self._counted_from, self._messages = now, 0
        self._messages += 1
        return self._messages > MOST_MESSAGES

    async def handle_subscribe(self, message: SubscribeMessage) -> None:
        """Begin an operation, where the connection may have one more."""
        id = message["id"]
        most = self.max_subscriptions_per_connection
        if not self.connection_acknowledged:
            await self.websocket.close(code=4401, reason="Unauthorized")
        elif id in self.operations:
            await self.websocket.close(code=4409, reason=f"Subscriber for {id} already exists")
        elif most is not None and len(self.operations) >= most:
            limit = GraphQLError(f"A connection has {most} operations at most.")
            await self.send_message({"id": id, "type": "error", "payload": [limit.formatted]})
        elif (spent := self._spent()) is not None:
            await self.send_message({"id": id, "type": "error", "payload": [spent.formatted]})
        else:
            operation = Begun(self, id, message["payload"])
            self.operations[id] = operation
            operation.task = asyncio.create_task(self.run_operation(operation))
            operation.task.add_done_callback(self._task_done)

    def _spent(self) -> GraphQLError | None:
        """Count an operation as a request; give what to tell when that is one too many."""
        try:
            self.context.purse.admit()
        except RateLimited as refusal:
            return refused(refusal, self.context.caller.language)
        return None

    async def run_operation(self, operation: Operation[Context, None]) -> None:
        """Answer an operation, whatever comes of it: `error` where HTTP would say 400."""
        assert isinstance(operation, Begun)
        trail.branch()
        try:
            await self._answer(operation, request.read(operation.payload, self._trusted))
        except Malformed as wrong:
            await operation.send_initial_errors([GraphQLError(str(wrong))])
        except (RateLimited, DocumentRefused) as refusal:
            error = refused(refusal, self.context.caller.language)
            await operation.send_initial_errors([error])
        except WebSocketDisconnected:
            return
        except Exception as error:  # noqa: BLE001 - it is logged, and told masked
            masked = fault(error, self.context.caller.language, [])
            await operation.send_initial_errors([masked])

    async def _answer(self, operation: Begun, asked: Asked) -> None:
        told = self.schema.tell(asked, self.context, operation.listening)
        id = orjson.dumps(operation.id)
        AT_ONCE.set(partial(self.websocket.take, id))
        async with aclosing(told):
            async for telling in told:
                if errors := telling.frames[0].errors:
                    await operation.send_initial_errors(list(errors))
                    return
                await self.websocket.tell(id, telling)
        await operation.send_operation_message({"id": operation.id, "type": "complete"})


def _well_formed(message: object) -> bool:
    return isinstance(message, dict) and isinstance(message.get("id", ""), str)
