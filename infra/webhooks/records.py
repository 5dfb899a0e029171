"""Records: webhooks, their deliveries, attempts and notices, as their owners look at them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from api.webhooks.port import (
    MOST_NOTICES,
    KeptAttempt,
    KeptDelivery,
    KeptNotice,
    KeptWebhook,
    WebhookDeliveryState,
    WebhookError,
)
from infra.answering import answered
from infra.webhooks.endpoint import COLUMNS, Endpoint
from infra.webhooks.standing import note_of

_WAITING: Final = """
(select count(*) from webhook.delivery d where d.endpoint = e.id and d.state = 'QUEUED') as waiting
"""

_ALL: Final = f"""
select {COLUMNS}, {_WAITING} from webhook.endpoint e
where principal = $1 order by registered_at, id
"""  # noqa: S608  (names of ours)

ONE: Final = f"""
select {COLUMNS}, {_WAITING} from webhook.endpoint e where principal = $1 and id = $2
"""  # noqa: S608

DELIVERY_COLUMNS: Final = """
id as number, event, type, position, state, queued_at, settled_at, due_at, attempts
"""

_DELIVERIES: Final = f"""
select {DELIVERY_COLUMNS} from webhook.delivery
where endpoint = $1 and ($2::text is null or state = $2) and ($3::bigint is null or id < $3)
order by id desc limit $4
"""  # noqa: S608

_COUNT: Final = """
select count(*) from webhook.delivery where endpoint = $1 and ($2::text is null or state = $2)
"""

_ATTEMPTS: Final = """
select delivery, number, began_at, took_ms, status, answer, error, resent
from webhook.attempt where delivery = any($1) order by delivery, number
"""

_NOTICES: Final = """
select at, code, facts from webhook.notice where endpoint = $1 order by id desc limit $2
"""


class Records:
    """Answers what `api.webhooks.port.Webhooks` is asked and changes nothing."""

    def __init__(self, pool: Any) -> None:
        """``pool`` is one of asyncpg's."""
        self._pool = pool

    async def all_of(self, principal: UUID) -> Sequence[KeptWebhook]:
        """Give the webhooks of somebody, the oldest first."""
        rows = await answered(self._pool.fetch(_ALL, principal))
        return [Endpoint.of(row).shown(row["waiting"]) for row in rows]

    async def find(self, principal: UUID, webhook: UUID) -> KeptWebhook | None:
        """Give a webhook of somebody."""
        row = await answered(self._pool.fetchrow(ONE, principal, webhook))
        return None if row is None else Endpoint.of(row).shown(row["waiting"])

    async def notices(self, webhook: UUID) -> Sequence[KeptNotice]:
        """Give the newest notices of a webhook, the newest first."""
        rows = await answered(self._pool.fetch(_NOTICES, webhook, MOST_NOTICES))
        return [note_of(row) for row in rows]

    async def deliveries(
        self, webhook: UUID, state: WebhookDeliveryState | None, before: int | None, limit: int
    ) -> Sequence[KeptDelivery]:
        """Give deliveries with smaller numbers, the newest first."""
        value = None if state is None else state.value
        rows = await answered(self._pool.fetch(_DELIVERIES, webhook, value, before, limit))
        return [delivery_of(row) for row in rows]

    async def count(self, webhook: UUID, state: WebhookDeliveryState | None) -> int:
        """Count the deliveries of a webhook."""
        value = None if state is None else state.value
        counted: int = await answered(self._pool.fetchval(_COUNT, webhook, value))
        return counted

    async def attempts(self, deliveries: Sequence[int]) -> Mapping[int, Sequence[KeptAttempt]]:
        """Give all attempts of some deliveries, by their numbers, the first ones first."""
        found = defaultdict[int, list[KeptAttempt]](list)
        for row in await answered(self._pool.fetch(_ATTEMPTS, list(deliveries))):
            delivery, *_, error, _ = row
            values = {key: value for key, value in row.items() if key != "delivery"}
            values["error"] = None if error is None else WebhookError[error]
            found[delivery].append(KeptAttempt(**values))
        return found


def delivery_of(row: Mapping[str, Any]) -> KeptDelivery:
    """Read a delivery."""
    values = {each: row[each] for each in KeptDelivery.__dataclass_fields__}
    return KeptDelivery(**{**values, "state": WebhookDeliveryState[row["state"]]})
