"""Organisations: registered once per number, renamed, merged, dissolved."""

from collections.abc import Callable
from datetime import date

import pytest

from domain.identity import Id, external
from domain.organisation import (
    DesignateContact,
    DissolveOrganisation,
    HeldInTheFuture,
    InvalidRna,
    InvalidSiren,
    JoinNetwork,
    LeaveNetwork,
    MergedIntoItself,
    MergeOrganisation,
    MobilisationKind,
    NotInNetwork,
    Organisation,
    OrganisationDissolved,
    OrganisationKind,
    OrganisationMerged,
    RegisterOrganisation,
    ReleaseContact,
    RenameOrganisation,
    Rhythm,
    SirenTaken,
)
from domain.personal import Personal
from domain.refusal import (
    BlankText,
    ControlCharacters,
    InvalidNumber,
    NotFound,
    Refusal,
    TextTooLong,
    WrongKindOfId,
)
from domain.territory import UnknownTerritory
from tests.domain.given import BELL, LONG, NORMANDIE, an_id, an_organisation, settled
from tests.domain.work import NOW, Memory

SIREN = "732829320"
BAD_TEXTS = [("", BlankText), (" \n", BlankText), (LONG, TextTooLong), (BELL, ControlCharacters)]


def registered(memory: Memory, name: str = "Atmo Normandie", siren: str | None = None) -> Id:
    """The id of an organisation that was registered by command."""
    kind = OrganisationKind.ASSOCIATION
    return memory.do(RegisterOrganisation(name=name, kind=kind, siren=siren)).id


# registering


def test_an_organisation_is_registered_with_its_numbers() -> None:
    organisation = Organisation.register(
        an_id(),
        now=NOW,
        name="  Atmo Normandie ",
        kind=OrganisationKind.ASSOCIATION,
        siren="732 829 320",
        rna="w763 000 123",
        territory=NORMANDIE,
    )
    (fact,) = organisation.collect_events()
    assert isinstance(fact, Organisation.Registered)
    assert (fact.name, fact.siren, fact.rna) == ("Atmo Normandie", SIREN, "W763000123")


@pytest.mark.parametrize(("bad", "refusal"), BAD_TEXTS)
def test_a_bad_name_is_refused(bad: str, refusal: type[Refusal]) -> None:
    with pytest.raises(refusal) as refused:
        an_organisation(bad)
    assert refused.value.path == "name"
    with pytest.raises(refusal):
        an_organisation().rename(bad)


@pytest.mark.parametrize("siren", ["", "732829321", "73282932", "7328293200", "SIREN", "٧٣٢٨٢٩٣٢٠"])
def test_a_siren_whose_key_is_wrong_is_refused(siren: str) -> None:
    with pytest.raises(InvalidSiren) as refusal:
        an_organisation(siren=siren)
    assert refusal.value.path == "siren"


@pytest.mark.parametrize("rna", ["", "763000123", "W76300012", "W7630001234", LONG])
def test_a_wrong_rna_is_refused(rna: str) -> None:
    with pytest.raises(InvalidRna):
        Organisation.register(
            an_id(), now=NOW, name="Atmo", kind=OrganisationKind.ASSOCIATION, rna=rna
        )


def test_an_unknown_territory_is_refused() -> None:
    memory = Memory()
    with pytest.raises(UnknownTerritory):
        memory.do(
            RegisterOrganisation(
                name="Atmo", kind=OrganisationKind.ASSOCIATION, territory="region:99"
            )
        )
    assert memory.streams == {}


def test_a_siren_is_registered_once_and_the_refusal_names_its_holder() -> None:
    memory = Memory()
    holder = registered(memory, siren=SIREN)
    with pytest.raises(SirenTaken) as refusal:
        registered(memory, "Une autre", siren="732 829 320")
    assert holder in refusal.value.message("fr")


def test_organisations_without_a_siren_may_bear_the_same_name() -> None:
    memory = Memory()
    assert registered(memory) != registered(memory)


def test_the_siren_of_a_dissolved_organisation_is_free_again() -> None:
    memory = Memory()
    memory.do(DissolveOrganisation(organisation=registered(memory, siren=SIREN)))
    registered(memory, "La suivante", siren=SIREN)


# names and networks


def test_a_name_that_it_bears_already_is_not_recorded() -> None:
    organisation = an_organisation("Atmo Normandie")
    organisation.rename(" Atmo Normandie ", "relecture")
    assert not organisation.collect_events()


def test_a_network_is_joined_once_whatever_its_case_and_accents() -> None:
    organisation = an_organisation()
    organisation.join_network("Réseau AASQA")
    organisation.join_network("RESEAU  aasqa")
    organisation.leave_network("reseau AASQA")
    organisation.leave_network("reseau AASQA")
    assert [type(event) for event in organisation.collect_events()] == [
        Organisation.NetworkJoined,
        Organisation.NetworkLeft,
    ]


def test_a_network_that_was_never_joined_is_not_left() -> None:
    memory = Memory()
    organisation = registered(memory)
    with pytest.raises(NotInNetwork) as refusal:
        memory.do(LeaveNetwork(organisation=organisation, network="AASQA"))
    assert refusal.value.path == "network"


@pytest.mark.parametrize(("bad", "refusal"), BAD_TEXTS)
def test_a_bad_network_is_refused(bad: str, refusal: type[Refusal]) -> None:
    memory = Memory()
    organisation = registered(memory)
    with pytest.raises(refusal):
        memory.do(JoinNetwork(organisation=organisation, network=bad))


# contacts


