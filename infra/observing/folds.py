"""What the projections of this process do."""

from collections.abc import Sequence
from time import perf_counter, time
from typing import TYPE_CHECKING, Any

from prometheus_client import CollectorRegistry, Counter, Histogram

from domain.record import Recorded
from infra.observing.buckets import SECONDS

if TYPE_CHECKING:
    from infra.observing.tracing import Tracing


class FoldMeter:
    """`infra.observing.watch.FoldWatch` in instruments of Prometheus, and in spans.

    Of generations only what is folded now is kept apart: their numbers grow for ever.
    """

    def __init__(self, registry: CollectorRegistry, tracing: "Tracing | None") -> None:
        self._tracing = tracing
        self._events = Counter(
            "cordee_projection_events",
            "Events that this process folded and wrote, all generations together.",
            ("projection",),
            registry=registry,
        )
        self._took = Histogram(
            "cordee_projection_batch_duration_seconds",
            "Time to load, fold and write a batch.",
            registry=registry,
            buckets=SECONDS,
        )
        self._errors = Counter(
            "cordee_projection_errors",
            "How often the work broke off and was tried again (interrupted), or an event stopped it"
            " (stopped).",
            ("projection", "kind"),
            registry=registry,
        )

    def folded(
        self, projection: str, number: int, batch: Sequence[Recorded[Any]], began: float
    ) -> None:
        """Take in a batch that is written."""
        took = perf_counter() - began
        self._events.labels(projection).inc(len(batch))
        self._took.observe(took)
        if self._tracing is None or not batch:
            return
        correlations = (recorded.metadata.correlation_id for recorded in batch)
        links = self._tracing.links_to(trace for trace in correlations if trace is not None)
        if links:  # what nobody traced is not traced here either
            span = self._tracing.batch(f"fold {projection}", (), time() - took, links)
            span.set_attribute("cordee.generation", number)
            span.set_attribute("cordee.batch.events", len(batch))
            span.set_attribute("cordee.position", batch[-1].position)
            span.end()

    def interrupted(self, projection: str, number: int) -> None:  # noqa: ARG002
        """Take in that the work broke off and is tried again."""
        self._errors.labels(projection, "interrupted").inc()

    def stopped(self, projection: str, number: int) -> None:  # noqa: ARG002
        """Take in that an event has stopped it."""
        self._errors.labels(projection, "stopped").inc()
