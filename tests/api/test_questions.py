"""Questions over HTTP: by id, by name, page by page, and what is wrong with some of them."""

from itertools import pairwise

import pytest

from api import schema
from api.documents import Documents
from api.limits import Limits
from tests.api.conftest import Client

ORG = "org_{:032x}".format
NET = "net_{:032x}".format


@pytest.fixture
async def twenty_five(client: Client) -> Client:
    """A read model of twenty-five organisations, in the order of their numbers."""
    await client.insert(
        """
        insert into organisation
        select 'org_' || lpad(to_hex(n), 32, '0'), n, '2026-01-01T10:00:00.5Z'::timestamptz,
            '2026-01-01T10:00:00Z'::timestamptz, 'Organisation ' || n,
            'organisation ' || lpad(n::text, 3, '0'), 'COMPANY', null, null, 'region:28', null,
            false
        from generate_series(1, 25) n
        """
    )
    return client


NAMES = """
query($first: Int, $after: String, $last: Int, $before: String) {
  organisations(first: $first, after: $after, last: $last, before: $before) {
    nodes { version }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    totalCount
  }
}
"""


async def test_an_organisation_is_found_by_its_id_with_its_territory(twenty_five: Client) -> None:
    found = await twenty_five.data(
        "query($id: ID!) {organisation(id: $id) {__typename id name kind siren registeredAt"
        " updatedAt dissolved mergedInto {id} territory {key kind parent {name parent {name}}}}}",
        id=ORG(7),
    )
    assert found["organisation"] == {
        "__typename": "Organisation",
        "id": ORG(7),
        "name": "Organisation 7",
        "kind": "COMPANY",
        "siren": None,
        "registeredAt": "2026-01-01T10:00:00.5+00:00",
        "updatedAt": "2026-01-01T10:00:00+00:00",
        "dissolved": False,
        "mergedInto": None,
        "territory": {
            "key": "region:28",
            "kind": "REGION",
            "parent": {"name": "France", "parent": None},
        },
    }


@pytest.mark.parametrize("id", [ORG(999), "org_nonsense", "", "🧗", "x" * 10_000, "org_\0"])
async def test_what_no_row_can_bear_is_null(twenty_five: Client, id: str) -> None:
    query = "query($id: ID!) {organisation(id: $id) {id} node(id: $id) {id} nodes(ids: [$id]) {id}}"
    assert await twenty_five.data(query, id=id) == {
        "organisation": None,
        "node": None,
        "nodes": [None],
    }


async def test_an_id_of_another_kind_is_refused_in_the_callers_language(client: Client) -> None:
    query = "query($id: ID!) {organisation(id: $id) {id}}"
    response = await client.ask(query, headers={"accept-language": "fr"}, id=NET(1))
    (error,) = response["errors"]
    assert error["extensions"]["code"] == "WRONG_KIND_OF_ID"
    assert "ne désigne pas" in error["message"]
    assert await client.code(query, id=NET(1)) == "WRONG_KIND_OF_ID"


async def test_nodes_come_in_the_order_of_their_ids(twenty_five: Client) -> None:
    await twenty_five.insert("insert into network values ($1, 'AASQA', 'aasqa')", NET(1))
    found = await twenty_five.data(
        "query($ids: [ID!]!) {nodes(ids: $ids) {__typename id ... on Organisation {version}"
        " ... on Network {name}}}",
        ids=[ORG(3), NET(1), ORG(999), "nothing", ORG(1), ORG(3)],
    )
    three = {"__typename": "Organisation", "id": ORG(3), "version": 3}
    assert found["nodes"] == [
        three,
        {"__typename": "Network", "id": NET(1), "name": "AASQA"},
        None,
        None,
        {"__typename": "Organisation", "id": ORG(1), "version": 1},
        three,
    ]


async def test_a_network_is_found_whatever_the_case_and_the_accents(client: Client) -> None:
    await client.insert("insert into network values ($1, 'Réseau Été', 'reseau ete')", NET(1))
    query = "query($name: String!) {network(name: $name) {name}}"
    for name in ("réseau été", "RESEAU  ETE", "Réseau Été"):
        assert await client.data(query, name=name) == {"network": {"name": "Réseau Été"}}
    assert await client.data(query, name="\0") == {"network": None}


