"""Deliveries as the owner of a webhook sees them: each with every attempt that was made."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Self, cast
from uuid import UUID

import strawberry

from api.prices import PRICE, Price
from api.webhooks.port import (
    DELIVERY,
    KeptAttempt,
    KeptDelivery,
    WebhookDeliveryState,
    WebhookError,
    Webhooks,
)
from domain.identity import Id
from projections.column import Position

ATTEMPTS: Final = 10
"""Attempts that a delivery is taken to have."""


@strawberry.type(description="An attempt to deliver something.")
class WebhookAttempt:
    """An attempt to deliver something."""

    number: int = strawberry.field(description="Which one it was, 1 for the first.")
    began_at: datetime = strawberry.field(description="When it began.")
    milliseconds: int = strawberry.field(description="How long it took.")
    status: int | None = strawberry.field(
        description="The status of the answer; null where there was none."
    )
    answer: str = strawberry.field(description="How the answer begins: its first kilobyte.")
    error: WebhookError | None = strawberry.field(
        description="Why it failed; null where it succeeded."
    )
    resent: bool = strawberry.field(description="Whether it was made by resendDelivery.")

    @classmethod
    def of(cls, kept: KeptAttempt) -> Self:
        """Show an attempt."""
        return cls(
            number=kept.number,
            began_at=kept.began_at,
            milliseconds=kept.took_ms,
            status=kept.status,
            answer=kept.answer,
            error=kept.error,
            resent=kept.resent,
        )


@strawberry.type(description="Something that was, or is to be, told to a webhook.")
class WebhookDelivery:
    """Something that was, or is to be, told to a webhook."""

    id: Id = strawberry.field(description="Its id.")
    event_id: UUID = strawberry.field(
        description="The id of the event, which the receiver is told as webhook-id: the same with "
        "each attempt, and after a replay."
    )
    type: str = strawberry.field(description="The type of the event.")
    position: Position | None = strawberry.field(
        description="The position of the event; null of the challenge, which is none."
    )
    state: WebhookDeliveryState = strawberry.field(description="What became of it.")
    queued_at: datetime = strawberry.field(description="When it was queued.")
    settled_at: datetime | None = strawberry.field(
        description="When it ended; null while it is queued."
    )
    next_attempt_at: datetime | None = strawberry.field(
        description="When it is attempted again; null where it did not fail, or does not wait."
    )
    attempts: list[WebhookAttempt] = strawberry.field(
        description="Every attempt that was made, the first one first.",
        metadata={PRICE: Price(items=ATTEMPTS)},
    )

    @classmethod
    def of(cls, kept: KeptDelivery, attempts: Sequence[KeptAttempt]) -> Self:
        """Show a delivery, with its attempts."""
        return cls(
            id=DELIVERY.write(kept.number),
            event_id=kept.event,
            type=kept.type,
            position=None if kept.position is None else Position(kept.position),
            state=kept.state,
            queued_at=kept.queued_at,
            settled_at=kept.settled_at,
            next_attempt_at=kept.due_at,
            attempts=[WebhookAttempt.of(each) for each in attempts],
        )


@dataclass(frozen=True, slots=True)
class DeliveryPage:
    """A page of deliveries, as the resolvers of a connection see it."""

    webhooks: Webhooks
    webhook: UUID
    state: WebhookDeliveryState | None
    before: int | None
    size: int
    found: Sequence[WebhookDelivery]
    """Those of the page, and one more where there is one."""

    @classmethod
    async def read(
        cls,
        webhooks: Webhooks,
        webhook: UUID,
        state: WebhookDeliveryState | None,
        before: int | None,
        size: int,
    ) -> Self:
        """Read a page, with all attempts of its deliveries."""
        kept = await webhooks.deliveries(webhook, state, before, size + 1)
        attempts = await webhooks.attempts([each.number for each in kept[:size]])
        found = [WebhookDelivery.of(each, attempts.get(each.number, ())) for each in kept]
        return cls(webhooks, webhook, state, before, size, found)

    async def rows(self) -> list[WebhookDelivery]:
        """Give the deliveries of the page."""
        return list(self.found[: self.size])

    async def count(self) -> int:
        """Count the deliveries of the whole list."""
        return await self.webhooks.count(self.webhook, self.state)

    async def has_next(self) -> bool:
        """Tell whether deliveries follow the page."""
        return len(self.found) > self.size

    async def has_previous(self) -> bool:
        """Tell whether deliveries precede it."""
        return self.before is not None

    def cursor(self, delivery: Any) -> str:
        """Give the place of a delivery: its id."""
        return cast(WebhookDelivery, delivery).id
