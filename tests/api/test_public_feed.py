"""The feed: what happened, page after page, to those who may see to what it happened."""

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

import api.app
from api.identity import KeyRefused
from api.ports import FeedBroken, Identity, ReadsUnavailable
from api.publication import feed, search
from api.publication.asked import MOST
from api.publication.cloud_event import BATCH
from api.publication.cursor import CursorForged, CursorOfAnother, Cursors
from domain.claim import Claim
from domain.identity import external
from domain.organisation import Organisation, OrganisationKind
from domain.record import Metadata, Recorded
from domain.roadmap import Roadmap, RoadmapOwner
from tests.api.calling import Caller
from tests.api.conftest import Client
from tests.api.ports import Happening, Known, Scripted, Still
from tests.api.test_sse import Poor

AT = datetime(2026, 1, 5, 9, 30, tzinfo=UTC)
ADA = UUID(int=1)
ATMO, ROADMAP = UUID(int=5), UUID(int=6)
LOG = 12
"""Events of the log of a fellowship of organisations."""


def recorded(aggregate: Any, position: int) -> Recorded[Any]:
    (event,) = aggregate.collect_events()
    actor = external("principal", ADA)
    return Recorded(event, position, AT, UUID(int=99), Metadata(actor=actor, command="DoIt"))


def registered(position: int, id: UUID | None = None) -> Recorded[Any]:
    kind = OrganisationKind.ASSOCIATION
    id = id or UUID(int=100 + position)
    return recorded(Organisation.register(id, now=AT, name="Atmo", kind=kind), position)


def drafted(position: int) -> Recorded[Any]:
    owner = RoadmapOwner(organisation=ATMO, cohort=UUID(int=7))
    return recorded(Roadmap.draft(ROADMAP, now=AT, owner=owner, horizon=2030), position)


def claimed(position: int) -> Recorded[Any]:
    return recorded(Claim.open("roadmap", ATMO.hex, now=AT), position)


class Stage:
    """The application with a feed and callers that the test changes; the program itself calls."""

    def __init__(self, *, budgets: Any = None, identities: Any = None, key: bytes = b"one") -> None:
        self.feed, self.positions, self.known = Happening(), Still(1_000), Known()
        self.parting = asyncio.Event()
        unused: Any = None
        self.app = api.app.create(
            commands=Scripted(),
            reads=unused,
            positions=self.positions,
            feed=self.feed,
            sheets=unused,
            identities=identities or self.known,
            budgets=budgets,
            parting=self.parting,
            cursor_key=key,
        )
        self.http = httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app), base_url="http://test"
        )

    async def read(self, **asked: Any) -> httpx.Response:
        """Ask for events."""
        return await self.http.get("/events", params=asked)

    async def refused(self, **asked: Any) -> Any:
        """Ask for what is refused, and give why."""
        response = await self.read(**asked)
        assert response.status_code == 400, response.text
        (error,) = response.json()["errors"]
        return error

    def happens(self, recorded: Recorded[Any]) -> None:
        """Let something happen."""
        self.feed.recorded.append(recorded)
        self.feed.at = recorded.position
        self.feed.grown.set()


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    """A log of organisations."""
    stage = Stage()
    for position in range(1, LOG + 1):
        stage.happens(registered(position))
    yield stage
    await stage.http.aclose()


def positions(response: httpx.Response) -> list[int]:
    assert response.status_code == 200, response.text
    return [int(event["sequence"]) for event in response.json()]


def following(response: httpx.Response) -> str:
    link = response.headers["link"]
    assert link.endswith('>; rel="next"')
    return str(link[1 : link.index(">")])


def scanned(response: httpx.Response) -> int:
    return int(response.headers["cordee-scanned"])


async def test_a_page_is_a_batch_of_cloud_events_in_order(stage: Stage) -> None:
    response = await stage.read(limit=5)
    assert response.headers["content-type"] == BATCH
    assert positions(response) == [1, 2, 3, 4, 5]
    assert scanned(response) == 5
    first = response.json()[0]
    assert first["type"] == "fr.cordee.organisation.registered.v1"
    assert first["subject"] == external("organisation", UUID(int=101))
    assert first["data"]["details"]["name"] == "Atmo"


