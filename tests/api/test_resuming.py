"""Subscribers who come back, at any position of a log and over any way: they miss nothing."""

import asyncio
from typing import Any

import pytest

from api.media import EVENTS
from tests.api.calling import Caller
from tests.api.socket import connected
from tests.api.test_sse import Reader, asks, result_of

ASKED = (
    "subscription($after: Position, $cursor: String, $where: EventWhere)"
    " {events(after: $after, afterCursor: $cursor, where: $where) {position type noun cursor}}"
)
WHERE = {"nouns": ["cohort"]}


@pytest.fixture
async def town(caller: Caller) -> Caller:
    """A program with a small log."""
    cohort = await caller.make("OpenCohort", name="CEC", territories=["region:52"], capacity=3)
    for name, territory in (("Une", "region:52"), ("Deux", "region:28")):
        await caller.enrol(cohort, await caller.organisation(name, territory))
    return caller


async def heard(town: Caller, count: int, **variables: Any) -> list[dict[str, Any]]:
    """Take so many events over a connection of its own."""
    async with connected(town.app) as socket:
        await socket.subscribe("1", ASKED, **variables)
        return [(await socket.next("1"))["data"]["events"] for _ in range(count)]


async def streamed(town: Caller, count: int, seen: int, **variables: Any) -> list[Any]:
    """Take so many events over a stream, which is taken up where it was left."""
    reader = Reader(town, asks(ASKED, **variables), accept=EVENTS, last_event_id=str(seen))
    assert (await reader.start())[0] == 200
    told = []
    for _ in range(count):
        frame = await reader.frame()
        told.append(result_of(frame)["data"]["events"])
        assert f"\nid: {told[-1]['position']}\n" in frame
    await reader.leave()
    return told


@pytest.mark.parametrize("where", [None, WHERE], ids=["everything", "some"])
async def test_a_subscriber_resumed_at_every_position_of_a_log_equals_the_log(
    town: Caller, where: dict[str, Any] | None
) -> None:
    head = int(town.position)
    log = await heard(town, head, after="0")
    assert [int(event["position"]) for event in log] == list(range(1, head + 1))
    meant = [event["position"] for event in log if where is None or event["noun"] == "cohort"]
    expected = await heard(town, len(meant), after="0", where=where)
    assert [event["position"] for event in expected] == meant
    for seen in range(head + 1):
        rest = [event for event in expected if int(event["position"]) > seen]
        assert await heard(town, len(rest), after=str(seen), where=where) == rest
        assert await streamed(town, len(rest), seen, where=where) == rest
    for number, event in enumerate(expected, 1):
        rest = expected[number:]
        assert await heard(town, len(rest), cursor=event["cursor"], where=where) == rest


async def test_whoever_came_back_anywhere_hears_what_comes_once(town: Caller) -> None:
    head = int(town.position)
    async with connected(town.app) as socket:
        for seen in range(head + 1):
            await socket.subscribe(str(seen), ASKED, after=str(seen))
        told: dict[str, list[int]] = {str(seen): [] for seen in range(head + 1)}
        appended = asyncio.create_task(town.organisation("Trois", "region:28"))
        while any(not each or each[-1] <= head for each in told.values()):
            message = await socket.receive()
            position = int(message["payload"]["data"]["events"]["position"])
            told[message["id"]].append(position)
        await appended
    for seen in range(head + 1):
        assert told[str(seen)] == list(range(seen + 1, head + 2))


async def refusal(town: Caller, **variables: Any) -> str:
    async with connected(town.app) as socket:
        await socket.subscribe("1", ASKED, **variables)
        (error,) = (await socket.next("1"))["errors"]
        await socket.complete("1")
    return str(error["extensions"]["code"])


async def test_a_cursor_that_was_not_given_here_is_refused(town: Caller) -> None:
    (event,) = await heard(town, 1, after="0")
    cursor = event["cursor"]
    changed = cursor[:9] + ("A" if cursor[9] != "A" else "B") + cursor[10:]
    for forged in (changed, "", "x", "1", cursor[:-4], "é" * 200):
        assert await refusal(town, cursor=forged) == "FOREIGN_CURSOR"


async def test_a_cursor_goes_with_the_filters_under_which_it_was_given(town: Caller) -> None:
    (event,) = await heard(town, 1, after="0", where=WHERE)
    assert await refusal(town, cursor=event["cursor"]) == "OTHER_FILTERS"
    other = {"nouns": ["cohort", "organisation"]}
    assert await refusal(town, cursor=event["cursor"], where=other) == "OTHER_FILTERS"
    two = {"nouns": ["organisation", "cohort"], "territories": ["region:52", "region:28"]}
    (event,) = await heard(town, 1, after="0", where=two)
    same = {"territories": ["region:28", "region:52"], "nouns": ["cohort", "organisation"]}
    (following,) = await heard(town, 1, cursor=event["cursor"], where=same)
    assert following["position"] == "2"


async def test_one_beginning_is_enough(town: Caller) -> None:
    (event,) = await heard(town, 1, after="0")
    assert await refusal(town, cursor=event["cursor"], after="0") == "TWO_BEGINNINGS"


async def test_subscriptions_and_the_feed_take_each_others_cursors(
    town: Caller,
) -> None:
    where = {"nouns": ["cohort", "organisation"]}
    (event,) = await heard(town, 1, after="0", where=where)
    filters = {"nouns": "organisation,cohort"}
    after = {"after": event["cursor"], **filters}
    page = await town.http.get("/events", params={**after, "limit": "1"})
    assert [int(each["sequence"]) for each in page.json()] == [2]
    first = await town.http.get("/events", params={"limit": "1", **filters})
    link = first.headers["link"]
    cursor = link.partition("after=")[2].partition("&")[0]
    (following,) = await heard(town, 1, cursor=cursor, where=where)
    assert following["position"] == "2"
