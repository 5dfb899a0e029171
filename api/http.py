"""GraphQL over HTTP and WebSocket: requests in, bytes out."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Final, NoReturn

import orjson
from cross_web import HTTPException
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect
from strawberry.asgi import ASGIWebSocketAdapter, GraphQL
from strawberry.exceptions import MissingQueryError
from strawberry.http.exceptions import WebSocketDisconnected
from strawberry.schema import BaseSchema
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL
from strawberry.types import ExecutionResult
from strawberry.types.execution import PreExecutionError
from strawberry.types.graphql import OperationType

from api.context import Context
from api.language import preferred
from api.ports import Caller, Commands, Feed, Positions, Reads
from api.scalars import position

MOST_BYTES: Final = 256 * 1024
"""Bytes of a request's body."""
MIN_POSITION: Final = "min-position"
"""The header by which a question asks to wait until the read model is at a position."""

JSON: Final = "application/json"
GRAPHQL_JSON: Final = "application/graphql-response+json"
"""A client that accepts it learns from the status whether its request could be executed."""

_AT_ONCE: Final = frozenset({OperationType.QUERY, OperationType.MUTATION})


class TextWebSocket(ASGIWebSocketAdapter):
    """Sends text: clients of graphql-transport-ws do not read binary frames."""

    async def send_json(self, message: Mapping[str, object]) -> None:
        """Send a message."""
        try:
            await self.ws.send_text(orjson.dumps(message).decode())
        except WebSocketDisconnect as gone:
            raise WebSocketDisconnected from gone


class Interface(GraphQL[Context, None]):
    """The GraphQL interface as an ASGI application."""

    websocket_adapter_class = TextWebSocket

    def __init__(
        self,
        schema: BaseSchema,
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
        """Serve a POST here, anything else as Strawberry does."""
        if scope["type"] != "http" or scope["method"] != "POST":
            await super().__call__(scope, receive, send)
            return
        try:
            response = await self._post(Request(scope, _bounded(receive)))
        except HTTPException as wrong:
            body = orjson.dumps({"errors": [{"message": wrong.reason}]})
            response = Response(body, wrong.status_code, media_type=JSON)
        await response(scope, receive, send)

    async def _post(self, request: Request) -> Response:
        """Answer a query or a mutation (GraphQL over HTTP)."""
        headers = request.headers
        if headers.get("content-type", "").partition(";")[0].strip().lower() != JSON:
            raise HTTPException(415, f"The body of a request is {JSON}.")
        given = _read(await request.body())
        try:
            result = await self.schema.execute(
                _text(given, "query"),
                variable_values=_object(given, "variables"),
                operation_name=_text(given, "operationName"),
                operation_extensions=_object(given, "extensions"),
                context_value=self._context(request),
                allowed_operation_types=_AT_ONCE,
            )
        except MissingQueryError:
            raise HTTPException(400, "The request has no query.") from None
        except CannotGetOperationTypeError as unknown:
            raise HTTPException(400, unknown.as_http_error_reason()) from None
        except InvalidOperationTypeError:
            raise HTTPException(400, "Subscriptions go over WebSocket.") from None
        return _response(result, headers.get("accept", ""))

    async def get_context(
        self,
        request: Request | WebSocket,
        response: Response | WebSocket,  # noqa: ARG002 - as the base class calls it
    ) -> Context:
        """Say who asks, for the requests that Strawberry serves."""
        return self._context(request)

    def _context(self, request: Request | WebSocket) -> Context:
        headers = request.headers
        return Context(
            commands=self._commands,
            reads=self._reads,
            positions=self._positions,
            feed=self._feed,
            caller=Caller(self._actor(request), _language(headers.get("accept-language", ""))),
            min_position=(
                _min_position(headers.get(MIN_POSITION)) if isinstance(request, Request) else None
            ),
        )

    def decode_json(self, data: str | bytes) -> object:
        """Read JSON."""
        return orjson.loads(data)

    def encode_json(self, data: object) -> bytes:
        """Write JSON; what PostgreSQL wrote goes through untouched."""
        return orjson.dumps(data)


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


def _read(body: bytes) -> dict[str, Any]:
    try:
        given = orjson.loads(body)
    except orjson.JSONDecodeError as wrong:
        raise HTTPException(400, f"The body is not JSON: {wrong}.") from None
    if not isinstance(given, dict):
        raise HTTPException(400, "The body is a JSON object: {query, variables, operationName}.")
    return given


def _text(given: Mapping[str, Any], name: str) -> str | None:
    value = given.get(name)
    return value if value is None or isinstance(value, str) else _wrong(name, "a string")


def _object(given: Mapping[str, Any], name: str) -> dict[str, Any] | None:
    value = given.get(name)
    return value if value is None or isinstance(value, dict) else _wrong(name, "an object")


def _wrong(name: str, kind: str) -> NoReturn:
    raise HTTPException(400, f"`{name}` is {kind}, or null.")


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
