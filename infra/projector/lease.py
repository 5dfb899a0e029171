"""Leases: who folds a generation, and the checkpoint that only the one who does can move.

The lease only saves double work; it may be held by two, after a long pause of the one. What keeps
the read model right is the checkpoint: it moves with the rows, in their transaction, from exactly
the position at which they were read, under exactly the fence under which the lease was given.

Beside the lease its holder has an advisory lock, which ends with its session. Whoever gets that
lock knows that the holder's session is gone and need not wait until the lease is over; the time
is for sessions that look alive when nobody is behind them any more.
"""

import json
from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Final

from infra.projector.connection import Connection
from infra.projector.generation import Generation, State
from projections.projection import Projection

_CLAIM: Final = """
update log.generation
set fence = fence + (owner is distinct from $4)::int,
    owner = $4,
    lease_until = clock_timestamp() + $5::interval,
    error = null,
    failing_position = null
where projection = $1
  and number = $2
  and code_hash = $3
  and state <> 'FAILED'
  and not paused
  and (owner = $4 or lease_until < clock_timestamp() or $7)
  and (error is null or $6)
returning fence, position, moved, state, automatic
"""

_RENEW: Final = """
update log.generation set lease_until = clock_timestamp() + $6::interval
where projection = $1 and number = $2 and fence = $3 and position = $4 and owner = $5
returning true
"""

_LOCKS: Final = 7310581
"""The class of the advisory locks; within it each generation has one by its name."""

_LOCK: Final = "select pg_try_advisory_lock($1, hashtext($2))"

_UNLOCK: Final = "select pg_advisory_unlock($1, hashtext($2))"

_ADVANCE: Final = """
update log.generation
set position = $5, moved = moved || $6::jsonb, updated_at = clock_timestamp()
where projection = $1 and number = $2 and fence = $3 and position = $4
returning true
"""

_READY: Final = """
update log.generation set state = 'READY', ready_at = clock_timestamp()
where projection = $1 and number = $2 and fence = $3 and position = $4 and state = 'BUILDING'
"""

_STOP: Final = """
update log.generation
set error = $5, failing_position = $6, owner = null, lease_until = '-infinity',
    updated_at = clock_timestamp()
where projection = $1 and number = $2 and fence = $3 and position = $4
returning true
"""

_FAIL: Final = """
update log.generation
set state = 'FAILED', error = $4, failing_position = $5, position = 0, moved = '{}', owner = null,
    lease_until = '-infinity', updated_at = clock_timestamp()
where projection = $1 and number = $2 and fence = $3 and state = 'BUILDING'
returning true
"""

_REST: Final = """
update log.generation
set paused = true, owner = null, fence = fence + 1, lease_until = '-infinity',
    updated_at = clock_timestamp()
where projection = $1 and number = $2 and fence = $3 and state = 'BUILDING' and not automatic
"""

_RELEASE: Final = """
update log.generation set owner = null, lease_until = clock_timestamp()
where projection = $1 and number = $2 and fence = $3 and owner = $4
"""


class LeaseLost(Exception):
    """Somebody else has the generation, or has moved it: what was folded is not to be written."""


