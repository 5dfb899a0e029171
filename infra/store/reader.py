"""Reading the log, by stream and by position."""

import asyncio
from collections.abc import Collection, Mapping
from typing import Any, Final
from uuid import UUID

import asyncpg
from asyncpg import Record

from infra.observing.parts import PoolState, state_of
from infra.store import sql
from infra.store.availability import DISCONNECTED, UNREACHABLE, StoreUnavailable
from infra.store.command import StoredCommand
from infra.store.event import (
    Page,
    Snapshot,
    StoredEvent,
    assert_contiguous_log,
    assert_contiguous_stream,
)

_LAST_VERSION: Final = 2**31 - 1
_LAST_POSITION: Final = 2**63 - 1
STRETCH: Final = 10_000
"""How many positions one filtered page looks at: some milliseconds, if nothing matches."""

_CLOSE_WITHIN: Final = 3.0
_FIRST_PAUSE: Final = 0.05


class Reader:
    """Asks the log over a pool of connections, and asks again when one turns out to be dead."""

    def __init__(self, pool: "asyncpg.Pool[Record]", *, budget: float) -> None:
        self._pool = pool
        self._budget = budget

    def state(self) -> PoolState:
        """Tell how many connections are in use."""
        return state_of(self._pool)

    async def close(self) -> None:
        """Let what is being read come to its end, then close the connections."""
        try:
            async with asyncio.timeout(_CLOSE_WITHIN):
                await self._pool.close()
        except UNREACHABLE:
            self._pool.terminate()

    async def head(self) -> int:
        """Give the position of the last event, 0 for an empty log."""
        head: int = (await self._fetch(sql.HEAD))[0][0]
        return head

    async def outcome_of(self, command_id: UUID) -> StoredCommand | None:
        """Give what became of a command, None when it is not in the log."""
        rows = await self._fetch(sql.COMMAND, command_id)
        return StoredCommand(*rows[0]) if rows else None

    async def stream(
        self, stream_id: UUID, *, after: int, upto: int | None, limit: int | None, descending: bool
    ) -> list[StoredEvent]:
        """Give the events of one stream by version."""
        rows = await self._fetch(
            sql.STREAM_DESCENDING if descending else sql.STREAM,
            stream_id,
            after,
            _LAST_VERSION if upto is None else upto,
            limit,
        )
        events = [StoredEvent(*row) for row in rows]
        # Read downwards it may begin anywhere; and "after -1" leaves open whether it begins at 0.
        assert_contiguous_stream(stream_id, None if descending or after < 0 else after, events)
        return events

    async def streams(self, starts: Mapping[UUID, int]) -> dict[UUID, list[StoredEvent]]:
        """Give the events of many streams in one round trip."""
        rows = await self._fetch(sql.STREAMS, list(starts), list(starts.values()))
        streams: dict[UUID, list[StoredEvent]] = {stream_id: [] for stream_id in starts}
        for row in rows:
            event = StoredEvent(*row)
            streams[event.stream_id].append(event)
        for stream_id, events in streams.items():
            assert_contiguous_stream(stream_id, starts[stream_id], events)
        return streams

    async def at(self, positions: Collection[int]) -> list[StoredEvent]:
        """Give the events at some positions, in order."""
        return [StoredEvent(*row) for row in await self._fetch(sql.AT, list(positions))]

    async def page(
        self, after: int, *, limit: int, topics: Collection[str] | None, upto: int | None
    ) -> Page:
        """Give the next events of the log, all of them or those of some topics."""
        last = _LAST_POSITION if upto is None else upto
        if topics is None:
            events = [StoredEvent(*row) for row in await self._fetch(sql.PAGE, after, last, limit)]
            assert_contiguous_log(after, events)
            return Page(events, events[-1].position if events else after)
        rows = await self._fetch(sql.PAGE_OF_TOPICS, after, last, limit, list(topics), STRETCH)
        events = [StoredEvent(*row[1:]) for row in rows if row["position"] is not None]
        scanned = events[-1].position if len(events) == limit else rows[0]["scanned"]
        return Page(events, max(after, scanned))

    async def snapshot(self, stream_id: UUID, code_hash: bytes) -> Snapshot | None:
        """Give the snapshot that this very code made of an aggregate, if there is one."""
        rows = await self._fetch(sql.SNAPSHOT, stream_id, code_hash)
        return Snapshot(*rows[0]) if rows else None

    async def put_snapshot(
        self, stream_id: UUID, version: int, code_hash: bytes, state: bytes
    ) -> None:
        """Keep a snapshot in place of an older one, or of one that other code made."""
        await self._fetch(sql.PUT_SNAPSHOT, stream_id, version, code_hash, state)

    async def _fetch(self, statement: str, *arguments: Any) -> list[Record]:
        """Run a statement that may run twice, as often as connections break within the budget."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._budget
        pause = _FIRST_PAUSE
        while True:
            try:
                return await self._pool.fetch(statement, *arguments)
            except DISCONNECTED as error:
                if loop.time() + pause > deadline:
                    raise StoreUnavailable(
                        f"the database did not answer for {self._budget:g} s: {error}", stored=False
                    ) from error
            await asyncio.sleep(pause)
            pause = min(2 * pause, 1.0)
