"""A collector of traces, as an operator runs one: OTLP over HTTP on loopback."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

PATIENCE = 10.0
"""Seconds after which a span that was not sent counts as lost."""


@dataclass
class Collector:
    """What was sent, and where to."""

    address: str = ""
    bodies: list[bytes] = field(default_factory=list)

    def spans(self, trace: str) -> list[Span]:
        """Give the spans of a trace that have come until now."""
        return [span for span in self._all() if span.trace_id.hex() == trace]

    def linked(self, trace: str) -> list[Span]:
        """Give the spans of other traces that point to one."""
        return [
            span
            for span in self._all()
            if span.trace_id.hex() != trace
            and trace in {link.trace_id.hex() for link in span.links}
        ]

    def wait(self, trace: str, name: str) -> Span:
        """Wait for a span of a trace, or of one that points to it."""
        ends = time.monotonic() + PATIENCE
        while time.monotonic() < ends:
            for span in (*self.spans(trace), *self.linked(trace)):
                if span.name == name:
                    return span
            time.sleep(0.02)
        names = [span.name for span in (*self.spans(trace), *self.linked(trace))]
        raise AssertionError(f"no span {name}, but {names}")

    def _all(self) -> Iterator[Span]:
        for body in list(self.bodies):
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
                for scope in resource.scope_spans:
                    yield from scope.spans


def attributes(span: Span) -> dict[str, Any]:
    """Give the attributes of a span as plain values."""
    return {
        each.key: getattr(each.value, str(each.value.WhichOneof("value")))
        for each in span.attributes
    }


@contextmanager
def collecting() -> Iterator[Collector]:
    """Take in what is sent for as long as the context lasts."""
    collector = Collector()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            collector.bodies.append(self.rfile.read(int(self.headers["content-length"])))
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *arguments: Any) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        collector.address = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield collector
        finally:
            server.shutdown()
            thread.join()