@pytest.mark.parametrize("limit", [1, 2, 5, LOG, LOG + 1])
async def test_following_the_links_gives_every_event_once(stage: Stage, limit: int) -> None:
    response = await stage.read(limit=limit)
    found = positions(response)
    while positions(response):
        response = await stage.http.get(following(response))
        found += positions(response)
    assert found == list(range(1, LOG + 1))


async def test_resumed_at_every_position_it_gives_the_rest_of_the_log(stage: Stage) -> None:
    for after in range(LOG + 1):
        assert positions(await stage.read(after=after)) == list(range(after + 1, LOG + 1))


async def test_the_link_says_all_that_was_asked_for(stage: Stage) -> None:
    response = await stage.read(limit=5, wait=3, types="organisation.registered", nouns="roadmap")
    asked = parse_qs(urlsplit(following(response)).query)
    assert asked.pop("after")[0].startswith("c1.")
    assert asked == {
        "limit": ["5"],
        "wait": ["3"],
        "types": ["organisation.registered"],
        "nouns": ["roadmap"],
    }


async def test_who_is_at_the_end_is_given_where_to_ask_again(stage: Stage) -> None:
    end = await stage.read(after=LOG)
    assert (positions(end), scanned(end)) == ([], LOG)
    stage.happens(registered(LOG + 1))
    assert positions(await stage.http.get(following(end))) == [LOG + 1]


async def test_what_is_internal_is_passed_over_also_for_the_program_itself(stage: Stage) -> None:
    stage.happens(claimed(LOG + 1))
    response = await stage.read(after=LOG)
    assert (positions(response), scanned(response)) == ([], LOG + 1)


@pytest.mark.parametrize(
    "types",
    ["roadmap.drafted", "fr.cordee.roadmap.drafted.v1", "roadmap.drafted,roadmap.published"],
)
async def test_a_filtered_reader_gets_on_where_nothing_is_for_them(
    stage: Stage, types: str
) -> None:
    assert (await stage.read(types=types)).json() == []
    assert scanned(await stage.read(types=types)) == LOG
    stage.happens(drafted(LOG + 1))
    assert positions(await stage.read(types=types)) == [LOG + 1]


async def test_lists_are_given_by_commas_or_by_several_parameters(stage: Stage) -> None:
    both = [external("organisation", UUID(int=100 + number)) for number in (2, 4)]
    assert positions(await stage.read(subjects=",".join(both))) == [2, 4]
    assert positions(await stage.read(subjects=both)) == [2, 4]


# What has been seen already.


async def test_what_a_reader_has_is_not_sent_again(stage: Stage) -> None:
    response = await stage.read()
    headers = {"if-none-match": response.headers["etag"]}
    again = await stage.http.get("/events", headers=headers)
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["link"] == response.headers["link"]
    stage.happens(registered(LOG + 1))
    assert positions(await stage.http.get("/events", headers=headers)) == [*range(1, LOG + 2)]


async def test_answers_are_not_to_be_given_to_others(stage: Stage) -> None:
    headers = (await stage.read()).headers
    assert headers["cache-control"] == "private, no-cache"
    assert headers["vary"].startswith("accept-encoding, accept-language, authorization")


# Waiting.


async def test_who_waits_is_told_when_it_happens(stage: Stage) -> None:
    waiting = asyncio.ensure_future(stage.read(after=LOG, wait=20))
    await asyncio.sleep(0.05)
    assert not waiting.done()
    stage.happens(registered(LOG + 1))
    assert positions(await asyncio.wait_for(waiting, 5)) == [LOG + 1]


async def test_what_is_not_for_them_does_not_end_a_wait(stage: Stage) -> None:
    waiting = asyncio.ensure_future(stage.read(after=LOG, wait=20))
    await asyncio.sleep(0.02)
    stage.happens(claimed(LOG + 1))
    await asyncio.sleep(0.05)
    assert not waiting.done()
    stage.happens(registered(LOG + 2))
    assert positions(await asyncio.wait_for(waiting, 5)) == [LOG + 2]


async def test_who_has_all_of_a_page_waits_for_more_of_it(stage: Stage) -> None:
    tag = (await stage.read()).headers["etag"]
    asked = stage.http.get("/events", params={"wait": 20}, headers={"if-none-match": tag})
    waiting = asyncio.ensure_future(asked)
    await asyncio.sleep(0.05)
    assert not waiting.done()
    stage.happens(registered(LOG + 1))
    assert positions(await asyncio.wait_for(waiting, 5))[-1] == LOG + 1


