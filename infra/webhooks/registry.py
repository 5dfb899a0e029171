"""The registry: webhooks as their owners register, look at and steer them."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, Final, TypeVar
from uuid import UUID, uuid4

from api.webhooks.port import (
    DELIVERY,
    MOST,
    WEBHOOK,
    KeptDelivery,
    KeptWebhook,
    NewWebhook,
    WebhookDeliveryState,
    WebhookSecret,
)
from api.webhooks.refusals import OwnerClosed, TooManyWebhooks, WebhookExists, WebhookPaused
from domain.refusal import NotFound
from infra.answering import answered
from infra.webhooks.delivery import challenge, queue_all
from infra.webhooks.endpoint import COLUMNS, Endpoint
from infra.webhooks.owner import Owners
from infra.webhooks.queue import ToDo, clear, hurry, put
from infra.webhooks.reach import Reach
from infra.webhooks.records import DELIVERY_COLUMNS, ONE, Records, delivery_of
from infra.webhooks.secret import SecretBox, new_secret, sound

T = TypeVar("T")

_HOLD: Final = f"""
select {COLUMNS} from webhook.endpoint where principal = $1 and id = $2 for no key update
"""  # noqa: S608

# One after the other for each owner: two do not both add the last one that there may be.
_ALONE: Final = "select pg_advisory_xact_lock(7310591, hashtext($1))"

_FORGOTTEN: Final = """
select exists (select from keys.person_key where subject = $1 and forgotten_at is not null)
"""

_TOGETHER: Final = """
select count(*), (array_agg(id) filter (where url = $2 and filter = $3))[1]
from webhook.endpoint where principal = $1
"""

_ADD: Final = """
insert into webhook.endpoint (id, principal, url, label, filter, position, rights, secret)
values ($1, $2, $3, $4, $5, $6, $7, $8)
"""

_ROTATE: Final = """
update webhook.endpoint set secret = $2,
    previous_secret = case when $3::interval > '0' then secret end,
    previous_until = case when $3::interval > '0' then clock_timestamp() + $3::interval end