async def test_a_list_has_twenty_items_unless_asked_otherwise(twenty_five: Client) -> None:
    page = (await twenty_five.data(NAMES))["organisations"]
    assert [node["version"] for node in page["nodes"]] == list(range(1, 21))
    assert page["totalCount"] == 25


async def test_a_list_is_walked_forward_and_backward_without_gap_or_double(
    twenty_five: Client,
) -> None:
    forward: list[int] = []
    after = None
    while True:
        page = (await twenty_five.data(NAMES, first=4, after=after))["organisations"]
        forward += [node["version"] for node in page["nodes"]]
        assert page["pageInfo"]["hasPreviousPage"] is (after is not None)
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]
    assert forward == list(range(1, 26))

    backward: list[int] = []
    before = None
    while True:
        page = (await twenty_five.data(NAMES, last=4, before=before))["organisations"]
        backward = [node["version"] for node in page["nodes"]] + backward
        assert page["pageInfo"]["hasNextPage"] is (before is not None)
        if not page["pageInfo"]["hasPreviousPage"]:
            break
        before = page["pageInfo"]["startCursor"]
    assert backward == forward


async def test_a_cursor_survives_what_is_inserted_and_what_goes(twenty_five: Client) -> None:
    page = (await twenty_five.data(NAMES, first=5))["organisations"]
    await twenty_five.insert("delete from organisation where version in (2, 5, 6)")
    after = page["pageInfo"]["endCursor"]
    page = (await twenty_five.data(NAMES, first=2, after=after))["organisations"]
    assert [node["version"] for node in page["nodes"]] == [7, 8]


async def test_a_page_between_two_cursors_holds_what_lies_between(twenty_five: Client) -> None:
    edges = (await twenty_five.data("{organisations {edges {cursor node {version}}}}"))[
        "organisations"
    ]["edges"]
    page = (await twenty_five.data(NAMES, after=edges[3]["cursor"], before=edges[8]["cursor"]))[
        "organisations"
    ]
    assert [node["version"] for node in page["nodes"]] == [5, 6, 7, 8]
    assert page["pageInfo"]["hasNextPage"] is True
    assert page["pageInfo"]["hasPreviousPage"] is True


async def test_an_empty_page_has_no_cursors(client: Client) -> None:
    page = (await client.data(NAMES))["organisations"]
    assert page == {
        "nodes": [],
        "totalCount": 0,
        "pageInfo": {
            "hasNextPage": False,
            "hasPreviousPage": False,
            "startCursor": None,
            "endCursor": None,
        },
    }


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ("first: -1", "PAGE_OUT_OF_BOUNDS"),
        ("last: -1", "PAGE_OUT_OF_BOUNDS"),
        ("first: 101", "PAGE_OUT_OF_BOUNDS"),
        ("last: 101", "PAGE_OUT_OF_BOUNDS"),
        ("first: 1, last: 1", "BOTH_ENDS"),
        ('after: "nonsense"', "CURSOR_MALFORMED"),
        ('before: "🧗"', "CURSOR_MALFORMED"),
        ('after: ""', "CURSOR_MALFORMED"),
    ],
)
async def test_a_page_that_makes_no_sense_is_refused(
    client: Client, arguments: str, code: str
) -> None:
    for selection in ("nodes {name}", "totalCount", "pageInfo {hasNextPage}"):
        assert await client.code(f"{{networks({arguments}) {{{selection}}}}}") == code
    inside = f'{{network(name: "x") {{memberships({arguments}) {{totalCount}}}}}}'
    assert await client.code(inside) == code


async def test_a_page_may_be_empty_and_may_have_a_hundred_items(client: Client) -> None:
    await client.insert(
        "insert into organisation (id, version, registered_at, updated_at, name, name_key, kind,"
        " territory_key, dissolved) select 'org_' || lpad(to_hex(n), 32, '0'), n, now(), now(),"
        " 'O', 'o', 'COMPANY', 'region:28', false from generate_series(1, 101) n"
    )
    for argument in ("first", "last"):
        for size in (0, 100):
            found = await client.data(f"{{organisations({argument}: {size}) {{nodes {{id}}}}}}")
            assert len(found["organisations"]["nodes"]) == size


