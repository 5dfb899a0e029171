"""What an operation costs: known before it is executed, and told with its answer."""

from typing import Any

import pytest

from api import schema
from api.cost import ESTIMATES, Cost, cost_of, estimate
from api.executor import Chosen
from api.limits import USUAL
from api.prices import (
    COUNT,
    DOSSIER,
    GROUPS,
    INTAKE,
    INTROSPECTION,
    ITEMS,
    MUTATION,
    SEARCH,
    STATISTIC,
    SUBSCRIPTION,
)
from api.uploads import Upload
from projections.guard import Eyes
from tests.api.conftest import Client

SCHEMA = schema.create()
REGISTER = 'registerOrganisation(input: {name: "A", kind: UNION})'


def chosen(query: str, **variables: Any) -> Chosen:
    found = SCHEMA.choose(query, None, variables)
    assert isinstance(found, Chosen), found
    return found


def cost(query: str, **variables: Any) -> Cost:
    question = chosen(query, **variables).question
    return cost_of(estimate(question), question)


def objects(query: str, **variables: Any) -> int:
    return cost(query, **variables).objects


def prices(query: str, **variables: Any) -> int:
    return cost(query, **variables).prices


def test_a_page_costs_the_objects_that_it_may_give() -> None:
    assert objects("{organisations {nodes {name}}}") == 20
    assert objects("{organisations(first: 7) {nodes {name}}}") == 7
    assert objects("{organisations(last: 7) {edges {cursor node {name}}}}") == 7
    assert objects("{organisations(first: 0) {nodes {name mergedInto {name}}}}") == 0
    assert objects("{organisations(first: null) {nodes {name}}}") == 20


def test_what_is_asked_of_an_object_is_asked_of_each() -> None:
    assert objects("{organisations(first: 7) {nodes {mergedInto {name territory {name}}}}}") == 21
    assert objects("{organisations(first: 7) {nodes {mobilisations {name}}}}") == 7 + 7 * ITEMS


def test_a_page_within_a_page_multiplies() -> None:
    query = "{territories(first: 10) {nodes {organisations(first: 30) {nodes {name}}}}}"
    assert objects(query) == 10 + 10 * 30


def test_a_page_costs_what_its_variables_say() -> None:
    query = """
    query($n: Int, $m: Int = 3) {
      territories(first: $n) {nodes {organisations(last: $m) {nodes {name}}}}
    }
    """
    assert objects(query, n=10) == 10 + 10 * 3
    assert objects(query, n=10, m=5) == 10 + 10 * 5
    assert objects(query) == 20 + 20 * 3
    assert objects(query, n=None, m=None) == 20 + 20 * 20


def test_one_estimate_serves_every_length_of_a_page() -> None:
    query = "query($n: Int) {organisations(first: $n) {nodes {name}}}"
    first, second = (chosen(query, n=n).question for n in (3, 50))
    eyes = Eyes(None)
    kept = ESTIMATES.plan(first, eyes)
    assert ESTIMATES.plan(second, eyes) is kept
    assert [cost_of(kept, question).objects for question in (first, second)] == [3, 50]


@pytest.mark.parametrize("size", [-1, 101, 2**31 - 1, -(2**31)])
def test_a_page_out_of_bounds_costs_no_more_than_the_longest(size: int) -> None:
    query = "query($n: Int) {organisations(first: $n) {nodes {name}}}"
    assert 0 <= objects(query, n=size) <= 100


def test_a_length_is_only_counted_when_it_is_asked_for() -> None:
    assert cost("{organisations {totalCount}}") == Cost(0, COUNT)
    assert prices("{organisations {nodes {name}}}") == 0


def test_where_a_page_lies_costs_nothing() -> None:
    assert cost("{organisations {pageInfo {hasNextPage}}}") == Cost()


def test_each_id_costs_an_object() -> None:
    assert objects('{nodes(ids: ["a", "b", "c"]) {id}}') == 3
    assert objects("query($ids: [ID!]!) {nodes(ids: $ids) {id}}", ids=["a", "b"]) == 2
    assert objects("query($ids: [ID!]!) {nodes(ids: $ids) {id}}", ids="a") == 1
    assert objects('{node(id: "a") {id}}') == 1


def test_of_several_types_the_most_expensive_one_counts() -> None:
    query = """
    {node(id: "a") {
        ... on Organisation {territory {name} mergedInto {name}}
        ... on Alliance {members(first: 30) {nodes {__typename}}}
    }}
    """
    assert objects(query) == 1 + 30


