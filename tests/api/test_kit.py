"""The partner's kit: a client that catches up, waits, comes back, and says what it cannot heal."""

import asyncio
import socket
import tracemalloc
from collections.abc import Sequence
from contextlib import aclosing
from typing import Any, Final

import httpx
import pytest

from api.identity import KeyRefused
from api.publication.feed import SCANNED
from api.publication.kit import cordee_events
from api.publication.kit.cordee_events import (
    BATCH,
    CursorRefused,
    Feed,
    FeedError,
    NoFeed,
    NotLetIn,
    Page,
    QuestionRefused,
)
from tests.api.test_public_feed import LOG, Stage, registered, stage

__all__ = ["stage"]


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses that are made, none of which is waited for."""
    made = list[float]()

    async def sleep(seconds: float) -> None:
        made.append(seconds)

    monkeypatch.setattr("asyncio.sleep", sleep)
    return made


def feed(transport: httpx.AsyncBaseTransport, **more: Any) -> Feed:
    return Feed("http://test", transport=transport, **{"limit": 5, "wait": 0, **more})


def on(stage: Stage, **more: Any) -> Feed:
    """Give the feed of an application."""
    return feed(httpx.ASGITransport(stage.app), **more)


async def until(feed: Feed, last: int, after: str | int = 0) -> list[int]:
    """Read until a position is told, and give all that were."""
    seen = list[int]()
    async with asyncio.timeout(10), aclosing(feed.events(after)) as events:
        async for event in events:
            seen.append(int(event["sequence"]))
            if seen[-1] == last:
                break
    return seen


async def first(feed: Feed, after: str | int = 0) -> Page:
    async with asyncio.timeout(10), aclosing(feed.pages(after)) as pages:
        return await anext(pages)


async def test_it_gives_the_log_page_by_page_and_then_what_comes(stage: Stage) -> None:
    reading = asyncio.create_task(until(on(stage, wait=20), LOG + 1))
    await asyncio.sleep(0.1)
    stage.happens(registered(LOG + 1))
    assert await reading == list(range(1, LOG + 2))


async def test_resumed_after_every_event_and_at_every_cursor_it_misses_nothing(
    stage: Stage,
) -> None:
    for after in range(LOG):
        assert await until(on(stage), LOG, after) == list(range(after + 1, LOG + 1))
    for limit in range(1, LOG + 1):
        seen, cursor = list[int](), "0"
        while len(seen) < LOG:
            page = await first(on(stage, limit=limit), cursor)
            seen += [int(event["sequence"]) for event in page.events]
            cursor = page.cursor
        assert seen == list(range(1, LOG + 1))


async def test_where_nothing_is_for_a_reader_it_gives_how_far_that_was_looked_through(
    stage: Stage,
) -> None:
    for nouns in (["roadmap"], "roadmap"):
        page = await first(on(stage, nouns=nouns))
        assert (page.events, page.scanned) == ([], LOG)


REFUSED: Final[Sequence[tuple[dict[str, Any], str | int, type[FeedError], str]]] = (
    ({}, "c1.forged", CursorRefused, "CURSOR_REFUSED"),
    ({}, LOG + 1, CursorRefused, "BEYOND_THE_END"),
    ({"territories": ["region:0"]}, 0, QuestionRefused, "UNKNOWN_TERRITORY"),
    ({"colours": ["green"]}, 0, QuestionRefused, "UNKNOWN_PARAMETER"),
    ({"limit": 5_001}, 0, QuestionRefused, "INVALID_NUMBER"),
)


async def test_what_asking_again_does_not_heal_is_raised(stage: Stage, pauses: list[float]) -> None:
    for asked, after, error, code in REFUSED:
        with pytest.raises(error) as raised:
            await first(on(stage, **asked), after)
        assert (raised.value.code, raised.value.status) == (code, 400)
    assert pauses == []


async def test_a_cursor_of_other_filters_is_raised(stage: Stage) -> None:
    page = await first(on(stage))
    with pytest.raises(CursorRefused, match="OTHER_FILTERS"):
        await first(on(stage, nouns=["cohort"]), page.cursor)


class Locked:
    """Identities that let one token in."""

    async def identify(self, authorization: str | None, address: str) -> Any:  # noqa: ARG002
        """Tell who it is."""
        if authorization == "Bearer right":
            return Stage().known.everybody
        raise KeyRefused

    async def stands(self, identity: Any) -> bool:  # noqa: ARG002
        """Nothing revokes it."""
        return True


async def test_a_token_that_proves_nothing_is_raised_and_one_that_expired_is_asked_for_anew(
    pauses: list[float],
) -> None:
    stage = Stage(identities=Locked())
    stage.happens(registered(1))
    with pytest.raises(NotLetIn):
        await first(on(stage, token="wrong"))  # noqa: S106
    for tokens in (["expired", "right"], ["right"]):
        assert len((await first(on(stage, token=iter(tokens).__next__))).events) == 1
    with pytest.raises(NotLetIn):
        await first(on(stage, token=lambda: "wrong"))
    assert pauses == []


class Flaky(httpx.AsyncBaseTransport):
    """A way to an application on which things go wrong first."""

    def __init__(self, stage: Stage, *wrong: httpx.Response | Exception) -> None:
        self._wrong = list(wrong)
        self._right = httpx.ASGITransport(stage.app)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Fail, or answer."""
        if self._wrong:
            wrong = self._wrong.pop(0)
            if isinstance(wrong, Exception):
                raise wrong
            return wrong
        return await self._right.handle_async_request(request)


