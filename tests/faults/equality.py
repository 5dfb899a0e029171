"""Whether read models are what a fresh fold of the log comes to, byte for byte."""

from collections.abc import Mapping, Sequence
from typing import Final

import asyncpg

from infra.projector.generation import schema_of
from infra.settings import Settings
from infra.system import system
from projections.catalogue import PROJECTIONS
from projections.projection import Projection

FOLDING: Final = 120.0
"""Seconds in which a fresh fold is at the end of the log."""

_ACTIVE: Final = "select number from log.active where projection = $1 and code_hash = $2"

_TAKE_AWAY: Final = """
do $$
declare schema text;
begin
    for schema in select format('read_%s_%s', projection, number) from log.generation loop
        execute format('drop schema %I cascade', schema);
    end loop;
end $$;
delete from log.generation;
"""

Dump = Mapping[str, list[str]]
"""By table, its rows as PostgreSQL writes them, in their order."""


async def dump(dsn: str, projections: Sequence[Projection] = PROJECTIONS) -> Dump:
    """Give all rows of the read models, of the generations that this code reads."""
    connection = await asyncpg.connect(dsn)
    try:
        found = {}
        for projection in projections:
            number = await connection.fetchval(_ACTIVE, projection.name, projection.code_hash)
            schema = schema_of(projection.name, number)
            for kind in projection.rows:
                name = kind.TABLE.name
                rows = await connection.fetch(
                    f"select t::text from {schema}.{name} t"  # noqa: S608
                    ' order by t::text collate "C"'
                )
                found[f"{projection.name}.{name}"] = [row[0] for row in rows]
        return found
    finally:
        await connection.close()


async def folded_afresh(settings: Settings, dsn: str) -> Dump:
    """Take all read models of a database away, let them be made anew, and give their rows."""
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(_TAKE_AWAY)
    finally:
        await connection.close()
    async with system(settings, dsn) as running:
        assert await running.positions.reached(await running.store.head(), FOLDING)
        assert not running.positions.hindrances()
    return await dump(dsn)


def differences(shown: Dump, fresh: Dump) -> list[str]:
    """Name the rows that are not the same."""
    assert shown.keys() == fresh.keys()
    return [
        f"{table}: {sign} {row}"
        for table in shown
        for sign, rows in (
            ("shown only", set(shown[table]) - set(fresh[table])),
            ("missing", set(fresh[table]) - set(shown[table])),
        )
        for row in rows
    ]
