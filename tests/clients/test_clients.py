"""Clients of other makers against the running demo, over every transport that they have.

Each goes on one tour, all of them at once, and the server is started anew in the middle of it.
"""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any, Final
from urllib.parse import urlsplit

import httpx
import pytest

from tests.clients.node import PATIENCE, Node
from tests.clients.tour import touring
from tests.conftest import Databases
from tests.end_to_end.running import Running, environment, running
from tests.scratch import scratch

SIRENS: Final = {
    "graphql-ws": "900000001",
    "graphql-sse": "900000019",
    "apollo": "900000027",
    "urql": "900000035",
}
"""What each client registers an organisation with: nobody has these."""
ALL: Final = tuple(SIRENS)
SUBSCRIBED: Final = [
    ("graphql-ws", "websocket"),
    ("graphql-sse", "events"),
    ("graphql-sse", "browser"),
    ("apollo", "websocket"),
    ("apollo", "events"),
    ("urql", "websocket"),
    ("urql", "events"),
]
"""The clients, by the transports of their subscriptions."""

REGISTER: Final = """
    mutation ($name: String!) {
      registerOrganisation(input: { name: $name, kind: UNION }) {
        ... on RegisterOrganisationSuccess { position }
      }
    }
"""
EVENTS: Final = "subscription ($after: Position) { events(after: $after) { position } }"
UNREADABLE: Final = "This is no token that can be read here"

Told = dict[str, Any]


def register(server: Running, token: str, name: str) -> str:
    """Register an organisation, and give the position at which that stands."""
    done = server.ask(REGISTER, token=token, name=name)["registerOrganisation"]
    return str(done["position"])


def heard(server: Running, token: str, after: str, last: str) -> list[str]:
    """What is heard between two positions by somebody who never was away."""
    positions: list[str] = []
    asked = httpx.stream(
        "POST",
        f"{server.url}/graphql",
        json={"query": EVENTS, "variables": {"after": after}},
        headers={"authorization": f"Bearer {token}", "accept": "text/event-stream"},
        timeout=PATIENCE,
    )
    with asked as stream:
        for line in stream.iter_lines():
            if line.startswith("data: "):
                positions.append(json.loads(line[6:])["data"]["events"]["position"])
                if positions[-1] == last:
                    break
    return positions


@pytest.fixture(scope="module")
def toured(node: Node, databases: Databases) -> Iterator[dict[str, Told]]:
    """What every client tells, and under "nobody" what there was to hear."""
    with (
        scratch("cordee-") as data,
        databases.copy(Databases.PREPARED) as dsn,
        ExitStack() as under_way,
    ):
        env = environment(data, DATABASE_URL=dsn)
        with running("demo", env=env) as server:
            token, port = server.token("operator"), str(urlsplit(server.url).port)
            given = {
                "url": f"{server.url}/graphql",
                "socket": f"ws://127.0.0.1:{port}/graphql",
                "token": token,
                "near": register(server, token, "Avant"),
            }
            tours = {
                client: under_way.enter_context(touring(node, client, siren=siren, **given))
                for client, siren in SIRENS.items()
            }
            for tour in tours.values():
                tour.listen()
        with running("demo", env=env | {"CORDEE_PORT": port}) as server:
            last = register(server, token, "Après")
            for tour in tours.values():
                tour.go_on(last)
            nobody = {"heard on": heard(server, token, given["near"], last)}
        yield {client: tour.told for client, tour in tours.items()} | {"nobody": nobody}


@pytest.mark.parametrize("client", ALL)
def test_a_client_reads_a_page(toured: dict[str, Told], client: str) -> None:
    cohorts = toured[client]["query"]["cohorts"]
    assert cohorts["totalCount"] == 6
    assert [cohort["name"] for cohort in cohorts["nodes"]] == ["CEC Ouest", "CEC Pays de Vannes"]


@pytest.mark.parametrize("client", ALL)
def test_a_command_that_is_repeated_is_done_once(toured: dict[str, Told], client: str) -> None:
    done = toured[client]["done"]["registerOrganisation"]
    assert done["__typename"] == "RegisterOrganisationSuccess"
    assert done["organisation"]["name"] == "Une union"
    assert toured[client]["repeated"]["registerOrganisation"] == done


@pytest.mark.parametrize("client", ALL)
def test_a_refusal_is_an_answer(toured: dict[str, Told], client: str) -> None:
    refused = toured[client]["refused"]["registerOrganisation"]
    assert (refused["__typename"], refused["code"]) == ("SirenTaken", "SIREN_TAKEN")
    assert refused["path"] == ["input", "siren"]
    assert SIRENS[client] in refused["message"]


@pytest.mark.parametrize("client", ALL)
def test_a_client_shows_what_is_wrong_with_a_document(toured: dict[str, Told], client: str) -> None:
    shown = toured[client]["invalid"]
    assert shown["messages"] == ["Cannot query field 'nothing' on type 'Query'."]


@pytest.mark.parametrize("client", ALL)
def test_a_client_shows_which_limit_was_met(toured: dict[str, Told], client: str) -> None:
    shown = toured[client]["limited"]
    assert shown["codes"] == ["TOO_MANY_ALIASES"]
    assert "Ask in several steps" in shown["messages"][0]


@pytest.mark.parametrize("client", ["apollo", "urql"])
def test_over_http_a_client_shows_what_credentials_lack(
    toured: dict[str, Told], client: str
) -> None:
    shown = toured[client]["unproven"]
    assert shown["codes"] == ["MALFORMED_TOKEN"]
    assert UNREADABLE in shown["messages"][0]


def test_over_websocket_a_client_shows_what_credentials_lack(toured: dict[str, Told]) -> None:
    shown = toured["graphql-ws"]["unproven"]
    assert shown["closed"] == 4401
    assert UNREADABLE in shown["reason"]


def test_over_events_a_client_shows_that_credentials_lack_something(
    toured: dict[str, Told],
) -> None:
    assert toured["graphql-sse"]["unproven"] == {"status": 401}


@pytest.mark.parametrize(("client", "transport"), SUBSCRIBED)
def test_a_client_shows_what_is_wrong_with_a_subscription(
    toured: dict[str, Told], client: str, transport: str
) -> None:
    (message,) = toured[client][f"{transport} astray"]["messages"]
    assert "a position is a string of digits" in message


@pytest.mark.parametrize(("client", "transport"), SUBSCRIBED)
def test_a_subscription_begins_where_it_is_told_to(
    toured: dict[str, Told], client: str, transport: str
) -> None:
    assert toured[client][f"{transport} heard"] == ["1", "2", "3"]
    assert toured[client][f"{transport} resumed"] == ["4", "5", "6"]


@pytest.mark.parametrize(("client", "transport"), SUBSCRIBED)
def test_a_subscription_outlives_the_server_without_a_gap_or_a_double(
    toured: dict[str, Told], client: str, transport: str
) -> None:
    assert toured[client][f"{transport} heard on"] == toured["nobody"]["heard on"]
