"""Oblivion: what one process does so that a forgotten person is gone from memory and from files.

The key goes with the fact, and the columns of the read model with its folding. What is left is what
processes keep in memory, read models that nobody folds at the moment, and the files of tables, in
which a changed row stays as it was until they are written anew. All that ends within seconds.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from time import monotonic
from typing import Final
from uuid import UUID

import asyncpg
import msgspec
import structlog
from asyncpg import Record

from infra.keys.person_keys import PersonKeys
from infra.projector.clearing import clear
from infra.store.availability import DISCONNECTED

log = structlog.get_logger()

EVERY: Final = 5.0
"""Seconds from one look at the log to the next."""

_HEAD: Final = "select coalesce(max(position), 0) from log.event"

_FORGOTTEN: Final = """
select position, state from log.event
where topic = 'person.forgotten' and position > $1
order by position
"""

# A file that is written anew still gets the rows that somebody may see who began earlier.
_DUE: Final = """
select r.relation, to_regclass(r.relation)::text as table, r.marked_by::text as marked_by
from log.residue r
where not exists (
    select from pg_stat_activity a
    where a.datname = current_database() and a.pid <> pg_backend_pid()
      and greatest(age(a.backend_xid), age(a.backend_xmin)) >= age(r.marked_by)
)
"""

_LEFT: Final = "select exists (select from log.residue)"

# Only where the log of writes is not kept for reuse does its end leave nothing behind.
_WAL: Final = "select current_setting('wal_recycle') = 'off'"

_SWEPT: Final = "delete from log.residue where relation = $1 and marked_by::text = $2"

_PATIENCE: Final = "set lock_timeout = '250ms'"
"""Whoever reads a table for longer is not disturbed: the next look tries again."""

_SHARE: Final = 20.0
"""How many times as long as its sweeping took a table is left alone: 5 % of the time at most."""


class _Fact(msgspec.Struct):
    subject: UUID
    named_in: UUID


class Oblivion:
    """Follows who is forgotten, until it is stopped."""

    def __init__(
        self,
        pool: "asyncpg.Pool[Record]",
        keys: PersonKeys,
        drop: Callable[[UUID], None],
        *,
        position: int,
        every: float = EVERY,
    ) -> None:
        """``drop`` takes a stream out of memory; what was forgotten up to ``position`` is known."""
        self._pool = pool
        self._keys = keys
        self._drop = drop
        self._position = position
        self._recent: list[_Fact] = []
        self._rest_until: dict[str, float] = {}
        self._every = every
        self._task = asyncio.get_running_loop().create_task(self._run(), name="oblivion")

    @classmethod
    async def start(
        cls, pool: "asyncpg.Pool[Record]", keys: PersonKeys, drop: Callable[[UUID], None]
    ) -> "Oblivion":
        """Begin to follow, before anything is in memory."""
        return cls(pool, keys, drop, position=await pool.fetchval(_HEAD))

    async def stop(self) -> None:
        """End; what is left to be swept others will find, or the next start."""
        self._task.cancel()
        await asyncio.wait((self._task,))

    async def look(self) -> None:
        """Forget who was forgotten meanwhile, and sweep what is due."""
        # A command may have had an aggregate in its hands at the time, and given it back since.
        for fact in self._recent:
            self._drop(fact.named_in)
        rows = await self._pool.fetch(_FORGOTTEN, self._position)
        self._recent = [msgspec.json.decode(row["state"], type=_Fact) for row in rows]
        for fact in self._recent:
            self._keys.forgotten(fact.subject)
            self._drop(fact.named_in)
        if rows:
            self._position = rows[-1]["position"]
        await clear(self._pool)
        swept = False
        for row in await self._pool.fetch(_DUE):
            if monotonic() >= self._rest_until.get(row["relation"], 0.0):
                await self._sweep(row)
                swept = True
        if swept and not await self._pool.fetchval(_LEFT) and await self._pool.fetchval(_WAL):
            with suppress(asyncpg.InsufficientPrivilegeError):
                await self._pool.execute("select pg_switch_wal()")
                await self._pool.execute("checkpoint")

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(self._every)
            try:
                await self.look()
            except (*DISCONNECTED, asyncpg.PostgresError) as error:
                log.info("oblivion.interrupted", error=type(error).__name__)

    async def _sweep(self, due: Record) -> None:
        began = monotonic()
        async with self._pool.acquire() as connection:
            if due["table"] is not None:
                await connection.execute(_PATIENCE)
                await connection.execute(f"vacuum (full) {due['table']}")
            await connection.execute(_SWEPT, due["relation"], due["marked_by"])
        self._rest_until[due["relation"]] = monotonic() + _SHARE * (monotonic() - began)
