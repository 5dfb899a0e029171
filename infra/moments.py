"""Instants and positions: which of the log's events were recorded by when."""

from datetime import datetime
from typing import Any, Final

from api.moments import MomentAhead
from infra.answering import answered
from infra.keeping.kept import APPENDERS
from infra.store import GapInLog

# Instants never decrease along the log (0002_append.sql), so the boundary is found by halves: some
# twenty look-ups by the primary key among a million events, and no index of instants.
_SEARCH: Final = """
with recursive newest as materialized (
    select position, recorded_at from log.event order by position desc limit 1
), half (low, high) as (
    select 0::bigint, position + 1 from newest
    union all
    select case when e.recorded_at <= $1 then e.position else low end,
           case when e.recorded_at <= $1 then high else e.position end
    from half
    join log.event e on e.position = (low + high) / 2
    where high - low > 1
)
select low, high, n.position as head, greatest(n.recorded_at, clock_timestamp()) as clock
from (select) always
left join newest n on true
left join (select low, high from half order by high - low limit 1) h on true
"""

_HEAD: Final = "select coalesce(max(position), 0) from log.event"

_RECORDED: Final = "select recorded_at from log.event where position = $1"

# Whoever appends at this moment has read the clock; they have committed when it is our turn.
_AFTER_APPENDERS: Final = "select pg_advisory_xact_lock_shared($1)"


class Moments:
    """Answers `api.ports.Moments` from the log."""

    def __init__(self, pool: Any) -> None:
        """``pool`` is one of asyncpg's, or a single connection, to a server that takes appends."""
        self._pool = pool

    async def position_at(self, at: datetime) -> int:
        """Give the last position recorded at an instant or before it, 0 before the first.

        What is given once is given for ever: nothing can be recorded at that instant any more.

        Raises:
            MomentAhead: the clock of the log has not come to the instant yet.
            infra.store.GapInLog: the log lacks an event that was looked at.
            ReadsUnavailable: the database does not answer.
        """
        return await answered(self._position_at(at))

    async def come_to(self, position: int) -> None:
        """See that the log has come to a position.

        Raises:
            MomentAhead: it has not.
            ReadsUnavailable: the database does not answer.
        """
        head = await answered(self._pool.fetchval(_HEAD))
        if position > head:
            raise MomentAhead("as_of.position", moment=f"Position {position}", head=head)

    async def recorded_at(self, position: int) -> datetime | None:
        """Tell when the event at a position was recorded; None where there is none.

        Raises:
            ReadsUnavailable: the database does not answer.
        """
        found: datetime | None = await answered(self._pool.fetchval(_RECORDED, position))
        return found

    async def _position_at(self, at: datetime) -> int:
        position, head = await self._search(at)
        if position == head:
            await self._pool.execute(_AFTER_APPENDERS, APPENDERS)
            position, _ = await self._search(at)
        return position

    async def _search(self, at: datetime) -> tuple[int, int]:
        """Give the position for an instant, and the head."""
        row = await self._pool.fetchrow(_SEARCH, at)
        head = row["head"] or 0
        if at > row["clock"]:
            raise MomentAhead("as_of.time", moment=at.isoformat(), head=head)
        if head and row["high"] - row["low"] > 1:
            raise GapInLog((row["low"] + row["high"]) // 2, row["high"])
        return row["low"] or 0, head