async def test_a_wait_comes_to_its_end(stage: Stage) -> None:
    begun = time.monotonic()
    assert positions(await stage.read(after=LOG, wait=1)) == []
    assert 0.9 < time.monotonic() - begun < 10


async def test_a_server_that_ends_keeps_nobody_waiting(stage: Stage) -> None:
    waiting = asyncio.ensure_future(stage.read(after=LOG, wait=30))
    await asyncio.sleep(0.02)
    stage.parting.set()
    assert positions(await asyncio.wait_for(waiting, 5)) == []


async def test_a_key_that_is_revoked_ends_a_wait(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.admission.LOOKED_AT", 0.02)
    stage.known.everybody = Identity(actor="a key", trusted=True, key=UUID(int=1))
    waiting = asyncio.ensure_future(stage.read(after=LOG, wait=30))
    await asyncio.sleep(0.05)
    stage.known.everybody = Identity(actor="nobody")
    response = await asyncio.wait_for(waiting, 5)
    assert response.status_code == 401
    assert response.json()["errors"][0]["extensions"]["code"] == KeyRefused.code


# What makes no sense.


@pytest.mark.parametrize(
    ("asked", "code", "argument"),
    [
        ({"type": "roadmap.drafted"}, "UNKNOWN_PARAMETER", "type"),
        ({"after": ["1", "2"]}, "SAID_TWICE", "after"),
        ({"after": "-1"}, "CURSOR_REFUSED", "after"),
        ({"after": ""}, "CURSOR_REFUSED", "after"),
        ({"after": str(2**63)}, "CURSOR_REFUSED", "after"),
        ({"after": LOG + 1}, "BEYOND_THE_END", "after"),
        ({"limit": 0}, "INVALID_NUMBER", "limit"),
        ({"limit": MOST + 1}, "INVALID_NUMBER", "limit"),
        ({"limit": "many"}, "INVALID_NUMBER", "limit"),
        ({"wait": 31}, "INVALID_NUMBER", "wait"),
        ({"wait": "0.5"}, "INVALID_NUMBER", "wait"),
        ({"types": "roadmap.lost"}, "NOT_PUBLISHED", "types"),
        ({"types": "claim.taken"}, "NOT_PUBLISHED", "types"),
        ({"types": "fr.cordee.roadmap.drafted.v9"}, "NOT_PUBLISHED", "types"),
        ({"nouns": "roadmaps"}, "UNKNOWN_NOUN", "nouns"),
        ({"nouns": "principal"}, "NOT_PUBLISHED", "nouns"),
        ({"territories": "region:999"}, "UNKNOWN_TERRITORY", "territories"),
        ({"networks": "nothing"}, "NOT_FOUND", "networks"),
        ({"alliances": "map_00000000000000000000000000000001"}, "WRONG_KIND_OF_ID", "alliances"),
        ({"subjects": ",".join("x" * 101)}, "TOO_MANY_ITEMS", "subjects"),
    ],
)
async def test_what_makes_no_sense_is_refused(
    stage: Stage, asked: dict[str, Any], code: str, argument: str
) -> None:
    extensions = (await stage.refused(**asked))["extensions"]
    assert (extensions["code"], extensions["argument"]) == (code, argument)


@pytest.mark.parametrize("limit", [1, MOST])
async def test_the_bounds_of_a_page_are_inside(stage: Stage, limit: int) -> None:
    assert len(positions(await stage.read(limit=limit))) == min(limit, LOG)


async def test_it_is_refused_in_french_to_those_who_read_it(stage: Stage) -> None:
    headers = {"accept-language": "fr"}
    response = await stage.http.get("/events", params={"wait": 99}, headers=headers)
    assert "hors limites" in response.json()["errors"][0]["message"]


async def test_a_cursor_that_was_changed_is_refused(stage: Stage) -> None:
    cursor = parse_qs(urlsplit(following(await stage.read(limit=2))).query)["after"][0]
    assert positions(await stage.read(after=cursor, limit=1)) == [3]
    for place in range(len(cursor)):
        other = "A" if cursor[place] != "A" else "B"
        changed = cursor[:place] + other + cursor[place + 1 :]
        assert (await stage.refused(after=changed))["extensions"]["code"] == "CURSOR_REFUSED"
    for cut in (cursor[:-4], cursor + "AAAA", cursor[:3]):
        assert (await stage.refused(after=cut))["extensions"]["code"] == "CURSOR_REFUSED"


async def test_a_cursor_of_another_key_is_refused(stage: Stage) -> None:
    elsewhere = Cursors(b"another").write(3, [])
    assert (await stage.refused(after=elsewhere))["extensions"]["code"] == "CURSOR_REFUSED"
    assert positions(await stage.read(after=Cursors(b"one").write(3, []), limit=1)) == [4]


async def test_a_cursor_goes_with_its_filters_alone(stage: Stage) -> None:
    response = await stage.read(nouns="roadmap")
    cursor = parse_qs(urlsplit(following(response)).query)["after"][0]
    assert positions(await stage.read(nouns="roadmap", after=cursor)) == []
    for other in ({}, {"nouns": "cohort"}, {"nouns": "roadmap", "types": "roadmap.drafted"}):
        error = await stage.refused(after=cursor, **other)
        assert error["extensions"]["code"] == "OTHER_FILTERS"


@given(st.integers(0, 2**63 - 1), st.lists(st.text()), st.lists(st.text()), st.binary(min_size=1))
def test_a_cursor_gives_back_its_position_to_whoever_asks_the_same(
    position: int, asked: list[str], other: list[str], key: bytes
) -> None:
    cursors = Cursors(key)
    token = cursors.write(position, asked)
    assert cursors.read(token, asked) == position
    with pytest.raises(CursorForged):
        Cursors(key + b"!").read(token, asked)
    if other != asked:
        with pytest.raises(CursorOfAnother):
            cursors.read(token, other)


# What goes wrong.


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [(FeedBroken(3), 500, "UNREADABLE_EVENT"), (ReadsUnavailable(), 503, "UNAVAILABLE")],
)
async def test_what_is_away_or_damaged_is_told(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int, code: str
) -> None:
    async def fails(*_asked: object) -> Any:
        raise error

    monkeypatch.setattr(stage.feed, "stretch", fails)
    response = await stage.read()
    assert response.status_code == status
    assert response.json()["errors"][0]["extensions"]["code"] == code
    assert ("retry-after" in response.headers) == (status == 503)


