"""Searching over HTTP: what comes with a hit, page by page, and what is refused."""

import asyncpg
import pytest

from domain import text
from domain.identity import Id
from projections.passages import Findable, PassagePart, PassageRow
from projections.reach import Reach
from tests.api.conftest import Client
from tests.generations import first_table

ORG = "org_{:032x}".format
MAP = "map_{:032x}".format
LEV = "lev_{:032x}".format

SEARCH = """
query($text: String!, $kinds: [Findable!], $territory: String, $first: Int, $after: String) {
  search(text: $text, kinds: $kinds, territory: $territory, first: $first, after: $after) {
    totalCount
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    edges { cursor node { node { __typename id } } }
    nodes {
      kind part near
      passage { text marked }
      node { ... on Organisation { name } ... on Roadmap { title } }
      about { ... on Organisation { name } ... on Lever { title roadmap { title } } }
    }
  }
}
"""


def a_passage(about: str, says: str, part: PassagePart, entity: str | None = None) -> PassageRow:
    """A passage of an organisation, or of a roadmap's lever."""
    return PassageRow(
        about_id=Id(about),
        part=part,
        entity_id=Id(entity or about),
        kind=Findable.ROADMAP if entity else Findable.ORGANISATION,
        text=says,
        name_key=text.folded(says) if part is PassagePart.NAME else None,
        territory_keys=["FR", "region:28"],
        inherited_keys=[],
        reach=Reach.EVERYONE,
    )


@pytest.fixture
async def written(client: Client) -> Client:
    """A read model of three organisations and a roadmap, with passages."""
    await client.insert(
        """
        insert into organisation
        select 'org_' || lpad(to_hex(n), 32, '0'), 1, now(), now(), 'Atmo ' || n, 'atmo ' || n,
            'COMPANY', null, null, 'region:28', null, false
        from generate_series(1, 3) n
        """
    )
    await client.insert(
        """
        insert into roadmap (id, version, drafted_at, updated_at, title, horizon, status,
            submissions, known_to, read_by)
        values ($1, 1, now(), now(), 'Cap 2030', 2030, 'DRAFT', 0, 'EVERYONE', 'EVERYONE')
        """,
        MAP(1),
    )
    await client.insert(
        "insert into lever (id, roadmap_id, position, title, added_at, updated_at)"
        " values ($1, $2, 1, 'Mesurer l’air', now(), now())",
        LEV(1),
        MAP(1),
    )
    connection = await asyncpg.connect(client.dsn)
    name = PassagePart.NAME
    passages = [
        *(a_passage(ORG(n), f"Atmo {n} Normandie", name) for n in (1, 2, 3)),
        a_passage(LEV(1), "Mesurer l’air", PassagePart.LEVER, MAP(1)),
    ]
    await first_table(PassageRow).upsert(connection, passages)
    await connection.close()
    return client


async def test_a_hit_shows_the_passage_and_what_bears_it(written: Client) -> None:
    found = (await written.data(SEARCH, text="mesures"))["search"]
    assert found["nodes"] == [
        {
            "kind": "ROADMAP",
            "part": "LEVER",
            "near": False,
            "passage": [
                {"text": "Mesurer", "marked": True},
                {"text": " l’air", "marked": False},
            ],
            "node": {"title": "Cap 2030"},
            "about": {"title": "Mesurer l’air", "roadmap": {"title": "Cap 2030"}},
        }
    ]
    (edge,) = found["edges"]
    assert edge["node"] == {"node": {"__typename": "Roadmap", "id": MAP(1)}}
    assert found["pageInfo"] == {
        "hasNextPage": False,
        "hasPreviousPage": False,
        "startCursor": edge["cursor"],
        "endCursor": edge["cursor"],
    }


async def test_what_is_not_in_the_read_model_yet_is_null(written: Client) -> None:
    await written.insert("delete from roadmap")
    (hit,) = (await written.data(SEARCH, text="mesurer"))["search"]["nodes"]
    assert hit["node"] is None


async def test_pages_are_walked_by_their_cursors(written: Client) -> None:
    found, after = [], None
    for turn in (1, 2, 3):
        page = (await written.data(SEARCH, text="atmo", first=1, after=after))["search"]
        assert page["totalCount"] == 3
        assert page["pageInfo"]["hasNextPage"] is (turn < 3)
        assert page["pageInfo"]["hasPreviousPage"] is (turn > 1)
        after = page["pageInfo"]["endCursor"]
        found += [edge["node"]["node"]["id"] for edge in page["edges"]]
    assert found == [ORG(1), ORG(2), ORG(3)]


async def test_an_empty_page_still_tells_how_many_there_are(written: Client) -> None:
    page = (await written.data(SEARCH, text="atmo", first=0))["search"]
    assert (page["totalCount"], page["nodes"]) == (3, [])
    assert page["pageInfo"]["hasNextPage"] is True


async def test_a_typing_error_is_forgiven_and_told(written: Client) -> None:
    (hit, *_) = (await written.data(SEARCH, text="Normadnie"))["search"]["nodes"]
    assert (hit["near"], hit["part"]) == (True, "NAME")


async def test_kinds_and_territory_narrow_a_search(written: Client) -> None:
    async def count(**narrowing: object) -> int:
        found = await written.data(SEARCH, text="atmo", **narrowing)
        return int(found["search"]["totalCount"])

    assert await count(kinds=None, territory=None) == 3
    assert await count(kinds=["ROADMAP"]) == 0
    assert await count(territory="region:53") == 0
    assert await count(kinds=["ROADMAP", "ORGANISATION"], territory="FR") == 3


async def test_a_search_stands_beside_other_questions(written: Client) -> None:
    query = '{ a: search(text: "air") { totalCount } organisations { totalCount } }'
    assert await written.data(query) == {
        "a": {"totalCount": 1},
        "organisations": {"totalCount": 3},
    }


@pytest.mark.parametrize(
    ("code", "asked"),
    [
        ("BLANK_TEXT", {"text": " \n\t"}),
        ("CONTROL_CHARACTERS", {"text": "at\0mo"}),
        ("CONTROL_CHARACTERS", {"text": "at\x02mo\x03"}),
        ("TEXT_TOO_LONG", {"text": "air " * 2_500}),
        ("UNKNOWN_TERRITORY", {"text": "air", "territory": "region:99"}),
        ("UNKNOWN_TERRITORY", {"text": "air", "territory": ""}),
        ("NO_KINDS", {"text": "air", "kinds": []}),
        ("PAGE_OUT_OF_BOUNDS", {"text": "air", "first": 101}),
        ("PAGE_OUT_OF_BOUNDS", {"text": "air", "first": -1}),
        ("CURSOR_MALFORMED", {"text": "air", "after": "nonsense"}),
    ],
)
async def test_a_search_that_makes_no_sense_is_refused(
    client: Client, code: str, asked: dict[str, object]
) -> None:
    assert await client.code(SEARCH, **asked) == code


@pytest.mark.parametrize("typed", ["le la les", "'\"\\", "& | ! ( ) <-> :*", "-air", "; drop --"])
async def test_hostile_words_find_nothing(written: Client, typed: str) -> None:
    found = (await written.data(SEARCH, text=typed))["search"]
    assert (found["totalCount"], found["nodes"]) == (0, [])
