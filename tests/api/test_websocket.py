"""GraphQL over WebSocket: each operation is answered as HTTP would answer it."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

import api.app
from api.limits import MOST_BYTES
from tests.api.ports import Happening, Scripted, Still
from tests.api.socket import Socket, connected

QUERY = "{enumerations {name}}"
EVENTS = "subscription {events {position}}"


class Stage:
    """The application, without a database."""

    def __init__(self) -> None:
        self.commands, self.positions = Scripted(), Still()
        unused: Any = None
        self.app = api.app.create(
            commands=self.commands,
            reads=unused,
            positions=self.positions,
            feed=Happening(),
            sheets=unused,
        )


@pytest.fixture
def stage() -> Stage:
    return Stage()


@pytest.fixture
async def socket(stage: Stage) -> AsyncIterator[Socket]:
    async with connected(stage.app) as socket:
        yield socket


async def still_answers(socket: Socket) -> None:
    await socket.ask("last", query=QUERY)
    assert (await socket.next("last"))["data"]["enumerations"]
    await socket.complete("last")


async def test_a_query_waits_for_the_position_in_its_extensions(
    stage: Stage, socket: Socket
) -> None:
    stage.positions.at = 5
    stage.positions.position = lambda: 3  # type: ignore[method-assign]
    await socket.ask("a", query=QUERY, extensions={"minPosition": "5"})
    payload = await socket.next("a")
    assert payload["extensions"]["position"] == "5"
    assert stage.positions.asked == [5]
    await socket.complete("a")


@pytest.mark.parametrize(
    ("wanted", "code"), [("6", "POSITION_NOT_REACHED"), ("x", "POSITION_MALFORMED")]
)
async def test_a_position_that_is_not_reached_is_told_by_its_code(
    socket: Socket, wanted: str, code: str
) -> None:
    await socket.ask("a", query=QUERY, extensions={"minPosition": wanted})
    payload = await socket.next("a")
    assert payload["data"] is None
    assert payload["errors"][0]["extensions"]["code"] == code
    await socket.complete("a")
    await socket.ask("b", query=EVENTS, extensions={"minPosition": wanted})
    assert (await socket.error("b"))[0]["extensions"]["code"] == code


@pytest.mark.parametrize(
    ("payload", "told"),
    [
        ({"query": "{"}, "Syntax Error"),
        ({"query": "{nothing}"}, "nothing"),
        ({"query": "query($id: ID!) {node(id: $id) {id}}"}, "$id"),
        ({"query": "query A {__typename} query B {__typename}"}, "operationName"),
        ({"query": f"{EVENTS.replace(' ', ' A ', 1)} query B {{__typename}}"}, "operationName"),
        ({"query": "query A {__typename}", "operationName": "C"}, "C"),
        ({"query": ""}, "query"),
        ({}, "query"),
        ({"query": 7}, "query"),
        ({"query": QUERY, "variables": [1]}, "variables"),
        ({"query": QUERY, "extensions": "x"}, "extensions"),
    ],
)
async def test_an_operation_that_cannot_be_executed_is_answered_by_an_error(
    socket: Socket, payload: dict[str, Any], told: str
) -> None:
    await socket.ask("a", **payload)
    (error,) = await socket.error("a")
    assert told in error["message"]
    await still_answers(socket)


async def test_a_payload_that_is_no_object_is_answered_by_an_error(socket: Socket) -> None:
    await socket.send(id="a", type="subscribe", payload=None)
    assert "object" in (await socket.error("a"))[0]["message"]
    await still_answers(socket)


async def test_a_mutation_whose_arguments_make_no_sense_is_not_done(
    stage: Stage, socket: Socket
) -> None:
    await socket.subscribe(
        "a",
        'mutation {registerOrganisation(input: {name: "A", kind: UNION}) {'
        "... on RegisterOrganisationSuccess {query {organisations(first: 101) {totalCount}}}}}",
    )
    payload = await socket.next("a")
    assert payload["data"] is None
    assert payload["errors"][0]["extensions"]["code"] == "PAGE_OUT_OF_BOUNDS"
    assert stage.commands.given == []


async def test_what_nobody_expected_is_told_masked(
    stage: Stage, socket: Socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(position: int, timeout: float) -> bool:  # noqa: ARG001, ASYNC109
        raise RuntimeError("password=hunter2")

    monkeypatch.setattr(stage.positions, "reached", broken)
    await socket.ask("a", query=QUERY, extensions={"minPosition": "6"})
    (error,) = await socket.error("a")
    assert error["extensions"]["code"] == "FAULT"
    assert "hunter2" not in str(error)
    await still_answers(socket)


async def test_a_connection_carries_a_hundred_operations(socket: Socket) -> None:
    for number in range(100):
        await socket.ask(str(number), query=EVENTS)
    await socket.ask("one more", query=QUERY)
    assert "100" in (await socket.error("one more"))[0]["message"]
    await socket.send(id="7", type="complete")
    await still_answers(socket)


async def test_a_message_that_is_too_big_ends_the_connection(socket: Socket) -> None:
    begun = '{"id": "a", "type": "subscribe", "payload": {"query": "{enumerations {name}}'
    room = MOST_BYTES - len(begun) - len('"}}')
    await socket.say(begun + " " * room + '"}}')
    assert (await socket.next("a"))["data"]["enumerations"]
    await socket.complete("a")
    await socket.say(begun + "é" * (room // 2 + 1) + '"}}')
    assert await socket.closed() == 1009


@pytest.mark.parametrize(
    "text",
    [
        "{garbage",
        "[]",
        "7",
        "{}",
        '{"type": "' + "x" * 200 + '"}',
        '{"type": "subscribe", "payload": {"query": "{__typename}"}}',
        '{"id": {}, "type": "complete"}',
    ],
)
async def test_what_is_no_message_ends_the_connection(socket: Socket, text: str) -> None:
    await socket.say(text)
    assert await socket.closed() == 4400


async def test_an_id_names_one_operation_at_a_time(socket: Socket) -> None:
    await socket.ask("x" * 200, query=EVENTS)
    await socket.ask("x" * 200, query=EVENTS)
    assert await socket.closed() == 4409


async def test_a_flood_of_messages_ends_the_connection(
    socket: Socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.websocket.MOST_MESSAGES", 10)
    for _ in range(9):  # after the one that opened it
        await socket.send(type="ping")
        assert (await socket.receive())["type"] == "pong"
    await socket.send(type="ping")
    assert await socket.closed() == 1008


async def test_who_sends_no_more_than_they_may_goes_on(
    socket: Socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.websocket.MOST_MESSAGES", 10)
    monkeypatch.setattr("api.websocket.MESSAGES_IN", 0.02)
    for _ in range(3):
        for _ in range(9):
            await socket.send(type="ping")
            assert (await socket.receive())["type"] == "pong"
        await asyncio.sleep(0.03)
    await still_answers(socket)