async def test_what_stands_before_a_damaged_event_is_told_before_it_is_named(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    sound = stage.feed.stretch

    async def breaks(after: int, limit: int, types: Any) -> Any:
        if after >= 10:
            raise FeedBroken(11)
        return await sound(after, limit, types)

    monkeypatch.setattr(search, "TOGETHER", 5)
    monkeypatch.setattr(stage.feed, "stretch", breaks)
    response = await stage.read(wait=20)
    assert positions(response) == list(range(1, 11))
    response = await stage.http.get(following(response))
    assert response.status_code == 500
    assert response.json()["errors"][0]["extensions"]["position"] == "11"


async def test_what_the_read_model_does_not_show_yet_is_told_later(stage: Stage) -> None:
    stage.positions.at = LOG - 1
    response = await stage.read()
    assert (positions(response), scanned(response)) == ([], 0)
    stage.positions.at = LOG
    assert len(positions(await stage.http.get(following(response)))) == LOG


async def test_a_long_search_is_broken_off_and_gone_on_with(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "LOOKING", 0.0)
    monkeypatch.setattr(search, "TOGETHER", 5)
    response = await stage.read(wait=20)
    assert (positions(response), scanned(response)) == ([1, 2, 3, 4, 5], 5)
    response = await stage.http.get(following(response))
    assert (positions(response), scanned(response)) == ([6, 7, 8, 9, 10], 10)


async def test_whoever_spent_their_budget_waits() -> None:
    stage = Stage(budgets=Poor())
    stage.known.everybody = Identity()
    response = await stage.read()
    await stage.http.aclose()
    assert response.status_code == 429
    assert response.headers["retry-after"] == "30"


class Rich(Poor):
    """Budgets that last, and tell what was taken out."""

    def __init__(self) -> None:
        self.spent: list[int] = []

    def spend(self, principal: UUID | None, address: str, cost: int) -> int:  # noqa: ARG002
        """Take it out."""
        self.spent.append(cost)
        return 1


async def test_an_answer_costs_what_it_may_tell_at_most() -> None:
    budgets = Rich()
    stage = Stage(budgets=budgets)
    stage.known.everybody = Identity()
    assert positions(await stage.read(limit=7)) == []
    assert (await stage.read(limit=0)).status_code == 400
    await stage.http.aclose()
    assert budgets.spent == [114]


async def test_credentials_that_prove_nothing_are_refused() -> None:
    unused: Any = None
    app = api.app.create(
        commands=unused, reads=unused, positions=Still(), feed=Happening(), sheets=unused
    )
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://test"
    ) as http:
        response = await http.get("/events", headers={"authorization": "Bearer x"})
    assert response.status_code == 401


