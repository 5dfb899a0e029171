"""What graphql-cop looks for, one test for each of its findings, asked as it asks.

Two of its findings are there by intent. Queries go by GET, for they change nothing, links and
caches need them, and no page of another site can read what they answer. The schema can be read by
everybody, for it is published; so can the explorer that shows it.
"""

from typing import Any, Final

import httpx
import pytest

from tests.end_to_end.running import PATIENCE, Running

TYPENAME: Final = {"data": {"__typename": "Query"}}
CIRCLE: Final = "fields { type { " * 4 + "name" + " } }" * 4


@pytest.fixture(scope="module")
def url(served: Running) -> str:
    """Where the interface is."""
    return f"{served.url}/graphql"


def post(url: str, query: str) -> httpx.Response:
    return httpx.post(url, json={"query": query, "operationName": "cop"}, timeout=PATIENCE)


def refused(response: httpx.Response) -> list[dict[str, Any]]:
    """Give the errors of an answer without data."""
    answer = response.json()
    assert "data" not in answer
    return list(answer["errors"])


def test_aliases_do_not_multiply_work(url: str) -> None:
    aliases = " ".join(f"alias{number}: __typename" for number in range(101))
    errors = refused(post(url, f"query cop {{ {aliases} }}"))
    assert "TOO_MANY_ALIASES" in {error["extensions"]["code"] for error in errors}


def test_operations_do_not_come_in_batches(url: str) -> None:
    batch = [{"query": "query cop { __typename }"}] * 10
    response = httpx.post(url, json=batch)
    assert response.status_code == 400
    assert "object" in refused(response)[0]["message"]


def test_unknown_directives_are_not_each_told_of(url: str) -> None:
    errors = refused(post(url, f"query cop {{ __typename {'@aa' * 10} }}"))
    assert len([error for error in errors if "@aa" in error["message"]]) == 5


def test_introspection_does_not_go_in_circles(url: str) -> None:
    (error,) = refused(post(url, f"query cop {{ __schema {{ types {{ {CIRCLE} }} }} }}"))
    assert error["message"] == "Maximum introspection depth exceeded"


def test_a_field_that_is_repeated_is_read_once(url: str) -> None:
    answer = post(url, f"query cop {{ {'__typename ' * 500} }}").json()
    assert answer["data"] == TYPENAME["data"]
    assert answer["extensions"]["cost"]["asked"] == 1


def test_a_field_is_not_repeated_without_end(url: str) -> None:
    (error,) = refused(post(url, f"query cop {{ {'__typename ' * 2_000} }}"))
    assert error["extensions"]["code"] == "TOO_MANY_TOKENS"


def test_strangers_are_suggested_nothing(url: str) -> None:
    (error,) = refused(post(url, "query cop { __schema { directive } }"))
    assert "directive" in error["message"]
    assert "Did you mean" not in error["message"]


def test_a_link_changes_nothing(url: str) -> None:
    response = httpx.get(url, params={"query": "mutation cop {__typename}"})
    assert response.status_code == 405
    refused(response)


def test_what_a_link_reads_another_site_does_not(url: str) -> None:
    response = httpx.get(
        url, params={"query": "query cop {__typename}"}, headers={"origin": "https://other.example"}
    )
    assert response.json()["data"] == TYPENAME["data"]
    assert "access-control-allow-origin" not in response.headers


@pytest.mark.parametrize("query", ["query cop { __typename }", "mutation cop { __typename }"])
def test_a_form_of_another_page_is_not_taken(url: str, query: str) -> None:
    for form in ({"data": {"query": query}}, {"files": {"query": (None, query)}}):
        response = httpx.post(url, **form)
        assert response.status_code in {400, 403, 415}
        refused(response)


def test_answers_tell_nothing_of_how_they_were_made(url: str) -> None:
    answer = post(url, "query cop { __typename }").json()
    assert set(answer["extensions"]) == {"cost", "position"}


def test_errors_tell_nothing_of_the_code(url: str) -> None:
    (error,) = refused(post(url, "qwerty cop { abc }"))
    assert error["message"].startswith("Syntax Error")
    assert set(error) <= {"message", "locations"}
