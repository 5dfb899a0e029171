"""Searching the demo as its visitors would: by a word, by a phrase, by a name with an error."""

from typing import Any

from tests.end_to_end.running import Running

SEARCH = """
query($text: String!, $kinds: [Findable!], $territory: String) {
  search(text: $text, kinds: $kinds, territory: $territory) {
    totalCount
    nodes {
      kind part near passage { text marked }
      node {
        ... on Organisation { name }
        ... on Roadmap { organisation { name } }
        ... on Action { code }
        ... on Alliance { name }
      }
      about { ... on Lever { title } }
    }
  }
}
"""


def found(demo: Running, text: str, **narrowing: Any) -> list[dict[str, Any]]:
    """Search the demo, and give the hits."""
    hits: list[dict[str, Any]] = demo.ask(SEARCH, text=text, **narrowing)["search"]["nodes"]
    return hits


def test_a_lever_is_found_by_other_forms_of_its_words(demo: Running) -> None:
    (hit, *_) = found(demo, "gouvernances partagees", kinds=["ROADMAP"])
    assert (hit["kind"], hit["part"], hit["near"]) == ("ROADMAP", "LEVER", False)
    assert hit["about"] == {"title": "Nouveau modèle de gouvernance partagée"}
    assert "apprenant pays de Vannes" in hit["node"]["organisation"]["name"]
    marked = [piece["text"] for piece in hit["passage"] if piece["marked"]]
    assert marked == ["gouvernance", "partagée"]


def test_a_roadmap_is_found_by_a_phrase_of_its_generative_question(demo: Running) -> None:
    (hit,) = found(demo, "« pour le vivant et pour l’humain »", territory="departement:56")
    assert hit["part"] == "GENERATIVE_QUESTION"


def test_an_organisation_is_found_by_its_name_with_a_typing_error(demo: Running) -> None:
    (hit, *_) = found(demo, "Atmo Auvrgne Rhone Alpe", kinds=["ORGANISATION"])
    assert hit["near"] is True
    assert hit["node"] == {"name": "Atmo Auvergne-Rhône-Alpes"}


def test_a_territory_has_what_lies_in_it(demo: Running) -> None:
    def names(territory: str) -> list[str]:
        hits = found(demo, "atmo", kinds=["ORGANISATION"], territory=territory)
        return [hit["node"]["name"] for hit in hits]

    assert names("region:93") == ["Atmo Sud"]
    assert len(names("FR")) == 4


def test_an_action_is_found_by_its_code(demo: Running) -> None:
    (hit, *_) = found(demo, "1_112")
    assert (hit["kind"], hit["part"], hit["node"]) == ("ACTION", "CODE", {"code": "1_112"})


def test_an_alliance_is_found_by_its_name_before_those_that_only_speak_of_it(demo: Running) -> None:
    (hit, *others) = found(demo, "transitions écologiques", kinds=["ALLIANCE"])
    assert hit["node"] == {"name": "Alliance pour la transition écologique et solidaire"}
    assert "PURPOSE" in {other["part"] for other in others}
