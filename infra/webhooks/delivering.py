"""Delivering: jobs are taken from the queue, and what they are about is posted.

Any number of processes do it at the same time. What is sent is written when it leaves, as the owner
of the endpoint may be told it then; what came of it goes to the ledger.
"""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any, Final
from uuid import UUID

import asyncpg
import structlog

from api.ports import FeedBroken, ReadsUnavailable, ReadTooSlow
from api.publication.cloud_event import SINGLE
from api.webhooks.notices import Notice
from domain.refusal import Refusal
from infra.observing.watch import SILENCE, WebhookWatch
from infra.store.availability import DISCONNECTED
from infra.webhooks.challenge import challenging, judged
from infra.webhooks.delivery import Delivery, opened, turns
from infra.webhooks.entry import Entry
from infra.webhooks.hearing import Hearing, ReadModelBehind
from infra.webhooks.ledger import Ledger
from infra.webhooks.owner import Owners, may_hear
from infra.webhooks.queue import Job, Queue
from infra.webhooks.recipients import Recipient, Recipients
from infra.webhooks.secret import signed
from infra.webhooks.standing import pause
from infra.webhooks.task import begin

log = structlog.get_logger()

MOST: Final = 256
"""Deliveries that one process has taken."""
AHEAD: Final = 64
"""Deliveries that are taken for one receiver, so that some are prepared while others are sent."""
FRESH: Final = 1.0
"""Seconds for which it holds what may be told; what has not left by then is decided anew."""
PACE: Final = 0.005
"""Seconds from when something can be begun to its beginning: what follows goes with it."""
BEATS: Final = 4
"""Heartbeats of a job before others take it."""

_SOON: Final = timedelta(seconds=2)
"""After what time that is tried again which could not be attempted."""
_TYPE: Final = {"content-type": SINGLE}


class OwnerSilenced(Exception):
    """Whoever owns an endpoint may not be told what they could; it is paused."""


_NOT_NOW: Final = (OwnerSilenced, ReadModelBehind, ReadsUnavailable, ReadTooSlow, FeedBroken)


@dataclass(frozen=True, slots=True)
class Turn:
    """What of a job is to be sent, in order."""

    recipient: Recipient
    job: Job
    deliveries: Sequence[Delivery]
    bodies: Mapping[int, bytes]
    """By their ids, what may be sent."""
    until: float
    """When it has to be decided anew what may be told, by the monotonic clock."""