# Who may hear what.


@pytest.fixture
async def hidden(client: Client) -> Client:
    """A log of an organisation and of its draft, which few see."""
    await client.insert(
        f"""
        insert into organisation (id, version, registered_at, updated_at, name, name_key, kind,
            territory_key, dissolved)
        values ('org_{ATMO.hex}', 1, now(), now(), 'Atmo', 'atmo', 'ASSOCIATION',
            'departement:76', false);
        insert into roadmap (id, version, drafted_at, updated_at, organisation_id, horizon, status,
            submissions, known_to, read_by)
        values ('map_{ROADMAP.hex}', 1, now(), now(), 'org_{ATMO.hex}', 2030, 'DRAFT', 0,
            'INSIDERS', 'INSIDERS');
        insert into principal values
            ('prn_{ADA.hex}', 1, now(), now(), 'PERSON', 'Ada', null, false);
        insert into role_grant values
            ('prn_{ADA.hex}', 'ORGANISATION_LEADER', 'ORGANISATION', '{ATMO.hex}',
                'org_{ATMO.hex}', false, now())
        """  # noqa: S608 - constants of this module
    )
    client.positions.at = 2
    client.feed.recorded = [registered(1, ATMO), drafted(2)]
    return client


LEADER = Identity(actor=external("principal", ADA), principal=ADA)


@pytest.mark.parametrize(("who", "seen"), [(Identity(), [1]), (LEADER, [1, 2])])
async def test_facts_are_told_to_those_who_may_see_to_what_they_happened(
    hidden: Client, who: Identity, seen: list[int]
) -> None:
    hidden.known.everybody = who
    response = await hidden.http.get("/events")
    assert positions(response) == seen
    assert scanned(response) == 2
    assert all(("actor" in event) == (who is LEADER) for event in response.json())


async def test_a_role_that_was_revoked_silences_at_once(hidden: Client) -> None:
    hidden.known.everybody = LEADER
    assert positions(await hidden.http.get("/events")) == [1, 2]
    await hidden.insert("delete from role_grant")
    assert positions(await hidden.http.get("/events")) == [1]


async def test_what_a_stopped_read_model_does_not_show_is_told_once_it_goes_on(
    hidden: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "HELD_UP", 0.01)
    hidden.known.everybody = LEADER
    hidden.positions.stopped = {"roadmap": 1}
    response = await hidden.http.get("/events")
    assert (positions(response), scanned(response)) == ([1], 1)
    waiting = asyncio.create_task(hidden.http.get(f"{following(response)}&wait=20"))
    await asyncio.sleep(0.1)
    assert not waiting.done()
    hidden.positions.stopped = {}
    assert positions(await waiting) == [2]


@pytest.mark.parametrize(
    ("where", "seen"),
    [("territories=region:28", [1]), ("territories=region:93", []), ("nouns=roadmap", [])],
)
async def test_filters_tell_nothing_of_what_is_hidden(
    hidden: Client, where: str, seen: list[int]
) -> None:
    hidden.known.everybody = Identity()
    response = await hidden.http.get(f"/events?{where}")
    assert (positions(response), scanned(response)) == (seen, 2)


async def test_what_is_done_is_on_the_feed_when_its_answer_is_there(caller: Caller) -> None:
    made = await caller.organisation("Atmo Normandie", "region:28")
    events = (await caller.http.get("/events")).json()
    assert [(each["subject"], each["type"]) for each in events] == [
        (made, "fr.cordee.organisation.registered.v1")
    ]
    following_page = await caller.http.get("/events?after=0&nouns=cohort")
    assert int(following_page.headers["cordee-scanned"]) >= int(events[0]["sequence"])