def test_what_is_known_of_a_person_belongs_to_that_person() -> None:
    memory = Memory()
    organisation = registered(memory)
    decided = memory.do(
        DesignateContact(organisation=organisation, function="directrice", email="d@example.org")
    )
    (fact,) = decided.events
    assert isinstance(fact, Organisation.ContactDesignated)
    assert fact.email == Personal(fact.contact, "d@example.org")
    assert "example" not in repr(fact)


def test_a_contact_is_released_once() -> None:
    memory = Memory()
    organisation = registered(memory)
    contact = memory.do(DesignateContact(organisation=organisation, function="directrice")).part(
        "contact"
    )
    release = ReleaseContact(organisation=organisation, contact=contact)
    assert len(memory.do(release).events) == 1
    assert not memory.do(release).events


def test_a_contact_who_never_answered_for_it_is_not_released() -> None:
    memory = Memory()
    organisation, other = registered(memory), registered(memory, "Une autre")
    contact = memory.do(DesignateContact(organisation=other, function="directrice")).part("contact")
    with pytest.raises(NotFound) as refusal:
        memory.do(ReleaseContact(organisation=organisation, contact=contact))
    assert refusal.value.path == "contact"


@pytest.mark.parametrize("field", ["function", "name", "email", "telephone"])
@pytest.mark.parametrize(("bad", "refusal"), BAD_TEXTS)
def test_a_bad_text_on_a_contact_is_refused(field: str, bad: str, refusal: type[Refusal]) -> None:
    memory = Memory()
    organisation = registered(memory)
    texts = {"function": "directrice", field: bad}
    with pytest.raises(refusal) as refused:
        memory.do(DesignateContact(organisation=organisation, **texts))
    assert refused.value.path == field


# mobilisation


def test_a_sitting_of_a_mobilisation_is_recorded_once_a_day() -> None:
    organisation = an_organisation("Atmo Normandie")
    mobilisation = an_id()
    organisation.start_mobilisation(
        mobilisation, name="The Week", kind=MobilisationKind.SCREENING, rhythm=Rhythm.OCCASIONAL
    )
    settled(organisation)
    for day in (20, 21, 22, 22):
        organisation.hold_mobilisation_session(mobilisation, date(2026, 1, day))
    assert len(organisation.collect_events()) == 3


def test_nothing_is_held_in_the_future() -> None:
    organisation = an_organisation()
    mobilisation = an_id()
    organisation.start_mobilisation(
        mobilisation, name="The Week", kind=MobilisationKind.SCREENING, rhythm=Rhythm.ONCE
    )
    with pytest.raises(HeldInTheFuture):
        organisation.hold_mobilisation_session(mobilisation, date(2026, 1, 24))


@pytest.mark.parametrize("attendance", [-1, 1_000_001])
def test_an_attendance_out_of_bounds_is_refused(attendance: int) -> None:
    organisation = an_organisation()
    mobilisation = an_id()
    organisation.start_mobilisation(
        mobilisation, name="The Week", kind=MobilisationKind.SCREENING, rhythm=Rhythm.ONCE
    )
    with pytest.raises(InvalidNumber):
        organisation.hold_mobilisation_session(mobilisation, date(2026, 1, 20), attendance)


def test_a_mobilisation_that_is_unknown_is_not_found() -> None:
    with pytest.raises(NotFound):
        an_organisation().hold_mobilisation_session(an_id(), date(2026, 1, 20))


# merged and dissolved


def test_a_merged_organisation_points_to_the_one_that_goes_on() -> None:
    memory = Memory()
    before, after = registered(memory, "Avant", siren=SIREN), registered(memory, "Après")
    merge = MergeOrganisation(organisation=before, into=after, reason="fusion")
    memory.do(merge)
    assert not memory.do(merge).events
    with pytest.raises(OrganisationMerged) as refusal:
        memory.do(RenameOrganisation(organisation=before, name="Encore"))
    assert after in refusal.value.message("en")


def test_a_siren_is_free_again_after_a_merge() -> None:
    memory = Memory()
    before, after = registered(memory, "Avant", siren=SIREN), registered(memory, "Après")
    memory.do(MergeOrganisation(organisation=before, into=after))
    registered(memory, "La suivante", siren=SIREN)


def test_an_organisation_is_not_merged_into_itself() -> None:
    organisation = an_organisation()
    with pytest.raises(MergedIntoItself):
        organisation.merge_into(organisation)


def test_an_organisation_is_not_merged_into_one_that_is_gone() -> None:
    gone, other = an_organisation("Avant"), an_organisation("Après")
    gone.dissolve()
    with pytest.raises(OrganisationDissolved) as refusal:
        other.merge_into(gone)
    assert refusal.value.path == "into"


def test_a_dissolved_organisation_does_not_change_any_more() -> None:
    organisation = an_organisation()
    organisation.dissolve("fin de mission")
    settled(organisation)
    organisation.dissolve()
    decisions: list[Callable[[], None]] = [
        lambda: organisation.rename("Encore"),
        lambda: organisation.join_network("AASQA"),
        lambda: organisation.leave_network("AASQA"),
        lambda: organisation.designate_contact(an_id(), function="directrice"),
        lambda: organisation.release_contact(an_id()),
        lambda: organisation.merge_into(an_organisation()),
    ]
    for decision in decisions:
        with pytest.raises(OrganisationDissolved):
            decision()
    assert not organisation.collect_events()


# ids


def test_an_id_of_another_kind_is_told_apart_from_an_unknown_one() -> None:
    memory = Memory()
    with pytest.raises(WrongKindOfId):
        memory.do(RenameOrganisation(organisation=external("cohort", an_id()), name="Encore"))
    for unknown in (external("organisation", an_id()), Id(""), Id("org_"), Id("org_" + "é" * 32)):
        with pytest.raises(NotFound):
            memory.do(RenameOrganisation(organisation=unknown, name="Encore"))
