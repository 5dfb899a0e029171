"""GraphQL over HTTP and WebSocket: requests in, bytes out."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final

import orjson
from cross_web import HTTPException
from starlette.datastructures import QueryParams
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.schema.exceptions import InvalidOperationTypeError
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL
from strawberry.types import ExecutionResult
from strawberry.types.execution import PreExecutionError
from strawberry.types.graphql import OperationType

from api import request
from api.context import Context
from api.executor import Schema
from api.language import preferred
from api.limits import MOST_BYTES
from api.ports import Caller, Commands, Feed, Positions, Reads
from api.request import Asked, Malformed
from api.scalars import position
from api.websocket import Handler, TextWebSocket

MIN_POSITION: Final = "min-position"
"""The header by which a question asks to wait until the read model is at a position."""

JSON: Final = "application/json"
GRAPHQL_JSON: Final = "application/graphql-response+json"
"""A client that accepts it learns from the status whether its request could be executed."""
ALLOWED: Final = "GET, POST"
"""The methods of requests."""

_BY_GET: Final = frozenset({OperationType.QUERY})
"""What a link, a cache or a crawler may do unasked."""
_BY_POST: Final = frozenset({OperationType.QUERY, OperationType.MUTATION})


class Interface(GraphQL[Context, None]):
    """The GraphQL interface as an ASGI application."""

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
        actor: Callable[[HTTPConnection], str],
    ) -> None:
        """``actor`` tells who is calling."""
        super().__init__(
            schema,
            graphql_ide=None,
            subscription_protocols=(GRAPHQL_TRANSPORT_WS_PROTOCOL,),
        )
        self._commands = commands
        self._reads = reads
        self._positions = positions
        self._feed = feed
        self._actor = actor

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request here, a WebSocket as Strawberry does."""
        if scope["type"] != "http":
            await super().__call__(scope, receive, send)
            return
        try:
            response = await self._respond(Request(scope, _bounded(receive)))
        except HTTPException as wrong:
            body = orjson.dumps({"errors": [{"message": wrong.reason}]})
            headers = {"allow": ALLOWED} if wrong.status_code == 405 else None
            response = Response(body, wrong.status_code, headers, media_type=JSON)
        await response(scope, receive, send)

    async def _respond(self, http: Request) -> Response:
        """Answer a query or a mutation (GraphQL over HTTP)."""
        try:
            match http.method:
                case "GET":
                    asked, allowed = _in_url(http.query_params), _BY_GET
                case "POST":
                    asked, allowed = await _in_body(http), _BY_POST
                case _:
                    raise HTTPException(405, f"A request is one of {ALLOWED}.")
            result = await self.schema.execute(
                asked.query,
                variable_values=asked.variables,
                operation_name=asked.operation_name,
                operation_extensions=asked.extensions,
                context_value=self._context(http),
                allowed_operation_types=allowed,
            )
        except Malformed as wrong:
            raise HTTPException(400, str(wrong)) from None
        except InvalidOperationTypeError as elsewhere:
            if elsewhere.operation_type is OperationType.MUTATION:
                raise HTTPException(405, "Mutations go by POST.") from None
            raise HTTPException(400, "Subscriptions go over WebSocket.") from None
        return _response(result, http.headers.get("accept", ""))

    async def get_context(
        self,
        request: Request | WebSocket,
        response: Response | WebSocket,  # noqa: ARG002 - as the base class calls it
    ) -> Context:
        """Say who asks over a WebSocket."""
        return self._context(request)

    def _context(self, http: HTTPConnection) -> Context:
        headers = http.headers
        return Context(
            commands=self._commands,
            reads=self._reads,
            positions=self._positions,
            feed=self._feed,
            caller=Caller(self._actor(http), _language(headers.get("accept-language", ""))),
            min_position=(
                _min_position(headers.get(MIN_POSITION)) if isinstance(http, Request) else None
            ),
        )


_language = lru_cache(maxsize=256)(preferred)


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
    if http.headers.get("content-type", "").partition(";")[0].strip().lower() != JSON:
        raise HTTPException(415, f"The body of a request is {JSON}.")
    try:
        return request.read(orjson.loads(await http.body()))
    except orjson.JSONDecodeError as wrong:
        raise HTTPException(400, f"The body is not JSON: {wrong}.") from None


def _in_url(parameters: QueryParams) -> Asked:
    given: dict[str, Any] = dict(parameters)
    for name in given.keys() & {"variables", "extensions"}:
        try:
            given[name] = orjson.loads(given[name])
        except orjson.JSONDecodeError as wrong:
            raise HTTPException(400, f"`{name}` is not JSON: {wrong}.") from None
    return request.read(given)


def _min_position(given: str | None) -> int | None:
    if given is None:
        return None
    try:
        return position(given)
    except ValueError as wrong:
        raise HTTPException(400, f"{MIN_POSITION}: {wrong}.") from None


def _response(result: ExecutionResult, accept: str) -> Response:
    body: dict[str, Any] = {}
    refused = isinstance(result, PreExecutionError)
    if not refused:
        body["data"] = result.data
    if result.errors:
        body["errors"] = [error.formatted for error in result.errors]
    if result.extensions:
        body["extensions"] = result.extensions
    explicit = GRAPHQL_JSON in accept
    return Response(
        orjson.dumps(body),
        status_code=400 if refused and explicit else 200,
        media_type=GRAPHQL_JSON if explicit else JSON,
    )
