"""Traces (OpenTelemetry): what was done for whom, from the request to the read model.

This module is imported only where the standard variables name an exporter. A span's name and its
attributes come from the program; what callers wrote, a document, its variables, an address or the
words of an error, stays out.

With a fact its trace is noted (`domain.record.Metadata.correlation_id`), so that what is done with
it later, by whatever process, is found from there.
"""

import threading
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from typing import Final, Self
from uuid import UUID

from opentelemetry import trace as otel
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.trace import (
    Link,
    NonRecordingSpan,
    Span,
    SpanContext,
    SpanKind,
    StatusCode,
    TraceFlags,
)
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from api import trail

FLUSHED_WITHIN: Final = 2.0
"""Seconds that the last spans have to leave when the program ends."""
MOST_LINKS: Final = 128
"""Links of a span: more would only be dropped (OTEL_SPAN_LINK_COUNT_LIMIT)."""

_PROPAGATOR: Final = TraceContextTextMapPropagator()


class TrailIds(RandomIdGenerator):
    """Lets a trace that begins here have the id under which callers are told of it."""

    def generate_trace_id(self) -> int:
        """Give the id of the request's trail, a new one where nobody asked."""
        found = trail.current()
        return super().generate_trace_id() if found is None else int(found.trace_id, 16)


class Tracing:
    """Begins spans, and sends them out."""

    def __init__(self, exporter: SpanExporter, version: str) -> None:
        """``version`` is that of the program."""
        ours = Resource({"service.name": "cordee", "service.version": version})
        self._provider = TracerProvider(
            # What OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES say goes before what is said here.
            resource=ours.merge(OTELResourceDetector().detect()),
            id_generator=TrailIds(),
            shutdown_on_exit=False,
        )
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer("cordee")

    @classmethod
    def exporting(cls, version: str) -> Self:
        """Send spans by OTLP over HTTP to where `OTEL_EXPORTER_OTLP_*` says."""
        return cls(OTLPSpanExporter(), version)

    def begin(self, name: str, attributes: Mapping[str, str | int] | None = None) -> Span:
        """Begin a span below the current one."""
        return self._tracer.start_span(name, attributes=attributes, record_exception=False)

    def batch(
        self, name: str, spans: Iterable[SpanContext], began: float, links: Iterable[Link] = ()
    ) -> Span:
        """Begin the span of what was done for several at once, ``began`` seconds since 1970.

        It stands below the first of ``spans`` and is linked to the others.
        """
        spans = list(spans)
        parent = _below(spans[0]) if spans else Context()
        linked = [Link(other) for other in spans[1:]]
        return self._tracer.start_span(
            name,
            context=parent,
            links=[*linked, *links][:MOST_LINKS],
            start_time=int(began * 1e9),
            record_exception=False,
        )

    def serve(self, name: str, headers: Mapping[str, str]) -> Span:
        """Begin the span of a request, below the caller's if it comes along (W3C Trace Context)."""
        parent = _PROPAGATOR.extract(headers, context=Context())
        return self._tracer.start_span(
            name, context=parent, kind=SpanKind.SERVER, record_exception=False
        )

    def current(self, span: Span) -> AbstractContextManager[Span]:
        """Let what is done within the context belong to a span, which does not end with it."""
        return otel.use_span(
            span, end_on_exit=False, record_exception=False, set_status_on_exception=False
        )

    def broken(self, span: Span, kind: str) -> None:
        """Mark a span by the kind of an error, not by its words, which may quote somebody."""
        span.set_status(StatusCode.ERROR)
        span.set_attribute("error.type", kind)

    def here(self) -> SpanContext | None:
        """Give the span that is current, if it is recorded."""
        span = otel.get_current_span()
        return span.get_span_context() if span.is_recording() else None

    def links_to(self, correlations: Iterable[UUID]) -> list[Link]:
        """Link to the traces in which facts were recorded.

        With a fact its trace is noted, not which span of it: a link without a span is kept because
        it has an attribute.
        """
        return [
            Link(
                SpanContext(trace.int, 0, is_remote=True, trace_flags=TraceFlags.get_default()),
                {"cordee.trace_id": trace.hex},
            )
            for trace in dict.fromkeys(correlations)
        ]

    def close(self) -> None:
        """Send what is left, and wait for that a little: a collector may be away."""
        # A thread that ends with the process: the exporter would try for half a minute.
        closing = threading.Thread(target=self._provider.shutdown, daemon=True)
        closing.start()
        closing.join(FLUSHED_WITHIN)


def _below(span: SpanContext) -> Context:
    return otel.set_span_in_context(NonRecordingSpan(span), Context())
