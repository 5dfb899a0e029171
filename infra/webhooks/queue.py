"""The queue: what is to be attempted, and when, kept by pgqueuer.

A job is the turn of a stream at an endpoint: what of it waits is attempted, one after the other.
There is one job of a stream at a time, so that its order is kept, whoever takes it. The jobs of an
endpoint are an entrypoint of the library, which bounds, across all processes, how many of them are
under way; who is paused is not asked for. A job whose worker was killed has no heartbeat any more,
and is taken by another.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from pgqueuer.adapters.drivers.asyncpg import AsyncpgDriver, AsyncpgPoolDriver
from pgqueuer.adapters.persistence.qb import (
    QueryBuilderEnvironment,
    QueryQueueBuilder,
    QuerySchedulerBuilder,
)
from pgqueuer.adapters.persistence.queries import Queries
from pgqueuer.domain import models
from pgqueuer.domain.settings import DBSettings, Durability
from pgqueuer.domain.types import Channel, QueueEntrypoint, QueueManagerId
from pgqueuer.ports.driver import Driver
from pgqueuer.ports.repository import EntrypointExecutionParameter

# Each name is said, or the library would read it from variables such as FUNCTION and TRIGGER.
SETTINGS: Final = DBSettings(
    prefix="",
    db_schema="webhook",
    channel=Channel("webhook_queue"),
    function="fn_pgqueuer_changed",
    statistics_table="pgqueuer_statistics",
    queue_status_type="pgqueuer_status",
    queue_table="pgqueuer",
    queue_table_log="pgqueuer_log",
    trigger="tg_pgqueuer_changed",
    schedules_table="pgqueuer_schedules",
    # What it notes of jobs that ended need not outlive a crash.
    durability=Durability.balanced,
    widen_id=True,
)
HEARTBEAT: Final = 6.0
"""Seconds without a heartbeat after which a job is taken by others."""

_PLAN: Final = QueryBuilderEnvironment(SETTINGS)
_QUEUE: Final = QueryQueueBuilder(SETTINGS)
_SCHEDULE: Final = QuerySchedulerBuilder(SETTINGS)

_ORDINARY: Final = 0
_ALONE: Final = 1
"""The priority of a delivery alone: somebody waits for it."""

# Of a job that waits for its time: somebody wants it now.
_HURRY: Final = """
update webhook.pgqueuer set execute_after = now()
where dedupe_key = $1 and status = 'queued'
"""

_TIDY: Final = """
with old as (
    delete from webhook.pgqueuer_log where created < now() - interval '1 hour'
)
delete from webhook.pgqueuer q
where not exists (select from webhook.endpoint e where e.id::text = q.entrypoint)
"""


@dataclass(frozen=True, slots=True)
class ToDo:
    """What is to be attempted at an endpoint: the turn of a stream, or one delivery alone."""

    endpoint: UUID
    stream: UUID | None = None
    delivery: int | None = None
    """One that is no part of a stream, or that somebody asked to be sent again."""
    pause: timedelta = timedelta()
    """How long from now."""

    @property
    def key(self) -> str:
        """What there is once in the queue."""
        return str(self.delivery) if self.stream is None else f"{self.endpoint} {self.stream}"

    @property
    def payload(self) -> bytes:
        """How the queue keeps it."""
        if self.stream is not None:
            return self.stream.bytes
        assert self.delivery is not None, "it is of a stream, or a delivery"
        return self.delivery.to_bytes(8, "big")


@dataclass(frozen=True, slots=True)
class Job:
    """What this process is to attempt, and nobody else for the moment."""

    endpoint: UUID
    stream: UUID | None
    delivery: int | None
    taken: models.Job
    """As the library knows it."""

    @property
    def number(self) -> int:
        """Its number in the queue."""
        return self.taken.id

    def again(self, pause: timedelta) -> ToDo:
        """Give what is to be done where it is to be attempted after a pause."""
        return ToDo(self.endpoint, self.stream, self.delivery, pause)


class Queue:
    """What one process does with the queue."""

    def __init__(self, pool: Any, heartbeat: float = HEARTBEAT) -> None:
        """``pool`` is one of asyncpg's."""
        self._queries = queries(AsyncpgPoolDriver(pool))
        self._pool = pool
        self._worker = QueueManagerId(uuid.uuid4())
        self._heartbeat = timedelta(seconds=heartbeat)

    async def take(self, most: int, limits: Mapping[UUID, int]) -> list[Job]:
        """Take jobs that are due, of some endpoints, so many of each at a time in all processes."""
        entrypoints = {
            QueueEntrypoint(str(endpoint)): EntrypointExecutionParameter(limit)
            for endpoint, limit in limits.items()
        }
        if not entrypoints:
            return []
        taken = await self._queries.dequeue(most, entrypoints, self._worker, None, self._heartbeat)
        return [_job(each) for each in taken]

    async def keep(self, jobs: Sequence[Job]) -> None:
        """Say that jobs are still being worked on."""
        if jobs:
            await self._queries.update_heartbeat([job.taken.id for job in jobs])

    async def tidy(self) -> None:
        """Forget what became of jobs long ago, and jobs of endpoints that are gone."""
        await self._pool.execute(_TIDY)


async def put(connection: Any, jobs: Sequence[ToDo]) -> None:
    """Queue jobs, in a transaction; those that are queued already stay where they are."""
    if jobs:
        await queries(AsyncpgDriver(connection)).enqueue(
            [str(job.endpoint) for job in jobs],
            [job.payload for job in jobs],
            [_ORDINARY if job.delivery is None else _ALONE for job in jobs],
            [job.pause for job in jobs],
            [job.key for job in jobs],
            on_conflict="skip",
        )


async def finish(connection: Any, jobs: Sequence[Job]) -> None:
    """Take jobs that were attempted out of the queue, in a transaction."""
    if jobs:
        ended = [(job.taken, "successful", None) for job in jobs]
        await queries(AsyncpgDriver(connection)).log_jobs(ended)  # type: ignore[arg-type]


async def hurry(connection: Any, job: ToDo) -> None:
    """Let what waits for its time be attempted now."""
    await connection.execute(_HURRY, job.key)


async def clear(connection: Any, endpoint: UUID) -> None:
    """Take everything of an endpoint out of the queue, in a transaction."""
    await queries(AsyncpgDriver(connection)).clear_queue(str(endpoint))


def queries(driver: Driver) -> Queries:
    """Give what the library does on a connection, in our schema."""
    return Queries(driver, qbe=_PLAN, qbq=_QUEUE, qbs=_SCHEDULE)


def _job(taken: models.Job) -> Job:
    endpoint, payload = UUID(taken.entrypoint), taken.payload or b""
    if len(payload) == 16:
        return Job(endpoint, UUID(bytes=payload), None, taken)
    return Job(endpoint, None, int.from_bytes(payload, "big"), taken)
