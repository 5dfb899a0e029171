"""What the interface does: operations, plans, answers that were kept, and who follows."""

from contextlib import AbstractContextManager
from time import perf_counter
from typing import TYPE_CHECKING, Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from infra.observing.buckets import SECONDS

if TYPE_CHECKING:
    from opentelemetry.trace import Span

    from infra.observing.tracing import Tracing

KINDS: Final = ("query", "mutation")
OUTCOMES: Final = ("answered", "failed", "broken_off")
"""Without errors; with some; given up, for it costs or takes too much, or its caller left."""
TRANSPORTS: Final = ("websocket", "sse")


class InterfaceMeter:
    """`api.meter.Meter` in instruments of Prometheus, and in spans where there is tracing."""

    def __init__(self, registry: CollectorRegistry, tracing: "Tracing | None") -> None:
        self.tracing = tracing
        took = Histogram(
            "cordee_graphql_operation_duration_seconds",
            "Time that a query or a mutation took, once it was parsed and validated.",
            ("kind", "outcome"),
            registry=registry,
            buckets=SECONDS,
        )
        self.took = {
            (kind, outcome): took.labels(kind, outcome) for kind in KINDS for outcome in OUTCOMES
        }
        executed = Counter(
            "cordee_graphql_executions",
            "Operations that a plan answered, and those that fell back to resolvers.",
            ("way",),
            registry=registry,
        )
        self._executed = {True: executed.labels("compiled"), False: executed.labels("resolvers")}
        plans = Counter(
            "cordee_graphql_plans",
            "Plans that were among the kept ones (hit), and those that had to be made (miss).",
            ("result",),
            registry=registry,
        )
        self._plans = {True: plans.labels("hit"), False: plans.labels("miss")}
        answers = Counter(
            "cordee_graphql_answer_cache",
            "Answers that were kept and hold (hit), and those that had to be asked for (miss).",
            ("result",),
            registry=registry,
        )
        self._answers = {True: answers.labels("hit"), False: answers.labels("miss")}
        followers = Gauge(
            "cordee_subscribers",
            "Subscriptions that are open.",
            ("transport",),
            registry=registry,
        )
        self._followers = {name: followers.labels(name) for name in TRANSPORTS}

    def operation(self, kind: str) -> "_Operation":
        """Watch an operation for as long as it is executed."""
        return _Operation(self, kind)

    def planned(self, *, kept: bool) -> None:
        """Count a plan that was among the kept ones, or had to be made."""
        self._plans[kept].inc()

    def executed(self, *, compiled: bool) -> None:
        """Count an operation that needs no resolver, or one that does."""
        self._executed[compiled].inc()

    def cached(self, *, hit: bool) -> None:
        """Count an answer that was kept and still holds, or had to be asked for."""
        self._answers[hit].inc()

    def follower(self, transport: str) -> AbstractContextManager[None]:
        """Count a subscriber for as long as there is one."""
        return self._followers[transport].track_inprogress()


class _Operation:
    """One operation while it is executed."""

    __slots__ = ("_began", "_current", "_kind", "_meter", "_outcome", "_span")

    def __init__(self, meter: InterfaceMeter, kind: str) -> None:
        self._meter = meter
        self._kind = kind
        self._outcome = "answered"
        self._span: Span | None = None

    def __enter__(self) -> "_Operation":
        self._began = perf_counter()
        if (tracing := self._meter.tracing) is not None:
            # Its name is the caller's choice, and may be anybody's.
            self._span = tracing.begin(
                f"GraphQL {self._kind}", {"graphql.operation.type": self._kind}
            )
            self._current = tracing.current(self._span)
            self._current.__enter__()
        return self

    def failed(self) -> None:
        """Say that its answer has errors."""
        self._outcome = "failed"

    def __exit__(self, kind: type[BaseException] | None, *_rest: object) -> None:
        outcome = self._outcome if kind is None else "broken_off"
        self._meter.took[self._kind, outcome].observe(perf_counter() - self._began)
        if self._span is not None and self._meter.tracing is not None:
            if outcome != "answered":
                self._meter.tracing.broken(self._span, kind.__qualname__ if kind else outcome)
            self._current.__exit__(None, None, None)
            self._span.end()