where id = $1
"""

_PAUSE: Final = "update webhook.endpoint set paused = true where id = $1"

_RESUME: Final = """
update webhook.endpoint set paused = false, failing_since = null where id = $1
"""

_ANEW: Final = """
update webhook.delivery set tries = 0, due_at = null where endpoint = $1 and state = 'QUEUED'
"""

_REPLAY: Final = "update webhook.endpoint set position = $2, failing_since = null where id = $1"

_CANCEL: Final = """
update webhook.delivery set state = 'CANCELLED', settled_at = clock_timestamp(), due_at = null
where endpoint = $1 and state = 'QUEUED' and (stream is not null or $2)
"""

_REMOVE: Final = "delete from webhook.endpoint where principal = $1 and id = $2"

_DELIVERY: Final = f"""
select d.endpoint, d.stream, {DELIVERY_COLUMNS} from webhook.delivery d where id = $1
"""  # noqa: S608


class Registry(Records):
    """Answers `api.webhooks.port.Webhooks` from the database."""

    def __init__(self, pool: Any, owners: Owners, box: SecretBox, reach: Reach) -> None:
        """``pool`` is one of asyncpg's."""
        super().__init__(pool)
        self._owners = owners
        self._box = box
        self._reach = reach

    async def register(self, new: NewWebhook) -> WebhookSecret:
        """Register a webhook, and have it challenged.

        Raises:
            InvalidAddress, AddressNotPublic: it cannot be called.
            InvalidSecret: its secret is none.
            OwnerClosed: its owner is told nothing any more.
            TooManyWebhooks, WebhookExists: its owner has enough of them, or this very one.
            ReadsUnavailable, ReadTooSlow: the database does not answer.
        """
        self._reach.check(new.url)
        secret = new_secret() if new.secret is None else sound(new.secret)
        owner = await self._owners.look_up(new.principal)
        if owner.closed:
            raise OwnerClosed
        id = uuid4()
        boxed, rights = self._box.close(secret, id), sorted(owner.rights)

        async def add(connection: Any) -> KeptWebhook:
            await connection.execute(_ALONE, str(new.principal))
            if await connection.fetchval(_FORGOTTEN, new.principal):
                raise OwnerClosed
            found = await connection.fetchrow(_TOGETHER, new.principal, new.url, new.filter)
            count, same = found
            if same is not None:
                raise WebhookExists("url", id=WEBHOOK.write(same.int))
            if count >= MOST:
                raise TooManyWebhooks(limit=MOST)
            values = (new.url, new.label, new.filter, new.after, rights, boxed)
            await connection.execute(_ADD, id, new.principal, *values)
            await challenge(connection, id)
            return await _shown(connection, new.principal, id)

        return WebhookSecret(await self._do(add), secret)

    async def rotate(
        self, principal: UUID, webhook: UUID, secret: str | None, overlap: timedelta
    ) -> WebhookSecret:
        """Give a webhook another secret; the one before signs, too, for as long as said.

        Raises:
            InvalidSecret: the new one is none.
            NotFound: it is not somebody's.
        """
        another = new_secret() if secret is None else sound(secret)
        boxed = self._box.close(another, webhook)

        async def rotate(connection: Any, _endpoint: Endpoint) -> None:
            await connection.execute(_ROTATE, webhook, boxed, overlap)

        return WebhookSecret(await self._steer(principal, webhook, rotate), another)

    async def pause(self, principal: UUID, webhook: UUID) -> KeptWebhook:
        """Tell a webhook nothing until it is resumed.

        Raises:
            NotFound: it is not somebody's.
        """

        async def pause(connection: Any, endpoint: Endpoint) -> None:
            await connection.execute(_PAUSE, endpoint.id)

        return await self._steer(principal, webhook, pause)

    async def resume(self, principal: UUID, webhook: UUID) -> KeptWebhook:
        """Go on where a webhook was, at once; one that is not verified is challenged again.

        Raises:
            NotFound: it is not somebody's.
        """
        return await self._steer(principal, webhook, resume)

    async def replay(self, principal: UUID, webhook: UUID, after: int) -> KeptWebhook:
        """Tell a webhook what happened after a position once more, in place of what waits.

        Raises:
            NotFound: it is not somebody's.
        """

        async def replay(connection: Any, endpoint: Endpoint) -> None:
            await connection.execute(_CANCEL, endpoint.id, False)
            await connection.execute(_REPLAY, endpoint.id, after)
            await clear(connection, endpoint.id)
            await queue_all(connection, endpoint.id)

        return await self._steer(principal, webhook, replay)

    async def remove(self, principal: UUID, webhook: UUID) -> None:
        """Remove a webhook with all that is known of its deliveries.

        Raises:
            NotFound: it is not somebody's.
        """

        async def remove(connection: Any) -> None:
            await _held(connection, principal, webhook)
            await clear(connection, webhook)
            await connection.execute(_REMOVE, principal, webhook)

        await self._do(remove)

    async def resend(self, principal: UUID, delivery: int) -> tuple[KeptWebhook, KeptDelivery]:
        """Send a delivery once more, at once.

        Raises:
            NotFound: it is not of a webhook of somebody's.
            WebhookPaused: its webhook is told nothing.
        """

        async def resend(connection: Any) -> tuple[KeptWebhook, KeptDelivery]:
            row = await connection.fetchrow(_DELIVERY, delivery)
            if row is None:
                raise _no_delivery(delivery)
            try:
                endpoint = await _held(connection, principal, row["endpoint"])
            except NotFound:
                raise _no_delivery(delivery) from None
            if endpoint.paused:
                raise WebhookPaused("delivery")
            found = delivery_of(row)
            if found.state is WebhookDeliveryState.QUEUED:
                waiting = ToDo(endpoint.id, row["stream"], delivery)
                await hurry(connection, waiting)
            else:
                await put(connection, [ToDo(endpoint.id, delivery=delivery)])
            return await _shown(connection, principal, endpoint.id), found

        return await self._do(resend)

    async def _steer(
        self,
        principal: UUID,
        webhook: UUID,
        change: Callable[[Any, Endpoint], Awaitable[None]],
    ) -> KeptWebhook:
        async def steer(connection: Any) -> KeptWebhook:
            await change(connection, await _held(connection, principal, webhook))
            return await _shown(connection, principal, webhook)

        return await self._do(steer)

    async def _do(self, change: Callable[[Any], Awaitable[T]]) -> T:
        """Make a change in a transaction of its own.

        Raises:
            ReadsUnavailable: the database does not answer. It may have been made all the same.
        """

        async def do() -> T:
            async with self._pool.acquire() as connection, connection.transaction():
                return await change(connection)

        return await answered(do())


async def resume(connection: Any, endpoint: Endpoint) -> None:
    """Let an endpoint go on where it was, in a transaction that holds it."""
    await connection.execute(_RESUME, endpoint.id)
    await connection.execute(_ANEW, endpoint.id)
    await clear(connection, endpoint.id)
    if endpoint.verified:
        await queue_all(connection, endpoint.id)
    else:
        await connection.execute(_CANCEL, endpoint.id, True)
        await challenge(connection, endpoint.id)


async def _held(connection: Any, principal: UUID, webhook: UUID) -> Endpoint:
    row = await connection.fetchrow(_HOLD, principal, webhook)
    if row is None:
        raise NotFound("webhook", id=WEBHOOK.write(webhook.int), noun="webhook")
    return Endpoint.of(row)


async def _shown(connection: Any, principal: UUID, webhook: UUID) -> KeptWebhook:
    row = await connection.fetchrow(ONE, principal, webhook)
    return Endpoint.of(row).shown(row["waiting"])


def _no_delivery(delivery: int) -> NotFound:
    return NotFound("delivery", id=DELIVERY.write(delivery), noun="delivery")
