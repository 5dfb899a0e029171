"""GraphQL over HTTP, server-sent events and WebSocket: requests in, bytes out."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta
from functools import lru_cache
from typing import Any, Final

import orjson
from cross_web import HTTPException
from python_multipart.multipart import parse_options_header
from starlette.datastructures import QueryParams
from starlette.requests import HTTPConnection, Request
from starlette.responses import RedirectResponse, Response
from starlette.types import Message, Receive, Scope, Send
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.schema.exceptions import InvalidOperationTypeError
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL
from strawberry.types import ExecutionResult
from strawberry.types.execution import PreExecutionError
from strawberry.types.graphql import OperationType

from api import request
from api.admission import NOT_LET_IN, Admission, address_of, credentials_of, told, turned_away
from api.context import Context
from api.executor import Schema
from api.faults import refused
from api.identity import ANYBODY
from api.language import preferred
from api.limits import GREETING, LONGEST_BODY, LONGEST_REQUEST, MOST_BYTES
from api.media import EVENTS, GRAPHQL_JSON, JSON, Streamed, chosen, streamed
from api.ports import Commands, Dossiers, Feed, Identity, Positions, Reads, Sheets
from api.purse import BOTTOMLESS, Purse
from api.request import Asked, Malformed
from api.scalars import position
from api.sse import LAST_EVENT_ID, EventStream, Listening, Results, body_of, once
from api.uploads import UploadRefused, Uploads, in_parts
from api.websocket import Handler, TextWebSocket
from domain.refusal import Language

MIN_POSITION: Final = "min-position"
"""The header by which a question asks to wait until the read model is at a position."""

TOO_LONG: Final = (
    f"This took longer than the {LONGEST_REQUEST:.0f} s that a request has. Ask for less at once;"
    " a command with a commandId can be sent again, it is not done twice."
)
NO_STREAM: Final = f"Subscriptions go over WebSocket, or to those who accept {EVENTS}."
ALLOWED: Final = "GET, POST"
"""The methods of requests."""
VARY: Final = "accept, accept-language, authorization"
"""The headers that an answer depends on, beside what it answers."""

_BY_GET: Final = frozenset({OperationType.QUERY})
"""What a link, a cache or a crawler may do unasked."""
_BY_POST: Final = frozenset({OperationType.QUERY, OperationType.MUTATION})


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
        admission: Admission,
        origins: Sequence[str] = (),
    ) -> None:
        """``origins`` are sites whose pages may open a WebSocket, beside our own."""
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
        self._uploads = Uploads()
        self.admission = admission

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request here, a WebSocket as Strawberry does."""
        if scope["type"] != "http":
            await super().__call__(scope, receive, send)
            return
        whole = in_parts(Request(scope))  # then what is received has bounds of its own
        http = Request(scope, receive if whole else _bounded(receive))
        accept = ", ".join(http.headers.getlist("accept"))
        media = chosen(accept)
        try:
            response = await self._respond(http, media, streamed(accept))
        except NOT_LET_IN as refusal:
            response = turned_away(refusal, _spoken(http))
        except HTTPException as wrong:
            body = orjson.dumps({"errors": [{"message": wrong.reason}]})
            headers = {"allow": ALLOWED} if wrong.status_code == 405 else None
            response = Response(body, wrong.status_code, headers)
        if not isinstance(response, EventStream):
            response.headers["content-type"] = media or JSON
        response.headers["vary"] = VARY
        await response(scope, receive, send)

    async def _respond(self, http: Request, media: str | None, stream: Streamed) -> Response:
        """Let the caller in, and answer."""
        address = address_of(http)
        identity = await self.admission.identify(credentials_of(http), address)
        purse = self.admission.admit(identity, address)
        if _is_a_visit(http):
            return RedirectResponse("./", 303)  # the page that says where to look
        if media is None and stream is Streamed.NOTHING:
            raise HTTPException(406, f"An answer is {GRAPHQL_JSON}, {JSON} or {EVENTS}.")
        context = self._context(http, identity, purse)
        response = await self._answer(http, context, identity, media, stream)
        response.headers.update(told(purse.left()))
        if identity.principal is not None:
            response.headers["cache-control"] = "private, no-store"
        return response

    async def _answer(
        self,
        http: Request,
        context: Context,
        identity: Identity,
        media: str | None,
        stream: Streamed,
    ) -> Response:
        """Answer a query or a mutation (GraphQL over HTTP), or begin a subscription."""
        try:
            async with AsyncExitStack() as held:
                match http.method:
                    case "GET":
                        asked, allowed = _in_url(http.query_params), _BY_GET
                    case "POST" if in_parts(http):
                        received = self._uploads.received(http, context.caller, context.purse)
                        asked, allowed = await held.enter_async_context(received), _BY_POST
                    case "POST":
                        asked, allowed = await _in_body(http), _BY_POST
                    case _:
                        raise HTTPException(405, f"A request is one of {ALLOWED}.")
                # A file that is taken in has bounds of its own.
                async with asyncio.timeout(None if in_parts(http) else LONGEST_REQUEST):
                    result = await self.schema.execute(
                        asked.query,
                        variable_values=asked.variables,
                        operation_name=asked.operation_name,
                        operation_extensions=asked.extensions,
                        context_value=context,
                        allowed_operation_types=allowed,
                    )
        except Malformed as wrong:
            raise HTTPException(400, str(wrong)) from None
        except TimeoutError:
            raise HTTPException(503, TOO_LONG) from None
        except UploadRefused as wrong:
            return _refused(wrong, context.caller.language)
        except InvalidOperationTypeError as elsewhere:
            if elsewhere.operation_type is OperationType.MUTATION:
                raise HTTPException(405, "Mutations go by POST.") from None
            if stream is Streamed.NOTHING:
                raise HTTPException(400, NO_STREAM) from None
            return await self._subscribe(http, asked, context, identity)
        if stream is Streamed.EVERYTHING and not isinstance(result, PreExecutionError):
            return self._events(Results(once(result)), context, identity)
        return _response(result, strict=media == GRAPHQL_JSON or stream is Streamed.EVERYTHING)

    async def _subscribe(
        self, http: Request, asked: Asked, context: Context, identity: Identity
    ) -> Response:
        """Begin a subscription; what may keep it out is told before there is a stream."""
        listening = Listening(self._feed, _position(http, LAST_EVENT_ID))
        streamed = await self.schema.stream(
            asked.query,
            variable_values=asked.variables,
            operation_name=asked.operation_name,
            operation_extensions=asked.extensions,
            context_value=replace(context, feed=listening),
        )
        results = Results(streamed)
        refusal = await results.refused(listening.begun)
        if refusal is None:
            return self._events(results, context, identity)
        await results.close()
        return _response(refusal, strict=True)

    def _events(self, results: Results, context: Context, identity: Identity) -> Response:
        identities, language = self.admission.identities, context.caller.language
        return EventStream(results, identity, identities, language)

    async def get_context(
        self,
        request: Request | WebSocket,
        response: Response | WebSocket,  # noqa: ARG002 - as the base class calls it
    ) -> Context:
        """Give what a WebSocket begins with: who asks is told by its first message."""
        return self._context(request, ANYBODY, BOTTOMLESS)

    def _context(self, http: HTTPConnection, identity: Identity, purse: Purse) -> Context:
        return Context(
            commands=self._commands,
            reads=self._reads,
            positions=self._positions,
            feed=self._feed,
            sheets=self._sheets,
            dossiers=self._dossiers,
            caller=identity.caller(_spoken(http)),
            min_position=_position(http, MIN_POSITION) if isinstance(http, Request) else None,
            purse=purse,
        )


