"""What the interface asks of webhooks: where partners want to be told, and what came of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Protocol
from uuid import UUID

from domain.identity import Id
from domain.label import Label

MOST: Final = 20
"""Webhooks of one caller."""
MOST_NOTICES: Final = 20
"""Notices that are shown of a webhook, the newest."""
LONGEST_OVERLAP: Final = timedelta(days=7)
"""For how long at most the secret before the last one signs, too."""


class WebhookState(Label):
    """Whether a webhook is told what happens."""

    UNVERIFIED = (
        "UNVERIFIED",
        "n’a pas encore répondu au défi",
        "has not answered the challenge yet",
    )
    ACTIVE = "ACTIVE", "active", "active"
    PAUSED = "PAUSED", "en pause", "paused"


class WebhookDeliveryState(Label):
    """What became of a delivery."""

    QUEUED = "QUEUED", "en attente", "queued"
    DELIVERED = "DELIVERED", "remis", "delivered"
    WITHHELD = (
        "WITHHELD",
        "retenu : son destinataire ne peut plus voir ce dont il s’agit",
        "withheld: its owner may not see any more to what it happened",
    )
    CANCELLED = "CANCELLED", "annulé par un rejeu", "cancelled by a replay"


class WebhookError(Label):
    """Why an attempt failed."""

    NO_ADDRESS = "NO_ADDRESS", "le nom n’a pas d’adresse", "the name has no address"
    PRIVATE_ADDRESS = (
        "PRIVATE_ADDRESS",
        "l’adresse n’est pas sur l’internet public",
        "the address is not on the public internet",
    )
    NO_CONNECTION = "NO_CONNECTION", "aucune connexion", "no connection"
    NO_TLS = "NO_TLS", "pas de connexion sûre : voyez le certificat", "no TLS: see the certificate"
    TOO_SLOW = "TOO_SLOW", "pas de réponse à temps", "no answer in time"
    BROKEN_OFF = "BROKEN_OFF", "la réponse s’est interrompue", "the answer broke off"
    REDIRECTED = (
        "REDIRECTED",
        "mène ailleurs, ce qui n’est pas suivi",
        "leads elsewhere, which is not followed",
    )
    REFUSED = "REFUSED", "le récepteur n’a pas répondu 2xx", "the receiver did not answer 2xx"
    NO_ECHO = (
        "NO_ECHO",
        "la réponse au défi ne contient pas ce qu’il demande",
        "the answer does not hold what the challenge asks for",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class NewWebhook:
    """A webhook as it is registered."""

    principal: UUID
    url: str
    label: str | None
    filter: str
    """What is asked of the feed, such as ``nouns=action``."""
    after: int
    secret: str | None
    """None has one made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptWebhook:
    """A webhook as it stands."""

    id: UUID
    url: str
    label: str | None
    filter: str
    state: WebhookState
    position: int
    """Up to here the log was looked through for it."""
    waiting: int
    """Deliveries that were queued and have not succeeded."""
    registered_at: datetime
    delivered_at: datetime | None
    failing_since: datetime | None
    second_secret_until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptNotice:
    """What the owner of a webhook should know."""

    at: datetime
    code: str
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptDelivery:
    """A delivery as it stands."""

    number: int
    event: UUID
    type: str
    position: int | None
    """None is the challenge."""
    state: WebhookDeliveryState
    queued_at: datetime
    settled_at: datetime | None
    due_at: datetime | None
    """When it is tried again after a failure."""
    attempts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptAttempt:
    """An attempt to deliver."""

    number: int
    began_at: datetime
    took_ms: int
    status: int | None
    answer: str
    error: WebhookError | None
    resent: bool


@dataclass(frozen=True, slots=True)
class WebhookSecret:
    """A webhook with its secret, which is shown this once."""

    webhook: KeptWebhook
    secret: str


class Webhooks(Protocol):
    """Keeps webhooks, each for its owner alone: others are answered as if there were none.

    Whoever is told of a webhook that is not theirs by `domain.refusal.NotFound`. Every method
    raises `api.ports.ReadsUnavailable` when the database does not answer; those that change
    something may have done so all the same.
    """

    async def register(self, new: NewWebhook) -> WebhookSecret:
        """Register a webhook, and have it challenged.

        Raises one of `api.webhooks.refusals.REGISTERING`.
        """

    async def all_of(self, principal: UUID) -> Sequence[KeptWebhook]:
        """Give the webhooks of somebody, the oldest first."""

    async def find(self, principal: UUID, webhook: UUID) -> KeptWebhook | None:
        """Give a webhook of somebody."""

    async def rotate(
        self, principal: UUID, webhook: UUID, secret: str | None, overlap: timedelta
    ) -> WebhookSecret:
        """Give a webhook another secret; the one before signs, too, for as long as said.

        Raises `api.webhooks.refusals.InvalidSecret`.
        """

    async def pause(self, principal: UUID, webhook: UUID) -> KeptWebhook:
        """Tell a webhook nothing until it is resumed. What happens meanwhile is told then."""

    async def resume(self, principal: UUID, webhook: UUID) -> KeptWebhook:
        """Go on where a webhook was, at once; one that is not verified is challenged again."""

    async def replay(self, principal: UUID, webhook: UUID, after: int) -> KeptWebhook:
        """Tell a webhook what happened after a position once more, in place of what waits."""

    async def remove(self, principal: UUID, webhook: UUID) -> None:
        """Remove a webhook with all that is known of its deliveries."""

    async def resend(self, principal: UUID, delivery: int) -> tuple[KeptWebhook, KeptDelivery]:
        """Send a delivery once more, at once, whatever became of it.

        Raises `api.webhooks.refusals.WebhookPaused`.
        """

    async def notices(self, webhook: UUID) -> Sequence[KeptNotice]:
        """Give the newest notices of a webhook, the newest first."""

    async def deliveries(
        self, webhook: UUID, state: WebhookDeliveryState | None, before: int | None, limit: int
    ) -> Sequence[KeptDelivery]:
        """Give deliveries with smaller numbers, the newest first."""

    async def count(self, webhook: UUID, state: WebhookDeliveryState | None) -> int:
        """Count the deliveries of a webhook."""

    async def attempts(self, deliveries: Sequence[int]) -> Mapping[int, Sequence[KeptAttempt]]:
        """Give all attempts of some deliveries, by their numbers, the first ones first."""


class Numbering:
    """How callers write the id of a kind of thing that is kept beside the log."""

    def __init__(self, prefix: str) -> None:
        self._start = f"{prefix}_"

    def write(self, number: int) -> Id:
        """Write an id: of 128 bits, as a UUID has them."""
        return Id(f"{self._start}{number:032x}")

    def read(self, id: str) -> int | None:
        """Read an id; None is none of this kind."""
        digits = id.removeprefix(self._start)
        sound = id.startswith(self._start) and len(digits) == 32 and digits.isalnum()
        try:
            return int(digits, 16) if sound else None
        except ValueError:
            return None


WEBHOOK: Final = Numbering("whk")
DELIVERY: Final = Numbering("dlv")
