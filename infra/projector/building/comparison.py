"""Comparing two makings of a projection, table by table: digests, and the rows that differ."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import msgspec

from infra.projector.connection import Connection
from projections.past_tables import EPOCH, UNTIL
from projections.table import Row

SAMPLES: Final = 5
"""How many rows of a table are told that differ."""

HIDDEN: Final = "…"
"""What stands in for what people are called."""

# Of a number every digit counts: 12.50 is not 12.5.
_DECODER: Final = msgspec.json.Decoder(dict[str, Any], float_hook=str)

_COLUMNS: Final = """
select a.attname::text as name, format_type(a.atttypid, a.atttypmod) as type
from pg_attribute a
where a.attrelid = to_regclass($1) and a.attnum > 0 and not a.attisdropped
order by a.attnum
"""


class Sides(NamedTuple):
    """Something of both makings."""

    before: Any
    after: Any


class Different(NamedTuple):
    """A row that differs."""

    key: Mapping[str, Any]
    columns: Mapping[str, Sides]
    """What was changed; nothing where one side lacks the row."""


class TableComparison(NamedTuple):
    """How a table of one making differs from that of another."""

    table: str
    rows: Sides
    """How many rows each has; None where it lacks the table."""
    gone: int = 0
    """Rows of the first that the second lacks."""
    added: int = 0
    """Rows of the second that the first lacks."""
    changed: int = 0
    """Rows that both have, and that differ in a column that both have."""
    only_before: Sequence[str] = ()
    """Columns that the first alone has, or has of another type."""
    only_after: Sequence[str] = ()
    samples: Sequence[tuple[str, Different]] = ()
    """Some rows that differ, each with what it is: gone, added or changed."""

    @property
    def same(self) -> bool:
        """Whether there is no difference."""
        alone = (self.only_before, self.only_after)
        return not (self.gone or self.added or self.changed or any(alone) or None in self.rows)


async def compared(
    connection: Connection, kind: type[Row] | str, before: str, after: str
) -> TableComparison:
    """Compare a table of two schemas, in whatever snapshot the connection has.

    A table is given by its row, or by its name where this code does not know it any more.
    """
    table = kind if isinstance(kind, str) else kind.TABLE.name
    had = await _columns(connection, f"{before}.{table}")
    has = await _columns(connection, f"{after}.{table}")
    if isinstance(kind, str) or not (had and has):
        counts = Sides(
            await _count(connection, f"{before}.{table}") if had else None,
            await _count(connection, f"{after}.{table}") if has else None,
        )
        return TableComparison(table, counts)
    both = [name for name, type_ in had.items() if has.get(name) == type_ and name != EPOCH]
    sides = Sides(*(_rows(kind, schema, both) for schema in (before, after)))
    digests = [await _digest(connection, rows, both) for rows in sides]
    comparison = TableComparison(
        table,
        Sides(digests[0][0], digests[1][0]),
        only_before=[name for name in had if name not in both and name != EPOCH],
        only_after=[name for name in has if name not in both and name != EPOCH],
    )
    if digests[0] == digests[1]:
        return comparison
    return await _differences(connection, kind, sides, both, comparison)


def _rows(kind: type[Row], schema: str, columns: Sequence[str]) -> str:
    """Write the rows that are compared: of the past versions, however it was cut into epochs."""
    name = f"{schema}.{kind.TABLE.name}"
    if EPOCH not in kind.TABLE.columns:
        return name
    alike = ", ".join(column for column in columns if column != UNTIL)
    return f"(select {alike}, min({UNTIL}) as {UNTIL} from {name} group by {alike}) v"  # noqa: S608


async def _columns(connection: Connection, name: str) -> dict[str, str]:
    return {row["name"]: row["type"] for row in await connection.fetch(_COLUMNS, name)}


async def _count(connection: Connection, name: str) -> int:
    found: int = await connection.fetchval(f"select count(*) from {name}")  # noqa: S608
    return found


async def _digest(connection: Connection, name: str, columns: Sequence[str]) -> tuple[int, Any]:
    """Give how many rows a table has, and a sum over their bytes, whatever their order."""
    (row,) = await connection.fetch(
        "select count(*), coalesce(sum(hashtextextended(row(t.*)::text, 0)::numeric), 0)"  # noqa: S608
        f" from (select {', '.join(columns)} from {name}) t"
    )
    return row[0], row[1]


async def _differences(
    connection: Connection,
    kind: type[Row],
    sides: Sides,
    columns: Sequence[str],
    comparison: TableComparison,
) -> TableComparison:
    table = kind.TABLE
    keys = [column for column in table.key if column != EPOCH]
    chosen, key = ", ".join(columns), ", ".join(keys)
    differing = f"""
        select {key}, a.held as before, b.held as after
        from (select {key}, to_jsonb(t) as held
              from (select {chosen} from {sides.before}) t) a
        full join (select {key}, to_jsonb(t) as held
              from (select {chosen} from {sides.after}) t) b using ({key})
        where a.held::text is distinct from b.held::text
    """  # noqa: S608
    (row,) = await connection.fetch(
        "select count(*) filter (where after is null) as gone,"  # noqa: S608
        " count(*) filter (where before is null) as added,"
        " count(*) filter (where before is not null and after is not null) as changed"
        f" from ({differing}) d"
    )
    samples = []
    for name, which in (
        ("gone", "after is null"),
        ("added", "before is null"),
        ("changed", "before is not null and after is not null"),
    ):
        found = await connection.fetch(
            f"select * from ({differing}) d where {which} order by {key} limit {SAMPLES}"  # noqa: S608
        )
        samples += [(name, _different(keys, table.personal, each)) for each in found]
    return comparison._replace(
        gone=row["gone"], added=row["added"], changed=row["changed"], samples=samples
    )


def _different(key: Sequence[str], personal: Mapping[str, str], row: Any) -> Different:
    told = {column: row[column] for column in key}
    if row["before"] is None or row["after"] is None:
        return Different(told, {})
    before, after = (_DECODER.decode(row[side]) for side in ("before", "after"))
    return Different(
        told,
        {
            name: Sides(HIDDEN, HIDDEN) if name in personal else Sides(held, after[name])
            for name, held in before.items()
            if held != after[name]
        },
    )