class Deliverer:
    """Delivers whatever is in the queue, until it is stopped."""

    def __init__(
        self,
        pool: Any,
        *,
        queue: Queue,
        stir: asyncio.Event,
        ledger: Ledger,
        hearing: Hearing,
        owners: Owners,
        recipients: Recipients,
        heartbeat: float,
        look: float,
        watch: WebhookWatch = SILENCE,
    ) -> None:
        """``stir`` is set when there is more in the queue.

        After ``heartbeat`` seconds without a sign others take what was begun here; after ``look``
        seconds the queue is looked at again.
        """
        self._pool = pool
        self._queue = queue
        self._ledger = ledger
        self._hearing = hearing
        self._owners = owners
        self._recipients = recipients
        self._beat = heartbeat / BEATS
        self._every = look
        self._watch = watch
        self._under_way: dict[int, Job] = {}
        self._stir = stir
        self._loop = asyncio.get_running_loop()
        self._sending: set[asyncio.Task[None]] = set()
        self._tasks = [
            begin(self._run(), "webhook deliverer"),
            begin(self._beat_on(), "webhook heartbeat"),
        ]

    async def stop(self, within: float) -> None:
        """Take nothing more, and let what is under way end, for ``within`` seconds at most.

        What is broken off then is attempted again by others.
        """
        taking, beating = self._tasks
        taking.cancel()
        await asyncio.wait((taking,))
        if self._sending:
            await asyncio.wait(self._sending, timeout=within)
        for each in (*self._sending, beating):
            each.cancel()
        await asyncio.wait((*self._sending, beating))

    async def _run(self) -> None:
        while True:
            try:
                full = await self._take()
            except (*DISCONNECTED, asyncpg.PostgresError) as error:
                log.debug("webhook.delivering_interrupted", error=type(error).__name__)
                full = False
            if not full:
                try:
                    async with asyncio.timeout(self._every):
                        await self._stir.wait()
                except TimeoutError:
                    continue
                finally:
                    self._stir.clear()
                await asyncio.sleep(PACE)

    async def _take(self) -> bool:
        """Begin what is due, and tell whether there may be more that could be begun at once."""
        room = MOST - len(self._under_way)
        if room <= 0:
            return False
        busy = {job.endpoint for job in self._under_way.values()}
        recipients = await self._recipients.known(busy)
        limits = {
            id: 1 if each.endpoint.failing_since is not None else AHEAD
            for id, each in recipients.items()
        }
        jobs = [
            job
            for job in await self._queue.take(room, limits)
            if job.number not in self._under_way  # a late heartbeat gives it to us again
        ]
        groups = defaultdict[UUID, list[Job]](list)
        for job in jobs:
            self._under_way[job.number] = job
            groups[job.endpoint].append(job)
        for endpoint, group in groups.items():
            sending = begin(self._send_all(recipients[endpoint], group), "webhook deliveries")
            self._sending.add(sending)
            sending.add_done_callback(self._sending.discard)
        return len(jobs) == room

    async def _send_all(self, recipient: Recipient, jobs: Sequence[Job]) -> None:
        """Attempt deliveries to one endpoint, all at a time."""
        # Whatever is not attempted, or broken off, is for whoever takes it next.
        left = {job.number: Entry(job, None, put_back=_SOON) for job in jobs}
        try:
            found, bodies = await self._written(recipient, jobs)
            until = monotonic() + FRESH
            async with asyncio.TaskGroup() as sending:
                for job, deliveries in found:
                    if deliveries:
                        turn = Turn(recipient, job, deliveries, bodies, until)
                        sending.create_task(self._send(turn, left))
                    else:
                        self._end(Entry(job, None), left)  # nobody wants it any more
        except (*_NOT_NOW, *DISCONNECTED, asyncpg.PostgresError) as error:
            log.debug("webhook.not_attempted", error=type(error).__name__)
        except Refusal as refused:
            async with self._pool.acquire() as connection:
                reason = {"reason": str(refused)}
                await pause(connection, recipient.endpoint.id, Notice.FILTER_REFUSED, reason)
        finally:
            for entry in list(left.values()):
                self._end(entry, left)

    async def _written(
        self, recipient: Recipient, jobs: Sequence[Job]
    ) -> tuple[list[tuple[Job, Sequence[Delivery]]], Mapping[int, bytes]]:
        """Give for each job what is to be attempted, and write it.

        What the owner may not be told any more has no body.
        """
        endpoint = recipient.endpoint
        async with self._pool.acquire() as connection:
            alone = await opened(connection, [job.delivery for job in jobs if job.delivery])
            streams = [job.stream for job in jobs if job.stream is not None]
            waiting = await turns(connection, endpoint.id, streams)
            if not await may_hear(connection, endpoint, self._owners):
                raise OwnerSilenced
        found = list[tuple[Job, Sequence[Delivery]]]()
        for job in jobs:
            if job.stream is not None:
                found.append((job, waiting[job.stream]))
            else:
                found.append((job, [alone[id] for id in (job.delivery,) if id in alone]))
        deliveries = [each for _, some in found for each in some]
        positions = {each.id: each.position for each in deliveries if each.position is not None}
        told = await self._hearing.bodies(endpoint, set(positions.values()))
        bodies = {id: told[position] for id, position in positions.items() if position in told}
        for each in deliveries:
            if each.stream is None and each.queued:
                bodies[each.id] = challenging(each, recipient.secrets[0])
        return found, bodies

    async def _send(self, turn: Turn, left: dict[int, Entry]) -> None:
        """Attempt deliveries one after the other, until one fails or time is over."""
        for delivery in turn.deliveries:
            entry = await self._attempt(turn, delivery)
            if entry.ends:
                self._end(entry, left)
                return
            self._ledger.add(entry)

    async def _attempt(self, turn: Turn, delivery: Delivery) -> Entry:
        recipient, last = turn.recipient, delivery is turn.deliveries[-1]
        body = turn.bodies.get(delivery.id)
        if body is None:
            return Entry(turn.job, delivery, withheld=True, ends=last)
        async with recipient.line.turn:
            if monotonic() > turn.until:
                return Entry(turn.job, None, put_back=timedelta())
            began_at = datetime.now(UTC)
            headers = signed(str(delivery.event), body, recipient.secrets, began_at)
            answer = await recipient.line.post(body, {**headers, **_TYPE})
        if delivery.stream is None:
            answer = judged(answer, delivery, recipient.secrets[0])
        self._watch.attempted(answer.error, answer.took)
        ends = last or answer.error is not None
        return Entry(turn.job, delivery, began_at, answer, ends=ends)

    def _end(self, entry: Entry, left: dict[int, Entry]) -> None:
        """Be done with a job, and have written down what came of it."""
        del left[entry.job.number]
        self._under_way.pop(entry.job.number, None)
        self._ledger.add(entry)

    async def _beat_on(self) -> None:
        """Say now and then of what is under way that it is."""
        while True:
            await asyncio.sleep(self._beat)
            try:
                await self._queue.keep(list(self._under_way.values()))
            except (*DISCONNECTED, asyncpg.PostgresError) as error:
                log.debug("webhook.heartbeat_missed", error=type(error).__name__)