_language = lru_cache(maxsize=256)(preferred)


def _spoken(http: HTTPConnection) -> Language:
    return _language(http.headers.get("accept-language", ""))


def _bounded(receive: Receive) -> Receive:
    taken = 0

    async def bounded() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > MOST_BYTES:
            raise HTTPException(413, f"A request has {MOST_BYTES} bytes at most.")
        return message

    return bounded


async def _in_body(http: Request) -> Asked:
    kind, parameters = parse_options_header(http.headers.get("content-type"))
    if kind != JSON.encode() or parameters.get(b"charset", b"utf-8").lower() != b"utf-8":
        raise HTTPException(415, f"The body of a request is {JSON}, in UTF-8.")
    try:
        async with asyncio.timeout(LONGEST_BODY):
            body = await http.body()
        return request.read(orjson.loads(body))
    except TimeoutError:
        slow = f"The body of a request is sent within {LONGEST_BODY:.0f} s."
        raise HTTPException(408, slow) from None
    except orjson.JSONDecodeError as wrong:
        raise HTTPException(400, f"The body is not JSON: {wrong}.") from None


def _in_url(parameters: QueryParams) -> Asked:
    given: dict[str, Any] = {name: value for name, value in parameters.items() if value}
    for name in given.keys() & {"variables", "extensions"}:
        try:
            given[name] = orjson.loads(given[name])
        except orjson.JSONDecodeError as wrong:
            raise HTTPException(400, f"`{name}` is not JSON: {wrong}.") from None
    return request.read(given)


def _is_a_visit(http: Request) -> bool:
    """Tell whether somebody came by with a browser, and asks nothing."""
    wants_a_page = "text/html" in http.headers.get("accept", "")
    return http.method == "GET" and not http.url.query and wants_a_page


def _position(http: HTTPConnection, header: str) -> int | None:
    given = http.headers.get(header)
    if given is None:
        return None
    try:
        return position(given)
    except ValueError as wrong:
        raise HTTPException(400, f"{header}: {wrong}.") from None


def _refused(upload: UploadRefused, language: Language) -> Response:
    body = orjson.dumps({"errors": [refused(upload, language).formatted]})
    return Response(body, upload.STATUS)


def _response(result: ExecutionResult, *, strict: bool) -> Response:
    """Answer with a result; where it is strict, the status tells what could not be executed."""
    refused = strict and isinstance(result, PreExecutionError)
    return Response(orjson.dumps(body_of(result)), 400 if refused else 200)
