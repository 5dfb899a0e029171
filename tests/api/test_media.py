"""Media types: which of ours an answer is written in, and what goes as a stream."""

import pytest

from api.media import EVENTS, GRAPHQL_JSON, JSON, Streamed, chosen, streamed


@pytest.mark.parametrize(
    "accept",
    [
        GRAPHQL_JSON,
        GRAPHQL_JSON.upper(),
        f"{GRAPHQL_JSON}; charset=utf-8",
        f"{GRAPHQL_JSON}, {JSON}",
        f"{JSON}, {GRAPHQL_JSON}",
        f"{GRAPHQL_JSON}, {JSON};q=0.9",
        f"{JSON};q=0.5, {GRAPHQL_JSON};q=0.6",
        f"{GRAPHQL_JSON}, */*",
        f"{JSON};q=0, */*;q=0.1, {GRAPHQL_JSON};q=0.1",
        f"multipart/mixed;deferSpec=20220824,{GRAPHQL_JSON},{JSON};q=0.9",
        f"{GRAPHQL_JSON}, application/graphql+json, {JSON}, text/event-stream, multipart/mixed",
    ],
)
def test_who_ranks_the_type_of_graphql_first_is_given_it(accept: str) -> None:
    assert chosen(accept) == GRAPHQL_JSON


@pytest.mark.parametrize(
    "accept",
    [
        "",
        " ",
        "*/*",
        "application/*",
        JSON,
        f"{JSON}, {GRAPHQL_JSON};q=0.9",
        f"{GRAPHQL_JSON};q=0, */*",
        f"{GRAPHQL_JSON};q=0.5, */*",
        f"{GRAPHQL_JSON};q=many, {JSON}",
        f"{JSON}, text/plain, */*",
        "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    ],
)
def test_anybody_else_is_given_plain_json(accept: str) -> None:
    assert chosen(accept) == JSON


@pytest.mark.parametrize(
    "accept",
    ["text/html", "application/xml", "text/*", f"{JSON};q=0", "*/*;q=0", "json", ",", f"x{JSON}"],
)
def test_who_takes_neither_is_given_nothing(accept: str) -> None:
    assert chosen(accept) is None


@pytest.mark.parametrize(
    ("accept", "what"),
    [
        ("", Streamed.NOTHING),
        ("*/*", Streamed.NOTHING),
        ("text/*", Streamed.NOTHING),
        (f"{EVENTS};q=0, */*", Streamed.NOTHING),
        (f"{GRAPHQL_JSON}, {JSON}, {EVENTS}, multipart/mixed", Streamed.SUBSCRIPTIONS),
        (f"{EVENTS}, {JSON}", Streamed.SUBSCRIPTIONS),
        (f"{EVENTS}, */*", Streamed.SUBSCRIPTIONS),
        (f"{EVENTS};q=0.5, {JSON}", Streamed.SUBSCRIPTIONS),
        (EVENTS, Streamed.EVERYTHING),
        (EVENTS.upper(), Streamed.EVERYTHING),
        (f"{EVENTS}, {JSON};q=0.9, {GRAPHQL_JSON};q=0.8", Streamed.EVERYTHING),
        (f"{EVENTS};q=0.1, {JSON};q=0, text/html", Streamed.EVERYTHING),
    ],
)
def test_a_stream_is_for_those_who_name_it(accept: str, what: Streamed) -> None:
    assert streamed(accept) is what