class Lease:
    """One worker's hold on one generation."""

    def __init__(self, projection: Projection, number: int, owner: str, lasts: float) -> None:
        """``lasts`` are the seconds after which others may take it, unless it is renewed."""
        generation = Generation(projection, number)
        self._schema = generation.schema
        self._key = (generation.name, number)
        self._code_hash = projection.code_hash
        self._owner = owner
        self._lasts = timedelta(seconds=lasts)
        self._fence = 0
        self._first = True
        self._locked = False
        self.position = 0
        """The checkpoint: up to here the generation has everything, and is stored."""
        self.moved: Mapping[str, int] = {}
        """By table, a number that grows with each change of it: the position of the last one, or
        a little more where events were folded after their time."""
        self.state = State.BUILDING
        """How far it had come when the lease was taken."""
        self.automatic = False
        """Whether it was to be read as soon as it is ready, when the lease was taken."""

    async def claim(self, connection: Connection) -> bool:
        """Take the lease, and learn the checkpoint; whatever comes of it, `let_go` afterwards.

        A generation that an event has stopped is taken once by each new worker, to try again; one
        of other code, one that failed and one that is paused are never taken.
        """
        await self._lock(connection)
        row = await connection.fetchrow(
            _CLAIM,
            *self._key,
            self._code_hash,
            self._owner,
            self._lasts,
            self._first,
            self._locked,
        )
        self._first = False
        if row is None:
            return False
        self._fence, self.position = row["fence"], row["position"]
        self.moved = json.loads(row["moved"])
        self.state, self.automatic = State(row["state"]), row["automatic"]
        return True

    async def renew(self, connection: Connection) -> None:
        """Prolong the lease that was taken, as long as nobody took or moved anything meanwhile.

        Raises:
            LeaseLost: it is no longer where and whose it was.
        """
        # Who took over from a session that hung gets the lock when that session is gone.
        await self._lock(connection)
        if not await connection.fetchval(
            _RENEW, *self._key, self._fence, self.position, self._owner, self._lasts
        ):
            raise LeaseLost(self._schema)

    async def let_go(self, connection: Connection) -> None:
        """Give the lock back, before the connection serves others."""
        if self._locked:
            self._locked = False
            if not connection.is_closed():
                await connection.execute(_UNLOCK, _LOCKS, self._schema)

    async def advance(
        self, connection: Connection, position: int, tables: Collection[str] = ()
    ) -> dict[str, int]:
        """Move the checkpoint, within the transaction that brings the rows there.

        Gives how ``tables``, which the rows change, have moved; to be told to `reached` when the
        transaction is committed.

        Raises:
            LeaseLost: it is no longer where and whose it was; the transaction must roll back.
        """
        moved = {table: max(position, self.moved.get(table, -1) + 1) for table in tables}
        if not await connection.fetchval(
            _ADVANCE, *self._key, self._fence, self.position, position, json.dumps(moved)
        ):
            raise LeaseLost(self._schema)
        return moved

    def reached(self, position: int, moved: Mapping[str, int]) -> None:
        """Take in that a transaction is committed that moved the checkpoint."""
        self.position = position
        self.moved = {**self.moved, **moved}

    async def ready(self, connection: Connection, position: int) -> None:
        """Note that it has come to the end of the log, in the transaction that advanced it there.

        Nothing is changed where that was noted before.
        """
        await connection.execute(_READY, *self._key, self._fence, position)

    async def stop(self, connection: Connection, position: int, error: str) -> bool:
        """Give the lease up because of an event; False where somebody else has it anyhow."""
        return bool(
            await connection.fetchval(
                _STOP, *self._key, self._fence, self.position, error, position
            )
        )

    async def fail(self, connection: Connection, error: str, position: int | None) -> bool:
        """Give the lease up because the generation cannot be built; False where it is not ours.

        ``position`` is that of the event to blame, if one is. Its schema is to be emptied in the
        same transaction.
        """
        return bool(await connection.fetchval(_FAIL, *self._key, self._fence, error, position))

    async def rest(self, connection: Connection) -> None:
        """Give the lease up so that nobody takes it by itself, as an operator's pause does.

        Only what an operator builds can rest; what is automatic others go on with.
        """
        await connection.execute(_REST, *self._key, self._fence)

    async def release(self, connection: Connection) -> None:
        """Let others have it at once."""
        await connection.execute(_RELEASE, *self._key, self._fence, self._owner)

    async def _lock(self, connection: Connection) -> None:
        # A session may lock twice, and would then have to unlock twice.
        if not self._locked:
            self._locked = await connection.fetchval(_LOCK, _LOCKS, self._schema)
