"""News: what happened beyond a caller's bookmark, which moves when its owner says so."""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

import asyncpg
import httpx
import pytest

import api.app
from api.ports import Identity
from api.prices import NEWS as NEWS_COSTS
from api.publication import look
from domain.claim import Claim
from domain.identity import external
from domain.organisation import Organisation, OrganisationKind
from domain.record import Metadata, Recorded
from domain.roadmap import Roadmap, RoadmapOwner
from infra.bookmarks import Bookmarks
from tests.api.conftest import Client

AT = datetime(2026, 1, 5, 9, 30, tzinfo=UTC)
ADA, GRACE = UUID(int=1), UUID(int=2)
ATMO, SUD, ROADMAP, COHORT = UUID(int=5), UUID(int=6), UUID(int=7), UUID(int=8)
NOBODY = Identity()

NEWS = """
query ($bookmark: String!, $where: EventWhere, $first: Int, $after: String) {
  news(bookmark: $bookmark, where: $where) {
    bookmark { name position }
    since
    summary { counts { type noun title count things } total scanned complete }
    entries(first: $first, after: $after) {
      nodes { position type title subject node { id ... on Organisation { name } } }
      edges { cursor node { position } }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      scanned
    }
  }
}
"""
MARK = """
mutation ($input: MarkReadInput!) {
  markRead(input: $input) {
    ... on MarkReadSuccess {
      bookmark { name position movedAt }
      query { news(bookmark: "region") { since } }
    }
    ... on Refusal { code message path }
  }
}
"""
REMOVE = """
mutation ($name: String!) {
  removeBookmark(input: { bookmark: $name }) {
    __typename
    ... on RemoveBookmarkSuccess { query { bookmarks { name position } } }
    ... on Refusal { code path }
  }
}
"""
OWN = "{ bookmarks { name position movedAt } }"


def signed_in(principal: UUID) -> Identity:
    return Identity(actor=external("principal", principal), principal=principal)


def recorded(aggregate: Any, position: int) -> Recorded[Any]:
    (event,) = aggregate.collect_events()
    actor = external("principal", GRACE)
    return Recorded(event, position, AT, UUID(int=99), Metadata(actor=actor, command="DoIt"))


def registered(position: int, id: UUID) -> Recorded[Any]:
    kind = OrganisationKind.ASSOCIATION
    return recorded(Organisation.register(id, now=AT, name="Atmo", kind=kind), position)


def renamed(position: int, id: UUID) -> Recorded[Any]:
    organisation = Organisation.register(id, now=AT, name="Atmo", kind=OrganisationKind.ASSOCIATION)
    organisation.at(AT).rename("Atmo Normandie")
    event = organisation.collect_events()[-1]
    return Recorded(event, position, AT, UUID(int=98), Metadata(actor="ada", command="DoIt"))


def drafted(position: int) -> Recorded[Any]:
    owner = RoadmapOwner(organisation=ATMO, cohort=COHORT)
    return recorded(Roadmap.draft(ROADMAP, now=AT, owner=owner, horizon=2030), position)


@pytest.fixture
async def reader(client: Client) -> AsyncIterator[Client]:
    """Somebody signed in, who sees two organisations and not the draft of one of them."""
    atmo, sud = external("organisation", ATMO), external("organisation", SUD)
    await client.insert(
        f"""
        insert into organisation (id, version, registered_at, updated_at, name, name_key, kind,
            territory_key, dissolved)
        values ('{atmo}', 1, now(), now(), 'Atmo', 'atmo', 'ASSOCIATION', 'departement:76', false),
            ('{sud}', 1, now(), now(), 'Sud', 'sud', 'ASSOCIATION', 'region:93', false);
        insert into roadmap (id, version, drafted_at, updated_at, organisation_id, horizon, status,
            submissions, known_to, read_by)
        values ('{external("roadmap", ROADMAP)}', 1, now(), now(), '{atmo}', 2030, 'DRAFT', 0,
            'INSIDERS', 'INSIDERS')
        """  # noqa: S608 - constants of this module
    )
    client.feed.recorded = [
        registered(1, ATMO),
        recorded(Claim.open("roadmap", ATMO.hex, now=AT), 2),
        registered(3, SUD),
        drafted(4),
        renamed(5, ATMO),
        renamed(6, ATMO),
    ]
    client.feed.at = client.positions.at = 6
    client.known.everybody = signed_in(ADA)
    async with asyncpg.create_pool(client.dsn, min_size=1, max_size=4) as pool:
        app = api.app.create(
            commands=client.commands,
            reads=client.reads,
            positions=client.positions,
            feed=client.feed,
            sheets=client.sheets,
            identities=client.known,
            bookmarks=Bookmarks(pool),
        )
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as http:
            client.http, before = http, client.http
            yield client
            client.http = before


