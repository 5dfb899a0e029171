"""Endpoints: where to tell what, as it is kept."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, Self
from uuid import UUID

from asyncpg import Record

from api.webhooks.port import KeptWebhook, WebhookState
from infra.webhooks.secret import SecretBox

COLUMNS: Final = """
id, principal, url, label, filter, verified, paused, position, rights, secret, previous_secret,
previous_until, registered_at, failing_since, delivered_at
"""

ACTIVE: Final = f"select {COLUMNS} from webhook.endpoint where not paused"  # noqa: S608
"""Those to which something may be sent, be it the challenge."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """An endpoint as it is kept."""

    id: UUID
    principal: UUID
    url: str
    label: str | None
    filter: str
    verified: bool
    paused: bool
    position: int
    rights: frozenset[str]
    secret: bytes
    previous_secret: bytes | None
    previous_until: datetime | None
    registered_at: datetime
    failing_since: datetime | None
    delivered_at: datetime | None

    @classmethod
    def of(cls, row: Record) -> Self:
        """Read a row that has all columns."""
        return cls(
            **{key: row[key] for key in cls.__dataclass_fields__ if key != "rights"},
            rights=frozenset(row["rights"]),
        )

    def secrets(self, box: SecretBox, now: datetime) -> Sequence[str]:
        """Give the secrets that sign at a time, the newest first.

        Raises:
            infra.webhooks.secret.SecretLost: the newest one cannot be decrypted.
        """
        signing = [box.open(self.secret, self.id)]
        until = self.previous_until
        if self.previous_secret is not None and until is not None and now < until:
            signing.append(box.open(self.previous_secret, self.id))
        return signing

    def looked_through(self, position: int) -> Self:
        """Give it as it is when the log was looked through up to a position."""
        return replace(self, position=position)

    def shown(self, waiting: int) -> KeptWebhook:
        """Give what its owner sees of it; ``waiting`` is how many deliveries are queued."""
        if self.paused:
            state = WebhookState.PAUSED
        else:
            state = WebhookState.ACTIVE if self.verified else WebhookState.UNVERIFIED
        return KeptWebhook(
            id=self.id,
            url=self.url,
            label=self.label,
            filter=self.filter,
            state=state,
            position=self.position,
            waiting=waiting,
            registered_at=self.registered_at,
            delivered_at=self.delivered_at,
            failing_since=self.failing_since,
            second_secret_until=self.previous_until,
        )


async def sendable(connection: Any) -> list[Endpoint]:
    """Give all endpoints that are not paused."""
    return [Endpoint.of(row) for row in await connection.fetch(ACTIVE)]
