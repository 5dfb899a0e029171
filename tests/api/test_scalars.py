"""Scalars: what leaves is written exactly, and what cannot be written so does not come in."""

import json
from decimal import Decimal
from typing import Any

import pytest
from graphql import GraphQLScalarType

from api import schema
from tests.api.conftest import Client

BUILT_IN = {"String", "Int", "Float", "Boolean", "ID"}
SCALARS = {
    name: type
    for name, type in schema.create()._schema.type_map.items()
    if isinstance(type, GraphQLScalarType)
}
BEYOND_DOUBLES = 2**53 + 1

AMOUNTS = "query($where: ActionWhere) {actions(where: $where) {nodes {plannedAmount}}}"
INSTANTS = "query($where: OrganisationWhere) {organisations(where: $where) {totalCount}}"
YEARS = "query($year: Int) {organisations(where: {registeredYear: {eq: $year}}) {totalCount}}"


@pytest.mark.parametrize("name", sorted(SCALARS.keys() - BUILT_IN))
def test_a_scalar_says_where_it_is_specified(name: str) -> None:
    assert (SCALARS[name].specified_by_url or "").startswith("https://")


def test_no_number_leaves_as_a_binary_fraction() -> None:
    assert "Float" not in SCALARS


async def told(client: Client, query: str, variables: dict[str, Any]) -> str:
    """Send an operation whose variables make no sense, and give what is said of them."""
    body = {"query": query, "variables": variables}
    (error,) = (await client.http.post("/graphql", json=body)).json()["errors"]
    return str(error["message"])


async def test_what_is_no_exact_number_is_refused(client: Client) -> None:
    for value in ("NaN", "-NaN", "sNaN", "Infinity", "-Infinity", "", "1,5", "0x10", True, 1.5):
        variables = {"where": {"plannedAmount": {"eq": value}}}
        assert "exact number" in await told(client, AMOUNTS, variables), value


async def test_a_body_with_what_is_no_number_of_json_is_refused(client: Client) -> None:
    for word in ("NaN", "Infinity", "-Infinity"):
        variables = {"where": {"plannedAmount": {"eq": float(word)}}}
        body = json.dumps({"query": AMOUNTS, "variables": variables})
        assert f": {word}}}" in body  # which is Python's, and not JSON
        headers = {"content-type": "application/json"}
        response = await client.http.post("/graphql", content=body, headers=headers)
        assert response.status_code == 400
        assert "not JSON" in response.json()["errors"][0]["message"]


async def test_an_amount_that_no_double_can_hold_comes_and_goes_whole(client: Client) -> None:
    amounts = [str(BEYOND_DOUBLES), f"{BEYOND_DOUBLES}.01"]
    for number, amount in enumerate(amounts):
        await client.insert(
            "insert into action (id, version, proposed_at, updated_at, title, visibility, reach,"
            " budget_answer, planned_amount)"
            " values ($1, 1, now(), now(), 'Planter', 'PUBLIC', 'EVERYONE', 'ANSWERED', $2)",
            f"act_{number}",
            Decimal(amount),
        )
    for written in [BEYOND_DOUBLES, *amounts]:
        found = await client.data(AMOUNTS, where={"plannedAmount": {"eq": written}})
        assert found["actions"]["nodes"] == [{"plannedAmount": str(written)}]
    before = {"plannedAmount": {"eq": str(BEYOND_DOUBLES - 1)}}
    assert (await client.data(AMOUNTS, where=before))["actions"]["nodes"] == []


async def test_a_whole_number_is_one_of_32_bits(client: Client) -> None:
    for value in (BEYOND_DOUBLES, 2**31, -(2**31) - 1, 1.5, "2025"):
        assert "Int cannot represent" in await told(client, YEARS, {"year": value}), value


async def test_an_instant_without_its_zone_is_refused(client: Client) -> None:
    for value in ("2025-12-31", "2025-12-31T23:59:59", "yesterday", 1767225599):
        variables = {"where": {"registeredAt": {"lt": value}}}
        assert "registeredAt" in await told(client, INSTANTS, variables), value
