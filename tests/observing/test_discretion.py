"""What people are called, and what callers write, is in no metric, no span and no line of a log."""

import time
from uuid import uuid4

import httpx
import pytest

from tests.end_to_end.running import PATIENCE
from tests.infra.forgotten import EMAIL, MARKS, NAME, TELEPHONE
from tests.observing.conftest import WatchedDemo, bearer, token_of

DESIGNATE = """
mutation ($input: DesignateContactInput!) {
  designateContact(input: $input) { __typename ... on Refusal { code } }
}
"""
REGISTER = """
mutation ($input: RegisterOrganisationInput!) {
  registerOrganisation(input: $input) { ... on RegisterOrganisationSuccess { created } }
}
"""
WORD = b"Perlimpinpin"
"""A word of a document, of a variable, of a path, of a header and of a reason."""


@pytest.fixture(scope="module")
def told(watched: WatchedDemo) -> bytes:
    """All that the server told its operators after it was asked with names and words."""
    word = WORD.decode()
    there = {"name": "Association of the canary", "kind": "UNION", "territory": "region:28"}
    organisation = watched.post(REGISTER, input=there).json()["data"]["registerOrganisation"]
    person = {"name": NAME, "email": EMAIL, "telephone": TELEPHONE, "reason": word}
    given = {"organisation": organisation["created"], "function": word, **person}
    trace = uuid4().hex
    headers = {
        "traceparent": f"00-{trace}-00f067aa0ba902b7-01",
        "tracestate": f"a={word}",
        "x-request-id": word,
        "user-agent": word,
        **bearer(token_of(watched.running, "administratrice-normandie")),
    }
    answer = watched.post(DESIGNATE, headers, input=given)
    assert "DesignateContactSuccess" in answer.text
    watched.post(DESIGNATE, headers, input=given | {"name": NAME * 100})
    watched.post(DESIGNATE, headers, input=given | {"organisation": word})
    for document in (
        f"query {word} {{ {word}: __typename }}",
        f"{{ {word} }}",
        f"{{ {word}",
        f'{{ search(text: "{NAME} {word}") {{ total }} }}',
    ):
        watched.post(document, headers)
    httpx.get(f"{watched.url}/{word}?{word}", headers=headers, timeout=PATIENCE)
    httpx.request(word, f"{watched.url}/graphql", timeout=PATIENCE)
    bad = {**headers, **bearer(word)}
    httpx.post(f"{watched.url}/graphql", json={}, headers=bad, timeout=PATIENCE)
    watched.collector.wait(trace, "command DesignateContact")
    time.sleep(0.5)
    said = "\n".join(watched.running.said)
    return b"\n".join((watched.scrape().text.encode(), *watched.collector.bodies, said.encode()))


@pytest.mark.parametrize("mark", MARKS)
def test_no_name_is_told(told: bytes, mark: bytes) -> None:
    assert mark not in told


def test_no_word_of_a_caller_is_told(told: bytes) -> None:
    assert WORD not in told


def test_no_token_is_told(watched: WatchedDemo, told: bytes) -> None:
    assert watched.operator.encode() not in told
    assert watched.operator.rpartition(".")[2].encode() not in told
