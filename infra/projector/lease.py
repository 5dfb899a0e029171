"""Leases: who folds a projection, and the checkpoint that only the one who does can move.

The lease only saves double work; it may be held by two, after a long pause of the one. What keeps
the read model right is the checkpoint: it moves with the rows, in their transaction, from exactly
the position at which they were read, under exactly the fence under which the lease was given.

Beside the lease its holder has an advisory lock, which ends with its session. Whoever gets that
lock knows that the holder's session is gone and need not wait until the lease is over; the time
is for sessions that look alive when nobody is behind them any more.
"""

from datetime import timedelta
from typing import Final, NamedTuple

from infra.projector.connection import Connection, Pool
from projections.projection import Projection

_CLAIM: Final = """
update log.projection
set fence = fence + (owner is distinct from $3)::int,
    owner = $3,
    lease_until = clock_timestamp() + $4::interval,
    error = null,
    failing_position = null
where name = $1
  and code_hash = $2
  and (owner = $3 or lease_until < clock_timestamp() or $6)
  and (error is null or $5)
returning fence, position
"""

_RENEW: Final = """
update log.projection set lease_until = clock_timestamp() + $5::interval
where name = $1 and fence = $2 and position = $3 and owner = $4
returning true
"""

_LOCKS: Final = 7310581
"""The class of the advisory locks; within it each projection has one by its name."""

_LOCK: Final = "select pg_try_advisory_lock($1, hashtext($2))"

_UNLOCK: Final = "select pg_advisory_unlock($1, hashtext($2))"

_ADVANCE: Final = """
update log.projection
set position = $4, updated_at = clock_timestamp()
where name = $1 and fence = $2 and position = $3
returning true
"""

_STOP: Final = """
update log.projection
set error = $4, failing_position = $5, owner = null, lease_until = '-infinity',
    updated_at = clock_timestamp()
where name = $1 and fence = $2 and position = $3
returning true
"""

_RELEASE: Final = """
update log.projection set owner = null, lease_until = clock_timestamp()
where name = $1 and fence = $2 and owner = $3
"""

_STORED: Final = """
select position, code_hash <> $2, failing_position, error from log.projection where name = $1
"""


class LeaseLost(Exception):
    """Somebody else has the projection, or has moved it: what was folded is not to be written."""


class Checkpoint(NamedTuple):
    """What the table says of a projection."""

    position: int = 0
    """Up to here the read model has everything."""
    outdated: bool = True
    """Whether it was prepared by other code than this, or never."""
    failing_position: int | None = None
    """The event at which it stopped."""
    error: str | None = None
    """Why it stopped."""


class Lease:
    """One worker's hold on one projection."""

    def __init__(self, projection: Projection, owner: str, lasts: float) -> None:
        """``lasts`` are the seconds after which others may take it, unless it is renewed."""
        self._name = projection.name
        self._code_hash = projection.code_hash
        self._owner = owner
        self._lasts = timedelta(seconds=lasts)
        self._fence = 0
        self._first = True
        self._locked = False
        self.position = 0
        """The checkpoint: up to here the read model has everything, and is stored."""

    async def claim(self, connection: Connection) -> bool:
        """Take the lease, and learn the checkpoint; whatever comes of it, `let_go` afterwards.

        A projection that an event has stopped is taken once by each new worker, to try again;
        one that was prepared by other code is never taken.
        """
        await self._lock(connection)
        row = await connection.fetchrow(
            _CLAIM, self._name, self._code_hash, self._owner, self._lasts, self._first, self._locked
        )
        self._first = False
        if row is None:
            return False
        self._fence, self.position = row
        return True

    async def renew(self, connection: Connection) -> None:
        """Prolong the lease that was taken, as long as nobody took or moved anything meanwhile.

        Raises:
            LeaseLost: it is no longer where and whose it was.
        """
        # Who took over from a session that hung gets the lock when that session is gone.
        await self._lock(connection)
        if not await connection.fetchval(
            _RENEW, self._name, self._fence, self.position, self._owner, self._lasts
        ):
            raise LeaseLost(self._name)

    async def let_go(self, connection: Connection) -> None:
        """Give the lock back, before the connection serves others."""
        if self._locked:
            self._locked = False
            if not connection.is_closed():
                await connection.execute(_UNLOCK, _LOCKS, self._name)

    async def stored(self, pool: Pool) -> Checkpoint:
        """Give what the table says, whoever wrote it."""
        row = await pool.fetchrow(_STORED, self._name, self._code_hash)
        return Checkpoint() if row is None else Checkpoint(*row)

    async def advance(self, connection: Connection, position: int) -> None:
        """Move the checkpoint, within the transaction that brings the rows there.

        Raises:
            LeaseLost: it is no longer where and whose it was; the transaction must roll back.
        """
        if not await connection.fetchval(
            _ADVANCE, self._name, self._fence, self.position, position
        ):
            raise LeaseLost(self._name)

    async def stop(self, connection: Connection, position: int, error: str) -> bool:
        """Give the lease up because of an event; False where somebody else has it anyhow."""
        return bool(
            await connection.fetchval(
                _STOP, self._name, self._fence, self.position, error, position
            )
        )

    async def release(self, connection: Connection) -> None:
        """Let others have it at once."""
        await connection.execute(_RELEASE, self._name, self._fence, self._owner)

    async def _lock(self, connection: Connection) -> None:
        # A session may lock twice, and would then have to unlock twice.
        if not self._locked:
            self._locked = await connection.fetchval(_LOCK, _LOCKS, self._name)
