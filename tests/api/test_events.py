"""The subscription: what happens, from any position on, over graphql-transport-ws."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest

import api.app
from api import sse
from api.ports import FeedBroken
from domain.claim import Claim
from domain.organisation import Organisation, OrganisationKind, SirenTaken
from domain.record import Metadata, Recorded
from tests.api.ports import Happening, Known, Scripted, Still
from tests.api.socket import Socket, connected

AT = datetime(2025, 12, 1, 9, 30, tzinfo=UTC)
EVENTS = (
    "subscription($after: Position) {events(after: $after) {position type noun subject version"
    " recordedAt effectiveOn actor onBehalfOf command commandId reason}}"
)
POSITIONS = "subscription($after: Position) {events(after: $after) {position}}"


def registered(position: int, **metadata: Any) -> Recorded[Any]:
    organisation = Organisation.register(
        UUID(int=position), now=AT, name="Atmo", kind=OrganisationKind.ASSOCIATION
    )
    (event,) = organisation.collect_events()
    told = Metadata(**{"actor": "ada", "command": "RegisterOrganisation", **metadata})
    return Recorded(event, position, AT, UUID(int=99), told)


class Stage:
    """The application with a feed that the test fills."""

    def __init__(self) -> None:
        self.feed = Happening()
        self.positions = Still()
        self.commands = Scripted()
        unused: Any = None
        self.app = api.app.create(
            commands=self.commands,
            reads=unused,
            positions=self.positions,
            feed=self.feed,
            sheets=unused,
            identities=Known(),
        )


@pytest.fixture
def stage() -> Stage:
    return Stage()


@pytest.fixture
async def subscriber(stage: Stage) -> AsyncIterator[Socket]:
    async with connected(stage.app) as socket:
        yield socket


async def test_an_event_tells_what_happened_and_who_did_it(
    stage: Stage, subscriber: Socket
) -> None:
    stage.feed.recorded = [
        registered(1, on_behalf_of=UUID(int=5), effective_on=date(2025, 11, 30), reason="why")
    ]
    await subscriber.subscribe("a", EVENTS, after="0")
    assert (await subscriber.next("a"))["data"]["events"] == {
        "position": "1",
        "type": "organisation.registered",
        "noun": "organisation",
        "subject": f"org_{1:032x}",
        "version": 1,
        "recordedAt": "2025-12-01T09:30:00+00:00",
        "effectiveOn": "2025-11-30",
        "actor": "ada",
        "onBehalfOf": f"org_{5:032x}",
        "command": "RegisterOrganisation",
        "commandId": str(UUID(int=99)),
        "reason": "why",
    }


async def test_what_has_no_id_of_its_own_has_no_subject(stage: Stage, subscriber: Socket) -> None:
    (event,) = Claim.open("siren", "552100554", now=AT).collect_events()
    stage.feed.recorded = [Recorded(event, 1, AT, UUID(int=99), registered(1).metadata)]
    await subscriber.subscribe("a", EVENTS, after="0")
    told = (await subscriber.next("a"))["data"]["events"]
    assert (told["noun"], told["subject"]) == ("claim", None)


async def test_a_subscription_goes_on_after_the_position_that_it_names(
    stage: Stage, subscriber: Socket
) -> None:
    stage.feed.recorded = [registered(position) for position in range(1, 6)]
    await subscriber.subscribe("a", POSITIONS, after="3")
    told = [(await subscriber.next("a"))["data"]["events"]["position"] for _ in range(2)]
    assert told == ["4", "5"]


async def test_a_subscription_without_a_position_begins_now(
    stage: Stage, subscriber: Socket
) -> None:
    stage.feed.recorded = [registered(position) for position in range(1, 4)]
    stage.feed.at, stage.positions.at = 2, 1
    await subscriber.subscribe("a", POSITIONS)
    assert (await subscriber.next("a"))["data"]["events"]["position"] == "3"


async def test_several_operations_share_a_socket(stage: Stage, subscriber: Socket) -> None:
    stage.feed.recorded = [registered(1)]
    await subscriber.subscribe("a", POSITIONS, after="0")
    assert (await subscriber.next("a"))["data"]["events"] == {"position": "1"}
    await subscriber.subscribe("b", "{enumerations {name}}")
    assert (await subscriber.next("b"))["data"]["enumerations"]
    await subscriber.complete("b")


async def test_a_socket_can_carry_a_mutation(stage: Stage, subscriber: Socket) -> None:
    stage.commands.answers = [SirenTaken(siren="1", organisation="org_1")]
    query = 'mutation {registerOrganisation(input: {name: "A", kind: UNION}) {__typename}}'
    await subscriber.subscribe("a", query)
    payload = await subscriber.next("a")
    assert payload["data"] == {"registerOrganisation": {"__typename": "SirenTaken"}}
    assert payload["extensions"]["position"] == "0"


@pytest.mark.parametrize("after", ["-1", "x", "1.5", str(2**63), 1.5])
async def test_a_position_that_is_none_is_refused(subscriber: Socket, after: object) -> None:
    await subscriber.subscribe("a", POSITIONS, after=after)
    assert "position" in (await subscriber.error("a"))[0]["message"]


async def test_a_subscription_that_is_not_valid_is_told_why(subscriber: Socket) -> None:
    await subscriber.subscribe("a", "subscription {nothing}")
    assert "nothing" in (await subscriber.error("a"))[0]["message"]


async def test_a_feed_that_breaks_is_told_without_its_secrets(
    stage: Stage, subscriber: Socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(after: int) -> AsyncIterator[Any]:
        yield [registered(after + 1)]
        raise RuntimeError("password=hunter2")

    monkeypatch.setattr(stage.feed, "since", broken)
    await subscriber.subscribe("a", POSITIONS, after="0")
    assert (await subscriber.next("a"))["data"]["events"] == {"position": "1"}
    payload = await subscriber.next("a")
    assert "hunter2" not in str(payload)
    assert payload["errors"][0]["extensions"]["code"] == "FAULT"


async def test_an_event_that_cannot_be_read_is_named_after_those_before_it(
    stage: Stage, subscriber: Socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(after: int) -> AsyncIterator[Any]:
        yield [registered(after + 1)]
        raise FeedBroken(after + 2)

    monkeypatch.setattr(stage.feed, "since", broken)
    await subscriber.subscribe("a", POSITIONS, after="0")
    assert (await subscriber.next("a"))["data"]["events"] == {"position": "1"}
    (error,) = (await subscriber.next("a"))["errors"]
    assert error["extensions"] == {"code": "UNREADABLE_EVENT", "position": "2"}


async def test_a_reader_who_takes_nothing_is_dropped_with_a_code_and_can_come_back(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sse, "STALLED", 0.05)
    stage.feed.recorded = [registered(1)]
    async with connected(stage.app) as socket:
        await socket.subscribe("a", POSITIONS, after="0")
        seen = (await socket.next("a"))["data"]["events"]["position"]
        socket.stalled = True
        stage.feed.recorded += [registered(position) for position in (2, 3)]
        stage.feed.grown.set()
        assert await socket.closed() == 1013
    async with connected(stage.app) as socket:
        await socket.subscribe("a", POSITIONS, after=seen)
        for position in ("2", "3"):
            assert (await socket.next("a"))["data"]["events"]["position"] == position
