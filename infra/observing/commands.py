"""What becomes of commands."""

from time import perf_counter
from typing import TYPE_CHECKING
from uuid import UUID

from prometheus_client import CollectorRegistry, Counter, Histogram

from domain.refusal import Contended, NotStored, Refusal, Unavailable
from infra.observing.buckets import SECONDS

if TYPE_CHECKING:
    from opentelemetry.trace import Span

    from infra.observing.tracing import Tracing


class CommandMeter:
    """`infra.observing.watch.CommandWatch` in instruments of Prometheus, and in spans."""

    def __init__(self, registry: CollectorRegistry, tracing: "Tracing | None") -> None:
        self.tracing = tracing
        self.outcomes = Counter(
            "cordee_commands",
            "Commands by what became of them: done, repeated, refused, unavailable, contended,"
            " or broken_off by a fault or by their caller.",
            ("command", "outcome"),
            registry=registry,
        )
        self.took = Histogram(
            "cordee_command_duration_seconds",
            "Time from a command to its outcome.",
            registry=registry,
            buckets=SECONDS,
        )
        self.again = Counter(
            "cordee_command_retries",
            "How often a command was decided anew, because others were faster.",
            registry=registry,
        )

    def command(self, name: str) -> "_Command":
        """Watch a command until there is an outcome or a refusal."""
        return _Command(self, name)


class _Command:
    """One command while it is decided and stored."""

    __slots__ = ("_began", "_current", "_meter", "_name", "_outcome", "_span", "correlation")

    def __init__(self, meter: CommandMeter, name: str) -> None:
        self._meter = meter
        self._name = name
        self._outcome = "broken_off"
        self._span: Span | None = None
        self.correlation: UUID | None = None

    def __enter__(self) -> "_Command":
        self._began = perf_counter()
        if (tracing := self._meter.tracing) is not None:
            self._span = tracing.begin(f"command {self._name}", {"cordee.command": self._name})
            self._current = tracing.current(self._span)
            self._current.__enter__()
            if (here := tracing.here()) is not None:
                self.correlation = UUID(int=here.trace_id)
        return self

    def again(self) -> None:
        """Say that it is decided anew."""
        self._meter.again.inc()
        if self._span is not None:
            self._span.add_event("decided anew")

    def done(self, *, duplicate: bool) -> None:
        """Say that it is in the log, or was before."""
        self._outcome = "repeated" if duplicate else "done"

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _traceback: object
    ) -> None:
        outcome = self._outcome if error is None else _outcome(error)
        self._meter.outcomes.labels(self._name, outcome).inc()
        self._meter.took.observe(perf_counter() - self._began)
        if self._span is not None and self._meter.tracing is not None:
            self._span.set_attribute("cordee.outcome", outcome)
            # To be refused is an answer, and no error of ours.
            if kind is not None and outcome != "refused":
                self._meter.tracing.broken(self._span, kind.__qualname__)
            self._current.__exit__(None, None, None)
            self._span.end()


def _outcome(error: BaseException) -> str:
    match error:
        case Unavailable() | NotStored():
            return "unavailable"
        case Contended():
            return "contended"
        case Refusal():
            return "refused"
        case _:
            return "broken_off"
