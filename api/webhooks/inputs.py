"""What is given where a webhook is registered or changed."""

from datetime import timedelta
from typing import Final

import strawberry
from strawberry import UNSET

from api.interests import EventWhere
from api.webhooks.port import LONGEST_OVERLAP
from domain.identity import Id

LONGEST: Final = int(LONGEST_OVERLAP / timedelta(hours=1))
"""Hours for which the secret before the last one signs, at most."""
_DAY: Final = 24
_AFTER: Final = (
    "After which position of the log to begin, or the cursor of a feed with the same filters; "
    "without it, what is still to come."
)


@strawberry.input(description="Where a caller wants to be told what happens, and what.")
class RegisterWebhookInput:
    """Where a caller wants to be told what happens, and what."""

    url: str = strawberry.field(
        description="An https address. It is told nothing before it has answered a challenge: an "
        "event of the type fr.cordee.webhook.challenge.v1, whose data.challenge it sends back."
    )
    label: str | None = strawberry.field(default=UNSET, description="What to call it.")
    where: EventWhere | None = strawberry.field(
        default=UNSET, description="Which facts are meant; all that are published unless given."
    )
    after: str | None = strawberry.field(default=UNSET, description=_AFTER)
    secret: str | None = strawberry.field(
        default=UNSET,
        description="What is to sign: whsec_ and 24 to 64 random bytes in base64; one is made "
        "unless given.",
    )


@strawberry.input(description="Which webhook is to have another secret.")
class RotateWebhookSecretInput:
    """Which webhook is to have another secret."""

    id: Id = strawberry.field(description="The webhook.")
    secret: str | None = strawberry.field(
        default=UNSET, description="The new secret; one is made unless given."
    )
    overlap_hours: int = strawberry.field(
        default=_DAY,
        description=f"For how many hours the secret before it signs, too; {LONGEST} at most.",
    )


@strawberry.input(description="Which webhook is meant.")
class WebhookInput:
    """Which webhook is meant."""

    id: Id = strawberry.field(description="The webhook.")


@strawberry.input(description="Which webhook is to be told again, and from where on.")
class ReplayWebhookInput:
    """Which webhook is to be told again, and from where on."""

    id: Id = strawberry.field(description="The webhook.")
    after: str = strawberry.field(
        description="The position of the log, or the cursor of a feed with the same filters, after "
        "which to begin."
    )


@strawberry.input(description="Which delivery is to be sent once more.")
class ResendDeliveryInput:
    """Which delivery is to be sent once more."""

    id: Id = strawberry.field(description="The delivery.")
