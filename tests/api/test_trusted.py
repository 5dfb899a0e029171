"""Trusted documents: sent by their ids over each transport, and, where it is so, taken alone."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import orjson
import pytest
from starlette.applications import Starlette

import api.app
import api.documents
from api.manifest import BrokenManifest
from api.media import EVENTS, GRAPHQL_JSON
from api.trusted import NONE, Trusted
from tests.api.ports import Happening, Known, Scripted, Still
from tests.api.socket import connected
from tests.api.test_events import registered

QUERY = "query Kinds($all: Boolean!) { enumerations @include(if: $all) { name } } # 🏔"
SEVERAL = "query A { __typename } query B { b: __typename }"
HEARD = "subscription { events(after: 0) { position } }"
ELSE = "{ enumerations { name } }"


def hash_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


TEXTS = {hash_of(text): text for text in (QUERY, SEVERAL, HEARD)}
ID = hash_of(QUERY)


def application(trusted: Trusted) -> Starlette:
    unused: Any = None
    return api.app.create(
        commands=Scripted(),
        reads=unused,
        positions=Still(),
        feed=Happening([registered(1)]),
        sheets=unused,
        identities=Known(),
        trusted=trusted,
    )


@asynccontextmanager
async def served(trusted: Trusted) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(application(trusted))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as http:
        yield http


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    """A client of an instance that knows documents, and takes others as well."""
    async with served(Trusted(TEXTS)) as client:
        yield client


@pytest.fixture
async def strict() -> AsyncIterator[httpx.AsyncClient]:
    """A client of an instance that takes trusted documents alone."""
    async with served(Trusted(TEXTS, only=True)) as client:
        yield client


async def code(http: httpx.AsyncClient, body: object, **headers: str) -> str:
    response = await http.post("/graphql", json=body, headers=headers)
    assert response.status_code == 400
    assert "data" not in response.json()
    (error,) = response.json()["errors"]
    return str(error["extensions"]["code"])


@pytest.mark.parametrize("id", [ID, f"sha256:{ID}"])
async def test_a_document_is_sent_by_its_id_in_either_spelling(
    http: httpx.AsyncClient, id: str
) -> None:
    variables = {"all": True}
    posted = await http.post("/graphql", json={"documentId": id, "variables": variables})
    asked = await http.get(
        "/graphql", params={"documentId": id, "variables": orjson.dumps(variables).decode()}
    )
    assert posted.json()["data"] == asked.json()["data"]
    sent = await http.post("/graphql", json={"query": QUERY, "variables": variables})
    assert sent.json() == posted.json()


async def test_the_operation_of_a_document_is_chosen_by_its_name(http: httpx.AsyncClient) -> None:
    body = {"documentId": hash_of(SEVERAL), "operationName": "B"}
    assert (await http.post("/graphql", json=body)).json()["data"] == {"b": "Query"}


async def test_a_stream_begins_by_the_id_of_its_document() -> None:
    async with connected(application(Trusted(TEXTS))) as socket:
        await socket.ask("1", documentId=hash_of(HEARD))
        assert (await socket.next("1"))["data"] == {"events": {"position": "1"}}
        await socket.ask("2", documentId="0" * 64)
        refusal = await socket.receive()
        assert refusal["type"] == "error"
        assert refusal["payload"][0]["extensions"]["code"] == "DOCUMENT_UNKNOWN"


async def test_a_document_by_id_is_answered_as_events_to_those_who_want_them(
    http: httpx.AsyncClient,
) -> None:
    body = {"documentId": hash_of(SEVERAL), "operationName": "A"}
    response = await http.post("/graphql", json=body, headers={"accept": EVENTS})
    assert b'data: {"data":{"__typename":"Query"}' in response.content
    unknown = await http.post("/graphql", json={"documentId": "0" * 64}, headers={"accept": EVENTS})
    assert b'"code":"DOCUMENT_UNKNOWN"' in unknown.content
    assert unknown.content.endswith(b"event: complete\ndata:\n\n")


async def test_trusted_documents_are_read_at_the_start_and_never_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with served(Trusted(TEXTS)) as client:
        monkeypatch.setattr(api.documents, "parse", None)
        monkeypatch.setattr(api.documents, "validate", None)
        response = await client.post(
            "/graphql", json={"documentId": ID, "variables": {"all": True}}
        )
        assert "errors" not in response.json()


@pytest.mark.parametrize("id", ["x", "sha256:", ID[:-1], ID.upper(), f"md5:{ID}", f"{ID}\n"])
async def test_what_is_no_id_is_told_what_one_is(http: httpx.AsyncClient, id: str) -> None:
    assert await code(http, {"documentId": id}) == "DOCUMENT_ID_MALFORMED"


async def test_an_unknown_id_is_told_so_in_the_language_of_the_caller(
    http: httpx.AsyncClient,
) -> None:
    body = {"documentId": "0" * 64}
    assert await code(http, body) == "DOCUMENT_UNKNOWN"
    assert await code(http, body, accept=GRAPHQL_JSON) == "DOCUMENT_UNKNOWN"
    french = await http.post("/graphql", json=body, headers={"accept-language": "fr"})
    assert french.json()["errors"][0]["message"].startswith("Aucun document de confiance")


@pytest.mark.parametrize(
    "body", [{"documentId": ID, "query": QUERY}, {"documentId": 7}, {"documentId": ""}]
)
async def test_a_request_has_one_document(http: httpx.AsyncClient, body: dict[str, Any]) -> None:
    response = await http.post("/graphql", json=body)
    assert response.status_code == 400
    assert response.json()["errors"][0]["message"]


async def test_a_mutation_by_its_id_is_posted_only() -> None:
    mutation = 'mutation { registerOrganisation(input: {name: "A", kind: UNION}) { __typename } }'
    async with served(Trusted({hash_of(mutation): mutation})) as client:
        response = await client.get("/graphql", params={"documentId": hash_of(mutation)})
        assert response.status_code == 405


@pytest.mark.parametrize("query", [ELSE, "{ __schema { types { name } } }", "{", QUERY + " "])
async def test_an_instance_may_take_trusted_documents_alone(
    strict: httpx.AsyncClient, query: str
) -> None:
    assert await code(strict, {"query": query}) == "DOCUMENT_NOT_TRUSTED"
    asked = await strict.get("/graphql", params={"query": query})
    assert asked.json()["errors"][0]["extensions"]["code"] == "DOCUMENT_NOT_TRUSTED"


async def test_there_a_socket_and_a_file_bring_no_other_document_either(
    strict: httpx.AsyncClient,
) -> None:
    async with connected(application(Trusted(TEXTS, only=True))) as socket:
        await socket.ask("1", query=ELSE)
        refusal = await socket.receive()
        assert refusal["payload"][0]["extensions"]["code"] == "DOCUMENT_NOT_TRUSTED"
    sent = await strict.post(
        "/graphql",
        data={"operations": orjson.dumps({"query": ELSE}).decode(), "map": "{}"},
        files={"0": b"x"},
        headers={"graphql-preflight": "1"},
    )
    assert sent.json()["errors"][0]["extensions"]["code"] == "DOCUMENT_NOT_TRUSTED"


async def test_there_a_trusted_document_may_be_sent_by_its_text(strict: httpx.AsyncClient) -> None:
    body = {"query": QUERY, "variables": {"all": True}}
    assert "errors" not in (await strict.post("/graphql", json=body)).json()


async def test_there_a_browser_is_shown_that_no_other_document_is_taken(
    strict: httpx.AsyncClient,
) -> None:
    visit = await strict.get("/graphql", headers={"accept": "text/html"})
    assert visit.status_code == 303
    assert "trusted documents only" in (await strict.get("/")).text


async def test_apollo_names_a_trusted_document_in_its_own_way(http: httpx.AsyncClient) -> None:
    extensions = {"persistedQuery": {"version": 1, "sha256Hash": ID}}
    body = {"extensions": extensions, "variables": {"all": True}}
    assert "errors" not in (await http.post("/graphql", json=body)).json()
    parameters = {name: orjson.dumps(value).decode() for name, value in body.items()}
    assert "errors" not in (await http.get("/graphql", params=parameters)).json()


@pytest.mark.parametrize("given", [{"sha256Hash": "0" * 64}, {"sha256Hash": [7]}, {}, 7])
async def test_nobody_registers_a_document_by_sending_it(
    http: httpx.AsyncClient, given: object
) -> None:
    body = {"extensions": {"persistedQuery": given}}
    response = await http.post("/graphql", json=body, headers={"accept-language": "fr"})
    (error,) = response.json()["errors"]
    assert error["message"] == "PersistedQueryNotSupported"  # as urql reads it
    assert error["extensions"]["code"] == "PERSISTED_QUERY_NOT_SUPPORTED"  # as Apollo does


async def test_a_text_that_comes_with_its_hash_is_answered(http: httpx.AsyncClient) -> None:
    extensions = {"persistedQuery": {"version": 1, "sha256Hash": hash_of(ELSE)}}
    response = await http.post("/graphql", json={"query": ELSE, "extensions": extensions})
    assert "errors" not in response.json()


async def test_a_text_that_comes_with_the_hash_of_another_is_refused(
    http: httpx.AsyncClient,
) -> None:
    for given in ({"sha256Hash": ID}, {"sha256Hash": None}, 7):
        body = {"query": ELSE, "extensions": {"persistedQuery": given}}
        assert await code(http, body) == "DOCUMENT_MISMATCH"


async def test_the_text_of_a_stranger_with_its_hash_is_not_trusted_for_that(
    strict: httpx.AsyncClient,
) -> None:
    extensions = {"persistedQuery": {"version": 1, "sha256Hash": hash_of(ELSE)}}
    body = {"query": ELSE, "extensions": extensions}
    assert await code(strict, body) == "DOCUMENT_NOT_TRUSTED"


@pytest.mark.parametrize("text", ["{ nothing }", "{", "{" + "a: __typename " * 31 + "}"])
def test_a_document_that_the_schema_does_not_allow_keeps_us_from_starting(text: str) -> None:
    with pytest.raises(BrokenManifest, match=hash_of(text)):
        application(Trusted({hash_of(text): text}))


def test_without_manifests_no_document_is_trusted_and_each_is_taken() -> None:
    assert NONE.admitted(ELSE) == ELSE
    assert not NONE.texts