async def news(reader: Client, bookmark: str = "region", **asked: Any) -> Any:
    return (await reader.data(NEWS, bookmark=bookmark, **asked))["news"]


async def mark(reader: Client, position: int, bookmark: str = "region", **more: Any) -> Any:
    given = {"bookmark": bookmark, "position": str(position), **more}
    return (await reader.data(MARK, input=given))["markRead"]


def positions(found: Any) -> list[int]:
    return [int(each["position"]) for each in found["entries"]["nodes"]]


# What is news.


async def test_to_whoever_never_looked_all_is_news_that_they_may_see_oldest_first(
    reader: Client,
) -> None:
    found = await news(reader)
    assert (found["bookmark"], found["since"]) == (None, "0")
    assert positions(found) == [1, 3, 5, 6]
    assert found["entries"]["scanned"] == "6"
    assert found["entries"]["pageInfo"]["hasNextPage"] is False


async def test_only_what_happened_beyond_the_bookmark_is_news(reader: Client) -> None:
    await mark(reader, 3)
    found = await news(reader)
    assert found["bookmark"] == {"name": "region", "position": "3"}
    assert positions(found) == [5, 6]


async def test_to_read_moves_no_bookmark(reader: Client) -> None:
    await mark(reader, 1)
    assert await news(reader) == await news(reader)


async def test_entries_and_counts_are_told_in_words(reader: Client) -> None:
    titles = {"en": "An organisation was registered.", "fr": "Une organisation a été enregistrée."}
    for language, title in titles.items():
        answer = await reader.ask(NEWS, {"accept-language": language}, bookmark="region")
        found = answer["data"]["news"]
        entries = [each["title"] for each in found["entries"]["nodes"][:2]]
        assert entries == [title, title]
        assert found["summary"]["counts"][0]["title"] == title


async def test_an_entry_leads_to_that_to_which_it_happened(reader: Client) -> None:
    first = (await news(reader))["entries"]["nodes"][0]
    assert first["node"] == {"id": first["subject"], "name": "Atmo"}


async def test_the_summary_counts_by_kind_and_by_things(reader: Client) -> None:
    summary = (await news(reader))["summary"]
    counts = [(each["type"], each["count"], each["things"]) for each in summary["counts"]]
    assert counts == [("organisation.registered", 2, 2), ("organisation.renamed", 2, 1)]
    assert (summary["total"], summary["scanned"], summary["complete"]) == (4, "6", True)


FILTERS: Final[Sequence[tuple[dict[str, Any], list[int]]]] = (
    ({"territories": ["region:28"]}, [1, 5, 6]),
    ({"territories": ["region:93"]}, [3]),
    ({"types": ["organisation.renamed"]}, [5, 6]),
    ({"subjects": [external("organisation", SUD)]}, [3]),
    ({"nouns": ["roadmap"]}, []),
)


async def test_a_filter_says_what_is_meant(reader: Client) -> None:
    for where, seen in FILTERS:
        found = await news(reader, where=where)
        assert positions(found) == seen, where
        assert found["summary"]["total"] == len(seen), where


async def test_what_one_may_not_see_is_neither_told_nor_counted(reader: Client) -> None:
    where = {"nouns": ["roadmap"]}
    assert (await news(reader, where=where))["summary"]["total"] == 0
    await reader.insert(
        "insert into principal values ($1, 1, now(), now(), 'PERSON', 'Ada', null, false)",
        external("principal", ADA),
    )
    await reader.insert(
        "insert into role_grant values ($1, 'ORGANISATION_LEADER', 'ORGANISATION', $2, $3, false,"
        " now())",
        external("principal", ADA),
        ATMO.hex,
        external("organisation", ATMO),
    )
    assert positions(await news(reader, where=where)) == [4]


