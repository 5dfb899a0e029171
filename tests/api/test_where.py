"""Filters: what they choose, held against plain Python, and those that make no sense."""

import random
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg
import pytest

from api.facets import Facets, Offered
from api.naming import camel
from api.root import Every
from domain import text
from domain.identity import Id
from projections.facet import CALENDAR
from projections.table import TABLES, Row
from tests.api import filters, hostile
from tests.api.asked import Asked
from tests.api.both_ways import Asking
from tests.api.conftest import Client

LISTS = sorted(name for name, root in filters.ROOTS.items() if isinstance(root, Every))
COUNT = "query($where: OrganisationWhere) {organisations(where: $where) {totalCount}}"


@pytest.fixture
def asking(prepared: str) -> Iterator[Asking]:
    asking = Asking(prepared)
    yield asking
    asking.close()


@pytest.mark.parametrize("name", LISTS)
def test_a_filter_chooses_what_plain_python_would(asking: Asking, name: str) -> None:
    chance = random.Random(f"where {name}")  # noqa: S311 - the same in every run
    facets = filters.ROOTS[name].facets
    assert facets is not None
    rows = list(hostile.rows(filters.ROWS[facets.table.name]))
    query = f"query($where: {facets.type}Where) {{{name}(where: $where) {{totalCount}}}}"
    for _ in range(150):
        where = filters.where(facets, chance)
        ((data, codes), _) = asking.both(Asked(query, {"where": where}))
        assert not codes
        assert data[name]["totalCount"] == sum(_holds(facets, where, row) for row in rows), where


def _holds(facets: Facets, where: Mapping[str, Any], row: Row) -> bool:
    offered = {camel(name): each for name, each in facets.facets.items()}
    for name, part in where.items():
        match name:
            case "and":
                held = all(_holds(facets, each, row) for each in part)
            case "or":
                held = any(_holds(facets, each, row) for each in part)
            case "not":
                held = not _holds(facets, part, row)
            case _:
                held = _fulfils(offered[name], part, _values(offered[name], row))
        if not held:
            return False
    return True


def _values(offered: Offered, row: Row) -> list[Any]:
    found = [row]
    table = offered.facet.path.table
    for name in offered.facet.path.names:
        relation = table.relations[name]
        table = TABLES[relation.target]
        target = list(hostile.rows(filters.ROWS[relation.target]))
        found = [
            there
            for here in found
            for there in target
            if all(
                getattr(here, ours) == getattr(there, theirs) is not None
                for ours, theirs in relation.on
            )
        ]
    told = [getattr(each, offered.facet.column.name) for each in found]
    return [_year(value) if offered.facet.by_year else value for value in told if value is not None]


def _year(value: Any) -> int:
    if isinstance(value, datetime):
        value = value.astimezone(ZoneInfo(CALENDAR))
    return int(value.year)


def _fulfils(  # noqa: PLR0911 - one for each operator
    offered: Offered, asked: Mapping[str, Any], values: list[Any]
) -> bool:
    ((operator, given),) = asked.items()
    if operator == "isNull":
        return given is not bool(values)
    if operator == "in":
        return any(value in [_read(offered, each) for each in given] for value in values)
    wanted = _read(offered, given)
    match operator:
        case "eq":
            return wanted in values
        case "ne":
            return wanted not in values
        case "lt":
            return any(value < wanted for value in values)
        case "lte":
            return any(value <= wanted for value in values)
        case "gt":
            return any(value > wanted for value in values)
        case "gte":
            return any(value >= wanted for value in values)
        case _:
            return any(wanted in value for value in values)


def _read(offered: Offered, written: Any) -> Any:
    return text.folded(written) if offered.folded else offered.facet.kind.inside(written)


@pytest.mark.parametrize(
    ("where", "code"),
    [
        ({"kind": {"in": []}}, "EMPTY_LIST"),
        ({"or": []}, "EMPTY_LIST"),
        ({"kind": {"in": ["COMPANY"] * 101}}, "TOO_MANY_ITEMS"),
        ({"and": [{}] * 101}, "TOO_MANY_ITEMS"),
        ({"kind": {"eq": None}}, "NULL_COMPARED"),
        ({"kind": {"eq": "COMPANY", "ne": "COMPANY"}}, "CONTRADICTORY_FILTER"),
        ({"kind": {"eq": "UNION", "in": ["COMPANY"]}}, "CONTRADICTORY_FILTER"),
        ({"kind": {"eq": "UNION", "isNull": True}}, "CONTRADICTORY_FILTER"),
        ({"registeredYear": {"gt": 2025, "lt": 2024}}, "CONTRADICTORY_FILTER"),
        ({"registeredYear": {"gte": 2025, "lt": 2025}}, "CONTRADICTORY_FILTER"),
        ({"registeredYear": {"in": [1, 2], "gt": 2}}, "CONTRADICTORY_FILTER"),
        ({"name": {"eq": "été", "contains": "hiver"}}, "CONTRADICTORY_FILTER"),
        ({"name": {"contains": "x" * 1_001}}, "TEXT_TOO_LONG"),
        ({"territory": {"eq": "region:\0"}}, "CONTROL_CHARACTERS"),
        ({"not": {"not": {"not": {"not": {"not": {}}}}}}, "FILTER_TOO_DEEP"),
        ({"or": [{"name": {"ne": "x"}}] * 51}, "FILTER_TOO_LONG"),
    ],
)
async def test_a_filter_that_makes_no_sense_is_refused(
    client: Client, where: dict[str, Any], code: str
) -> None:
    assert await client.code(COUNT, where=where) == code
    stats = COUNT.replace("organisations(", "organisationStats(").replace(
        "totalCount", "groupCount"
    )
    assert await client.code(stats, where=where) == code


