"""Lists: chosen from and ordered, wherever they stand."""

import itertools
from collections.abc import Iterator

import asyncpg
import pytest

from api.entity import ENTITIES, FORM, Form
from api.facets import FACETS
from api.naming import camel
from api.ordering import OrderDirection, ordered
from api.query import Query
from api.root import ROOT, Every
from projections import cursor
from projections.ordering import ordering
from tests.api import filters
from tests.api.asked import Asked
from tests.api.both_ways import COMPILED, Asking
from tests.api.conftest import Client
from tests.api.hostile import rows
from tests.generations import PATH

LISTS = [
    root
    for field in vars(Query)["__strawberry_definition__"].fields
    if isinstance(root := field.metadata.get(ROOT), Every)
]


@pytest.fixture
def asking(prepared: str) -> Iterator[Asking]:
    asking = Asking(prepared)
    yield asking
    asking.close()


def test_every_connection_takes_a_filter_and_an_order() -> None:
    for entity in ENTITIES.values():
        type = COMPILED._schema.type_map[entity.served.__name__]
        for field in vars(entity.served)["__strawberry_definition__"].fields:
            if field.metadata.get(FORM) is Form.CONNECTION:
                target = FACETS[entity.row.TABLE.relations[field.python_name].target]
                arguments = type.fields[camel(field.python_name)].args  # type: ignore[attr-defined]
                assert ("where" in arguments) is bool(target.facets)
                assert ("orderBy" in arguments) is bool(target.orders)


@pytest.mark.parametrize("every", LISTS, ids=lambda every: every.table)
async def test_every_order_of_a_whole_list_has_an_index_behind_it(
    client: Client, every: Every
) -> None:
    usual = ENTITIES[every.table].ordering(every.order)
    orders = [usual]
    for name in every.facets.orders:
        orders += [ordered(every.facets, {camel(name): each}, usual) for each in OrderDirection]
    connection = await asyncpg.connect(client.dsn, server_settings={"search_path": PATH})
    await connection.execute("set enable_sort = off; set enable_incremental_sort = off")
    for order in orders:
        rows = await connection.fetch(
            f"explain select * from {every.table} t order by {order.sql('t')} limit 1"  # noqa: S608
        )
        plan = "\n".join(row[0] for row in rows)
        assert "Sort" not in plan, f"{every.table} by {order.name}\n{plan}"
    await connection.close()


@pytest.mark.parametrize("every", LISTS, ids=lambda every: every.table)
def test_pages_in_any_order_show_every_row_once_what_is_not_told_last(
    asking: Asking, every: Every
) -> None:
    name = next(name for name, root in filters.ROOTS.items() if root is every)
    for order, direction in itertools.product(every.facets.orders, OrderDirection):
        column = every.facets.orders[order].facet.column.name
        by = f"orderBy: {{{camel(order)}: {direction.name}}}"
        for end, place in (("first", "after"), ("last", "before")):
            found, cursor = list[str](), "null"
            while True:
                text = f"{{ {name}({by}, {end}: 2, {place}: {cursor}) {{ edges {{ cursor }} }} }}"
                (data, codes), _ = asking.both(Asked(text))
                assert not codes
                edges = [edge["cursor"] for edge in data[name]["edges"]]
                if not edges:
                    break
                found = found + edges if end == "first" else edges + found
                cursor = f'"{edges[-1 if end == "first" else 0]}"'
            assert found == _in_order(every, column, direction is OrderDirection.DESC)


def _in_order(every: Every, column: str, descending: bool) -> list[str]:
    """Give the cursors of all rows as Python sorts them."""
    row = ENTITIES[every.table].row
    key = [name for name in row.TABLE.key if name != column]
    order = ordering(row, (column, *key), descending=descending)
    told = [each for each in rows(row) if getattr(each, column) is not None]
    untold = [each for each in rows(row) if getattr(each, column) is None]
    told.sort(key=order.place)
    untold.sort(key=lambda each: order.place(each)[1:])
    found = [cursor.write(row.TABLE, order, order.place(each)) for each in (*told, *untold)]
    return found[::-1] if descending else found


@pytest.mark.parametrize(
    "by", ["{}", "{name: ASC, registeredAt: ASC}", "{name: null}", "{name: UP}", "{kind: ASC}"]
)
async def test_an_order_is_by_exactly_one_value_that_orders(client: Client, by: str) -> None:
    response = await client.ask(f"{{ organisations(orderBy: {by}) {{ totalCount }} }}")
    assert "data" not in response or response["data"] is None
    assert response["errors"]


async def test_an_order_that_is_null_is_the_usual_one(client: Client) -> None:
    query = "query($by: TerritoryOrder) { territories(orderBy: $by, first: 3) { nodes { key } } }"
    assert await client.data(query, by=None) == await client.data(query)


async def test_a_cursor_belongs_to_its_order_and_direction(client: Client) -> None:
    page = "{{ territories(orderBy: {{name: {}}}, first: 1{}) {{ edges {{ cursor }} }} }}"
    ((edge,),) = [
        list(each["edges"]) for each in (await client.data(page.format("ASC", ""))).values()
    ]
    further = f', after: "{edge["cursor"]}"'
    assert await client.data(page.format("ASC", further))
    assert await client.code(page.format("DESC", further)) == "CURSOR_MALFORMED"


async def test_a_list_within_something_is_chosen_from_and_ordered(client: Client) -> None:
    query = (
        '{ territory(key: "region:28") { children(where: {name: {contains: "e"}},'
        " orderBy: {name: DESC}) { totalCount nodes { name } } } }"
    )
    found = (await client.data(query))["territory"]["children"]
    names = [each["name"] for each in found["nodes"]]
    assert found["totalCount"] == len(names)
    departements = [name for name in names if name in {"Eure", "Manche", "Orne", "Seine-Maritime"}]
    assert departements == ["Seine-Maritime", "Orne", "Manche", "Eure"]
    assert "Calvados" not in names
