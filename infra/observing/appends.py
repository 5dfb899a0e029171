"""What the appender does: its batches, how long commands wait for them, and what they come to."""

from collections.abc import Sequence
from time import perf_counter, time
from typing import TYPE_CHECKING, Final, NamedTuple

from prometheus_client import CollectorRegistry, Counter, Histogram

from infra.observing.buckets import SECONDS, SIZES
from infra.store.batch import Pending
from infra.store.command import Appended, CommandReused, Conflict, Duplicate, Outcome, Retry

if TYPE_CHECKING:
    from opentelemetry.trace import SpanContext

    from infra.observing.tracing import Tracing

OUTCOMES: Final[dict[type[Outcome], str]] = {
    Appended: "appended",
    Duplicate: "duplicate",
    CommandReused: "reused",
    Conflict: "conflict",
    Retry: "retry",
}


class _Origin(NamedTuple):
    asked_at: float
    """On the clock of `perf_counter`: that of the loop goes by milliseconds."""
    span: "SpanContext | None"


class AppendMeter:
    """`infra.observing.watch.AppendWatch` in instruments of Prometheus, and in spans."""

    def __init__(self, registry: CollectorRegistry, tracing: "Tracing | None") -> None:
        self._tracing = tracing
        outcomes = Counter(
            "cordee_appends",
            "Commands sent to the log, by its answer: appended, duplicate, reused, conflict, retry,"
            " or failed where there was none.",
            ("outcome",),
            registry=registry,
        )
        self._outcomes = {kind: outcomes.labels(name) for kind, name in OUTCOMES.items()}
        self._failed = outcomes.labels("failed")
        self._events = Counter("cordee_append_events", "Events appended.", registry=registry)
        self._took = Histogram(
            "cordee_append_duration_seconds",
            "Time from the asking for an append to the log's answer.",
            registry=registry,
            buckets=SECONDS,
        )
        self._batch_took = Histogram(
            "cordee_append_batch_duration_seconds",
            "Time from sending a batch to the log's answer.",
            registry=registry,
            buckets=SECONDS,
        )
        self._batch_size = Histogram(
            "cordee_append_batch_commands",
            "Commands of a batch.",
            registry=registry,
            buckets=SIZES,
        )

    def origin(self) -> _Origin:
        """Note whence and when a command comes."""
        here = None if self._tracing is None else self._tracing.here()
        return _Origin(perf_counter(), here)

    def sent(self, batch: Sequence[Pending], outcomes: Sequence[Outcome], began: float) -> None:
        """Take in a batch that was answered."""
        now = perf_counter()
        self._batch_took.observe(now - began)
        self._batch_size.observe(len(batch))
        events = 0
        for pending, outcome in zip(batch, outcomes, strict=True):
            self._outcomes[type(outcome)].inc()
            if type(outcome) is Appended:
                events += len(pending.command.events)
            if isinstance(pending.origin, _Origin):
                self._took.observe(now - pending.origin.asked_at)
        self._events.inc(events)
        if self._tracing is not None:
            self._trace(self._tracing, batch, began, events)

    def failed(self, batch: Sequence[Pending], began: float) -> None:
        """Take in a batch to which there is no answer."""
        self._failed.inc(len(batch))
        if self._tracing is not None:
            self._trace(self._tracing, batch, began, None)

    def _trace(
        self, tracing: "Tracing", batch: Sequence[Pending], began: float, events: int | None
    ) -> None:
        """Tell of a batch afterwards, linked to the commands that went with it."""
        spans = [
            pending.origin.span
            for pending in batch
            if isinstance(pending.origin, _Origin) and pending.origin.span is not None
        ]
        if not spans:
            return
        span = tracing.batch("append", spans, time() - (perf_counter() - began))
        span.set_attribute("cordee.batch.commands", len(batch))
        if events is None:
            tracing.broken(span, "failed")
        else:
            span.set_attribute("cordee.batch.events", events)
        span.end()