async def test_what_the_read_model_does_not_show_yet_is_told_later(reader: Client) -> None:
    reader.positions.at = 3
    found = await news(reader)
    assert positions(found) == [1, 3]
    assert (found["entries"]["scanned"], found["summary"]["complete"]) == ("3", True)


async def test_what_a_stopped_read_model_does_not_show_is_news_once_it_goes_on(
    reader: Client,
) -> None:
    reader.positions.stopped = {"organisation": 2}
    found = await news(reader)
    assert positions(found) == [1]
    assert (found["entries"]["scanned"], found["summary"]["complete"]) == ("2", True)
    assert found["entries"]["pageInfo"]["hasNextPage"] is False
    reader.positions.stopped = {}
    rest = await news(reader, after=found["entries"]["pageInfo"]["endCursor"])
    assert positions(rest) == [3, 5, 6]


# Page by page.


async def test_pages_give_every_entry_once(reader: Client) -> None:
    for first in (1, 2, 3, 4, 100):
        seen, after = list[int](), None
        while True:
            found = await news(reader, first=first, after=after)
            seen += positions(found)
            info = found["entries"]["pageInfo"]
            assert info["hasPreviousPage"] is (after is not None)
            after = info["endCursor"]
            if not info["hasNextPage"]:
                break
        assert seen == [1, 3, 5, 6], first


async def test_whoever_marks_each_page_as_read_misses_nothing(reader: Client) -> None:
    seen = list[int]()
    while page := positions(found := await news(reader, first=1)):
        seen += page
        await mark(reader, int(found["entries"]["scanned"]))
    assert seen == [1, 3, 5, 6]


async def test_resumed_at_every_position_the_rest_is_news(reader: Client) -> None:
    for position in range(7):
        await mark(reader, position)
        assert positions(await news(reader)) == [each for each in (1, 3, 5, 6) if each > position]


async def test_a_page_of_nothing_goes_on_where_it_began(reader: Client) -> None:
    entries = (await news(reader, first=0))["entries"]
    assert (entries["nodes"], entries["scanned"]) == ([], "0")
    assert entries["pageInfo"]["hasNextPage"] is True


