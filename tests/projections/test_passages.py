"""Given what happened, when it is folded, then this can be found."""

from uuid import UUID, uuid4

from domain.action import Action
from domain.alliance import Alliance, AllianceKind
from domain.cohort import Cohort
from domain.identity import external
from domain.organisation import Organisation, OrganisationKind
from domain.ownership import ActionOwner
from domain.part import Lever
from domain.roadmap import Roadmap, RoadmapOwner
from domain.sheet import Classification, Wording
from projections.passages import PASSAGES, Findable, PassagePart, PassageRow
from projections.rows import Rows
from tests.domain.roadmaps import COMMITTEE, GOVERNANCE, NOW, bilan
from tests.history import news
from tests.projections.folding import folded, only


def an_organisation(territory: str | None = "departement:76") -> Organisation:
    """A new organisation."""
    kind = OrganisationKind.ASSOCIATION
    return Organisation.register(
        uuid4(), now=NOW, name="Atmo Normandie", kind=kind, territory=territory
    )


def a_cohort(*territories: str) -> Cohort:
    """A new cohort."""
    return Cohort.open(uuid4(), now=NOW, name="CEC Ouest", territories=territories)


def a_roadmap(organisation: UUID, cohort: UUID, title: str | None = None) -> Roadmap:
    """A new roadmap."""
    owner = RoadmapOwner(organisation=organisation, cohort=cohort)
    return Roadmap.draft(uuid4(), now=NOW, owner=owner, horizon=2030, title=title)


def an_alliance(purpose: str | None = None) -> Alliance:
    """A new alliance."""
    return Alliance.launch(
        uuid4(),
        now=NOW,
        name="COP Normandie",
        kind=AllianceKind.REGIONAL_COP,
        territory="region:28",
        purpose=purpose,
    )


def an_action(alliance: UUID, *territories: str) -> Action:
    """A new action."""
    return Action.propose(
        uuid4(),
        now=NOW,
        owner=ActionOwner(alliance=alliance),
        code="1_112",
        wording=Wording(title="Former aux métiers du vélo", description="Trois ateliers"),
        classification=Classification(territories=territories),
    )


def said(rows: Rows) -> dict[PassagePart, str]:
    """What each part says, where one thing was folded."""
    return {row.part: row.text for row in rows.all(PassageRow)}


def test_an_organisation_is_found_by_the_name_that_it_bears_now() -> None:
    organisation = an_organisation()
    organisation.rename("Atmo Seine")
    row = only(folded(PASSAGES, *news(organisation)), PassageRow)
    assert row.about_id == row.entity_id == external("organisation", organisation.id)
    assert (row.kind, row.part) == (Findable.ORGANISATION, PassagePart.NAME)
    assert (row.text, row.name_key) == ("Atmo Seine", "atmo seine")


def test_a_thing_is_also_in_the_territories_around_its_own() -> None:
    row = only(folded(PASSAGES, *news(an_organisation("epci:200023414"))), PassageRow)
    assert row.territory_keys == ["FR", "departement:76", "epci:200023414", "region:28"]


def test_a_thing_of_no_territory_is_in_none() -> None:
    assert only(folded(PASSAGES, *news(an_organisation(None))), PassageRow).territory_keys == []


def test_a_roadmap_is_found_by_what_it_and_its_parts_say() -> None:
    roadmap = a_roadmap(uuid4(), uuid4(), "Cap 2030")
    roadmap.ask_generative_question("Comment respirer ?")
    roadmap.set_new_course("Un air sain")
    roadmap.add_lever(GOVERNANCE, Lever(title="Gouverner", description="à plusieurs"))
    roadmap.add_objective(COMMITTEE, GOVERNANCE, bilan(wording="Un comité"))
    facts = news(roadmap)
    rows = folded(PASSAGES, *facts)
    assert said(rows) == {
        PassagePart.NAME: "Cap 2030",
        PassagePart.GENERATIVE_QUESTION: "Comment respirer ?",
        PassagePart.NEW_COURSE: "Un air sain",
        PassagePart.LEVER: "Gouverner\nà plusieurs",
        PassagePart.OBJECTIVE: "Un comité",
    }
    assert {row.entity_id for row in rows.all(PassageRow)} == {external("roadmap", roadmap.id)}
    assert external("lever", GOVERNANCE) in {row.about_id for row in rows.all(PassageRow)}
    roadmap.drop_lever(GOVERNANCE, "Acquise")
    assert {*said(folded(PASSAGES, *facts, *news(roadmap)))} == {
        PassagePart.NAME,
        PassagePart.GENERATIVE_QUESTION,
        PassagePart.NEW_COURSE,
    }


def test_a_roadmap_is_where_its_organisation_and_its_cohort_are() -> None:
    organisation, cohort = an_organisation("departement:76"), a_cohort("region:53")
    roadmap = a_roadmap(organisation.id, cohort.id)
    roadmap.set_new_course("Un air sain")
    rows = folded(PASSAGES, *news(organisation), *news(cohort), *news(roadmap))
    found = [row for row in rows.all(PassageRow) if row.kind is Findable.ROADMAP]
    assert [row.text for row in found] == ["", "Un air sain"]
    for row in found:
        assert row.territory_keys == ["FR", "departement:76", "region:28", "region:53"]


def test_an_alliance_is_found_by_its_name_and_its_purpose() -> None:
    rows = folded(PASSAGES, *news(an_alliance("Former aux métiers")))
    assert said(rows) == {
        PassagePart.NAME: "COP Normandie",
        PassagePart.PURPOSE: "Former aux métiers",
    }


def test_an_action_is_found_by_its_sheet_as_it_is_worded_now() -> None:
    action = an_action(uuid4())
    action.reword(Wording(title="Réparer des vélos", expected_effects="Moins de voitures"))
    action.recode("1_113")
    assert said(folded(PASSAGES, *news(action))) == {
        PassagePart.NAME: "Réparer des vélos",
        PassagePart.CODE: "1_113",
        PassagePart.EXPECTED_EFFECTS: "Moins de voitures",
    }


def test_an_action_stays_in_its_alliances_territory_wherever_it_takes_place() -> None:
    alliance = an_alliance()
    action = an_action(alliance.id, "departement:76")
    action.set_territories(("departement:14",))
    rows = folded(PASSAGES, *news(alliance), *news(action))
    for row in rows.all(PassageRow):
        if row.kind is Findable.ACTION:
            assert row.territory_keys == ["FR", "departement:14", "region:28"]
