"""Filling: what follows in the log becomes deliveries, so many at a time for each endpoint.

Of all processes one fills, which holds an advisory lock of the database; what keeps deliveries from
being queued twice is the position of the endpoint, which moves with them, from exactly where they
were looked for. However far an endpoint is behind, no more than a window of it waits in the queue.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from time import monotonic
from typing import Any, Final, Protocol
from uuid import UUID

import asyncpg
import structlog

from api.hearing import Heard
from api.ports import FeedBroken, ReadsUnavailable, ReadTooSlow
from api.publication.catalogue import BY_EVENT
from api.webhooks.notices import Notice
from domain.refusal import Refusal
from infra.store.availability import DISCONNECTED
from infra.webhooks.delivery import queue_next
from infra.webhooks.endpoint import COLUMNS, Endpoint
from infra.webhooks.hearing import Hearing, ReadModelBehind
from infra.webhooks.owner import Owners, may_hear
from infra.webhooks.queue import Queue
from infra.webhooks.standing import pause
from infra.webhooks.task import begin

log = structlog.get_logger()

LOCK: Final = 7310590
"""The advisory lock of the one who fills."""

WINDOW: Final = 500
"""Deliveries that wait for one endpoint; more are looked for when half of them are gone."""
PACE: Final = 0.02
"""Seconds from one look at all endpoints to the next, at least."""
IDLE: Final = 1.0
"""Seconds after which a position is stored that moved over events of no interest only."""
TIDY: Final = 60.0
"""Seconds from one tidying to the next."""
KEPT: Final = timedelta(days=30)
"""For how long deliveries that ended can be inspected and sent again."""
_SLICE: Final = 5_000
"""Deliveries that are deleted at a time."""
_PATIENCE: Final = 1.0
_LONG: Final = 30.0
"""Seconds until an event is read again that could not be."""

_TRY: Final = "select pg_try_advisory_lock($1)"

_HUNGRY: Final = f"""
select {COLUMNS} from webhook.endpoint e
where verified and not paused and (
    select count(*) from (
        select from webhook.delivery d
        where d.endpoint = e.id and d.state = 'QUEUED' limit $1
    ) waiting
) < $1
"""  # noqa: S608  (names of ours)

_MOVE: Final = """
update webhook.endpoint set position = $3
where id = $1 and position = $2 and not paused
returning true
"""

_ADD: Final = """
insert into webhook.delivery (endpoint, event, type, stream, position)
select $1, n.event, n.type, n.stream, n.position
from unnest($2::uuid[], $3::text[], $4::uuid[], $5::bigint[]) n (event, type, stream, position)
order by n.position
"""

_EXPIRED: Final = """
update webhook.endpoint set previous_secret = null, previous_until = null
where previous_until < clock_timestamp()
"""

_OLD: Final = """
delete from webhook.delivery where id in (
    select id from webhook.delivery
    where state <> 'QUEUED' and settled_at < clock_timestamp() - $1::interval
    order by settled_at limit $2
)
"""


class Growth(Protocol):
    """Tells how the log grows, as `infra.store.EventStore` does."""

    def wait_beyond(self, position: int, timeout: float) -> Awaitable[int]:
        """Wait until the log is beyond a position, ``timeout`` seconds at most; give its head."""


@dataclass(slots=True)
class _Scanned:
    """How far the log was looked through for an endpoint, beyond what is stored."""

    stored: int
    position: int
    due: float
    """When it is to be stored."""


class Filler:
    """Fills the queue whenever it is this process that does."""

    def __init__(
        self,
        dsn: str,
        *,
        growth: Growth,
        hearing: Hearing,
        owners: Owners,
        queue: Queue,
        eaten: asyncio.Event,
        filled: Callable[[], object],
        window: int,
        look: float,
    ) -> None:
        """``eaten`` is set when there is less in the queue, ``filled`` called when there is more.

        After ``look`` seconds it looks again where nothing is known to have come.
        """
        self._dsn = dsn
        self._growth = growth
        self._hearing = hearing
        self._owners = owners
        self._queue = queue
        self._eaten = eaten
        self._filled = filled
        self._every = look
        self._half = window // 2
        self._scanned: dict[UUID, _Scanned] = {}
        self._resting: dict[UUID, float] = {}
        self._head = 0
        self._task = begin(self._run(), "webhook filler")

    async def stop(self) -> None:
        """End; others go on."""
        self._task.cancel()
        await asyncio.wait((self._task,))

    async def _run(self) -> None:
        while True:
            try:
                connection = await _connect(self._dsn)
                try:
                    await self._attend(connection)
                finally:
                    connection.terminate()
            except (*DISCONNECTED, asyncpg.PostgresError) as error:
                log.debug("webhook.filling_interrupted", error=type(error).__name__)
            await asyncio.sleep(_PATIENCE)

    async def _attend(self, connection: Any) -> None:
        """Wait for one's turn, then fill as the log grows."""
        while not await connection.fetchval(_TRY, LOCK):  # noqa: ASYNC110  (no event of ours)
            await asyncio.sleep(_PATIENCE)
        self._scanned.clear()
        tidied = -TIDY
        while True:
            if monotonic() >= tidied + TIDY:
                await self._tidy(connection)
                tidied = monotonic()
            moved = [
                await self._look(connection, Endpoint.of(row))
                for row in await connection.fetch(_HUNGRY, self._half)
            ]
            if not any(moved):
                await self._rest()
            await asyncio.sleep(PACE)

    async def _rest(self) -> None:
        """Wait until there is something to look for, or room for it."""
        grown = asyncio.ensure_future(self._growth.wait_beyond(self._head, self._every))
        eaten = asyncio.create_task(self._eaten.wait())
        try:
            await asyncio.wait((grown, eaten), return_when=asyncio.FIRST_COMPLETED)
            if grown.done():
                self._head = grown.result()
        finally:
            self._eaten.clear()
            for each in (grown, eaten):
                each.cancel()
            await asyncio.gather(grown, eaten, return_exceptions=True)

    async def _look(self, connection: Any, endpoint: Endpoint) -> bool:
        """Fill for one endpoint, and tell whether there may be more for it at once."""
        try:
            return await self._fill(connection, endpoint)
        except Refusal as refused:
            reason = {"reason": str(refused)}
            await pause(connection, endpoint.id, Notice.FILTER_REFUSED, reason)
        except FeedBroken:  # the feed has said so; it would each time
            self._resting[endpoint.id] = monotonic() + _LONG
        except (ReadModelBehind, ReadsUnavailable, ReadTooSlow) as away:
            log.debug("webhook.filling_waits", reason=type(away).__name__)
        return False

    async def _fill(self, connection: Any, endpoint: Endpoint) -> bool:
        if monotonic() < self._resting.get(endpoint.id, 0):
            return False
        if not await may_hear(connection, endpoint, self._owners):
            return False
        scanned = self._scanned_for(endpoint)
        if scanned.position >= await self._growth.wait_beyond(scanned.position, 0):
            await self._store(connection, endpoint, scanned)
            return False
        found = await self._hearing.look(endpoint.looked_through(scanned.position), self._half)
        progress = found.scanned > scanned.position
        scanned.position = found.scanned
        if found.heard:
            await self._add(connection, endpoint, scanned, found.heard)
        else:
            await self._store(connection, endpoint, scanned)
        return progress

    def _scanned_for(self, endpoint: Endpoint) -> _Scanned:
        known = self._scanned.get(endpoint.id)
        if known is None or known.stored != endpoint.position:  # a replay began elsewhere
            known = _Scanned(endpoint.position, endpoint.position, monotonic() + IDLE)
            self._scanned[endpoint.id] = known
        return known

    async def _store(self, connection: Any, endpoint: Endpoint, scanned: _Scanned) -> None:
        """Store a position that moved over events of no interest, now and then."""
        if scanned.position > scanned.stored and monotonic() >= scanned.due:
            await connection.fetchval(_MOVE, endpoint.id, scanned.stored, scanned.position)
            del self._scanned[endpoint.id]

    async def _add(
        self, connection: Any, endpoint: Endpoint, scanned: _Scanned, heard: Sequence[Heard]
    ) -> None:
        """Queue what is to be told, and move the position beyond it, together."""
        del self._scanned[endpoint.id]
        facts = [each.recorded for each in heard]
        streams = [fact.event.originator_id for fact in facts]
        async with connection.transaction():
            if not await connection.fetchval(_MOVE, endpoint.id, scanned.stored, scanned.position):
                return  # it was paused or replayed meanwhile
            await connection.execute(
                _ADD,
                endpoint.id,
                [fact.event_id for fact in facts],
                [BY_EVENT[type(fact.event)].type for fact in facts],
                streams,
                [fact.position for fact in facts],
            )
            await queue_next(connection, [(endpoint.id, stream) for stream in streams])
        self._filled()

    async def _tidy(self, connection: Any) -> None:
        """Forget what nobody can ask for any more."""
        await self._queue.tidy()
        await connection.execute(_EXPIRED)
        full = f"DELETE {_SLICE}"
        while await connection.execute(_OLD, KEPT, _SLICE) == full:  # noqa: ASYNC110
            await asyncio.sleep(PACE)


async def _connect(dsn: str) -> Any:
    return await asyncpg.connect(
        dsn,
        timeout=5,
        command_timeout=10,
        server_settings={
            "application_name": "cordee webhooks",
            "idle_session_timeout": "15s",
            "jit": "off",
        },
    )