async def test_a_long_search_is_broken_off_says_so_and_is_gone_on_with(
    reader: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(look, "MOST", 1)
    where, after, seen, pages = {"subjects": [external("organisation", SUD)]}, None, [], 0
    while True:
        found = await news(reader, where=where, after=after)
        seen += positions(found)
        pages += 1
        if not found["entries"]["pageInfo"]["hasNextPage"]:
            break
        assert found["summary"]["complete"] is False
        after = found["entries"]["pageInfo"]["endCursor"]
    assert (seen, pages) == ([3], 5)


REFUSED: Final[Sequence[tuple[dict[str, Any], str]]] = (
    ({"after": "c1.made up"}, "CURSOR_MALFORMED"),
    ({"first": 101}, "PAGE_OUT_OF_BOUNDS"),
    ({"first": -1}, "PAGE_OUT_OF_BOUNDS"),
    ({"where": {"types": ["roadmap.invented"]}}, "UNKNOWN_EVENT_TYPE"),
    ({"where": {"types": ["workshop.registered"]}}, "NOT_PUBLISHED"),
    ({"where": {"nouns": ["principal"]}}, "NOT_PUBLISHED"),
    ({"where": {"territories": ["region:0"]}}, "UNKNOWN_TERRITORY"),
    ({"bookmark": " "}, "BLANK_TEXT"),
    ({"bookmark": "x" * 201}, "TEXT_TOO_LONG"),
)


async def test_what_makes_no_sense_is_refused(reader: Client) -> None:
    for asked, code in REFUSED:
        answer = await reader.ask(NEWS, **{"bookmark": "region", **asked})
        assert {each["extensions"]["code"] for each in answer["errors"]} == {code}


async def test_a_look_costs_what_it_may_take_whatever_it_finds(reader: Client) -> None:
    async def cost(query: str) -> int:
        answer = await reader.ask(f'{{ news(bookmark: "region") {{ {query} }} }}')
        return int(answer["extensions"]["cost"]["asked"])

    nothing = await cost("since")
    assert nothing < 10
    assert await cost("summary { total }") > NEWS_COSTS + nothing - 1
    assert await cost("entries(first: 5) { nodes { title } }") == NEWS_COSTS + nothing + 5


async def test_a_cursor_goes_with_its_filter(reader: Client) -> None:
    one, other = ({"territories": [f"region:{code}"]} for code in (28, 93))
    page = (await news(reader, where=one, first=1))["entries"]["pageInfo"]
    rest = await news(reader, where=one, after=page["endCursor"])
    assert positions(rest) == [5, 6]
    answer = await reader.ask(NEWS, bookmark="region", where=other, after=page["endCursor"])
    assert answer["errors"][0]["extensions"]["code"] == "CURSOR_MALFORMED"


# Whose bookmark it is, and where.


async def test_whoever_is_not_known_has_no_bookmark_and_so_no_news(reader: Client) -> None:
    reader.known.everybody = NOBODY
    for query, given in ((NEWS, {"bookmark": "region"}), (OWN, {})):
        answer = await reader.ask(query, None, **given)
        assert set(answer["data"].values()) == {None}
        assert answer["errors"][0]["extensions"]["code"] == "NOT_SIGNED_IN"
    assert (await mark(reader, 1))["code"] == "NOT_SIGNED_IN"
    removed = await reader.data(REMOVE, name="region")
    assert removed["removeBookmark"]["code"] == "NOT_SIGNED_IN"


async def test_a_bookmark_goes_forward_and_back_only_when_that_is_said(reader: Client) -> None:
    async def at(position: int, **more: Any) -> str:
        return str((await mark(reader, position, **more))["bookmark"]["position"])

    assert [await at(3), await at(1), await at(5)] == ["3", "3", "5"]
    assert [await at(1, back=True), await at(6, back=True)] == ["1", "6"]


async def test_marked_twice_it_was_moved_once(reader: Client) -> None:
    first, second = await mark(reader, 3), await mark(reader, 3)
    assert first["bookmark"] == second["bookmark"]
    assert second["query"] == {"news": {"since": "3"}}


async def test_everybody_has_their_own_bookmarks(reader: Client) -> None:
    await mark(reader, 5)
    await mark(reader, 3, "network")
    reader.known.everybody = signed_in(GRACE)
    await mark(reader, 1)
    assert (await news(reader))["since"] == "1"
    reader.known.everybody = signed_in(ADA)
    own = (await reader.data(OWN))["bookmarks"]
    assert [(each["name"], each["position"]) for each in own] == [("network", "3"), ("region", "5")]


async def test_what_has_not_happened_cannot_have_been_read(reader: Client) -> None:
    refused = await mark(reader, 7)
    assert (refused["code"], refused["path"]) == ("BEYOND_THE_END", ["input", "position"])
    assert (await news(reader))["bookmark"] is None


async def test_a_bookmark_beyond_a_log_that_was_restored_is_told(reader: Client) -> None:
    await mark(reader, 6)
    reader.feed.at = reader.positions.at = 3
    answer = await reader.ask(NEWS, bookmark="region")
    assert {each["extensions"]["code"] for each in answer["errors"]} == {"BEYOND_THE_END"}
    await mark(reader, 3, back=True)
    assert (await news(reader))["since"] == "3"


async def test_a_removed_bookmark_is_at_the_beginning_again(reader: Client) -> None:
    await mark(reader, 5)
    await mark(reader, 3, "network")
    removed = (await reader.data(REMOVE, name="region"))["removeBookmark"]
    assert removed["query"]["bookmarks"] == [{"name": "network", "position": "3"}]
    assert (await news(reader))["since"] == "0"
    again = (await reader.data(REMOVE, name="region"))["removeBookmark"]
    assert again["__typename"] == "RemoveBookmarkSuccess"
