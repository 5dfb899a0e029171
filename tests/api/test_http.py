"""GraphQL over HTTP: what a request must be, and what its response says."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from api.limits import MOST_BYTES
from api.media import GRAPHQL_JSON, JSON
from tests.api.conftest import Client

QUERY = "{organisations {totalCount}}"
DATA = {"organisations": {"totalCount": 0}}


async def test_a_query_can_be_posted(client: Client) -> None:
    response = await client.http.post("/graphql", json={"query": QUERY})
    assert response.status_code == 200
    assert response.headers["content-type"] == JSON
    assert response.json() == {"data": DATA, "extensions": {"cost": {"asked": 21}, "position": "0"}}


async def test_a_query_can_be_asked_by_get(client: Client) -> None:
    response = await client.http.get("/graphql", params={"query": QUERY})
    assert response.status_code == 200
    assert response.json()["data"] == DATA


async def test_a_browser_that_comes_by_is_shown_where_to_look(client: Client) -> None:
    accept = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
    response = await client.http.get("/graphql", headers=accept)
    assert response.status_code == 303
    assert "cordée" in (await client.http.get(response.headers["location"])).text
    asked = await client.http.get("/graphql", params={"query": "{__typename}"}, headers=accept)
    assert asked.json()["data"] == {"__typename": "Query"}


async def test_a_mutation_cannot_be_done_by_get(client: Client) -> None:
    query = 'mutation {registerOrganisation(input: {name: "A", kind: UNION}) {__typename}}'
    response = await client.http.get("/graphql", params={"query": query})
    assert response.status_code == 405
    assert response.headers["allow"] == "GET, POST"
    assert client.commands.given == []


async def test_what_a_get_asks_stands_in_its_url(client: Client) -> None:
    client.positions.at = 5
    parameters = {
        "query": "query A {__typename} query B($n: Int) {organisations(first: $n) {totalCount}}",
        "operationName": "B",
        "variables": '{"n": 1}',
        "extensions": '{"minPosition": "5"}',
    }
    response = await client.http.get("/graphql", params=parameters)
    assert response.json() == {"data": DATA, "extensions": {"cost": {"asked": 21}, "position": "5"}}
    wrong = await client.http.get("/graphql", params=parameters | {"variables": '{"n": 101}'})
    assert wrong.json()["errors"][0]["extensions"]["code"] == "PAGE_OUT_OF_BOUNDS"
    late = await client.http.get(
        "/graphql", params=parameters | {"extensions": '{"minPosition":6}'}
    )
    assert late.json()["errors"][0]["extensions"]["code"] == "POSITION_NOT_REACHED"


async def test_what_is_empty_in_a_url_is_left_out(client: Client) -> None:
    parameters = {"query": QUERY, "operationName": "", "variables": "", "extensions": ""}
    response = await client.http.get("/graphql", params=parameters)
    assert response.json()["data"] == DATA


@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"query": ""},
        {"query": "{__typename}", "variables": "{"},
        {"query": "{__typename}", "variables": "[]"},
        {"query": "{__typename}", "extensions": "7"},
        {"query": "{__typename}", "operationName": "A"},
        {"query": "subscription {events {position}}"},
    ],
)
async def test_a_get_of_the_wrong_shape_is_told_so(
    client: Client, parameters: dict[str, str]
) -> None:
    response = await client.http.get("/graphql", params=parameters)
    assert response.status_code == 400
    (error,) = response.json()["errors"]
    assert error["message"]


@pytest.mark.parametrize("method", ["PUT", "DELETE", "HEAD"])
async def test_requests_are_gets_and_posts_only(client: Client, method: str) -> None:
    response = await client.http.request(method, "/graphql", params={"query": QUERY})
    assert response.status_code == 405
    assert response.headers["allow"] == "GET, POST"


async def test_the_operation_is_chosen_by_its_name(client: Client) -> None:
    query = "query A {organisations {totalCount}} query B {networks {totalCount}}"
    response = await client.http.post("/graphql", json={"query": query, "operationName": "B"})
    assert response.json()["data"] == {"networks": {"totalCount": 0}}
    for wrong in ({}, {"operationName": "C"}):
        response = await client.http.post("/graphql", json={"query": query, **wrong})
        assert response.status_code == 400


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"[]", 400),
        (b"null", 400),
        (b"{}", 400),
        (b'{"query": ""}', 400),
        (b'{"query": 7}', 400),
        (b'{"query": "{__typename}", "variables": []}', 400),
        (b'{"query": "{__typename}", "operationName": 7}', 400),
        (b'{"query": "{__typename}", "extensions": "x"}', 400),
        (b'{"query": "{__typename}", "extensions": []}', 400),
        (b'{"query": "{__typename}", "variables": "{}"}', 400),
        (b'{"query": "subscription {events {position}}"}', 400),
        (b'{"query": "\xff"}', 400),
        (b'{"query": "' + b"#" * MOST_BYTES + b'"}', 413),
    ],
)
async def test_a_request_of_the_wrong_shape_is_told_so(
    client: Client, body: bytes, status: int
) -> None:
    response = await client.http.post("/graphql", content=body, headers={"content-type": JSON})
    assert response.status_code == status
    (error,) = response.json()["errors"]
    assert error["message"]


@pytest.mark.parametrize(
    "kind",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "",
        "application/jsonp",
        GRAPHQL_JSON,
        "application/json; charset=utf-16",
        "application/json; charset=latin1",
    ],
)
async def test_only_json_is_taken(client: Client, kind: str) -> None:
    headers = {"content-type": kind}
    response = await client.http.post("/graphql", content=b'{"query": "{a}"}', headers=headers)
    assert response.status_code == 415


@pytest.mark.parametrize(
    "kind",
    ["Application/JSON", "application/json;charset=UTF-8", 'application/json; charset="utf-8"'],
)
async def test_json_may_say_that_it_is_in_utf_8(client: Client, kind: str) -> None:
    body = '{"query": "{__type(name: \\"Été 🏔\\") {name}}"}'.encode()
    response = await client.http.post("/graphql", content=body, headers={"content-type": kind})
    assert response.json()["data"] == {"__type": None}


async def test_a_body_has_256_kilobytes_at_most(client: Client) -> None:
    assert MOST_BYTES == 256 * 1024
    begun = b'{"query": "{__typename}'
    for size, status in ((MOST_BYTES, 200), (MOST_BYTES + 1, 413)):
        body = begun + b" " * (size - len(begun) - 2) + b'"}'
        response = await client.http.post("/graphql", content=body, headers={"content-type": JSON})
        assert response.status_code == status
    assert str(MOST_BYTES) in response.json()["errors"][0]["message"]


async def test_a_body_that_is_cut_off_is_not_done_and_answered_by_nothing(client: Client) -> None:
    received = [
        {"type": "http.request", "body": b'{"query": "{__typename}"}', "more_body": True},
        {"type": "http.disconnect"},
    ]
    sent: list[Any] = []

    async def receive() -> Any:
        return received.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    app = client.http._transport.app  # type: ignore[attr-defined]
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/graphql",
        "query_string": b"",
        "headers": [(b"content-type", JSON.encode())],
        "client": ("203.0.113.7", 50_000),
    }
    await app(scope, receive, send)
    assert sent == []


async def test_a_large_body_is_refused_before_it_is_read_whole(client: Client) -> None:
    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b" " * 65_536

    response = await client.http.post("/graphql", content=endless(), headers={"content-type": JSON})
    assert response.status_code == 413


@pytest.mark.parametrize(
    "query", ["{", "{nothing}", "query($id: ID!) {organisation(id: $id) {id}}"]
)
async def test_a_request_that_cannot_be_executed_has_no_data(client: Client, query: str) -> None:
    plain = await client.http.post("/graphql", json={"query": query})
    assert plain.status_code == 200
    headers = {"accept": GRAPHQL_JSON}
    for explicit in (
        await client.http.post("/graphql", json={"query": query}, headers=headers),
        await client.http.get("/graphql", params={"query": query}, headers=headers),
    ):
        assert explicit.status_code == 400
        assert explicit.headers["content-type"] == GRAPHQL_JSON
        assert "data" not in explicit.json()
        assert explicit.json()["errors"] == plain.json()["errors"]


@pytest.mark.parametrize(
    ("method", "sent", "status"),
    [
        ("POST", {"json": {"query": QUERY}}, 200),
        ("GET", {"params": {"query": QUERY}}, 200),
        ("POST", {"json": {"query": "{"}}, 400),
        ("POST", {"json": {"query": 7}}, 400),
        ("POST", {"content": b"{", "headers": [("content-type", JSON)]}, 400),
        ("POST", {"content": b"{}"}, 415),
        ("POST", {"headers": [("authorization", "Bearer a"), ("authorization", "Bearer b")]}, 401),
        ("GET", {"params": {"query": "mutation {__typename}"}}, 405),
        ("PUT", {}, 405),
    ],
)
async def test_every_answer_is_of_the_type_that_was_asked_for(
    client: Client, method: str, sent: dict[str, Any], status: int
) -> None:
    for media in (JSON, GRAPHQL_JSON):
        accept = ("accept", f"{media}, text/html")
        wanted = {**sent, "headers": [accept, *sent.get("headers", ())]}
        response = await client.http.request(method, "/graphql", **wanted)
        assert response.headers["content-type"] == media
        assert "accept" in response.headers["vary"].split(", ")
        body = response.json()
        assert body.get("data") == (DATA if status == 200 else None)
        if media == GRAPHQL_JSON:
            assert response.status_code == status


async def test_what_cannot_be_answered_in_a_type_that_is_accepted_is_not_done(
    client: Client,
) -> None:
    query = 'mutation {registerOrganisation(input: {name: "A", kind: UNION}) {__typename}}'
    response = await client.http.post(
        "/graphql", json={"query": query}, headers={"accept": "text/html, application/xml"}
    )
    assert response.status_code == 406
    assert "application/json" in response.json()["errors"][0]["message"]
    assert client.commands.given == []


async def test_a_document_has_two_thousand_tokens_at_most(client: Client) -> None:
    response = await client.ask("{" + " __typename" * 2_001 + "}")
    assert "2000 tokens" in response["errors"][0]["message"]


async def test_a_position_in_a_header_is_waited_for(client: Client) -> None:
    client.positions.at = 5
    headers = {"min-position": "5"}
    assert (await client.ask(QUERY, headers=headers))["data"] == DATA
    late = await client.ask(QUERY, headers={"min-position": "6"})
    assert late["errors"][0]["extensions"]["code"] == "POSITION_NOT_REACHED"
    wrong = await client.http.post(
        "/graphql", json={"query": QUERY}, headers={"min-position": "six"}
    )
    assert wrong.status_code == 400


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        ("6", "POSITION_NOT_REACHED"),
        (5, None),
        ("5", None),
        ("-1", "POSITION_MALFORMED"),
        ("x", "POSITION_MALFORMED"),
        ([], "POSITION_MALFORMED"),
    ],
)
async def test_a_position_in_the_extensions_is_waited_for(
    client: Client, wanted: object, code: str | None
) -> None:
    client.positions.at = 5
    body = {"query": QUERY, "extensions": {"minPosition": wanted}}
    response = (await client.http.post("/graphql", json=body)).json()
    if code is None:
        assert response == {"data": DATA, "extensions": {"cost": {"asked": 21}, "position": "5"}}
    else:
        assert response["data"] is None
        assert response["errors"][0]["extensions"]["code"] == code


async def test_whether_it_is_ready_depends_on_the_read_model(client: Client) -> None:
    ready = await client.http.get("/health/ready")
    assert (ready.status_code, ready.json()) == (200, {"status": "ready", "position": "0"})
    await client.reads.close()
    assert (await client.http.get("/health/ready")).status_code == 503
    assert (await client.http.get("/health/live")).json() == {"status": "live"}


async def test_the_page_at_the_root_has_a_query_that_works(client: Client) -> None:
    page = (await client.http.get("/")).text
    assert "http://test/graphql" in page
    query = page.split('{"query": "')[1].split('"}')[0]
    assert await client.data(query) == {"organisations": {"nodes": []}}


async def test_a_read_model_that_is_away_is_told_with_a_code(client: Client) -> None:
    await client.reads.close()
    response = await client.ask("{organisations {nodes {name}}}")
    assert response["data"] is None
    assert response["errors"][0]["extensions"]["code"] == "UNAVAILABLE"