def test_what_is_left_out_costs_nothing() -> None:
    query = "query($x: Boolean!) {organisations {nodes {mergedInto @include(if: $x) {name}}}}"
    assert (objects(query, x=True), objects(query, x=False)) == (40, 20)


def test_what_is_merged_is_counted_once() -> None:
    query = """
    {organisations {nodes {mergedInto {name} ...F}} ...G}
    fragment F on Organisation {mergedInto {id}}
    fragment G on Query {organisations {nodes {id}}}
    """
    assert objects(query) == 40


def test_what_costs_more_than_it_gives_has_a_price() -> None:
    assert prices("{actionStats {total {count}}}") == STATISTIC
    assert objects("{actionStats {groups {count}}}") == 1 + GROUPS
    assert prices("{footprintStats {groupCount}}") == STATISTIC
    assert prices('{search(text: "eau") {nodes {near}}}') == SEARCH
    assert prices('{exportPerson(person: "ctc_1")}') == DOSSIER
    assert prices("{__schema {types {name}}}") == INTROSPECTION
    assert prices("subscription {events {position}}") == SUBSCRIPTION
    assert prices("{__typename}") == 0


def test_each_mutation_has_a_price_beside_what_is_read_afterwards() -> None:
    success = "... on RegisterOrganisationSuccess {query {organisations {nodes {name}}}}"
    asked = cost(f"mutation {{a: {REGISTER} {{__typename}} b: {REGISTER} {{{success}}}}}")
    assert asked == Cost(1 + 1 + 1 + 20, 2 * MUTATION)


def test_a_spreadsheet_costs_more_than_a_command() -> None:
    query = 'mutation($f: Upload!) {importActions(input: {alliance: "x", file: $f}) {__typename}}'
    file: Any = Upload("plan.csv", None)  # type: ignore[arg-type]
    assert prices(query, f=file) == INTAKE


async def test_an_answer_tells_what_it_cost(client: Client) -> None:
    response = await client.ask("{organisations(first: 7) {nodes {name}}}")
    assert response["extensions"]["cost"] == {"asked": 8}


async def test_more_than_ten_thousand_objects_are_refused(client: Client) -> None:
    query = (
        "query($n: Int) {territories(first: 99) "
        "{nodes {organisations(first: $n) {nodes {name} totalCount}}}}"
    )
    assert USUAL.objects == 10_000
    assert (await client.ask(query, n=100))["extensions"]["cost"] == {
        "asked": 1 + 99 + 9_900 + 99 * COUNT
    }
    response = await client.ask(
        query.replace("99", "100"), headers={"accept-language": "fr"}, n=100
    )
    assert response["data"] is None
    (error,) = response["errors"]
    assert error["extensions"]["code"] == "TOO_COSTLY"
    assert "10100 objets ; la limite est 10000" in error["message"]


async def test_ten_thousand_objects_are_the_limit(client: Client) -> None:
    page = "territories(first: 99) {nodes {organisations(first: 100) {nodes {name}}}}"
    one = 'organisation(id: "org_1") {id}'
    found = await client.ask(f"{{{page} {one}}}")
    assert found["extensions"]["cost"]["asked"] == 1 + 10_000
    assert await client.code(f"{{{page} {one} b: {one}}}") == "TOO_COSTLY"


async def test_a_mutation_that_asks_for_too_much_is_not_done(client: Client) -> None:
    page = "territories(first: 100) {nodes {organisations(first: 100) {nodes {name}}}}"
    success = f"... on RegisterOrganisationSuccess {{query {{{page}}}}}"
    assert await client.code(f"mutation {{{REGISTER} {{{success}}}}}") == "TOO_COSTLY"
    assert client.commands.given == []


async def test_empty_pages_within_each_other_cannot_ask_for_everything(client: Client) -> None:
    fragments = " ".join(
        f"fragment F{n} on Organisation {{"
        + " ".join(f"a{alias}: mergedInto {{...F{n + 1}}}" for alias in range(3))
        + "}"
        for n in range(8)
    )
    query = f"{{organisations(first: 0) {{nodes {{...F0}}}}}} {fragments}"
    assert await client.code(f"{query} fragment F8 on Organisation {{id}}") == "TOO_MANY_FIELDS"
