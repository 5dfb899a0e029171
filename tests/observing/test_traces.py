"""Traces of a real server, as its collector receives them."""

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import httpx
import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from tests.end_to_end.running import PATIENCE
from tests.observing.collector import attributes
from tests.observing.conftest import WatchedDemo, bearer
from tests.observing.test_metrics import REGISTER

CALLER = "00f067aa0ba902b7"


def traceparent(trace: str, *, sampled: bool = True) -> dict[str, str]:
    return {"traceparent": f"00-{trace}-{CALLER}-{'01' if sampled else '00'}"}


@pytest.fixture(scope="module")
def registered(watched: WatchedDemo) -> str:
    """The trace of a command that a caller sent along."""
    trace = uuid4().hex
    answer = watched.post(
        REGISTER,
        {**traceparent(trace), "x-request-id": f"request-of-{trace}"},
        input={"name": "Association of the traces", "kind": "UNION"},
    )
    assert "errors" not in answer.json()
    return trace


def parent(watched: WatchedDemo, trace: str, span: Span) -> Span | None:
    """Give the span below which another stands, None where that is the caller's."""
    found = [each for each in watched.collector.spans(trace) if each.span_id == span.parent_span_id]
    return found[0] if found else None


def test_a_command_is_followed_from_its_caller_to_the_log(
    watched: WatchedDemo, registered: str
) -> None:
    appended = watched.collector.wait(registered, "append")
    request = watched.collector.wait(registered, "POST /graphql")
    names, span = [], appended
    while (above := parent(watched, registered, span)) is not None:
        names.append(above.name)
        span = above
    assert names == ["command RegisterOrganisation", "GraphQL mutation", "POST /graphql"]
    assert request.parent_span_id.hex() == CALLER


def test_what_is_folded_points_to_the_trace_in_which_it_was_recorded(
    watched: WatchedDemo, registered: str
) -> None:
    folded = watched.collector.wait(registered, "fold organisations")
    assert folded.trace_id.hex() != registered
    assert [link.trace_id.hex() for link in folded.links] == [registered]
    assert attributes(folded)["cordee.batch.events"] == 1


def test_spans_say_what_was_done(watched: WatchedDemo, registered: str) -> None:
    request = watched.collector.wait(registered, "POST /graphql")
    assert attributes(request) == {
        "cordee.request_id": f"request-of-{registered}",
        "http.request.method": "POST",
        "http.route": "/graphql",
        "http.response.status_code": 200,
    }
    command = watched.collector.wait(registered, "command RegisterOrganisation")
    assert attributes(command)["cordee.outcome"] == "done"


def test_to_be_refused_is_no_error(watched: WatchedDemo) -> None:
    trace = uuid4().hex
    watched.post(REGISTER, traceparent(trace), input={"name": "", "kind": "UNION"})
    command = watched.collector.wait(trace, "command RegisterOrganisation")
    assert attributes(command)["cordee.outcome"] == "refused"
    assert command.status.code == Status.STATUS_CODE_UNSET


def test_the_callers_wish_not_to_be_traced_is_heard(watched: WatchedDemo) -> None:
    unsampled, sampled = uuid4().hex, uuid4().hex
    watched.post("{ __typename }", traceparent(unsampled, sampled=False))
    watched.post("{ __typename }", traceparent(sampled))
    watched.collector.wait(sampled, "POST /graphql")
    assert watched.collector.spans(unsampled) == []


def test_a_trace_that_begins_here_has_the_id_that_its_caller_is_told(watched: WatchedDemo) -> None:
    told = watched.post("{ __typename }").headers["x-request-id"]
    request = watched.collector.wait(told, "POST /graphql")
    assert request.parent_span_id == b""


def test_a_path_that_nobody_knows_names_no_span(watched: WatchedDemo) -> None:
    trace = uuid4().hex
    httpx.get(f"{watched.url}/Jeanne/Dupont", headers=traceparent(trace))
    span = watched.collector.wait(trace, "GET other")
    assert attributes(span)["http.response.status_code"] == 404


def test_a_stream_is_seen_before_it_ends(watched: WatchedDemo) -> None:
    trace = uuid4().hex
    query = 'subscription { events(after: "0") { position } }'
    headers = {**traceparent(trace), **bearer(watched.operator), "accept": "text/event-stream"}
    with httpx.stream(
        "POST", f"{watched.url}/graphql", json={"query": query}, headers=headers, timeout=PATIENCE
    ) as stream:
        heard = stream.iter_lines()
        assert next(heard) == "event: next"
        watched.collector.wait(trace, "POST /graphql")


def test_commands_that_are_stored_together_all_find_their_batch(watched: WatchedDemo) -> None:
    def register(trace: str) -> None:
        given = {"name": f"Association {trace}", "kind": "UNION"}
        watched.post(REGISTER, traceparent(trace), input=given)

    shared = 0
    for _ in range(10):  # who comes at once may be lucky, and be alone
        traces = [uuid4().hex for _ in range(24)]
        with ThreadPoolExecutor(len(traces)) as many:
            list(many.map(register, traces))
        batches = unique([watched.collector.wait(trace, "append") for trace in traces])
        assert sum(attributes(each)["cordee.batch.commands"] for each in batches) == len(traces)
        shared = len(traces) - len(batches)
        if shared:
            break
    assert shared


def unique(spans: list[Span]) -> list[Span]:
    """Give each span once."""
    return list({span.span_id: span for span in spans}.values())