@pytest.mark.parametrize(
    "where",
    [
        {"kind": {"in": ["COMPANY"] * 100}},
        {"and": [{}] * 100},
        {"name": {"contains": "x" * 1_000}},
        {"not": {"not": {"not": {"not": {}}}}},
        {"or": [{"name": {"ne": "x"}}] * 50},
    ],
)
async def test_a_filter_may_be_as_large_as_its_limits(client: Client, where: Any) -> None:
    assert await client.data(COUNT, where=where)


async def test_a_refusal_names_the_condition_in_the_callers_language(client: Client) -> None:
    response = await client.ask(
        COUNT,
        headers={"accept-language": "fr"},
        where={"and": [{"kind": {"eq": "UNION"}}, {"kind": {"in": []}}]},
    )
    (error,) = response["errors"]
    assert error["message"].startswith("Cette liste est vide")
    assert error["extensions"]["argument"] == "where.and.1.kind.in"


async def test_a_number_beyond_all_columns_is_refused(client: Client) -> None:
    query = "query($where: ActionWhere) {actions(where: $where) {totalCount}}"
    where = {"plannedAmount": {"gt": "1E+999999"}}
    assert await client.code(query, where=where) == "INVALID_NUMBER"


@pytest.mark.parametrize(
    "where",
    [
        {"kind": {"eq": "NO_SUCH_KIND"}},
        {"registeredYear": {"eq": "x"}},
        {"registeredAt": {"lt": "yesterday"}},
        {"colour": {"eq": "red"}},
        {"kind": {"like": "x"}},
        {"kind": {"in": [None]}},
        "all",
    ],
)
async def test_a_filter_of_another_shape_is_told_so(client: Client, where: Any) -> None:
    response = await client.http.post(
        "/graphql", json={"query": COUNT, "variables": {"where": where}}
    )
    assert "$where" in response.json()["errors"][0]["message"]


@pytest.mark.parametrize("depth", [20, 60, 120, 200, 450, 900, 2_000, 20_000])
async def test_a_filter_of_any_depth_is_refused_and_no_fault(client: Client, depth: int) -> None:
    where: Any = '{"not":' * depth + "{}" + "}" * depth
    body = f'{{"query": "{COUNT}", "variables": {{"where": {where}}}}}'
    headers = {"content-type": "application/json"}
    response = await client.http.post("/graphql", content=body, headers=headers)
    assert response.status_code in (200, 400)
    assert "FAULT" not in response.text
    literal = where.replace('"', "")
    response = await client.http.post(
        "/graphql", json={"query": f"{{organisations(where: {literal}) {{totalCount}}}}"}
    )
    assert response.status_code in (200, 400)
    assert "FAULT" not in response.text


async def test_what_leads_to_other_rows_is_found_by_an_index(client: Client) -> None:
    connection = await asyncpg.connect(client.dsn)
    found = await connection.fetch(
        "select i.indrelid::regclass::text as name, a.attname::text as first from pg_index i"
        " join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]"
        " where i.indpred is null"
    )
    await connection.close()
    indexed = {(each["name"].rpartition(".")[2], each["first"]) for each in found}
    for root in filters.ROOTS.values():
        assert root.facets is not None
        for offered in root.facets.facets.values():
            if offered.shows is not None or offered.type is Id:
                facet = offered.facet
                assert (facet.path.end.name, facet.column.name) in indexed, offered.name


async def test_an_empty_filter_chooses_everything_and_its_opposite_nothing(client: Client) -> None:
    await client.insert(
        "insert into organisation select 'org_' || n, 1, now(), now(), 'L’Été ' || n,"
        " 'l’ete ' || n, 'UNION', null, null, null, null, false from generate_series(1, 3) n"
    )

    async def count(where: Any) -> int:
        found = await client.data(COUNT, where=where)
        return int(found["organisations"]["totalCount"])

    assert await count(None) == await count({}) == await count({"kind": {}}) == 3
    assert await count({"kind": None}) == 3
    assert await count({"not": {}}) == 0
    assert await count({"name": {"contains": "  ÉTE 2"}}) == 1
    assert await count({"territory": {"ne": "region:28"}}) == 3
    assert await count({"not": {"territory": {"eq": "region:28"}}}) == 3
    assert await count({"territory": {"isNull": False}}) == 0


async def test_a_filtered_list_goes_on_page_by_page(client: Client) -> None:
    await client.insert(
        "insert into organisation select 'org_' || n, n, now(), now(), 'n' || n, 'n' || n,"
        " case when n % 2 = 0 then 'UNION' else 'COMPANY' end, null, null, null, null, false"
        " from generate_series(1, 9) n"
    )
    query = (
        "query($where: OrganisationWhere, $after: String) {organisations(where: $where, first: 2,"
        " after: $after) {nodes {version} pageInfo {hasNextPage endCursor} totalCount}}"
    )
    where = {"kind": {"eq": "COMPANY"}}
    seen: list[int] = []
    after = None
    while True:
        page = (await client.data(query, where=where, after=after))["organisations"]
        assert page["totalCount"] == 5
        seen += [node["version"] for node in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert seen == [1, 3, 5, 7, 9]


async def test_a_filter_over_nothing_that_is_asked_is_no_fault(client: Client) -> None:
    answer = await client.data(
        '{ organisations(where: {name: {contains: "a"}}) { totalCount @skip(if: true) } }'
    )
    assert answer == {"organisations": {}}
