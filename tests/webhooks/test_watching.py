"""What is told of deliveries to those who watch."""

from prometheus_client import CollectorRegistry

from api.webhooks.port import WebhookError
from infra.observing.webhooks import WebhookMeter


def test_attempts_are_counted_by_what_came_of_them_and_timed() -> None:
    registry = CollectorRegistry()
    meter = WebhookMeter(registry)
    for error in (None, None, WebhookError.TOO_SLOW):
        meter.attempted(error, 0.2)

    def counted(outcome: str) -> float | None:
        return registry.get_sample_value("cordee_webhook_attempts_total", {"outcome": outcome})

    assert (counted("delivered"), counted("too_slow"), counted("refused")) == (2, 1, None)
    took = registry.get_sample_value("cordee_webhook_attempt_duration_seconds_sum")
    assert took is not None
    assert round(took, 3) == 0.6
