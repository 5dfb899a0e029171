"""Ways to ask in turns, so that what the machine does besides weighs on all alike."""

import os
import statistics
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.bench.load import Load, load


@dataclass(frozen=True)
class Measure:
    """How often is measured, and for how long."""

    rounds: int
    seconds: float
    connections: int
    process: int
    """The process whose time is measured: the one that answers."""


@dataclass(frozen=True)
class Way:
    """One way to ask a question."""

    port: int
    requests: Callable[[], Iterator[bytes]]


@dataclass
class Found:
    """What came of one way, turn by turn."""

    loads: list[Load] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)
    """Microseconds of the serving process for each answer, whatever else the machine does."""

    @property
    def rate(self) -> float:
        """Answers per second, the median."""
        return statistics.median(load.rate for load in self.loads)

    @property
    def cost(self) -> float:
        """Microseconds of the serving process, the median."""
        return statistics.median(self.processor)


async def compare(name: str, measure: Measure, *ways: Way) -> None:
    """Ask in several ways, in turns, and print the medians and what the first is to the others."""
    found = [Found() for _ in ways]
    for turn in range(measure.rounds + 1):
        for way, result in zip(ways, found, strict=True):
            before = _processor(measure.process)
            load = await _ask(way, measure)
            if turn:  # the first warms plans and caches
                result.loads.append(load)
                spent = _processor(measure.process) - before
                result.processor.append(1e6 * spent / len(load.latencies))
    ours, others = found[0], found[1:]
    rates = "".join(f"{each.rate:9.0f}" for each in found)
    ratios = "".join(f"{ours.rate / each.rate:7.2f}" for each in others)
    costs = "".join(f"{each.cost:7.1f}" for each in found)
    spared = "".join(f"{each.cost / ours.cost:7.2f}" for each in others)
    print(f"{name:24}{rates}{ratios} |{costs}{spared}", flush=True)


def _processor(process: int) -> float:
    """Give the seconds that a process has had of processors."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def _ask(way: Way, measure: Measure) -> Load:
    def right(body: bytes) -> bool:
        return not body or body.startswith((b'{"data":{', b'{"data":['))

    found = await load(
        way.port, way.requests, clients=measure.connections, seconds=measure.seconds, right=right
    )
    assert not found.failures, found.failures[0]
    return found
