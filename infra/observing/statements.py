"""What statements on the read model take."""

from collections.abc import Sequence
from time import perf_counter
from typing import Any, Final

from prometheus_client import CollectorRegistry, Histogram

from api.ports import Reads, ReadsUnavailable, ReadTooSlow
from infra.observing.buckets import SECONDS
from projections.statement import Statement

_FAILURES: Final[dict[type[BaseException], str]] = {
    ReadsUnavailable: "unavailable",
    ReadTooSlow: "too_slow",
}


class ReadMeter:
    """How long statements take, and what comes of them."""

    def __init__(self, registry: CollectorRegistry) -> None:
        took = Histogram(
            "cordee_read_duration_seconds",
            "Time that a statement on the read model took, the wait for a connection included:"
            " answered, unavailable, too_slow, or broken_off.",
            ("outcome",),
            registry=registry,
            buckets=SECONDS,
        )
        self._answered = took.labels("answered")
        self._failed = {kind: took.labels(outcome) for kind, outcome in _FAILURES.items()}
        self._broken_off = took.labels("broken_off")

    def answered(self, began: float) -> None:
        """Take in a statement that was begun then, and is answered."""
        self._answered.observe(perf_counter() - began)

    def failed(self, began: float, error: BaseException) -> None:
        """Take in a statement to which there is no answer."""
        self._failed.get(type(error), self._broken_off).observe(perf_counter() - began)


class TimedReads:
    """`api.ports.Reads`, timed."""

    def __init__(self, reads: Reads, meter: ReadMeter) -> None:
        self._reads = reads
        self._meter = meter

    async def answer(
        self, statement: Statement, arguments: Sequence[object]
    ) -> Sequence[bytes | None]:
        """Run a rendered plan and give its one row: a JSON text for each root field."""
        began = perf_counter()
        try:
            row = await self._reads.answer(statement, arguments)
        except BaseException as error:
            self._meter.failed(began, error)
            raise
        self._meter.answered(began)
        return row

    async def rows(
        self, statement: Statement, arguments: Sequence[object]
    ) -> Sequence[Sequence[Any]]:
        """Run a statement and give its rows."""
        began = perf_counter()
        try:
            rows = await self._reads.rows(statement, arguments)
        except BaseException as error:
            self._meter.failed(began, error)
            raise
        self._meter.answered(began)
        return rows
