"""Metrics of a real server: they move by what was done, and by nothing else."""

import time
from contextlib import ExitStack
from uuid import uuid4

import httpx
import pytest

from tests.end_to_end.running import PATIENCE
from tests.observing.conftest import WatchedDemo, bearer
from tests.observing.scraping import Scrape

REGISTER = """
mutation ($input: RegisterOrganisationInput!) {
  registerOrganisation(input: $input) { __typename ... on Refusal { code } }
}
"""
NAMES = "{ organisations(first: 3) { nodes { name } } }"


class Change:
    """What moved between two readings."""

    def __init__(self, before: Scrape, after: Scrape) -> None:
        self._before = before
        self._after = after

    def of(self, name: str, **labels: str) -> float:
        """Give by how much the samples of a name with these labels have grown."""
        return self._after.value(name, **labels) - self._before.value(name, **labels)


def test_what_becomes_of_commands_is_counted(watched: WatchedDemo) -> None:
    before = watched.scrape()
    given = {"name": "Association of the counters", "kind": "UNION", "commandId": str(uuid4())}
    for expected in (given, given, given | {"name": "Another", "commandId": given["commandId"]}):
        watched.post(REGISTER, input=expected)
    time.sleep(1.1)
    change = Change(before, watched.scrape())

    def commands(outcome: str) -> float:
        return change.of("cordee_commands_total", command="RegisterOrganisation", outcome=outcome)

    assert [commands(outcome) for outcome in ("done", "repeated", "refused")] == [1, 1, 1]
    assert change.of("cordee_command_duration_seconds_count") == 3
    appends = [
        change.of("cordee_appends_total", outcome=outcome)
        for outcome in ("appended", "duplicate", "reused", "conflict", "failed")
    ]
    assert appends == [1, 1, 1, 0, 0]
    assert change.of("cordee_append_batch_commands_sum") == 3
    assert change.of("cordee_append_events_total") == change.of("cordee_log_head_position") == 1


def test_what_is_folded_is_counted_and_nothing_is_left_behind(watched: WatchedDemo) -> None:
    before = watched.scrape()
    watched.post(REGISTER, input={"name": "Association of the folds", "kind": "UNION"})
    time.sleep(1.5)
    after = watched.scrape()
    folded = Change(before, after).of("cordee_projection_events_total", projection="organisations")
    assert folded == 1
    head = after["cordee_log_head_position"]
    assert after.value("cordee_projection_position", projection="organisations") == head
    assert after.value("cordee_projection_lag_events", projection="organisations") == 0
    assert after["cordee_projection_stopped"] == 0
    assert after.value("cordee_projection_active", projection="organisations") == 1


def test_what_is_sealed_is_told_and_nothing_is_left_unsealed(watched: WatchedDemo) -> None:
    before = watched.scrape()
    watched.post(REGISTER, input={"name": "Association of the seals", "kind": "UNION"})
    time.sleep(1.5)
    after = watched.scrape()
    assert Change(before, after).of("cordee_seal_position") >= 1
    assert after["cordee_seal_position"] == after["cordee_log_head_position"]
    assert after["cordee_seal_lag_events"] == after["cordee_seal_lag_seconds"] == 0


def test_a_question_is_planned_once_and_answered_by_a_statement(watched: WatchedDemo) -> None:
    alias = f"a{uuid4().hex}"
    before = watched.scrape()
    for _ in range(3):
        watched.post(f"{{ {alias}: organisations(first: 3) {{ nodes {{ name }} }} }}")
    change = Change(before, watched.scrape())
    assert change.of("cordee_graphql_plans_total", result="miss") == 1
    assert change.of("cordee_graphql_executions_total", way="compiled") >= 1
    assert change.of("cordee_read_duration_seconds_count", outcome="answered") >= 1
    assert change.of("cordee_http_responses_total", status="200") == 3
    took = "cordee_http_request_duration_seconds_count"
    assert change.of(took, route="/graphql", method="POST", status="2xx") == 3


def test_what_needs_resolvers_is_told_from_what_does_not(watched: WatchedDemo) -> None:
    before = watched.scrape()
    watched.post("{ __schema { queryType { name } } }")
    change = Change(before, watched.scrape())
    assert change.of("cordee_graphql_executions_total", way="resolvers") == 1


def test_an_answer_with_errors_is_a_failed_operation(watched: WatchedDemo) -> None:
    before = watched.scrape()
    watched.post('{ organisations(after: "nonsense") { nodes { name } } }')
    change = Change(before, watched.scrape())
    assert (
        change.of("cordee_graphql_operation_duration_seconds_count", kind="query", outcome="failed")
        == 1
    )


def test_subscribers_are_counted_while_they_listen(watched: WatchedDemo) -> None:
    query = 'subscription { events(after: "0") { position } }'
    heard = []  # a reader that is dropped would close its stream
    with ExitStack() as streams:
        for _ in range(2):
            stream = streams.enter_context(
                httpx.stream(
                    "POST",
                    f"{watched.url}/graphql",
                    json={"query": query},
                    headers={"accept": "text/event-stream", **bearer(watched.operator)},
                    timeout=PATIENCE,
                )
            )
            heard.append(stream.iter_lines())
            assert next(heard[-1]) == "event: next"
        assert watched.scrape().value("cordee_subscribers", transport="sse") == 2
    until = time.monotonic() + PATIENCE
    while (
        watched.scrape().value("cordee_subscribers", transport="sse") and time.monotonic() < until
    ):
        time.sleep(0.05)
    assert watched.scrape().value("cordee_subscribers", transport="sse") == 0


def hostile(client: httpx.Client) -> None:
    """Send what nobody ever sent before."""
    for number in range(40):
        client.get(f"/{uuid4()}/{number}", headers={"x-request-id": uuid4().hex})
        client.get(f"/calendar/{uuid4()}.ics")
        client.request(f"BREW{uuid4().hex}", f"/graphql?{uuid4()}")
        client.post("/graphql", json={"query": f"query A{uuid4().hex} {{ __typename }}"})
        client.post("/graphql", json={"query": f"{{ a{uuid4().hex} }}", "operationName": "B"})
        client.post("/graphql", headers={"authorization": f"Bearer {uuid4()}"})


def test_nothing_that_a_caller_writes_becomes_a_series(watched: WatchedDemo) -> None:
    # From an address of its own: nobody is let in any more from where so much was guessed.
    elsewhere = httpx.HTTPTransport(local_address="127.0.0.7")
    with httpx.Client(base_url=watched.url, timeout=PATIENCE, transport=elsewhere) as client:
        hostile(client)
        before = set(watched.scrape().samples)
        hostile(client)
    assert set(watched.scrape().samples) - before == set()


def test_strangers_are_not_shown_them(watched: WatchedDemo) -> None:
    assert httpx.get(f"{watched.url}/metrics").status_code == 404
    assert watched.metrics.startswith("http://127.0.0.1:")


def test_what_runs_is_told(watched: WatchedDemo) -> None:
    told = watched.scrape()
    assert told["cordee_ready"] == told["cordee_database_up"] == told["cordee_build_info"] == 1
    assert told["process_resident_memory_bytes"] > 0
    assert told["cordee_event_loop_lag_seconds_count"] > 0
    assert told.value("cordee_pool_max_connections", pool="reads") == 8
    assert 0 < told["cordee_data_free_bytes"] < told["cordee_data_size_bytes"]


@pytest.mark.parametrize("path", ["/health/live", "/health/ready"])
def test_health_is_told_beside_them(watched: WatchedDemo, path: str) -> None:
    assert httpx.get(watched.metrics + path).status_code == 200
