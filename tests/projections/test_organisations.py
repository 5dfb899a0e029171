"""Given what happened to organisations, when it is folded, then this can be read."""

from datetime import date
from uuid import uuid4

import pytest

from domain.identity import external
from domain.organisation import MobilisationKind, Organisation, OrganisationKind, Rhythm
from projections.organisations import (
    ORGANISATIONS,
    ContactRow,
    MembershipRow,
    MobilisationRow,
    MobilisationSessionRow,
    NetworkRow,
    OrganisationRow,
)
from projections.rows import MissingRow, Rows
from tests.domain.work import NOW
from tests.history import AT, news, recorded
from tests.projections.folding import folded, only, shown


def atmo(name: str = "Atmo Normandie") -> Organisation:
    """A new organisation, with all that is known of it."""
    return Organisation.register(
        uuid4(),
        now=NOW,
        name=name,
        kind=OrganisationKind.ASSOCIATION,
        siren="732829320",
        rna="W763000123",
        territory="region:28",
    )


def test_a_registered_organisation_can_be_read_with_all_that_is_known() -> None:
    organisation = atmo("Élan Normand")
    assert only(folded(ORGANISATIONS, *news(organisation)), OrganisationRow) == OrganisationRow(
        id=external("organisation", organisation.id),
        version=1,
        registered_at=AT,
        updated_at=AT,
        name="Élan Normand",
        name_key="elan normand",
        kind=OrganisationKind.ASSOCIATION,
        siren="732829320",
        rna="W763000123",
        territory_key="region:28",
        merged_into_id=None,
        dissolved=False,
    )


def test_a_new_name_replaces_the_old_one_and_its_key() -> None:
    organisation = atmo()
    organisation.rename("Œuvrer Ensemble")
    row = only(folded(ORGANISATIONS, *news(organisation)), OrganisationRow)
    assert (row.name, row.name_key, row.version) == ("Œuvrer Ensemble", "oeuvrer ensemble", 2)


def test_organisations_that_join_one_network_under_several_spellings_share_it() -> None:
    one, other = atmo(), atmo("Atmo Hauts-de-France")
    one.join_network("AASQA")
    other.join_network("aasqa")
    rows = folded(ORGANISATIONS, *news(one, other))
    network = only(rows, NetworkRow)
    assert network.name == "AASQA", "the first spelling stays"
    assert {row.organisation_id for row in shown(rows, MembershipRow, "organisation_id")} == {
        external("organisation", one.id),
        external("organisation", other.id),
    }
    assert {row.network_id for row in rows.all(MembershipRow)} == {network.id}


def test_who_leaves_a_network_is_no_member_and_the_network_stays() -> None:
    organisation = atmo()
    organisation.join_network("AASQA")
    organisation.leave_network("aasqa")
    rows = folded(ORGANISATIONS, *news(organisation))
    assert not list(rows.all(MembershipRow))
    assert only(rows, NetworkRow).name == "AASQA"


def test_a_contact_is_shown_until_it_is_released() -> None:
    organisation, contact = atmo(), uuid4()
    organisation.designate_contact(
        contact, function="directrice", name="Quelqu’une", email="q@exemple.fr", telephone="0102"
    )
    before = news(organisation)
    row = only(folded(ORGANISATIONS, *before), ContactRow)
    assert (row.function, row.name, row.email, row.telephone) == (
        "directrice",
        "Quelqu’une",
        "q@exemple.fr",
        "0102",
    )
    organisation.release_contact(contact)
    assert not list(folded(ORGANISATIONS, *before, *news(organisation)).all(ContactRow))


def test_a_mobilisation_is_shown_with_its_sessions() -> None:
    organisation, screenings = atmo(), uuid4()
    organisation.start_mobilisation(
        screenings, name="Ciné-midi", kind=MobilisationKind.SCREENING, rhythm=Rhythm.DAILY
    )
    for day in (20, 21, 22):
        organisation.hold_mobilisation_session(screenings, date(2026, 1, day), day)
    rows = folded(ORGANISATIONS, *news(organisation))
    mobilisation = only(rows, MobilisationRow)
    assert (mobilisation.name, mobilisation.kind, mobilisation.rhythm) == (
        "Ciné-midi",
        MobilisationKind.SCREENING,
        Rhythm.DAILY,
    )
    sessions = shown(rows, MobilisationSessionRow, "held_on")
    assert [(row.held_on.day, row.attendance) for row in sessions] == [(20, 20), (21, 21), (22, 22)]


def test_a_merged_organisation_leads_to_its_survivor() -> None:
    merged, survivor = atmo(), atmo("Atmo France")
    before = news(merged, survivor)
    merged.merge_into(survivor)
    rows = folded(ORGANISATIONS, *before, *news(merged, survivor))
    by_id = {row.id: row for row in rows.all(OrganisationRow)}
    assert by_id[external("organisation", merged.id)].merged_into_id == external(
        "organisation", survivor.id
    )
    assert by_id[external("organisation", survivor.id)].version == 2


def test_a_dissolved_organisation_says_so() -> None:
    organisation = atmo()
    organisation.dissolve("Fin d’activité")
    assert only(folded(ORGANISATIONS, *news(organisation)), OrganisationRow).dissolved


def test_a_fact_about_what_was_never_registered_cannot_be_folded() -> None:
    organisation = atmo()
    news(organisation)
    organisation.rename("Autre")
    (renamed,) = recorded(news(organisation))
    with pytest.raises(MissingRow, match="organisation"):
        ORGANISATIONS.fold(Rows(), renamed)
