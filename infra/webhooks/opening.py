"""Opening: what of webhooks a process has, as the settings say."""

from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from typing import Any

from api.ports import Feed, Positions, Reads
from infra.observing.watch import WebhookWatch
from infra.settings import Settings
from infra.store import EventStore
from infra.webhooks.courier import Terms, delivering
from infra.webhooks.owner import Owners
from infra.webhooks.reach import Reach
from infra.webhooks.registry import Registry
from infra.webhooks.secret import SecretBox


def terms_of(settings: Settings) -> Terms:
    """Say how deliveries are made."""
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return Terms(
        reach=Reach.listing(settings.webhook_allow),
        patience=timedelta(hours=settings.webhook_patience),
        base=settings.public_url or f"http://{host}:{settings.port}/",
    )


def registry_of(settings: Settings, pool: Any, reads: Reads, request_secret: bytes) -> Registry:
    """Give what keeps webhooks for their owners."""
    reach = Reach.listing(settings.webhook_allow)
    return Registry(pool, Owners(reads), SecretBox(request_secret), reach)


def courier_of(
    settings: Settings,
    dsn: str,
    *,
    store: EventStore,
    feed: Feed,
    positions: Positions,
    reads: Reads,
    request_secret: bytes,
    watch: WebhookWatch,
) -> AbstractAsyncContextManager[None]:
    """Give what tells partners what happens, for as long as it is entered."""
    return delivering(
        dsn,
        terms_of(settings),
        growth=store,
        feed=feed,
        positions=positions,
        reads=reads,
        box=SecretBox(request_secret),
        watch=watch,
    )
