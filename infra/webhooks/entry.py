"""Entries: what came of jobs, to be written down."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from api.webhooks.port import WebhookDeliveryState
from infra.webhooks.delivery import Delivery
from infra.webhooks.line import Answer
from infra.webhooks.queue import Job


@dataclass(frozen=True, slots=True)
class Entry:
    """What came of a job, or of one delivery of it."""

    job: Job
    delivery: Delivery | None
    """None where there was nothing to attempt, or nothing was."""
    began_at: datetime | None = None
    answer: Answer | None = None
    """What came of the attempt, where there was one."""
    withheld: bool = False
    """Whether the owner may not see any more to what it happened."""
    put_back: timedelta | None = None
    """After which time the job is to be taken again that could not be done now."""
    ends: bool = True
    """Whether the job ends with it."""

    @property
    def resent(self) -> bool:
        """Whether it was attempted because somebody asked for it."""
        alone = self.job.delivery is not None
        return alone and self.delivery is not None and self.delivery.stream is not None

    @property
    def failed(self) -> bool:
        """Whether it is to be attempted again by itself."""
        return self.answer is not None and self.answer.error is not None and not self.resent

    @property
    def settles(self) -> WebhookDeliveryState | None:
        """What the delivery comes to by it, if it ends."""
        if self.withheld:
            return WebhookDeliveryState.WITHHELD
        if self.answer is not None and self.answer.error is None:
            return WebhookDeliveryState.DELIVERED
        return None
