"""Webhooks as their owners see them."""

from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

import strawberry
from strawberry import UNSET

from api.connection import Connection
from api.context import Info, Operation
from api.entity import After, First
from api.paging import LONGEST, USUAL, CursorMalformed, PageOutOfBounds
from api.prices import PRICE, Price
from api.webhooks.delivery import DeliveryPage, WebhookDelivery
from api.webhooks.notices import told
from api.webhooks.port import (
    DELIVERY,
    MOST_NOTICES,
    WEBHOOK,
    KeptWebhook,
    WebhookDeliveryState,
    Webhooks,
    WebhookState,
)
from api.webhooks.refusals import WebhooksOff
from domain.identity import Id
from domain.refusal import NotSignedIn
from projections.column import Position


@strawberry.type(description="What the owner of a webhook should know.")
class WebhookNotice:
    """What the owner of a webhook should know."""

    at: datetime = strawberry.field(description="Since when it is so.")
    code: str = strawberry.field(description="What it is, for programs: it never changes.")
    message: str = strawberry.field(
        description="What it is and what to do, in French or English by Accept-Language."
    )


@strawberry.type(description="Where its owner wants to be told what happens.")
class Webhook:
    """Where its owner wants to be told what happens."""

    kept: strawberry.Private[KeptWebhook]

    id: Id = strawberry.field(description="Its id.")
    url: str = strawberry.field(description="Where it is told.")
    label: str | None = strawberry.field(description="What its owner calls it.")
    filter: str = strawberry.field(
        description="Which events are meant, as the feed is asked: nouns=action&types=…; all of "
        "them where it is empty."
    )
    state: WebhookState = strawberry.field(description="Whether it is told what happens.")
    position: Position = strawberry.field(
        description="The position up to which the log was looked through for it."
    )
    waiting: int = strawberry.field(
        description="How many deliveries wait; more than some hundred never do at a time."
    )
    registered_at: datetime = strawberry.field(description="When it was registered.")
    delivered_at: datetime | None = strawberry.field(
        description="When something was delivered last."
    )
    failing_since: datetime | None = strawberry.field(
        description="Since when nothing could be delivered; null where the last attempt succeeded."
    )
    second_secret_until: datetime | None = strawberry.field(
        description="Until when the secret before the last one signs, too."
    )

    @classmethod
    def of(cls, kept: KeptWebhook) -> Self:
        """Show a webhook to its owner."""
        return cls(
            kept=kept,
            id=WEBHOOK.write(kept.id.int),
            url=kept.url,
            label=kept.label,
            filter=kept.filter,
            state=kept.state,
            position=Position(kept.position),
            waiting=kept.waiting,
            registered_at=kept.registered_at,
            delivered_at=kept.delivered_at,
            failing_since=kept.failing_since,
            second_secret_until=kept.second_secret_until,
        )

    @strawberry.field(
        description="How many events, of any kind, lie beyond its position in the log."
    )
    async def lag(self, info: Info) -> int:
        """Tell how far it is behind."""
        return max(0, await info.context.feed.head() - self.position)

    @strawberry.field(
        description="What its owner should know, the newest first; 20 at most.",
        metadata={PRICE: Price(items=MOST_NOTICES)},
    )
    async def notices(self, info: Info) -> list[WebhookNotice]:
        """Give the newest notices."""
        webhooks, _ = own(info.context)
        language = info.context.caller.language
        return [
            WebhookNotice(at=each.at, code=each.code, message=told(each.code, each.facts, language))
            for each in await webhooks.notices(self.kept.id)
        ]

    @strawberry.field(
        description="What was, or is to be, delivered, the newest first: what ended is kept for "
        "30 days.",
        graphql_type=Connection[WebhookDelivery],
    )
    async def deliveries(
        self,
        info: Info,
        state: Annotated[
            WebhookDeliveryState | None,
            strawberry.argument(description="Only those that came to this."),
        ] = UNSET,
        first: First = UNSET,
        after: After = UNSET,
    ) -> Any:
        """Give a page of deliveries."""
        webhooks, _ = own(info.context)
        size = first if isinstance(first, int) else USUAL
        if not 0 <= size <= LONGEST:
            raise PageOutOfBounds("first", size=size, limit=LONGEST)
        before = DELIVERY.read(after) if after else None
        if after and before is None:
            raise CursorMalformed("after")
        return await DeliveryPage.read(webhooks, self.kept.id, state or None, before, size)


def own(operation: Operation) -> tuple[Webhooks, UUID]:
    """Give the webhooks, and who asks for theirs.

    Raises:
        NotSignedIn: it is not known who it is.
        WebhooksOff: there are none here.
    """
    principal = operation.caller.principal
    if principal is None:
        raise NotSignedIn
    if operation.webhooks is None:
        raise WebhooksOff
    return operation.webhooks, principal


def webhook(description: str) -> Any:
    """Make the question for a webhook of the caller."""

    async def resolve(
        info: Info, id: Annotated[Id, strawberry.argument(description="Its id.")]
    ) -> Webhook | None:
        webhooks, principal = own(info.context)
        number = WEBHOOK.read(id)
        found = None if number is None else await webhooks.find(principal, UUID(int=number))
        return None if found is None else Webhook.of(found)

    return strawberry.field(resolver=resolve, description=description)


def webhooks(description: str) -> Any:
    """Make the question for all webhooks of the caller."""

    async def resolve(info: Info) -> list[Webhook] | None:
        webhooks, principal = own(info.context)
        return [Webhook.of(each) for each in await webhooks.all_of(principal)]

    return strawberry.field(
        resolver=resolve, description=description, metadata={PRICE: Price(items=20)}
    )
