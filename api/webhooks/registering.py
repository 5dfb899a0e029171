"""Registering: a caller says where they want to be told what happens, and steers it.

These are no commands: where somebody wants to be told something did not happen to anything, and it
goes with a secret, which no log may keep for ever.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any, Final, Union
from urllib.parse import urlencode
from uuid import UUID

import strawberry
from starlette.datastructures import QueryParams

from api.context import Info, Operation
from api.interests import EventWhere, interests
from api.naming import lower_first
from api.ports import ReadsUnavailable
from api.prices import MUTATION, PRICE, Price
from api.publication.asked import Asked
from api.publication.search import BeyondTheEnd
from api.refusals import present, type_of
from api.webhooks.delivery import WebhookDelivery
from api.webhooks.inputs import (
    LONGEST,
    RegisterWebhookInput,
    ReplayWebhookInput,
    ResendDeliveryInput,
    RotateWebhookSecretInput,
    WebhookInput,
)
from api.webhooks.outcomes import (
    Changed,
    PauseWebhookSuccess,
    RegisterWebhookSuccess,
    RemoveWebhookSuccess,
    ReplayWebhookSuccess,
    ResendDeliverySuccess,
    ResumeWebhookSuccess,
    RotateWebhookSecretSuccess,
)
from api.webhooks.port import DELIVERY, WEBHOOK, NewWebhook, Webhooks
from api.webhooks.refusals import REGISTERING, REPLAYING, RESENDING, ROTATING, STEERING
from api.webhooks.webhook import Webhook, own
from domain import text
from domain.refusal import InvalidNumber, NotFound, NotStored, Refusal


@dataclass(frozen=True, slots=True)
class _Asker:
    """Who changes their webhooks."""

    operation: Operation
    webhooks: Webhooks
    principal: UUID

    async def after(self, said: str, filter: str) -> int:
        """Read where to begin. Raises a refusal where that makes no sense."""
        asked = Asked.read(
            QueryParams([*QueryParams(filter).multi_items(), ("after", said)]),
            self.operation.cursors,
        )
        if asked.after > (head := await self.operation.feed.head()):
            raise BeyondTheEnd("after", after=asked.after, head=head)
        return asked.after


async def _register(asker: _Asker, input: RegisterWebhookInput) -> Changed:
    filter = _filter(input.where or None)
    Asked.read(QueryParams(filter), asker.operation.cursors)  # what is not published cannot be told
    head = await asker.operation.feed.head()
    registered = await asker.webhooks.register(
        NewWebhook(
            principal=asker.principal,
            url=input.url,
            label=text.optional_name(input.label or None, "label"),
            filter=filter,
            after=await asker.after(input.after, filter) if input.after else head,
            secret=input.secret or None,
        )
    )
    return Changed(
        RegisterWebhookSuccess.__name__,
        webhook=Webhook.of(registered.webhook),
        secret=registered.secret,
    )


async def _rotate(asker: _Asker, input: RotateWebhookSecretInput) -> Changed:
    hours = input.overlap_hours
    if not 0 <= hours <= LONGEST:
        raise InvalidNumber("overlap_hours", value=hours, least=0, most=LONGEST)
    overlap = timedelta(hours=hours)
    rotated = await asker.webhooks.rotate(
        asker.principal, _webhook(input.id), input.secret or None, overlap
    )
    return Changed(
        RotateWebhookSecretSuccess.__name__,
        webhook=Webhook.of(rotated.webhook),
        secret=rotated.secret,
    )


async def _pause(asker: _Asker, input: WebhookInput) -> Changed:
    paused = await asker.webhooks.pause(asker.principal, _webhook(input.id))
    return Changed(PauseWebhookSuccess.__name__, webhook=Webhook.of(paused))


async def _resume(asker: _Asker, input: WebhookInput) -> Changed:
    resumed = await asker.webhooks.resume(asker.principal, _webhook(input.id))
    return Changed(ResumeWebhookSuccess.__name__, webhook=Webhook.of(resumed))


async def _replay(asker: _Asker, input: ReplayWebhookInput) -> Changed:
    webhook = _webhook(input.id)
    found = await asker.webhooks.find(asker.principal, webhook)
    if found is None:
        raise _no_webhook(input.id)
    after = await asker.after(input.after, found.filter)
    replayed = await asker.webhooks.replay(asker.principal, webhook, after)
    return Changed(ReplayWebhookSuccess.__name__, webhook=Webhook.of(replayed))


async def _remove(asker: _Asker, input: WebhookInput) -> Changed:
    await asker.webhooks.remove(asker.principal, _webhook(input.id))
    return Changed(
        RemoveWebhookSuccess.__name__,
    )


async def _resend(asker: _Asker, input: ResendDeliveryInput) -> Changed:
    number = DELIVERY.read(input.id)
    if number is None or number >= 2**63:
        raise NotFound("id", id=input.id[:80], noun="delivery")
    webhook, delivery = await asker.webhooks.resend(asker.principal, number)
    attempts = await asker.webhooks.attempts([number])
    return Changed(
        ResendDeliverySuccess.__name__,
        webhook=Webhook.of(webhook),
        delivery=WebhookDelivery.of(delivery, attempts.get(number, ())),
    )


def _filter(where: EventWhere | None) -> str:
    """Write which facts are meant as one asks the feed for them."""
    interests(where)  # what makes no sense is told of the input, not of an address
    if where is None:
        return ""
    given = [(name, each) for name, listed in vars(where).items() for each in listed or ()]
    return urlencode(sorted(set(given)))


def _webhook(id: str) -> UUID:
    number = WEBHOOK.read(id)
    if number is None:
        raise _no_webhook(id)
    return UUID(int=number)


def _no_webhook(id: str) -> NotFound:
    return NotFound("id", id=id[:80], noun="webhook")


def _mutation(
    success: type[Any],
    given: type[Any],
    change: Callable[[_Asker, Any], Awaitable[Changed]],
    refuses: tuple[type[Refusal], ...],
    description: str,
) -> Any:
    refuses = (*refuses, NotStored)
    name = success.__name__.removesuffix("Success")

    async def resolve(info: Info, input: Any) -> Any:
        operation = info.context
        try:
            webhooks, principal = own(operation)
            return await change(_Asker(operation, webhooks, principal), input)
        except ReadsUnavailable:
            return present(NotStored(), operation.caller.language)
        except Refusal as refusal:
            if type(refusal) not in refuses:
                raise RuntimeError(f"{name} does not declare {refusal.code}") from refusal
            return present(refusal, operation.caller.language)

    resolve.__annotations__["input"] = Annotated[
        given, strawberry.argument(description="What to do.")
    ]
    union = strawberry.union(f"{name}Result", description=f"What came of {lower_first(name)}.")
    return strawberry.mutation(
        resolver=resolve,
        graphql_type=Annotated[Union[(success, *map(type_of, refuses))], union],
        description=description,
        metadata={PRICE: Price(once=MUTATION)},
    )


MUTATIONS: Final = {
    "registerWebhook": _mutation(
        RegisterWebhookSuccess,
        RegisterWebhookInput,
        _register,
        REGISTERING,
        "Register where the caller wants to be told what happens: all that they may see at the "
        "time, in order for each thing, at least once.",
    ),
    "rotateWebhookSecret": _mutation(
        RotateWebhookSecretSuccess,
        RotateWebhookSecretInput,
        _rotate,
        ROTATING,
        "Give a webhook another secret; for a while deliveries bear the signatures of both.",
    ),
    "pauseWebhook": _mutation(
        PauseWebhookSuccess,
        WebhookInput,
        _pause,
        STEERING,
        "Tell a webhook nothing until it is resumed; nothing is lost meanwhile.",
    ),
    "resumeWebhook": _mutation(
        ResumeWebhookSuccess,
        WebhookInput,
        _resume,
        STEERING,
        "Go on where a webhook was, with what failed first; one that has not answered the "
        "challenge is challenged again.",
    ),
    "replayWebhook": _mutation(
        ReplayWebhookSuccess,
        ReplayWebhookInput,
        _replay,
        REPLAYING,
        "Tell a webhook again what happened after a position, under the same ids, in place of "
        "what waits.",
    ),
    "removeWebhook": _mutation(
        RemoveWebhookSuccess,
        WebhookInput,
        _remove,
        STEERING,
        "Remove a webhook, with all that is known of its deliveries.",
    ),
    "resendDelivery": _mutation(
        ResendDeliverySuccess,
        ResendDeliveryInput,
        _resend,
        RESENDING,
        "Send a delivery once more, at once, whatever became of it; one that waits is not waited "
        "for any longer.",
    ),
}
"""The mutations of webhooks, by name."""
