"""The courier: what one process does so that partners are told what happens."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import asyncpg
import httpx

from api.ports import Feed, Positions, Reads
from infra.observing.watch import SILENCE, WebhookWatch
from infra.webhooks.delivering import Deliverer
from infra.webhooks.filling import WINDOW, Filler, Growth
from infra.webhooks.hearing import Hearing
from infra.webhooks.ledger import Ledger
from infra.webhooks.line import LONGEST
from infra.webhooks.owner import Owners
from infra.webhooks.pause import PAUSES
from infra.webhooks.queue import HEARTBEAT, Queue
from infra.webhooks.reach import Reach
from infra.webhooks.recipients import Recipients
from infra.webhooks.secret import SecretBox

if TYPE_CHECKING:
    from asyncpg import Record

LOOK: Final = 0.5
CONNECTIONS: Final = 6
"""Connections that one process opens for its deliveries."""
GRACE: Final = 3.0
"""Seconds in which deliveries under way end when the process is told to."""
_WRITTEN: Final = 2.0
"""Seconds in which it is written down what came of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How deliveries are made."""

    reach: Reach
    patience: timedelta
    """For how long an endpoint may fail until it is paused."""
    base: str
    """The address under which others know the interface."""
    pauses: Sequence[timedelta] = PAUSES
    """Between the attempts of a delivery; after the last one the endpoint is paused."""
    longest: float = LONGEST
    """Seconds that an attempt takes at most."""
    heartbeat: float = HEARTBEAT
    """Seconds without a sign after which others attempt what a process had begun."""
    window: int = WINDOW
    """Deliveries that wait for one endpoint."""
    look: float = LOOK
    """Seconds after which a process looks again where nobody has told it of anything."""
    trusted: ssl.SSLContext | None = None
    """Whose certificates count; None is those of the public internet."""


@asynccontextmanager
async def delivering(
    dsn: str,
    terms: Terms,
    *,
    growth: Growth,
    feed: Feed,
    positions: Positions,
    reads: Reads,
    box: SecretBox,
    watch: WebhookWatch = SILENCE,
) -> AsyncIterator[None]:
    """Tell partners what happens, for as long as the context lasts."""
    hearing = Hearing(feed, positions, reads, terms.base)
    owners = Owners(reads, terms.look)
    async with _pool(dsn) as pool:
        queue = Queue(pool, terms.heartbeat)
        stir, eaten = asyncio.Event(), asyncio.Event()

        def written() -> None:
            stir.set()
            eaten.set()

        ledger = Ledger(pool, written, terms.patience, terms.pauses)
        trusted = terms.trusted or httpx.create_ssl_context()
        recipients = Recipients(
            pool,
            box=box,
            reach=terms.reach,
            trusted=trusted,
            longest=terms.longest,
            fresh=terms.look,
        )
        deliverer = Deliverer(
            pool,
            queue=queue,
            stir=stir,
            ledger=ledger,
            hearing=hearing,
            owners=owners,
            recipients=recipients,
            heartbeat=terms.heartbeat,
            look=terms.look,
            watch=watch,
        )
        filler = Filler(
            dsn,
            growth=growth,
            hearing=hearing,
            owners=owners,
            queue=queue,
            eaten=eaten,
            filled=stir.set,
            window=terms.window,
            look=terms.look,
        )
        try:
            yield
        finally:
            await filler.stop()
            await deliverer.stop(GRACE)
            await recipients.close()
            await ledger.close(_WRITTEN)


async def _leave(_connection: Any) -> None:
    """Leave a connection as it is: nothing is set on it that would have to be reset."""


def _pool(dsn: str) -> "asyncpg.Pool[Record]":
    return asyncpg.create_pool(
        dsn,
        min_size=1,
        max_size=CONNECTIONS,
        command_timeout=10,
        reset=_leave,
        server_settings={
            "application_name": "cordee webhooks",
            # What a crash takes away is sent once more.
            "synchronous_commit": "off",
            "jit": "off",
        },
    )
