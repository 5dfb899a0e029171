"""A generation: one making of a projection's tables, in a schema of its own."""

import hashlib
import json
from enum import StrEnum
from typing import Final, NamedTuple

from infra.projector.connection import Connection
from infra.projector.tables import read_table
from projections.projection import Projection

LOCK: Final = "select pg_advisory_xact_lock(7310580)"
"""Who begins, activates or removes generations takes turns, to the end of the transaction."""

_NUMBER: Final = """
insert into log.generation_number as n (projection, last) values ($1, 1)
on conflict (projection) do update set last = n.last + 1
returning last
"""

_BEGIN: Final = """
insert into log.generation (
    projection, number, code_hash, shape_hash, state, automatic, personal
)
values ($1, $2, $3, $4, 'BUILDING', $5, $6)
"""

_DELETE: Final = "delete from log.generation where projection = $1 and number = $2"


class State(StrEnum):
    """How far the making of a generation has come."""

    BUILDING = "BUILDING"
    """It has not come to the end of the log yet, not once."""
    READY = "READY"
    """It can be read."""
    FAILED = "FAILED"
    """It could not be built, and what had been built of it is gone."""


class Generation(NamedTuple):
    """A generation of a projection, as its number tells it from others."""

    projection: Projection
    number: int

    @property
    def name(self) -> str:
        """The projection's name."""
        return self.projection.name

    @property
    def schema(self) -> str:
        """The schema that holds its tables."""
        return schema_of(self.name, self.number)

    def __str__(self) -> str:
        """Name it to an operator."""
        return f"generation {self.number} of {self.name}"


def schema_of(name: str, number: int) -> str:
    """Give the schema of a generation."""
    return f"read_{name}_{number}"


def shape_of(projection: Projection) -> bytes:
    """Give what changes with the tables of a projection, and with the rows that are of reference.

    Where it is the same, what other code has folded can be read in place of one's own.
    """
    parts = (projection.ddl, repr(projection.reference))
    return hashlib.sha256("\0".join(parts).encode()).digest()


async def begin(connection: Connection, projection: Projection, *, automatic: bool) -> Generation:
    """Make a new generation, with tables in which only the rows of reference are.

    To be called in a transaction, under `LOCK`; its search path is set to the new schema until
    its end.

    Args:
        connection: where the transaction is.
        projection: of which it is to be one.
        automatic: whether it is read as soon as it is ready; otherwise that is an operator's to
            say.
    """
    number = await connection.fetchval(_NUMBER, projection.name)
    generation = Generation(projection, number)
    personal = {kind.TABLE.name: dict(kind.TABLE.personal) for kind in projection.personal}
    await connection.execute(
        _BEGIN,
        projection.name,
        number,
        projection.code_hash,
        shape_of(projection),
        automatic,
        json.dumps(personal),
    )
    await connection.execute(f"create schema {generation.schema}")
    await fill(connection, generation)
    return generation


async def fill(connection: Connection, generation: Generation) -> None:
    """Make the tables of a generation in its empty schema, with the rows of reference."""
    projection = generation.projection
    await connection.execute(f"set local search_path to {generation.schema}")
    await connection.execute(projection.ddl)
    for kind in projection.rows:
        for column in kind.TABLE.personal:
            # Statistics would quote what people are called, and nobody asks by it.
            await connection.execute(
                f"alter table {kind.TABLE.name} alter column {column} set statistics 0"
            )
        rows = [row for row in projection.reference if isinstance(row, kind)]
        if rows:
            await read_table(kind, generation.schema).upsert(connection, rows)


async def remove(connection: Connection, name: str, number: int) -> None:
    """Take a generation away, with its tables, its lease and what was parked.

    To be called in a transaction, under `LOCK`. Whoever folds it comes to the end of the batch
    first, and then finds that the lease is lost.
    """
    await connection.execute(_DELETE, name, number)
    await connection.execute(f"drop schema if exists {schema_of(name, number)} cascade")
