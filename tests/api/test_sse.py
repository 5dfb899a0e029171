"""GraphQL over server-sent events: what a stream says, when it waits and when it ends."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from typing import Any, Protocol
from urllib.parse import urlencode
from uuid import UUID

import orjson
import pytest
from starlette.applications import Starlette
from starlette.types import Message
from strawberry.types import ExecutionResult

import api.admission
import api.app
import api.sse
from api.frame import Frame
from api.identity import RateLimited
from api.media import EVENTS, GRAPHQL_JSON, JSON
from api.ports import Allowance, FeedBroken, Identity, Stretch
from tests.api.ports import Happening, Known, Scripted, Still
from tests.api.test_events import registered

PATIENCE = 5.0
URQL = f"{GRAPHQL_JSON}, application/graphql+json, {JSON}, {EVENTS}, multipart/mixed"
QUERY = "{enumerations {name}}"
POSITIONS = "subscription($after: Position) {events(after: $after) {position}}"
COMPLETE = "event: complete\ndata:\n\n"


class Watched(Happening):
    """A feed that knows how many listen, and how much it gave."""

    def __init__(self) -> None:
        super().__init__(together=1)
        self.listeners = 0
        self.given = 0

    async def happens(self, recorded: Any) -> None:
        """Let something happen once all that happened before is told."""
        await asyncio.sleep(0.02)
        self.recorded.append(recorded)
        self.grown.set()

    async def stretch(self, after: int, limit: int, types: Collection[str]) -> Stretch:
        """Give what lies beyond a position, one at a time."""
        stretch = await super().stretch(after, min(limit, 1), types)
        self.given += len(stretch.events)
        return stretch

    async def since(self, after: int) -> AsyncIterator[Any]:
        """Give what lies beyond a position, then wait for more."""
        self.listeners += 1
        try:
            async for batch in super().since(after):
                self.given += len(batch)
                yield batch
        finally:
            self.listeners -= 1


class Poor:
    """Budgets of which nothing is left but the right to ask."""

    def admit(self, principal: UUID | None, address: str) -> None:
        """Let everybody in."""

    def spend(self, principal: UUID | None, address: str, cost: int) -> int:  # noqa: ARG002
        """Refuse."""
        raise RateLimited(policy="cost", quota=1, window=60, remaining=0, seconds=30)

    def left(self, principal: UUID | None, address: str) -> list[Allowance]:  # noqa: ARG002
        """Tell that nothing is."""
        return []


class Stage:
    """The application with a feed and with callers that the test changes."""

    def __init__(self, budgets: Any = None) -> None:
        self.feed, self.positions, self.commands = Watched(), Still(), Scripted()
        self.known = Known()
        unused: Any = None
        self.app = api.app.create(
            commands=self.commands,
            reads=unused,
            positions=self.positions,
            feed=self.feed,
            sheets=unused,
            identities=self.known,
            budgets=budgets,
        )


class Served(Protocol):
    """Something that has an application."""

    app: Starlette


class Reader:
    """Reads one response of an ASGI application, as slowly as the test does."""

    def __init__(
        self,
        stage: Served,
        body: bytes | None = None,
        *,
        query: str = "",
        eager: bool = True,
        **headers: str,
    ) -> None:
        """``eager`` is whether what is sent is taken at once."""
        self._received: asyncio.Queue[Message] = asyncio.Queue()
        self._sent: asyncio.Queue[Message] = asyncio.Queue()
        self._taken = asyncio.Semaphore(0)
        self._frames: list[str] = []
        self._eager = eager
        given = {"content-type": JSON, **headers} if body is not None else headers
        scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": "GET" if body is None else "POST",
            "scheme": "http",
            "path": "/graphql",
            "root_path": "",
            "query_string": query.encode(),
            "headers": [
                (name.replace("_", "-").encode(), value.encode()) for name, value in given.items()
            ],
            "client": ("203.0.113.7", 50_000),
        }
        self._received.put_nowait({"type": "http.request", "body": body or b"", "more_body": False})
        self.task = asyncio.ensure_future(stage.app(scope, self._received.get, self._send))

    async def _send(self, message: Message) -> None:
        await self._sent.put(message)
        if not self._eager:
            await self._taken.acquire()

    async def start(self) -> tuple[int, dict[str, str]]:
        """Give the status and the headers."""
        message = await self._take()
        assert message["type"] == "http.response.start", message
        headers = {name.decode(): value.decode() for name, value in message["headers"]}
        return message["status"], headers

    async def frame(self) -> str:
        """Give what is sent next, an empty text where that is the end."""
        if not self._frames:
            message = await self._take()
            assert message["type"] == "http.response.body", message
            text: str = message.get("body", b"").decode()
            assert message.get("more_body", False) == bool(text)
            self._frames = text.splitlines(keepends=True) if text else [text]
        taken = ""
        while not taken.endswith("\n\n") and self._frames:
            taken += self._frames.pop(0)
        return taken

    async def json(self) -> Any:
        """Give a body that is sent at once."""
        return json.loads((await self._take())["body"])

    async def next(self) -> Any:
        """Give the next result."""
        return result_of(await self.frame())

    async def ends(self) -> None:
        """See the stream end as it should."""
        assert await self.frame() == COMPLETE
        assert await self.frame() == ""
        await asyncio.wait_for(self.task, PATIENCE)

    async def leave(self) -> None:
        """Go away."""
        await self._received.put({"type": "http.disconnect"})
        await asyncio.wait_for(self.task, PATIENCE)

    async def _take(self) -> Message:
        async with asyncio.timeout(PATIENCE):
            message = await self._sent.get()
        self._taken.release()
        return message


def result_of(frame: str) -> Any:
    assert "\r" not in frame
    *head, data, last, end = frame.split("\n")
    assert head[0] == "event: next"
    assert (last, end) == ("", "")
    assert data.startswith("data: ")
    return json.loads(data.removeprefix("data: "))


def asks(query: str, **variables: Any) -> bytes:
    return json.dumps({"query": query, "variables": variables}).encode()


@pytest.fixture
def stage() -> Stage:
    return Stage()


@asynccontextmanager
async def streaming(
    stage: Stage, body: bytes | None, accept: str = EVENTS, **options: Any
) -> AsyncIterator[Reader]:
    """A stream that has begun, left in the end unless it is over."""
    reader = Reader(stage, body, accept=accept, **options)
    status, headers = await reader.start()
    assert status == 200
    assert headers["content-type"] == f"{EVENTS}; charset=utf-8"
    assert "content-length" not in headers
    try:
        yield reader
    finally:
        await reader.leave()


async def refused(stage: Stage, body: bytes | None, accept: str = EVENTS, **options: Any) -> Any:
    """What is answered to a request that has no stream: its status and its error."""
    reader = Reader(stage, body, accept=accept, **options)
    status, headers = await reader.start()
    assert headers["content-type"] in {JSON, GRAPHQL_JSON}
    answer = await reader.json()
    assert "data" not in answer
    (error,) = answer["errors"]
    assert stage.feed.listeners == 0
    return status, error


async def test_a_subscription_tells_each_event_with_its_position(stage: Stage) -> None:
    stage.feed.recorded = [registered(position) for position in range(1, 3)]
    async with streaming(stage, asks(POSITIONS, after="0")) as reader:
        frame = await reader.frame()
        assert frame.startswith("event: next\nid: 1\ndata: {")
        assert result_of(frame)["data"] == {"events": {"position": "1"}}
        assert result_of(frame)["extensions"]["position"] == "1"
        assert (await reader.next())["data"] == {"events": {"position": "2"}}
        await stage.feed.happens(registered(3))
        assert (await reader.next())["data"] == {"events": {"position": "3"}}


async def test_a_stream_is_told_to_caches_and_proxies(stage: Stage) -> None:
    stage.known.everybody = Identity(actor="ada", principal=UUID(int=1))
    reader = Reader(stage, asks(POSITIONS), accept=EVENTS)
    _, headers = await reader.start()
    assert headers["cache-control"].split(", ")[-1] == "no-store"
    assert headers["x-accel-buffering"] == "no"
    assert "accept" in headers["vary"]
    await reader.leave()


async def test_a_stream_begins_before_anything_happens(stage: Stage) -> None:
    async with streaming(stage, asks(POSITIONS)):
        assert stage.feed.given == 0


async def test_a_query_is_one_result(stage: Stage) -> None:
    async with streaming(stage, asks(QUERY)) as reader:
        result = await reader.next()
        assert result["data"]["enumerations"]
        assert result["extensions"]["position"] == "0"
        await reader.ends()


async def test_a_mutation_is_one_result(stage: Stage) -> None:
    stage.commands.answers = [FeedBroken(1)]
    query = 'mutation {registerOrganisation(input: {name: "A", kind: UNION}) {__typename}}'
    async with streaming(stage, asks(query)) as reader:
        assert (await reader.next())["errors"][0]["extensions"]["code"] == "UNREADABLE_EVENT"
        await reader.ends()
    assert len(stage.commands.given) == 1


async def test_a_subscription_can_be_asked_by_get(stage: Stage) -> None:
    stage.feed.recorded = [registered(1)]
    query = urlencode({"query": POSITIONS, "variables": '{"after": "0"}'})
    async with streaming(stage, None, query=query) as reader:
        assert (await reader.next())["data"] == {"events": {"position": "1"}}


async def test_a_mutation_cannot_be_done_by_get(stage: Stage) -> None:
    query = urlencode({"query": "mutation {__typename}"})
    status, _ = await refused(stage, None, query=query)
    assert status == 405


@pytest.mark.parametrize("accept", [URQL, f"{EVENTS}, {JSON}", f"{EVENTS}, */*"])
async def test_who_takes_json_as_gladly_has_a_stream_of_subscriptions_only(
    stage: Stage, accept: str
) -> None:
    reader = Reader(stage, asks(QUERY), accept=accept)
    status, headers = await reader.start()
    assert (status, headers["content-type"]) == (200, GRAPHQL_JSON if accept == URQL else JSON)
    assert (await reader.json())["data"]["enumerations"]
    stage.feed.recorded = [registered(1)]
    async with streaming(stage, asks(POSITIONS, after="0"), accept) as stream:
        assert (await stream.next())["data"] == {"events": {"position": "1"}}


@pytest.mark.parametrize("accept", [JSON, GRAPHQL_JSON, "*/*", f"{EVENTS};q=0, {JSON}"])
async def test_a_subscription_needs_a_stream(stage: Stage, accept: str) -> None:
    status, error = await refused(stage, asks(POSITIONS), accept)
    assert status == 400
    assert EVENTS in error["message"]


WRONG = [
    (asks("subscription {"), "Syntax Error"),
    (asks("subscription {nothing}"), "nothing"),
    (asks("{nothing}"), "nothing"),
    (asks(POSITIONS, after="x"), "position"),
]


@pytest.mark.parametrize(("body", "told"), WRONG)
async def test_what_cannot_be_executed_is_told_in_the_stream_to_those_who_take_nothing_else(
    stage: Stage, body: bytes, told: str
) -> None:
    async with streaming(stage, body) as reader:
        result = await reader.next()
        assert "data" not in result
        assert told in result["errors"][0]["message"]
        await reader.ends()
    assert stage.feed.listeners == 0


@pytest.mark.parametrize(("body", "told"), WRONG)
async def test_what_cannot_be_executed_is_told_before_there_is_a_stream_to_those_who_take_json(
    stage: Stage, body: bytes, told: str
) -> None:
    status, error = await refused(stage, body, URQL)
    assert status == 400
    assert told in error["message"]


@pytest.mark.parametrize("accept", [EVENTS, URQL])
@pytest.mark.parametrize(
    ("body", "told"),
    [
        (asks("query A {__typename} subscription B {events {position}}"), "operationName"),
        (b'{"query": 7}', "query"),
        (b"{", "JSON"),
    ],
)
async def test_what_is_no_request_is_told_before_there_is_a_stream(
    stage: Stage, accept: str, body: bytes, told: str
) -> None:
    status, error = await refused(stage, body, accept)
    assert status == 400
    assert told in error["message"]


async def test_a_position_that_is_not_reached_is_told_in_the_stream(stage: Stage) -> None:
    async with streaming(stage, asks(POSITIONS), min_position="6") as reader:
        (error,) = (await reader.next())["errors"]
        assert error["extensions"]["code"] == "POSITION_NOT_REACHED"
        await reader.ends()


async def test_who_cannot_pay_is_told_before_there_is_a_stream() -> None:
    poor = Stage(Poor())
    poor.known.everybody = Identity(actor="ada", principal=UUID(int=1))
    for body in (asks(POSITIONS), asks(QUERY)):
        status, error = await refused(poor, body)
        assert (status, error["extensions"]["code"]) == (429, "RATE_LIMITED")


async def test_who_proves_nothing_is_told_before_there_is_a_stream() -> None:
    unused: Any = None
    strangers = Stage()
    strangers.app = api.app.create(
        commands=unused,
        reads=unused,
        positions=strangers.positions,
        feed=strangers.feed,
        sheets=unused,
    )
    status, error = await refused(strangers, asks(POSITIONS), authorization="Bearer x")
    assert (status, error["extensions"]["code"]) == (401, "UNAUTHENTICATED")


async def test_who_comes_back_misses_nothing_and_sees_nothing_twice(stage: Stage) -> None:
    stage.feed.recorded = [registered(position) for position in range(1, 6)]
    stage.feed.at = 5
    for variables in ({}, {"after": "0"}):
        async with streaming(stage, asks(POSITIONS, **variables), last_event_id="3") as reader:
            told = [(await reader.next())["data"]["events"]["position"] for _ in range(2)]
            assert told == ["4", "5"]


async def test_a_last_event_id_that_is_no_position_is_refused(stage: Stage) -> None:
    status, error = await refused(stage, asks(POSITIONS), last_event_id="x")
    assert status == 400
    assert "last-event-id" in error["message"]


@pytest.mark.parametrize(
    "query",
    [
        "subscription {events(after: 0) {type}}",
        "subscription {e: events(after: 0) {position}}",
        "subscription {events(after: 0) {position: type}}",
    ],
)
async def test_an_event_has_its_position_for_an_id_whatever_is_asked_of_it(
    stage: Stage, query: str
) -> None:
    stage.feed.recorded = [registered(1)]
    async with streaming(stage, asks(query.replace("0", '"0"'))) as reader:
        assert (await reader.frame()).startswith("event: next\nid: 1\ndata: ")


async def test_a_stream_that_is_silent_says_that_it_is_there(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api.sse, "HEARTBEAT", 0.02)
    async with streaming(stage, asks(POSITIONS, after="0")) as reader:
        assert [await reader.frame() for _ in range(3)] == [":\n\n"] * 3
        await stage.feed.happens(registered(1))
        while (frame := await reader.frame()) == ":\n\n":
            pass
        assert result_of(frame)["data"] == {"events": {"position": "1"}}


async def test_the_bound_of_requests_is_none_of_streams(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.http.LONGEST_REQUEST", 0.05)
    async with streaming(stage, asks(POSITIONS, after="0")) as reader:
        await asyncio.sleep(0.2)
        await stage.feed.happens(registered(1))
        assert (await reader.next())["data"] == {"events": {"position": "1"}}


async def test_who_goes_away_ends_the_subscription_at_once(stage: Stage) -> None:
    stage.feed.recorded = [registered(1)]
    async with streaming(stage, asks(POSITIONS, after="0")) as reader:
        await reader.next()
        await asyncio.sleep(0.01)
        assert stage.feed.listeners == 1
    await asyncio.sleep(0.01)
    assert stage.feed.listeners == 0


async def test_who_goes_away_while_they_read_ends_the_subscription_at_once(stage: Stage) -> None:
    stage.feed.recorded = [registered(position) for position in range(1, 9)]
    async with streaming(stage, asks(POSITIONS, after="0"), eager=False):
        while stage.feed.given == 0:
            await asyncio.sleep(0)
    await asyncio.sleep(0.01)
    assert stage.feed.listeners == 0


async def test_a_stream_waits_for_its_reader(stage: Stage) -> None:
    stage.feed.recorded = [registered(position) for position in range(1, 1_001)]
    async with streaming(stage, asks(POSITIONS, after="0"), eager=False) as reader:
        await asyncio.sleep(0.05)
        assert stage.feed.given == 1
        for _ in range(10):
            await reader.next()
        await asyncio.sleep(0.05)
        assert stage.feed.given <= 11


async def test_a_reader_who_takes_nothing_is_gone_after_a_while(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api.sse, "STALLED", 0.05)
    stage.feed.recorded = [registered(position) for position in range(1, 9)]
    async with streaming(stage, asks(POSITIONS, after="0"), eager=False) as reader:
        await asyncio.wait_for(reader.task, PATIENCE)
    await asyncio.sleep(0.01)
    assert stage.feed.listeners == 0


async def test_a_stream_ends_when_the_token_does(stage: Stage) -> None:
    stage.known.everybody = Identity(actor="ada", trusted=True, expires_at=time.time() + 0.2)
    async with streaming(stage, asks(POSITIONS)) as reader:
        result = await reader.next()
        assert result["data"] is None
        assert result["errors"][0]["extensions"]["code"] == "TOKEN_EXPIRED"
        await reader.ends()
    assert stage.feed.listeners == 0


async def test_a_stream_ends_when_its_key_is_revoked(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api.admission, "LOOKED_AT", 0.02)
    stage.known.everybody = Identity(actor="ada", trusted=True, key=UUID(int=7))
    async with streaming(stage, asks(POSITIONS), accept_language="fr") as reader:
        await asyncio.sleep(0.1)
        stage.known.everybody = Identity(actor="somebody else")
        (error,) = (await reader.next())["errors"]
        assert error["extensions"]["code"] == "KEY_REFUSED"
        assert "clé" in error["message"]
        await reader.ends()
    assert stage.feed.listeners == 0


async def test_a_busy_stream_ends_when_the_token_does(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def busy(after: int) -> AsyncIterator[Any]:
        while True:
            after += 1
            yield [registered(after)]

    monkeypatch.setattr(stage.feed, "since", busy)
    stage.known.everybody = Identity(actor="ada", trusted=True, expires_at=time.time() + 0.1)
    async with streaming(stage, asks(POSITIONS, after="0")) as reader:
        while (result := await reader.next())["data"] is not None:
            pass
        assert result["errors"][0]["extensions"]["code"] == "TOKEN_EXPIRED"
        await reader.ends()


async def test_callers_who_can_no_longer_be_checked_are_told_no_more(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(identity: Identity) -> bool:  # noqa: ARG001
        raise RuntimeError("password=hunter2")

    monkeypatch.setattr(api.admission, "LOOKED_AT", 0.02)
    monkeypatch.setattr(stage.known, "stands", away)
    stage.known.everybody = Identity(actor="ada", trusted=True, key=UUID(int=7))
    async with streaming(stage, asks(POSITIONS)) as reader:
        (error,) = (await reader.next())["errors"]
        assert error["extensions"]["code"] == "FAULT"
        assert "hunter2" not in str(error)
        await reader.ends()


async def test_a_feed_that_breaks_is_told_and_ends_the_stream(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(after: int) -> AsyncIterator[Any]:
        yield [registered(after + 1)]
        raise FeedBroken(after + 2)

    monkeypatch.setattr(stage.feed, "since", broken)
    async with streaming(stage, asks(POSITIONS, after="0")) as reader:
        assert (await reader.next())["data"] == {"events": {"position": "1"}}
        (error,) = (await reader.next())["errors"]
        assert error["extensions"] == {"code": "UNREADABLE_EVENT", "position": "2"}
        await reader.ends()


def test_lines_that_postgresql_broke_are_one() -> None:
    rows = orjson.Fragment(b'[{"a": "x\\ny"}, \n {"a": 1}, \r\n {}]')
    frame = Frame.of(ExecutionResult({"rows": rows}, None)).event().decode()
    assert result_of(frame)["data"]["rows"] == [{"a": "x\ny"}, {"a": 1}, {}]
