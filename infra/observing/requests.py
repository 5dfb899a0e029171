"""Requests over HTTP, as the program answers them: how many, how long, and for what."""

from time import perf_counter
from typing import TYPE_CHECKING, Any, Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import trail
from infra.observing.buckets import SECONDS

if TYPE_CHECKING:
    from opentelemetry.trace import Span

    from infra.observing.tracing import Tracing

METHODS: Final = frozenset({"GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "DELETE"})
OTHER: Final = "other"
"""What stands for every path that has no route and every method that nobody knows."""
_STREAM: Final = b"text/event-stream"


class RequestMeter:
    """What is counted of requests."""

    def __init__(self, registry: CollectorRegistry, tracing: "Tracing | None") -> None:
        self.tracing = tracing
        self._took = Histogram(
            "cordee_http_request_duration_seconds",
            "Time from a request's head to the end of its answer; streams are not among them.",
            ("route", "method", "status"),
            registry=registry,
            buckets=SECONDS,
        )
        self._statuses = Counter(
            "cordee_http_responses",
            "Answers by their status.",
            ("status",),
            registry=registry,
        )
        self.open = 0
        """Requests that are being answered."""
        Gauge(
            "cordee_http_requests_in_progress",
            "Requests that are being answered, open streams among them.",
            registry=registry,
        ).set_function(lambda: self.open)
        self.sockets = Gauge(
            "cordee_websocket_connections", "WebSockets that are open.", registry=registry
        )
        # To find an instrument by its labels costs twice what it costs to use it.
        self._known: dict[tuple[str, str, int], tuple[Histogram, Counter]] = {}

    def answered(self, route: str, method: str, status: int, took: float | None) -> None:
        """Take in an answer; ``took`` is None for a stream."""
        key = route, method, status
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = (
                self._took.labels(route, method, f"{status // 100}xx"),
                self._statuses.labels(str(status)),
            )
        if took is not None:
            known[0].observe(took)
        known[1].inc()


class Requests:
    """The application within, counted and traced."""

    def __init__(self, app: ASGIApp, meter: RequestMeter) -> None:
        self._app = app
        self._meter = meter

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve as the application within does."""
        if scope["type"] == "http":
            await self._request(scope, receive, send)
        elif scope["type"] == "websocket":
            with self._meter.sockets.track_inprogress():
                await self._app(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _request(self, scope: Scope, receive: Receive, send: Send) -> None:
        meter, began = self._meter, perf_counter()
        status, stream = 500, False

        async def noted(message: Message) -> None:
            nonlocal status, stream
            if message["type"] == "http.response.start":
                status, stream = message["status"], _streams(message)
            await send(message)

        meter.open += 1
        try:
            if meter.tracing is None:
                await self._app(scope, receive, noted)
            else:
                await self._traced(meter.tracing, scope, receive, noted)
        finally:
            meter.open -= 1
            took = None if stream else perf_counter() - began
            meter.answered(route_of(scope), method_of(scope), status, took)

    async def _traced(self, tracing: "Tracing", scope: Scope, receive: Receive, send: Send) -> None:
        method = method_of(scope)
        span = tracing.serve(method, _parent(scope))
        if (found := trail.current()) is not None:
            span.set_attribute("cordee.request_id", found.request_id)

        async def noted(message: Message) -> None:
            await send(message)
            if message["type"] == "http.response.start":
                _name(span, method, scope, message["status"])
                if message["status"] >= 500:
                    tracing.broken(span, str(message["status"]))
                if _streams(message):
                    span.end()  # a stream may go on for days, and is seen only once it has ended

        with tracing.current(span):
            try:
                await self._app(scope, receive, noted)
            except Exception as error:
                _name(span, method, scope, 500)
                tracing.broken(span, type(error).__qualname__)
                raise
            finally:
                if span.is_recording():
                    span.end()


def method_of(scope: Scope) -> str:
    """Give the method of a request, one of a few."""
    method: str = scope["method"]
    return method if method in METHODS else OTHER


def route_of(scope: Scope) -> str:
    """Give the route that a request took, by the pattern of its path: there are a few."""
    route: Any = scope.get("route")
    return OTHER if route is None else str(getattr(route, "path", OTHER))


def _streams(message: Message) -> bool:
    """Tell whether what begins has no end of its own."""
    headers = dict(message.get("headers", ()))
    return bool(headers.get(b"content-type", b"").startswith(_STREAM))


def _name(span: "Span", method: str, scope: Scope, status: int) -> None:
    """Name a span once it is known which route the request took (semantic conventions of HTTP)."""
    route = route_of(scope)
    span.update_name(f"{method} {route}")
    span.set_attribute("http.request.method", method)
    span.set_attribute("http.route", route)
    span.set_attribute("http.response.status_code", status)


def _parent(scope: Scope) -> dict[str, str]:
    """Give the header that names the caller's span.

    Not `tracestate`, in which the tracing of others writes what it likes.
    """
    return {
        name.decode(): value.decode("latin-1")
        for name, value in scope["headers"]
        if name == trail.TRACEPARENT
    }