async def test_a_page_given_by_variables_is_refused_likewise(client: Client) -> None:
    assert await client.code(NAMES, first=101) == "PAGE_OUT_OF_BOUNDS"
    assert await client.code(NAMES, first=1, last=1) == "BOTH_ENDS"
    assert await client.code(NAMES, after="nonsense") == "CURSOR_MALFORMED"
    assert (await client.data(NAMES, first=0))["organisations"]["nodes"] == []


async def test_a_cursor_of_another_list_is_refused(twenty_five: Client) -> None:
    page = (await twenty_five.data(NAMES))["organisations"]
    cursor = page["pageInfo"]["endCursor"]
    query = "query($after: String) {territories(after: $after) {totalCount}}"
    assert await twenty_five.code(query, after=cursor) == "CURSOR_MALFORMED"


async def test_too_many_ids_are_refused(client: Client) -> None:
    query = "query($ids: [ID!]!) {nodes(ids: $ids) {id}}"
    assert await client.code(query, ids=[ORG(1)] * 101) == "TOO_MANY_IDS"
    assert (await client.data(query, ids=[ORG(1)] * 100))["nodes"] == [None] * 100


async def test_aliases_keep_their_order_however_long(twenty_five: Client) -> None:
    long = "x" * 70
    found = await twenty_five.data(
        f"{{b: organisations(first: 1) {{z: nodes {{name {long}: version a: id {long}2: name}}}}"
        f" a: organisations(last: 1) {{nodes {{version}}}}}}"
    )
    assert list(found) == ["b", "a"]
    (node,) = found["b"]["z"]
    assert list(node) == ["name", long, "a", f"{long}2"]
    assert node[long] == 1
    assert found["a"]["nodes"] == [{"version": 25}]


async def test_an_object_can_have_any_number_of_keys(
    twenty_five: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = schema.create()
    monkeypatch.setattr(made, "documents", Documents(made._schema, Limits(aliases=600)))
    keys = " ".join(f"k{n}: version" for n in range(600))
    (node,) = (await twenty_five.data(f"{{organisations(first: 1) {{nodes {{{keys}}}}}}}"))[
        "organisations"
    ]["nodes"]
    assert node == {f"k{n}": 1 for n in range(600)}


async def test_fragments_that_multiply_are_refused(client: Client) -> None:
    fragments = " ".join(
        f"fragment F{n} on Organisation {{"
        + " ".join(f"a{alias}: mergedInto {{...F{m}}}" for alias in range(3))
        + "}"
        for n, m in pairwise(range(9))
    )
    query = f"{{organisations {{nodes {{...F0}}}}}} {fragments} fragment F8 on Organisation {{id}}"
    assert await client.code(query) == "TOO_MANY_FIELDS"


async def test_every_vocabulary_is_told_with_its_labels(client: Client) -> None:
    found = (await client.data("{enumerations {name values {value fr en}}}"))["enumerations"]
    kinds = next(vocabulary for vocabulary in found if vocabulary["name"] == "OrganisationKind")
    assert {"value": "PUBLIC_AUTHORITY", "fr": "collectivité", "en": "public authority"} in kinds[
        "values"
    ]


async def test_rows_vocabularies_and_introspection_go_together(twenty_five: Client) -> None:
    found = await twenty_five.data(
        "{__typename organisations(first: 1) {nodes {id}} enumerations {name}"
        ' __type(name: "Organisation") {name} b: organisation(id: "' + ORG(2) + '") {id}}'
    )
    assert list(found) == ["__typename", "organisations", "enumerations", "__type", "b"]
    assert found["__type"] == {"name": "Organisation"}
    assert found["b"] == {"id": ORG(2)}


async def test_skip_and_include_follow_their_variables(twenty_five: Client) -> None:
    query = (
        "query($no: Boolean!, $yes: Boolean!) {organisations(first: 1) {nodes {id"
        " name @include(if: $no) version @skip(if: $no) kind @include(if: $yes)}}}"
    )
    for no in (False, True, False):
        (node,) = (await twenty_five.data(query, no=no, yes=not no))["organisations"]["nodes"]
        assert set(node) == ({"id", "name"} if no else {"id", "version", "kind"})
