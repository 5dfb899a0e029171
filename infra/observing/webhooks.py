"""What this process does for partners who are told by webhooks."""

from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram

from api.webhooks.port import WebhookError
from infra.observing.buckets import SECONDS

DELIVERED: Final = "delivered"


class WebhookMeter:
    """`infra.observing.watch.WebhookWatch` in instruments of Prometheus."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._attempts = Counter(
            "cordee_webhook_attempts",
            "Attempts to deliver, by what came of them: delivered, or why not.",
            ("outcome",),
            registry=registry,
        )
        self._took = Histogram(
            "cordee_webhook_attempt_duration_seconds",
            "Time from when an attempt began to the beginning of the answer.",
            registry=registry,
            buckets=SECONDS,
        )

    def attempted(self, error: WebhookError | None, took: float) -> None:
        """Take in an attempt."""
        outcome = DELIVERED if error is None else error.value.lower()
        self._attempts.labels(outcome).inc()
        self._took.observe(took)
