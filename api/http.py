"""GraphQL over HTTP, server-sent events and WebSocket: requests in, bytes out."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final

import orjson
from cross_web import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import RedirectResponse, Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.schema.exceptions import InvalidOperationTypeError
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL
from strawberry.types import ExecutionResult
from strawberry.types.execution import PreExecutionError
from strawberry.types.graphql import OperationType

from api.admission import NOT_LET_IN, Admission, turned_away, written
from api.again import Again
from api.answer_cache import AnswerCache
from api.context import Context
from api.executor import Answered, Chosen, Schema
from api.fan_out import FanOut
from api.faults import refused
from api.head import Head
from api.identity import ANYBODY
from api.limits import GREETING, LONGEST_REQUEST
from api.media import EVENTS, GRAPHQL_JSON, JSON, Streamed
from api.meter import NO_METER, Meter
from api.newest import Newest
from api.ports import (
    Bookmarks,
    Caller,
    Commands,
    Dossiers,
    Feed,
    Histories,
    Identity,
    Moments,
    Positions,
    Proofs,
    Reads,
    Sheets,
)
from api.publication.cursor import OF_THIS_PROCESS, Cursors
from api.purse import BOTTOMLESS, Purse
from api.received import ALLOWED, Sent, position_in, read, receive_from
from api.reply import Reply, reply_with
from api.request import Asked, Malformed
from api.sse import LAST_EVENT_ID, EventStream, Results, once
from api.tags import held
from api.trusted import NONE, DocumentRefused, Trusted
from api.uploads import UploadRefused, Uploads
from api.webhooks.port import Webhooks
from api.websocket import Handler, TextWebSocket

MIN_POSITION: Final = "min-position"
"""The header by which a question asks to wait until the read model is at a position."""

TOO_LONG: Final = (
    f"This took longer than the {LONGEST_REQUEST:.0f} s that a request has. Ask for less at once;"
    " a command with a commandId can be sent again, it is not done twice."
)
NO_STREAM: Final = f"Subscriptions go over WebSocket, or to those who accept {EVENTS}."
VARY: Final = b"accept, accept-encoding, accept-language, authorization"
"""The headers that an answer depends on, beside what it answers."""
_VARY: Final = (b"vary", VARY)
# Where no page of another site asks, nothing else says that one would be told otherwise.
_VARY_BY_ORIGIN: Final = (b"vary", VARY + b", origin")

_BY_GET: Final = frozenset({OperationType.QUERY})
"""What a link, a cache or a crawler may do unasked."""
_BY_POST: Final = frozenset({OperationType.QUERY, OperationType.MUTATION})

MOST_REPEATS: Final = 2_000
"""Requests that are known when they come again."""
HEAVIEST_REPEATS: Final = 500_000
"""Bytes of what they sent."""


@dataclass(slots=True, eq=False)
class _Repeated:
    """A request that may come again."""

    chosen: Chosen
    extensions: dict[str, Any] | None
    again: Again | None = None
    """How its last caller was answered, where that can be done in short."""


class Interface(GraphQL[Context, None]):
    """The GraphQL interface as an ASGI application."""

    schema: Schema
    websocket_adapter_class = TextWebSocket
    graphql_transport_ws_handler_class = Handler

    def __init__(
        self,
        schema: Schema,
        *,
        commands: Commands,
        reads: Reads,
        positions: Positions,
        feed: Feed,
        sheets: Sheets,
        dossiers: Dossiers | None,
        proofs: Proofs | None,
        histories: Histories | None,
        moments: Moments | None,
        pasts: Positions | None,
        bookmarks: Bookmarks | None,
        webhooks: Webhooks | None,
        admission: Admission,
        parting: asyncio.Event,
        origins: Sequence[str] = (),
        meter: Meter = NO_METER,
        trusted: Trusted = NONE,
        page: Callable[[], Response] | None = None,
        answers: AnswerCache | None = None,
        cursors: Cursors = OF_THIS_PROCESS,
    ) -> None:
        """``origins`` are sites whose pages may open a WebSocket, beside our own.

        ``parting`` is set once the server is told to end. ``page`` is what a browser is shown that
        comes by; without one it is led to the page that says where to look.
        """
        super().__init__(
            schema,
            graphql_ide=None,
            subscription_protocols=(GRAPHQL_TRANSPORT_WS_PROTOCOL,),
            connection_init_wait_timeout=timedelta(seconds=GREETING),
            allowed_origins=origins,
        )
        self._commands = commands
        self._reads = reads
        self._positions = positions
        self._feed = feed
        self._sheets = sheets
        self._dossiers = dossiers
        self._proofs = proofs
        self._histories = histories
        self._moments = moments
        self._pasts = pasts
        self._bookmarks = bookmarks
        self._webhooks = webhooks
        self._uploads = Uploads(trusted)
        self._page = page or _elsewhere
        self.admission = admission
        self.trusted = trusted
        self.parting = parting
        self._meter = meter
        self._answers = answers
        self._fan_out = FanOut(feed)
        self._cursors = cursors
        self._repeats: Newest[Sent, _Repeated] = Newest(MOST_REPEATS, HEAVIEST_REPEATS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request here, a WebSocket as Strawberry does."""
        if scope["type"] != "http":
            await super().__call__(scope, receive, send)
            return
        head = Head(scope)
        if _is_a_visit(scope, head):
            await self._page()(scope, receive, send)
            return
        try:
            response = await self._respond(scope, receive, head)
        except ClientDisconnect:
            return  # there is nobody to be answered
        except NOT_LET_IN as refusal:
            response = turned_away(refusal, head.language)
        except HTTPException as wrong:
            body = orjson.dumps({"errors": [{"message": wrong.reason}]})
            response = Reply(body, wrong.status_code)
            if wrong.status_code == 405:
                response.raw_headers.append((b"allow", ALLOWED.encode()))
        if isinstance(response, Reply):
            response.describe(head.media or JSON)
        elif not isinstance(response, EventStream):
            response.headers["content-type"] = head.media or JSON
        response.raw_headers.append(_VARY if head.get(b"origin") else _VARY_BY_ORIGIN)
        await response(scope, receive, send)

    async def _respond(self, scope: Scope, receive: Receive, head: Head) -> Response:
        """Let the caller in, and answer."""
        admission = self.admission
        identity = await admission.identities.identify(head.credentials, head.client)
        purse = admission.admit(identity, head.client)
        if head.media is None and head.streamed is Streamed.NOTHING:
            raise HTTPException(406, f"An answer is {GRAPHQL_JSON}, {JSON} or {EVENTS}.")
        sent = None if head.in_parts else await receive_from(scope, receive, head)
        known = None if sent is None else self._repeats.get(sent)
        again = None if known is None else self._again(known, identity, purse, head)
        response: Response
        if again is not None:
            response = again
        else:
            context = self._context(identity, purse, head)
            asking = Request(scope, receive) if sent is None else sent
            response = await self._answer(asking, known, head, context, identity)
        response.raw_headers += written(purse.left())
        if isinstance(response, Reply) and response.tag is not None:
            kept = b"public, no-cache" if identity.principal is None else b"private, no-cache"
            response.raw_headers.append((b"cache-control", kept))
        elif identity.principal is not None:
            response.headers["cache-control"] = "private, no-store"
        return response

    def _again(
        self, known: _Repeated, identity: Identity, purse: Purse, head: Head
    ) -> Reply | None:
        """Answer in short what was asked before, None where that cannot be.

        Raises:
            RateLimited: it costs more than is left of a budget.
        """
        again, answers = known.again, self._answers
        if again is None or answers is None or not again.is_of(identity):
            return None
        if head.streamed is Streamed.EVERYTHING or head.get(MIN_POSITION.encode()) is not None:
            return None
        position = self._positions.position()  # before it is looked up whether the answer holds
        row = answers.again(again.reading)
        if row is None:
            return None
        meter = self._meter
        with meter.operation(OperationType.QUERY.value):
            cost = purse.spend(again.price)
            meter.planned(kept=True)
            meter.cached(hit=True)
            meter.executed(compiled=True)
            return Reply(again.body(row, cost, position))

    async def _answer(
        self,
        asking: Request | Sent,
        known: _Repeated | None,
        head: Head,
        context: Context,
        identity: Identity,
    ) -> Response:
        """Answer a query or a mutation (GraphQL over HTTP), or begin a subscription.

        What comes in parts is still to be received: it may have files.
        """
        stream = head.streamed
        try:
            if isinstance(asking, Request):  # what is taken in has bounds of its own
                received = self._uploads.received(asking, context.caller, context.purse)
                async with received as asked:
                    result = await self._execute(asked, _BY_POST, context)
            elif known is not None:
                result = await self.schema.execute_chosen(known.chosen, context, known.extensions)
                known.again = self._noted(known.chosen, known.extensions, result, identity)
            else:
                asked = read(asking, self.trusted)
                allowed = _BY_GET if head.method == "GET" else _BY_POST
                async with asyncio.timeout(LONGEST_REQUEST):
                    result = await self._execute(asked, allowed, context, asking)
        except Malformed as wrong:
            raise HTTPException(400, str(wrong)) from None
        except TimeoutError:
            raise HTTPException(503, TOO_LONG) from None
        except (UploadRefused, DocumentRefused) as wrong:
            error = refused(wrong, context.caller.language)
            if stream is Streamed.EVERYTHING:
                result = PreExecutionError(data=None, errors=[error])
                return self._events(Results(once(result)), context, identity)
            return Reply(orjson.dumps({"errors": [error.formatted]}), wrong.STATUS)
        except InvalidOperationTypeError as elsewhere:
            if elsewhere.operation_type is OperationType.MUTATION:
                raise HTTPException(405, "Mutations go by POST.") from None
            if stream is Streamed.NOTHING:
                raise HTTPException(400, NO_STREAM) from None
            return await self._subscribe(head, asked, context, identity)
        if stream is Streamed.EVERYTHING:
            return self._events(Results(once(result)), context, identity)
        return reply_with(result, strict=head.media == GRAPHQL_JSON)

    async def _execute(
        self,
        asked: Asked,
        allowed: frozenset[OperationType],
        context: Context,
        sent: Sent | None = None,
    ) -> ExecutionResult:
        chosen = self.schema.choose(asked.query, asked.operation_name, asked.variables, allowed)
        result = await self.schema.execute_chosen(chosen, context, asked.extensions)
        # One statement took no longer than it may: the next time there is nothing to bound.
        if sent is not None and isinstance(result, Answered) and isinstance(chosen, Chosen):
            self._repeats.keep(sent, _Repeated(chosen, asked.extensions), len(sent[1]))
        return result

    def _noted(
        self,
        chosen: Chosen,
        extensions: Mapping[str, Any] | None,
        result: ExecutionResult,
        identity: Identity,
    ) -> Again | None:
        """Note how a repeated request was answered, where it can be answered so again."""
        if not isinstance(result, Answered) or result.reading is None or result.tag is not None:
            return None
        price, answers = chosen.question.price, self._answers
        if extensions or price is None or answers is None:
            return None
        return Again.of(identity, price, *result.reading, answers)

    async def _subscribe(
        self, head: Head, asked: Asked, context: Context, identity: Identity
    ) -> Response:
        """Begin a subscription; what keeps it out is told before there is a stream, or alone in it.

        Whoever takes nothing but a stream learns nothing from a status (graphql-sse, distinct
        connections): a browser's EventSource hides what comes with it, others ask again.
        """
        begun = asyncio.Event()
        come_back = replace(context, seen=position_in(head, LAST_EVENT_ID))
        results = Results(self.schema.tell(asked, come_back, begun))
        refusal = await results.refused(begun)
        if refusal is None or head.streamed is Streamed.EVERYTHING:
            return self._events(results, context, identity)
        await results.close()
        return Reply(refusal.body, 400)

    def _events(self, results: Results, context: Context, identity: Identity) -> Response:
        identities, language = self.admission.identities, context.caller.language
        return EventStream(results, identity, identities, language)

    async def get_context(
        self,
        request: Request | WebSocket,
        response: Response | WebSocket,  # noqa: ARG002 - as the base class calls it
    ) -> Context:
        """Give what a WebSocket begins with: who asks is told by its first message."""
        return self._context(ANYBODY, BOTTOMLESS, Head(request.scope), transport="websocket")

    def context_for(self, caller: Caller, purse: Purse) -> Context:
        """Give what an operation of somebody begins with that comes by no request of its own."""
        return Context(
            commands=self._commands,
            reads=self._reads,
            positions=self._positions,
            feed=self._feed,
            fan_out=self._fan_out,
            cursors=self._cursors,
            sheets=self._sheets,
            dossiers=self._dossiers,
            proofs=self._proofs,
            histories=self._histories,
            moments=self._moments,
            pasts=self._pasts,
            bookmarks=self._bookmarks,
            webhooks=self._webhooks,
            caller=caller,
            purse=purse,
            meter=self._meter,
            answers=self._answers,
        )

    def _context(
        self, identity: Identity, purse: Purse, head: Head, *, transport: str = "sse"
    ) -> Context:
        asks = transport == "sse"
        tagged = asks and head.method == "GET" and head.streamed is not Streamed.EVERYTHING
        tags = head.get(b"if-none-match") or ""
        context = self.context_for(identity.caller(head.language), purse)
        context.min_position = position_in(head, MIN_POSITION) if asks else None
        context.held = held(tags, head.media or JSON) if tagged else None
        context.transport = transport
        return context


def _is_a_visit(scope: Scope, head: Head) -> bool:
    """Tell whether somebody came by with a browser, and asks nothing."""
    if head.method != "GET" or scope["query_string"]:
        return False
    return "text/html" in (head.get(b"accept") or "")


def _elsewhere() -> Response:
    return RedirectResponse("./", 303)
