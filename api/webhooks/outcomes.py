"""What came of a change to a webhook."""

from dataclasses import dataclass
from typing import Any

import strawberry

from api.query import Query
from api.webhooks.delivery import WebhookDelivery
from api.webhooks.webhook import Webhook


@dataclass(frozen=True, slots=True)
class Changed:
    """What came of a change, as the resolvers of its success see it.

    Not an instance of its type: Strawberry does not find that one again in a sorted schema.
    """

    success: str
    webhook: Webhook | None = None
    secret: str | None = None
    delivery: WebhookDelivery | None = None


class _Success:
    """What all successes have."""

    @classmethod
    def is_type_of(cls, found: object, _info: object) -> bool:
        """Tell what is one: GraphQL asks."""
        return isinstance(found, Changed) and found.success == cls.__name__


def _query() -> Any:
    """Make the field of a success that asks for anything else."""

    def resolve() -> Query:
        return Query()

    return strawberry.field(resolver=resolve, description="Anything else, this included.")


@strawberry.type(description="The webhook is registered, and is being challenged.")
class RegisterWebhookSuccess(_Success):
    """The webhook is registered, and is being challenged."""

    webhook: Webhook = strawberry.field(description="The webhook.")
    secret: str = strawberry.field(
        description="By what its deliveries are signed (Standard Webhooks). Keep it: it is not "
        "shown again."
    )
    query = _query()


@strawberry.type(description="The webhook has another secret.")
class RotateWebhookSecretSuccess(_Success):
    """The webhook has another secret."""

    webhook: Webhook = strawberry.field(description="The webhook.")
    secret: str = strawberry.field(description="The new secret. Keep it: it is not shown again.")
    query = _query()


@strawberry.type(description="The webhook is paused: what happens waits until it is resumed.")
class PauseWebhookSuccess(_Success):
    """The webhook is paused."""

    webhook: Webhook = strawberry.field(description="The webhook.")
    query = _query()


@strawberry.type(description="The webhook goes on where it was, or is challenged again.")
class ResumeWebhookSuccess(_Success):
    """The webhook goes on where it was, or is challenged again."""

    webhook: Webhook = strawberry.field(description="The webhook.")
    query = _query()


@strawberry.type(description="The webhook is told again what happened from there on.")
class ReplayWebhookSuccess(_Success):
    """The webhook is told again what happened from there on."""

    webhook: Webhook = strawberry.field(description="The webhook.")
    query = _query()


@strawberry.type(description="The webhook is gone, with all that was known of its deliveries.")
class RemoveWebhookSuccess(_Success):
    """The webhook is gone."""

    query = _query()


@strawberry.type(description="The delivery is being sent once more.")
class ResendDeliverySuccess(_Success):
    """The delivery is being sent once more."""

    webhook: Webhook = strawberry.field(description="The webhook to which it goes.")
    delivery: WebhookDelivery = strawberry.field(description="The delivery as it was before.")
    query = _query()
