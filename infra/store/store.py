"""The event store: one log, appended by commands, read by stream and by position."""

from collections.abc import Collection, Mapping
from typing import Any, Self
from uuid import UUID

import asyncpg

from infra.observing.parts import PoolState
from infra.observing.watch import SILENCE, AppendWatch
from infra.store.appender import Appender
from infra.store.availability import UNREACHABLE, StoreUnavailable
from infra.store.command import Append, Outcome, StoredCommand
from infra.store.event import Page, Snapshot, StoredEvent
from infra.store.reader import Reader
from infra.store.wakeup import Bell, Herald, Watch


class EventStore:
    """The log of one database, as this process writes and reads it.

    It holds one connection to append, one to listen, and a pool to read. It belongs to the event
    loop that opened it, and it outlives restarts of the database.
    """

    def __init__(self, appender: Appender, reader: Reader, bell: Bell, watch: Watch) -> None:
        self._appender = appender
        self._reader = reader
        self._bell = bell
        self._watch = watch

    @classmethod
    async def open(
        cls,
        dsn: str,
        *,
        pool_size: int = 8,
        budget: float = 15.0,
        answer_within: float = 5.0,
        poll: float = 1.0,
        watch: AppendWatch = SILENCE,
        herald: Herald | None = None,
    ) -> Self:
        """Open the log of a migrated database.

        Args:
            dsn: where the database is, as libpq writes it.
            pool_size: how many connections may read at once.
            budget: seconds for which a call looks for a database that has gone away, give or take
                the one attempt that is under way.
            answer_within: seconds after which a statement without an answer counts as lost.
            poll: seconds between two looks at the head when nobody tells of a commit.
            watch: what is told of what is appended.
            herald: what tells other processes of commits; without one PostgreSQL does.

        Raises:
            StoreUnavailable: the database cannot be reached, or is not migrated.
        """
        bell = Bell()
        listening = Watch(dsn, bell, poll=poll, herald=herald)
        appender = Appender(
            dsn, listening.committed, budget=budget, answer_within=answer_within, watch=watch
        )
        try:
            await appender.start()
            await listening.start()
            pool = await asyncpg.create_pool(
                dsn,
                # Connections are made when they are needed: asyncpg would log a traceback for each
                # that it cannot keep ready while the database restarts.
                min_size=0,
                max_size=pool_size,
                command_timeout=answer_within,
                reset=_keep,
                server_settings=_READING,
            )
        except BaseException as error:
            await listening.close()
            await appender.close()
            if isinstance(error, UNREACHABLE):
                problem = f"the event store cannot open: {error}"
                raise StoreUnavailable(problem, stored=False) from error
            raise
        return cls(appender, Reader(pool, budget=budget), bell, listening)

    async def close(self) -> None:
        """Answer the appends that wait, then close every connection."""
        await self._appender.close()
        await self._watch.close()
        await self._reader.close()

    @property
    def waiting(self) -> int:
        """How many commands wait for a batch."""
        return self._appender.waiting

    def state(self) -> PoolState:
        """Tell how many of the connections for reading are in use."""
        return self._reader.state()

    async def append(self, command: Append) -> Outcome:
        """Append a command; its outcome is the truth, whatever happened to the connection.

        A command whose answer was lost is asked for, and sent again when it was not stored. A
        caller that is cancelled does not take its command back: it may be stored, and who wants
        to know asks `outcome_of`.

        Raises:
            StoreUnavailable: the database stayed away for longer than the budget; `stored` says
                whether the command is in the log, None that it must be sent again under its id.
            ValueError: the versions of a stream do not follow one another.
            asyncpg.DataError: a value does not fit its column.
        """
        return await self._appender.append(command)

    async def outcome_of(self, command_id: UUID) -> StoredCommand | None:
        """Give what became of a command, None when it is not in the log."""
        return await self._reader.outcome_of(command_id)

    async def stream(
        self,
        stream_id: UUID,
        *,
        after: int = 0,
        upto: int | None = None,
        limit: int | None = None,
        descending: bool = False,
    ) -> list[StoredEvent]:
        """Give the events of a stream with ``after < version <= upto``, by version.

        Raises:
            GapInStream: a version is missing in between.
        """
        return await self._reader.stream(
            stream_id, after=after, upto=upto, limit=limit, descending=descending
        )

    async def streams(self, starts: Mapping[UUID, int]) -> dict[UUID, list[StoredEvent]]:
        """Give for each stream its events after the version named, in one round trip.

        Raises:
            GapInStream: a version is missing in between.
        """
        return await self._reader.streams(starts)

    async def at(self, positions: Collection[int]) -> list[StoredEvent]:
        """Give the events at some positions, in order; none where nothing was recorded yet.

        Raises:
            StoreUnavailable: the log cannot be reached.
        """
        return await self._reader.at(positions)

    async def page(
        self,
        after: int,
        *,
        limit: int = 500,
        topics: Collection[str] | None = None,
        upto: int | None = None,
    ) -> Page:
        """Give the next `limit` events with ``after < position <= upto``, of some topics or all.

        A page of some topics looks at a bounded stretch of the log. Few events on it, even none,
        do not mean the end of the log: go on from `Page.scanned`, until that is the head.

        Raises:
            GapInLog: read without a filter, and a position is missing.
        """
        return await self._reader.page(after, limit=limit, topics=topics, upto=upto)

    async def head(self) -> int:
        """Give the position of the last event, 0 for an empty log."""
        return await self._reader.head()

    async def snapshot(self, stream_id: UUID, code_hash: bytes) -> Snapshot | None:
        """Give the snapshot that this very code made of an aggregate, if there is one."""
        return await self._reader.snapshot(stream_id, code_hash)

    async def put_snapshot(
        self, stream_id: UUID, version: int, code_hash: bytes, state: bytes
    ) -> None:
        """Keep a snapshot in place of an older one, or of one that other code made."""
        await self._reader.put_snapshot(stream_id, version, code_hash, state)

    async def wait_beyond(self, position: int, timeout: float) -> int:  # noqa: ASYNC109
        """Wait for the log to grow beyond `position`, `timeout` seconds at most.

        Gives the newest head that is known, at once if it is beyond already.
        """
        return await self._bell.wait_beyond(position, timeout)


_READING = {
    "application_name": "cordee read",
    # Every read goes by an index; a plan made while the log was empty must not say otherwise.
    "enable_seqscan": "off",
    "plan_cache_mode": "force_generic_plan",
    "jit": "off",
}


async def _keep(_connection: Any) -> None:
    """Spare the pool's reset, a round trip for each read: a read leaves nothing behind."""
