"""How things stand when somebody asks: the log, the generations, the pools, and what waits."""

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from infra.observing.facts import GenerationFacts, Inquiry, RelayFacts, SealFacts, WebhookFacts
from infra.observing.parts import Parts

_OF_GENERATIONS: Final[tuple[tuple[str, str, Callable[[GenerationFacts], float]], ...]] = (
    ("position", "Position up to which it shows the log.", lambda each: each.position),
    ("lag_events", "Events of any kind after its position.", lambda each: each.behind),
    ("lag_seconds", "Age of the first event after its position.", lambda each: each.late),
    ("stopped", "1 where an event cannot be folded.", lambda each: each.stopped),
    ("paused", "1 where an operator has paused it.", lambda each: each.paused),
    ("led", "1 where a process folds it.", lambda each: each.led),
    ("active", "1 where a version of the program reads it.", lambda each: each.active),
    (
        "ready",
        "1 where it has been up to date once.",
        lambda each: each.state == "READY",
    ),
    ("parked_streams", "Streams that are set aside.", lambda each: each.parked),
)
_OF_RELAYS: Final[tuple[tuple[str, str, Callable[[RelayFacts], float]], ...]] = (
    ("position", "Position up to which the broker has public events.", lambda each: each.position),
    ("lag_events", "Events of any kind after that position.", lambda each: each.behind),
    ("stopped", "1 where something is in the way of the others.", lambda each: each.stopped),
)


class Standing(Collector):
    """Tells how things stand, with what the database was asked last."""

    def __init__(self, data_dir: Path) -> None:
        """``data_dir`` is the folder whose disk must not be full."""
        self._data_dir = data_dir
        self._parts = Parts()
        self._inquiry = Inquiry(None)

    def attend(self, dsn: str, parts: Parts) -> None:
        """Tell from now on of these parts, and of this database."""
        self._parts = parts
        self._inquiry = Inquiry(dsn)

    async def refresh(self) -> None:
        """Ask the database, for what is told next."""
        await self._inquiry.refresh()

    def collect(self) -> Iterable[Metric]:
        """Give what is so at the moment."""
        facts = self._inquiry.facts
        yield _gauge("ready", "1 where the process can answer for what it serves.", self.ready())
        yield _gauge(
            "database_up", "1 where the database answers and is migrated.", facts is not None
        )
        if facts is not None:
            yield _gauge("log_head_position", "Position of the last event.", facts.head)
            yield _gauge("database_size_bytes", "Size of the database.", facts.size)
            yield from _generations(facts.generations)
            yield from _relays(facts.relays)
            yield from _seal(facts.seal)
            yield from _webhooks(facts.webhooks)
            backlog = self._parts.backlog(facts.head)
            yield _gauge(
                "feed_backlog_events", "Events that the slowest follower still lacks.", backlog
            )
        yield _gauge(
            "append_waiting_commands", "Commands that wait for a batch.", self._parts.waiting()
        )
        yield from self._pools()
        limited = CounterMetricFamily(
            "cordee_rate_limited", "Requests refused because a budget is spent.", labels=("budget",)
        )
        for name, count in dict(self._parts.refused).items():  # it may grow meanwhile
            limited.add_metric((name,), count)
        yield limited
        yield from self._disk()

    def ready(self) -> bool:
        """Tell whether the process can answer for what it serves."""
        return self._inquiry.facts is not None and self._parts.ready()

    def _pools(self) -> Iterable[Metric]:
        used = GaugeMetricFamily(
            "cordee_pool_used_connections", "Connections that are used.", labels=("pool",)
        )
        most = GaugeMetricFamily(
            "cordee_pool_max_connections", "Connections that may be used.", labels=("pool",)
        )
        waits = CounterMetricFamily(
            "cordee_pool_waits", "How often a connection was waited for.", labels=("pool",)
        )
        waited = CounterMetricFamily(
            "cordee_pool_wait_seconds",
            "Time for which connections were waited for.",
            labels=("pool",),
        )
        for name, state in self._parts.pools.items():
            standing = state()
            used.add_metric((name,), standing.used)
            most.add_metric((name,), standing.most)
            waits.add_metric((name,), standing.waits)
            waited.add_metric((name,), standing.waited)
        yield from (used, most, waits, waited)

    def _disk(self) -> Iterable[Metric]:
        try:
            disk = os.statvfs(self._data_dir)
        except OSError:
            return
        free, size = disk.f_bavail * disk.f_frsize, disk.f_blocks * disk.f_frsize
        yield _gauge("data_free_bytes", "Room left on the disk of the data folder.", free)
        yield _gauge("data_size_bytes", "Size of that disk.", size)


def _gauge(name: str, about: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"cordee_{name}", about, value=value)


def _relays(relays: Iterable[RelayFacts]) -> Iterable[Metric]:
    known = list(relays)
    for name, about, value in _OF_RELAYS:
        family = GaugeMetricFamily(f"cordee_relay_{name}", about, labels=("stream",))
        for each in known:
            family.add_metric((each.stream,), value(each))
        yield family


def _webhooks(facts: WebhookFacts) -> Iterable[Metric]:
    states = GaugeMetricFamily("cordee_webhooks", "Webhooks, by state.", labels=("state",))
    states.add_metric(("active",), facts.active)
    states.add_metric(("unverified",), facts.unverified)
    states.add_metric(("paused",), facts.paused)
    yield states
    yield _gauge("webhooks_failing", "Active ones whose last attempt failed.", facts.failing)
    yield _gauge("webhook_waiting_deliveries", "Deliveries that are queued.", facts.waiting)
    yield _gauge(
        "webhook_lag_events",
        "Events not looked through yet for the slowest active one.",
        facts.behind,
    )


def _seal(seal: SealFacts) -> Iterable[Metric]:
    yield _gauge("seal_position", "Position up to which the tree proves the log.", seal.position)
    yield _gauge("seal_lag_events", "Events after that position.", seal.behind)
    yield _gauge("seal_lag_seconds", "Age of the first event after that position.", seal.late)


def _generations(generations: Iterable[GenerationFacts]) -> Iterable[Metric]:
    known = list(generations)
    for name, about, value in _OF_GENERATIONS:
        family = GaugeMetricFamily(
            f"cordee_projection_{name}", about, labels=("projection", "generation")
        )
        for each in known:
            family.add_metric((each.projection, str(each.number)), value(each))
        yield family