async def test_it_comes_back_after_pauses_that_grow_and_misses_nothing(
    stage: Stage, pauses: list[float]
) -> None:
    wrong: list[httpx.Response | Exception] = [
        httpx.ConnectError("nobody listens"),
        httpx.ReadTimeout("nothing comes"),
        httpx.RemoteProtocolError("it broke off"),
        httpx.Response(503, json={"errors": []}),
        httpx.Response(502, html="<h1>Bad gateway</h1>"),
    ]
    assert await until(feed(Flaky(stage, *wrong)), LOG) == list(range(1, LOG + 1))
    floors = [0.5, 1.0, 2.0, 4.0, 8.0]
    assert all(floor <= pause <= 1.5 * floor for floor, pause in zip(floors, pauses, strict=True))


async def test_it_waits_for_as_long_as_the_server_asks_and_never_gives_up(
    stage: Stage, pauses: list[float]
) -> None:
    busy = httpx.Response(429, headers={"retry-after": "90"})
    gone = [httpx.ConnectError("nobody listens")] * 500
    assert len((await first(feed(Flaky(stage, busy, *gone)))).events) == 5
    assert 90 <= pauses[0] <= 135
    assert max(pauses[1:]) <= 90


async def test_whoever_has_caught_up_lets_what_happens_come_together(
    stage: Stage, pauses: list[float]
) -> None:
    async with aclosing(on(stage).pages()) as pages:
        while (await anext(pages)).scanned < LOG:
            assert pauses == [], "whoever is behind asks at once"
        stage.happens(registered(LOG + 1))
        assert len((await anext(pages)).events) == 1
    (pause,) = pauses
    assert 0 < pause <= cordee_events.SPACING


async def test_a_token_that_cannot_be_sent_is_told_at_once(pauses: list[float]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        with pytest.raises(httpx.LocalProtocolError):
            await first(Feed(url, token="two\nlines"))  # noqa: S106
    assert pauses == []


async def test_what_is_no_feed_is_told_as_such(stage: Stage) -> None:
    for answer in (
        httpx.Response(200, html="<h1>Welcome</h1>"),
        httpx.Response(200, json=[]),
        httpx.Response(302, headers={"location": "http://elsewhere"}),
        httpx.Response(404, text="nothing here"),
        httpx.Response(400, json={"detail": "bad"}),
    ):
        with pytest.raises(NoFeed, match="http://test/events"):
            await first(feed(Flaky(stage, answer)))


def test_an_address_without_a_scheme_is_told_at_once() -> None:
    with pytest.raises(ValueError, match="https://"):
        Feed("cordee.example")


async def test_whoever_is_a_month_behind_has_a_page_in_memory_and_not_the_month() -> None:
    pages, limit, told = 240, 200, 0

    def answer(request: httpx.Request) -> httpx.Response:
        nonlocal told
        after = int(request.url.params["after"])
        events = [
            {"sequence": f"{after + number:019}", "data": {"details": {"name": "Atmo" * 50}}}
            for number in range(1, limit + 1)
        ]
        headers = {"content-type": BATCH, SCANNED: str(after + limit)}
        headers["link"] = f'</events?after={after + limit}>; rel="next"'
        response = httpx.Response(200, json=events, headers=headers)
        told += len(response.content)
        return response

    tracemalloc.start()
    async with aclosing(feed(httpx.MockTransport(answer), limit=limit).pages()) as found:
        async for page in found:
            if page.scanned == limit * pages:
                break
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < told / 2, "and what is read from JSON takes several times what is told"


async def test_anybody_gets_it_from_the_server(stage: Stage) -> None:
    got = await stage.http.get("/events/kit/cordee_events.py")
    assert got.headers["content-type"].startswith("text/x-python")
    namespace: dict[str, Any] = {"__name__": "cordee_events"}
    exec(compile(got.text, "cordee_events.py", "exec"), namespace)  # noqa: S102
    assert namespace["__all__"] == cordee_events.__all__
