"""The outlet, as those see it who do not relay themselves: how far public events have gone."""

from typing import TYPE_CHECKING, Final

import asyncpg

from api.ports import ReadsUnavailable, Relayed
from infra.store.availability import DISCONNECTED

if TYPE_CHECKING:
    from asyncpg import Pool, Record

_STANDING: Final = """
select position, problem is not null as stopped from log.relay where stream = $1
"""
_WITHIN: Final = 2.0


class Outlet:
    """Tells how far public events have gone to one stream, whoever relays them."""

    def __init__(self, pool: "Pool[Record]", stream: str) -> None:
        self._pool = pool
        self._stream = stream

    async def relayed(self) -> Relayed:
        """Tell how far; nowhere yet, before anybody relayed.

        Raises:
            ReadsUnavailable: the database does not answer.
        """
        try:
            row = await self._pool.fetchrow(_STANDING, self._stream, timeout=_WITHIN)
        except (*DISCONNECTED, asyncpg.PostgresError) as error:
            raise ReadsUnavailable from error
        return Relayed(0, stopped=False) if row is None else Relayed(*row)
