"""Searching: French words as people type them, on a real PostgreSQL."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

import asyncpg
import pytest

from domain import text
from domain.identity import Id
from infra.reads import Reads
from projections.guard import Eyes
from projections.passages import Findable, PassagePart, PassageRow
from projections.reach import Reach
from projections.search import Found, Hit, Piece, Search, ask, pieces, read
from tests.generations import FIRST, first_table


@dataclass
class Library:
    """A read model of passages, and who searches it."""

    dsn: str
    reads: Reads

    async def holds(self, *passages: PassageRow) -> None:
        """Put passages in."""
        connection = await asyncpg.connect(self.dsn)
        await first_table(PassageRow).upsert(connection, passages)
        await connection.close()

    async def found(
        self,
        words: str,
        *,
        kinds: Sequence[Findable] | None = None,
        territory: str | None = None,
        limit: int = 20,
        after: Hit | None = None,
    ) -> Found:
        """Search."""
        search = Search(text=words, kinds=kinds, territory=territory)
        place = None if after is None else (after.rank, after.entity_id)
        return read(await self.reads.rows(*ask(search, limit, Eyes(), place)))

    async def finds(self, words: str) -> list[str]:
        """Name what is found, the best first."""
        return [hit.entity_id for hit in (await self.found(words)).hits]


@pytest.fixture
async def library(prepared: str) -> AsyncIterator[Library]:
    """A library without passages."""
    reads = await Reads.open(prepared, FIRST, pool_size=1)
    yield Library(prepared, reads)
    await reads.close()


def a_passage(
    entity: str,
    says: str,
    part: PassagePart = PassagePart.NAME,
    kind: Findable = Findable.ORGANISATION,
    territories: Sequence[str] = (),
) -> PassageRow:
    """A passage of a thing."""
    return PassageRow(
        about_id=Id(entity),
        part=part,
        entity_id=Id(entity),
        kind=kind,
        text=says,
        name_key=text.folded(says) if part is PassagePart.NAME else None,
        territory_keys=list(territories),
        inherited_keys=[],
        reach=Reach.EVERYONE,
    )


@pytest.mark.parametrize(
    ("says", "typed"),
    [
        ("Les métiers du vélo", "métier"),
        ("Un métier du vélo", "métiers"),
        ("Mobiliser les jeunes", "jeune mobilisé"),
        ("Formations régionales", "formation régionale"),
        ("La qualité de l’air", "qualités"),
        ("Agence de la transition écologique", "ecologique"),
        ("Reseau des cooperatives", "coopérative"),
        ("ATMO NORMANDIE", "atmo normandie"),
        ("Atmo Normandie", "ATMO NORMANDIE"),
        ("L’eau et les œuvres", "oeuvre"),
        ("Donner accès à l’eau", "accès à l'eau"),
        ("Donner accès à l’eau", "acces a l eau"),
        ("Prendre soin de l’eau", "prendre soin de les eaux"),
        ("Cet été sera chaud", "été chaud"),
        ("1_112", "1_112"),
        ("Auvergne-Rhône-Alpes", "rhone"),
        ("<b>Gras</b> & co", "gras"),
    ],
)
async def test_forms_of_words_accents_and_case_do_not_matter(
    library: Library, says: str, typed: str
) -> None:
    await library.holds(a_passage("one", says, PassagePart.LEVER))
    assert await library.finds(typed) == ["one"]


async def test_all_words_must_be_said(library: Library) -> None:
    await library.holds(a_passage("one", "Former des apprentis"), a_passage("two", "Former"))
    assert await library.finds("former apprentis") == ["one"]


@pytest.mark.parametrize("typed", ['"qualité de l’air"', "«\u202fqualité de l’air\u202f»"])
async def test_quoted_words_stand_together(library: Library, typed: str) -> None:
    await library.holds(
        a_passage("one", "La qualité de l’air"),
        a_passage("two", "Un air de grande qualité"),
    )
    assert await library.finds(typed) == ["one"]
    assert sorted(await library.finds("qualité air")) == ["one", "two"]


async def test_a_minus_sign_leaves_out(library: Library) -> None:
    await library.holds(a_passage("one", "Air et eau"), a_passage("two", "Air et terre"))
    assert await library.finds("air -eau") == ["two"]


async def test_names_come_before_descriptions(library: Library) -> None:
    await library.holds(
        a_passage("a", "Parler du vélo", PassagePart.DESCRIPTION),
        a_passage("b", "Un cap pour le vélo", PassagePart.NEW_COURSE),
        a_passage("c", "La maison du vélo", PassagePart.NAME),
    )
    assert await library.finds("vélo") == ["c", "b", "a"]


async def test_a_thing_is_found_once_by_its_best_passage(library: Library) -> None:
    await library.holds(
        a_passage("one", "Le vélo en ville", PassagePart.DESCRIPTION),
        a_passage("one", "Plan vélo"),
    )
    found = await library.found("vélo")
    (hit,) = found.hits
    assert (found.total, hit.part, hit.near) == (1, PassagePart.NAME, False)
    assert hit.passage == (Piece("Plan ", False), Piece("vélo", True))


async def test_a_long_text_is_shown_around_what_was_looked_for(library: Library) -> None:
    filler = "rien de tel ici, " * 200
    await library.holds(a_passage("one", f"{filler} le covoiturage {filler}", PassagePart.LEVER))
    (hit,) = (await library.found("covoiturages")).hits
    assert [piece.text for piece in hit.passage if piece.marked] == ["covoiturage"]
    assert len("".join(piece.text for piece in hit.passage)) < 400


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("Atmo Normandie", "Atmo Nromandie"),
        ("Atmo Normandie", "normndie"),
        ("Métropole Rouen Normandie", "metropole rouan"),
        ("Clermont Auvergne Métropole", "clermon ferand auvergne"),
        ("Biscuiterie de l’Abbaye", "biscuterie"),
        ("Rouen", "Rouan"),
    ],
)
async def test_a_typing_error_in_a_name_is_forgiven(
    library: Library, name: str, typed: str
) -> None:
    await library.holds(a_passage("one", name), a_passage("two", "Coopérative laitière"))
    (hit,) = (await library.found(typed)).hits
    assert (hit.entity_id, hit.near) == ("one", True)
    assert hit.passage == (Piece(name, False),)


async def test_names_that_are_close_do_not_mix_with_what_has_the_words(library: Library) -> None:
    await library.holds(a_passage("one", "Normandie"), a_passage("two", "Normandia"))
    assert await library.finds("normandie") == ["one"]


@pytest.mark.parametrize(
    "typed",
    [
        "introuvable",
        "le la les",
        "à",
        "-normandie",
        "normandie or -air",
        "!!!",
        "'",
        '"',
        "\\",
        "& | ! <-> ( ) :*",
        "'); drop table passage; --",
        "🧗",
        "%",
        "_",
    ],
)
async def test_what_says_nothing_finds_nothing(library: Library, typed: str) -> None:
    await library.holds(a_passage("one", "Atmo Normandie"), a_passage("two", "Les uns"))
    assert await library.found(typed) == Found((), 0, False)


@pytest.mark.parametrize("typed", ["normandie & |", "normandie:*", "(normandie", '"normandie', "'"])
async def test_operators_are_plain_signs(library: Library, typed: str) -> None:
    await library.holds(a_passage("one", "Atmo Normandie"))
    assert await library.finds(typed) == (["one"] if "normandie" in typed else [])


async def test_kinds_and_territory_narrow_a_search(library: Library) -> None:
    await library.holds(
        a_passage("one", "Air", territories=("FR", "region:28")),
        a_passage("two", "Air", kind=Findable.COHORT, territories=("FR", "region:53")),
        a_passage("three", "Air", kind=Findable.ROADMAP),
    )

    async def found(
        kinds: Sequence[Findable] | None = None, territory: str | None = None
    ) -> set[str]:
        hits = (await library.found("air", kinds=kinds, territory=territory)).hits
        return {hit.entity_id for hit in hits}

    assert await found() == {"one", "two", "three"}
    assert await found([Findable.COHORT, Findable.ROADMAP]) == {"two", "three"}
    assert await found(territory="FR") == {"one", "two"}
    assert await found([Findable.COHORT], "region:28") == set()


async def test_pages_follow_each_other_without_gap_or_double(library: Library) -> None:
    await library.holds(*(a_passage(f"org_{n:02}", "air " * (1 + n % 3)) for n in range(25)))
    everything = (await library.found("air", limit=100)).hits
    assert len(everything) == 25
    gathered: list[Hit] = []
    for turn in range(8):
        page = await library.found("air", limit=4, after=gathered[-1] if gathered else None)
        assert (page.total, page.preceded) == (25, turn > 0)
        gathered += page.hits
    assert tuple(gathered) == everything


async def test_what_very_many_say_is_found_as_a_whole_and_in_names_first(library: Library) -> None:
    said = (a_passage(f"org_{n:04}", "Respirer son air", PassagePart.LEVER) for n in range(1_010))
    await library.holds(*said, a_passage("org_z", "Un bel air"))
    everything = await library.found("air", limit=2_000)
    assert everything.total == len({hit.entity_id for hit in everything.hits}) == 1_011
    assert everything.hits[0].entity_id == "org_z"
    last = await library.found("air", limit=20, after=everything.hits[-20])
    assert (last.total, last.hits) == (1_011, everything.hits[-19:])


async def test_a_text_that_changes_is_found_by_what_it_says_now(library: Library) -> None:
    await library.holds(a_passage("one", "Avant"))
    await library.holds(a_passage("one", "Plus tard"))
    assert await library.finds("avant") == []
    assert await library.finds("tard") == ["one"]


@pytest.mark.parametrize(
    ("marked", "taken_apart"),
    [
        ("", ()),
        ("rien", (Piece("rien", False),)),
        ("\x02un\x03\x02deux\x03", (Piece("un", True), Piece("deux", True))),
        ("a \x02b\x03 c", (Piece("a ", False), Piece("b", True), Piece(" c", False))),
    ],
)
def test_a_passage_is_taken_apart_at_its_marks(marked: str, taken_apart: tuple[Piece]) -> None:
    assert pieces(marked) == taken_apart
