"""Leases: who folds a projection, and the checkpoint that only the one who does can move.

The lease only saves double work; it may be held by two, after a long pause of the one. What keeps
the read model right is the checkpoint: it moves with the rows, in their transaction, from exactly
the position at which they were read, under exactly the fence under which the lease was given.
"""

from datetime import timedelta
from typing import Final

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
  and (owner = $3 or lease_until < clock_timestamp())
  and (error is null or $5)
returning fence, position
"""

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


_STORED: Final = "select position from log.projection where name = $1"


class LeaseLost(Exception):
    """Somebody else has the projection, or has moved it: what was folded is not to be written."""


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
        self.position = 0
        """The checkpoint: up to here the read model has everything, and is stored."""

    async def claim(self, connection: Connection) -> bool:
        """Take the lease or prolong it, and learn the checkpoint.

        A projection that an event has stopped is taken once by each new worker, to try again;
        one that was prepared by other code is never taken.
        """
        row = await connection.fetchrow(
            _CLAIM, self._name, self._code_hash, self._owner, self._lasts, self._first
        )
        self._first = False
        if row is None:
            return False
        self._fence, self.position = row
        return True

    async def stored(self, pool: Pool) -> int:
        """Give the checkpoint that is in the table, whoever moved it; 0 before it is prepared."""
        return await pool.fetchval(_STORED, self._name) or 0

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
