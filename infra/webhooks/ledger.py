"""The ledger: what came of attempts, written down many at a time.

What an attempt came to, the state of its delivery, the end of its job and the job that follows it
are one transaction. It holds the endpoint, as does whoever queues new deliveries: so a stream of
which anything waits always has a job.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import asyncpg
import structlog

from api.webhooks.notices import Notice
from api.webhooks.port import DELIVERY
from infra.store.availability import DISCONNECTED
from infra.webhooks.delivery import queue_next
from infra.webhooks.entry import Entry
from infra.webhooks.pause import PAUSES, pause_after
from infra.webhooks.queue import ToDo, finish, put
from infra.webhooks.standing import note, pause
from infra.webhooks.task import begin

log = structlog.get_logger()

MOST: Final = 200
"""Entries that are written at a time."""
PACE: Final = 0.005
"""Seconds for which others are waited for that can be written with the first."""
_AGAIN: Final = 0.5
"""Seconds until what could not be written is tried again."""

_HOLD: Final = """
select id, failing_since, paused from webhook.endpoint
where id = any($1::uuid[]) order by id for no key update
"""

_ATTEMPTS: Final = """
with noted as (
    select * from unnest(
        $1::bigint[], $2::timestamptz[], $3::int[], $4::int[], $5::text[], $6::text[], $7::bool[]
    ) n (delivery, began_at, took_ms, status, answer, error, resent)
), counted as (
    update webhook.delivery d set attempts = attempts + 1
    from noted n where d.id = n.delivery returning d.id, d.attempts
)
insert into webhook.attempt (delivery, number, began_at, took_ms, status, answer, error, resent)
select n.delivery, c.attempts, n.began_at, n.took_ms, n.status, n.answer, n.error, n.resent
from noted n join counted c on c.id = n.delivery
"""

_SETTLED: Final = """
update webhook.delivery d set state = n.state, settled_at = clock_timestamp(), due_at = null
from unnest($1::bigint[], $2::text[]) n (id, state)
where d.id = n.id and d.state = 'QUEUED'
"""

_FAILED: Final = """
update webhook.delivery d
set tries = tries + 1, due_at = clock_timestamp() + n.pause
from unnest($1::bigint[], $2::interval[]) n (id, pause)
where d.id = n.id and d.state = 'QUEUED'
returning d.id
"""

_WELL: Final = """
update webhook.endpoint set failing_since = null, delivered_at = clock_timestamp()
where id = any($1::uuid[])
"""

_UNWELL: Final = """
update webhook.endpoint set failing_since = clock_timestamp()
where id = any($1::uuid[]) and failing_since is null
"""

_VERIFIED: Final = """
update webhook.endpoint set verified = true where id = $1 and not verified returning true
"""


class Ledger:
    """Writes down what is told to it, in a task of its own."""

    def __init__(
        self,
        pool: Any,
        written: Callable[[], object],
        patience: timedelta,
        pauses: Sequence[timedelta] = PAUSES,
    ) -> None:
        """``written`` is called after each time; ``patience`` is how long an endpoint may fail."""
        self._pool = pool
        self._pauses = pauses
        self._patience = patience
        self._written = written
        self._entries: list[Entry] = []
        self._stir = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._task = begin(self._run(), "webhook ledger")

    def add(self, *entries: Entry) -> None:
        """Have something written down."""
        if entries:
            self._entries += entries
            self._idle.clear()
            self._stir.set()

    async def close(self, within: float) -> None:
        """Write what there is, for ``within`` seconds at most. What is not, is done again."""
        try:
            async with asyncio.timeout(within):
                await self._idle.wait()
        except TimeoutError:
            log.warning("webhook.not_written_down", attempts=len(self._entries))
        self._task.cancel()
        await asyncio.wait((self._task,))

    async def _run(self) -> None:
        while True:
            await self._stir.wait()
            await asyncio.sleep(PACE)
            self._stir.clear()
            while self._entries:
                batch, rest = _batch(self._entries)
                try:
                    await self._write(batch)
                except (*DISCONNECTED, asyncpg.PostgresError) as error:
                    log.warning("webhook.ledger_interrupted", error=type(error).__name__)
                    await asyncio.sleep(_AGAIN)
                else:
                    # What was added meanwhile stands behind them.
                    self._entries = rest + self._entries[len(batch) + len(rest) :]
                    self._written()
            self._idle.set()

    async def _write(self, entries: Sequence[Entry]) -> None:
        async with self._pool.acquire() as connection, connection.transaction():
            endpoints = sorted({entry.job.endpoint for entry in entries})
            held = {row["id"]: row for row in await connection.fetch(_HOLD, endpoints)}
            # Whoever was removed meanwhile has neither deliveries nor attempts any more.
            kept = [entry for entry in entries if entry.job.endpoint in held]
            await _note_attempts(connection, kept)
            await finish(connection, [entry.job for entry in entries if entry.ends])
            await _settle(connection, kept)
            given_up = await _schedule(connection, kept, self._pauses)
            await self._judge(connection, kept, given_up, held)

    async def _judge(
        self, connection: Any, entries: Sequence[Entry], given_up: Sequence[Entry], held: Any
    ) -> None:
        """Note how the endpoints fare, and pause those that take nothing any more."""
        fares = defaultdict[UUID, list[Entry]](list)
        for entry in entries:
            if entry.answer is not None:
                fares[entry.job.endpoint].append(entry)
        well = {id for id, made in fares.items() if any(each.settles for each in made)}
        await connection.execute(_WELL, list(well))
        await connection.execute(_UNWELL, list(fares.keys() - well))
        for entry in entries:
            challenge = entry.delivery is not None and entry.delivery.stream is None
            if (
                challenge
                and entry.settles
                and await connection.fetchval(_VERIFIED, entry.job.endpoint)
            ):
                await note(connection, entry.job.endpoint, Notice.VERIFIED)
        for id, made in fares.items():
            if any(each.answer is not None and each.answer.gone for each in made):
                await pause(connection, id, Notice.GONE)
        for entry in given_up:
            assert entry.delivery is not None
            facts = {
                "delivery": DELIVERY.write(entry.delivery.id),
                "tries": entry.delivery.tries + 1,
            }
            await pause(connection, entry.job.endpoint, Notice.EXHAUSTED, facts)
        now = datetime.now(UTC)
        for id in fares.keys() - well:
            since = held[id]["failing_since"]
            if since is not None and now - since > self._patience:
                facts = {"since": since.isoformat(timespec="seconds")}
                await pause(connection, id, Notice.FAILING, facts)


def _batch(entries: Sequence[Entry]) -> tuple[list[Entry], list[Entry]]:
    """Give entries to be written together, one of each delivery, and those for the next time."""
    seen, batch, rest = set[int](), list[Entry](), list[Entry]()
    for entry in entries:
        # What follows one that must wait waits, too: a job ends with its last entry.
        fits = not rest and len(batch) < MOST
        if fits and entry.delivery is not None:
            fits = entry.delivery.id not in seen
            seen.add(entry.delivery.id)
        (batch if fits else rest).append(entry)
    return batch, rest


async def _note_attempts(connection: Any, entries: Iterable[Entry]) -> None:
    rows = [
        (
            entry.delivery.id,
            entry.began_at,
            round(entry.answer.took * 1000),
            entry.answer.status,
            entry.answer.text,
            None if entry.answer.error is None else entry.answer.error.value,
            entry.resent,
        )
        for entry in entries
        if entry.answer is not None and entry.delivery is not None
    ]
    if rows:
        await connection.execute(_ATTEMPTS, *map(list, zip(*rows, strict=True)))


async def _settle(connection: Any, entries: Iterable[Entry]) -> None:
    """Note deliveries that ended."""
    ended = [
        (entry.delivery.id, state.value)
        for entry in entries
        if entry.delivery is not None and (state := entry.settles) is not None
    ]
    if ended:
        await connection.execute(_SETTLED, *map(list, zip(*ended, strict=True)))


async def _schedule(
    connection: Any, entries: Sequence[Entry], pauses: Sequence[timedelta]
) -> list[Entry]:
    """Queue what is to be attempted next, and give what was tried often enough.

    That, too, is queued: it is attempted again once the endpoint is resumed.
    """
    given_up, pausing = list[Entry](), dict[int, timedelta]()
    for entry in entries:
        if entry.failed and entry.delivery is not None and entry.answer is not None:
            due = pause_after(entry.delivery.tries + 1, entry.answer.again_in, pauses)
            if due is None:
                given_up.append(entry)
            pausing[entry.delivery.id] = due or timedelta()
    if pausing:
        rows = await connection.fetch(_FAILED, list(pausing), list(pausing.values()))
        pausing = {id: pausing[id] for (id,) in rows}  # not what was cancelled meanwhile
    again, streams = list[ToDo](), list[tuple[UUID, UUID]]()
    for entry in entries:
        job, due = entry.job, entry.put_back
        if due is None and entry.delivery is not None:
            due = pausing.get(entry.delivery.id)
        if due is not None:
            again.append(job.again(due))
        elif entry.ends and job.stream is not None:
            streams.append((job.endpoint, job.stream))
    await put(connection, again)
    await queue_next(connection, streams)
    return given_up
