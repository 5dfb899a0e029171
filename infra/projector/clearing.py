"""Clearing: generations that nobody folds forget people all the same.

Whoever folds a generation clears the forgotten from it in the course of that. One that is kept for
going back, that has stopped, or that belongs to a version of the program which does not run at the
moment, would tell them until it is folded again.
"""

import json
from typing import Final
from uuid import UUID

import msgspec
from asyncpg import Record

from domain.identity import Id
from domain.person import ids_of
from infra.projector.connection import Connection, Pool
from infra.projector.generation import schema_of
from infra.projector.tables import RESIDUE

_LEFT: Final = """
select g.projection, g.number
from log.generation g
where g.personal <> '{}' and g.state <> 'FAILED'
  and not (g.owner is not null and g.lease_until > clock_timestamp())
  and exists (
      select from log.event e
      where e.topic = 'person.forgotten' and e.position > greatest(g.position, g.cleared)
  )
order by g.projection, g.number
"""

# Whoever takes the lease meanwhile waits, and finds the rows as they are then.
_HELD: Final = """
select position, moved, personal, greatest(position, cleared) as known
from log.generation where projection = $1 and number = $2 for update
"""

_FORGOTTEN: Final = """
select position, state from log.event
where topic = 'person.forgotten' and position > $1
order by position
"""

_CLEARED: Final = """
update log.generation set cleared = $3, moved = moved || $4::jsonb
where projection = $1 and number = $2
"""


class _Fact(msgspec.Struct):
    subject: UUID


async def clear(pool: Pool) -> None:
    """Take the forgotten out of the generations that nobody folds, each in a transaction.

    Raises:
        OSError, asyncpg.PostgresError, asyncpg.InterfaceError: the database cannot be used, or a
            generation was dropped meanwhile; the next time there is less left.
    """
    for row in await pool.fetch(_LEFT):
        async with pool.acquire() as connection, connection.transaction():
            held = await connection.fetchrow(_HELD, row["projection"], row["number"])
            if held is not None:
                await _clear(connection, row["projection"], row["number"], held)


async def _clear(connection: Connection, name: str, number: int, held: Record) -> None:
    forgotten = await connection.fetch(_FORGOTTEN, held["known"])
    if not forgotten:
        return
    facts = (msgspec.json.decode(row["state"], type=_Fact) for row in forgotten)
    people: list[Id] = [id for fact in facts for id in ids_of(fact.subject)]
    moved = json.loads(held["moved"])
    schema = schema_of(name, number)
    for table, columns in json.loads(held["personal"]).items():
        for column, by in columns.items():
            await connection.execute(
                f"update {schema}.{table} set {column} = null"  # noqa: S608
                f" where {by} = any($1) and {column} is not null",
                people,
            )
        await connection.execute(RESIDUE, f"{schema}.{table}")
        moved[table] = max(held["position"], moved.get(table, -1) + 1)
    upto = forgotten[-1]["position"]
    await connection.execute(_CLEARED, name, number, upto, json.dumps(moved))
