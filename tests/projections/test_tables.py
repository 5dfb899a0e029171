"""The tables as PostgreSQL has them, held against the rows as Python has them."""

import itertools
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest
from asyncpg import Record
from hypothesis import HealthCheck, given, settings

from domain.aggregate import AggregateEvent
from projections.catalogue import PROJECTIONS
from projections.column import columns
from projections.table import TABLES, Relation, Row
from tests.generations import SCHEMAS
from tests.projections.folding import of_interest
from tests.projections.stories import stories

ROWS = [kind for projection in PROJECTIONS for kind in projection.rows]

COLUMNS = """
select a.attname::text as name, a.attnotnull as required,
    format_type(a.atttypid, null) as type, coll.collname::text as collation
from pg_attribute a
left join pg_collation coll on coll.oid = a.attcollation
where a.attrelid = $1::regclass and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
order by a.attnum
"""

INDEXES = """
select array(
    select a.attname::text
    from unnest(i.indkey::int[]) with ordinality k (number, place)
    join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.number
    order by k.place
) as columns
from pg_index i
where i.indrelid = $1::regclass and i.indpred is null
"""

TYPES = {"integer": "bigint", "timestamp with time zone": "timestamptz"}
"""What the types of columns are called by the kinds that they have in Python."""


@pytest.fixture
async def connection(prepared: str) -> AsyncIterator["asyncpg.Connection[Record]"]:
    """A connection to a database with a read schema."""
    connection = await asyncpg.connect(prepared)
    yield connection
    await connection.close()


async def test_every_row_has_the_columns_of_its_table(
    connection: "asyncpg.Connection[Record]",
) -> None:
    for kind in ROWS:
        found = await connection.fetch(COLUMNS, f"{SCHEMAS[kind.TABLE.name]}.{kind.TABLE.name}")
        expected = [
            (column.name, not column.nullable, column.kind.sql) for column in columns(kind).values()
        ]
        assert [(c["name"], c["required"], TYPES.get(c["type"], c["type"])) for c in found] == (
            expected
        ), kind.TABLE.name


async def test_every_column_that_orders_is_required_and_sorts_alike_on_every_server(
    connection: "asyncpg.Connection[Record]",
) -> None:
    for kind, name, relation in relations():
        target = TABLES[relation.target]
        found = {
            column["name"]: column
            for column in await connection.fetch(COLUMNS, f"{SCHEMAS[target.name]}.{target.name}")
        }
        for column in relation.order:
            assert found[column]["required"], f"{kind.TABLE.name}.{name} by {column}"
            assert found[column]["collation"] in (None, "C"), f"{kind.TABLE.name}.{name}"


async def test_every_relation_has_an_index_behind_it(
    connection: "asyncpg.Connection[Record]",
) -> None:
    for kind, name, relation in relations():
        indexes = [
            row["columns"]
            for row in await connection.fetch(
                INDEXES, f"{SCHEMAS[relation.target]}.{relation.target}"
            )
        ]
        found = [column for _, column in relation.on]
        wanted = [
            [*permutation, *(column for column in relation.order if column not in found)]
            for permutation in itertools.permutations(found)
        ]
        assert any(index[: len(each)] == each for index in indexes for each in wanted), (
            f"{kind.TABLE.name}.{name}: no index of {relation.target} on {wanted[0]}"
        )


@given(events=stories(150))
@settings(max_examples=20, suppress_health_check=list(HealthCheck))
async def test_every_column_by_which_rows_are_loaded_has_an_index(
    connection: "asyncpg.Connection[Record]", events: list[AggregateEvent]
) -> None:
    needs = {
        (need.kind.TABLE.name, need.column)
        for projection in PROJECTIONS
        for each in of_interest(projection, events)
        for need in projection.needs(each)
    }
    for table, column in needs:
        indexes = await connection.fetch(INDEXES, f"{SCHEMAS[table]}.{table}")
        assert column in {index["columns"][0] for index in indexes}, f"{table}.{column}"


def test_every_relation_leads_somewhere_and_its_order_ends_in_a_key() -> None:
    for kind, name, relation in relations():
        target = TABLES[relation.target]
        for column, other in relation.on:
            assert column in kind.TABLE.columns
            assert other in target.columns
        if relation.many:
            decided = {other for _, other in relation.on} | set(relation.order)
            assert set(target.key) <= decided, f"{kind.TABLE.name}.{name}"


def relations() -> list[tuple[type[Row], str, Relation]]:
    """Give every relation of every row."""
    return [
        (kind, name, relation) for kind in ROWS for name, relation in kind.TABLE.relations.items()
    ]


async def test_reference_data_are_there_before_any_event(
    connection: "asyncpg.Connection[Record]",
) -> None:
    found: Any = await connection.fetchrow(
        "select r.name, p.name as parent from read_territories_1.territory r"
        " join read_territories_1.territory p on p.key = r.parent_key"
        " where r.key = 'departement:76'"
    )
    assert tuple(found) == ("Seine-Maritime", "Normandie")


@pytest.mark.parametrize("kind", ROWS, ids=lambda kind: kind.TABLE.name)
def test_a_column_that_may_be_hidden_decides_nothing_that_can_be_seen(kind: type[Row]) -> None:
    table = kind.TABLE
    assert table.personal.keys() <= table.shown.keys()
    assert table.shown.keys() <= set(table.columns) - set(table.key)
    found_by = {ours for relation in table.relations.values() for ours, _ in relation.on}
    assert not found_by & table.shown.keys()
    for other in TABLES.values():
        for relation in other.relations.values():
            if relation.target == table.name:
                found_by = {theirs for _, theirs in relation.on}
                assert not ({*relation.order} | found_by) & table.shown.keys()
