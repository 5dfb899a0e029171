"""Enrolment: applied, admitted, enrolled, withdrew; places, and who stands for whom."""

import pytest

from domain.cohort import Cohort, OpenCohort, SetCohortCapacity
from domain.delegation import Delegate, DelegateEntry, DelegateRole, LeaderMissing, NobodyNamed
from domain.enrolment import (
    AcknowledgeMerger,
    AdmitOrganisation,
    ApplyToCohort,
    EnrolOrganisation,
    HoldPlaces,
    SetDelegation,
)
from domain.identity import Id, external
from domain.organisation import (
    DesignateContact,
    MergeOrganisation,
    Organisation,
    OrganisationDissolved,
    OrganisationKind,
    OrganisationMerged,
    RegisterOrganisation,
)
from domain.participation import (
    AlreadyEnrolled,
    CohortFull,
    NotAdmitted,
    NotApplied,
    NotEnrolled,
    NotMerged,
    PlacesNotHeld,
    Standing,
    StandsForSurvivor,
)
from domain.refusal import (
    BlankText,
    ControlCharacters,
    InvalidNumber,
    NotFound,
    Refusal,
    TextTooLong,
    TooManyItems,
    WrongKindOfId,
)
from tests.domain.given import (
    BELL,
    BRETAGNE,
    DIRECTOR,
    LONG,
    OFFICER,
    PRESIDENT,
    a_cohort,
    an_id,
    an_organisation,
    enrolled,
    settled,
)
from tests.domain.work import NOW, Memory

# the way in


def test_an_organisation_applies_is_admitted_and_enrolled() -> None:
    cohort, organisation = a_cohort(), an_organisation()
    cohort.receive_application(organisation)
    cohort.receive_application(organisation)
    cohort.admit(organisation)
    cohort.admit(organisation)
    cohort.enrol(organisation)
    assert [type(event) for event in cohort.collect_events()] == [
        Cohort.OrganisationApplied,
        Cohort.OrganisationAdmitted,
        Cohort.OrganisationEnrolled,
    ]
    assert cohort.enrolled == {organisation.id}


def test_an_organisation_that_never_applied_is_not_admitted() -> None:
    with pytest.raises(NotApplied):
        a_cohort().admit(an_organisation())


def test_an_organisation_that_was_not_admitted_is_not_enrolled() -> None:
    cohort, organisation = a_cohort(), an_organisation()
    with pytest.raises(NotAdmitted):
        cohort.enrol(organisation)
    cohort.receive_application(organisation)
    with pytest.raises(NotAdmitted):
        cohort.enrol(organisation)


def test_an_organisation_is_enrolled_once() -> None:
    cohort = a_cohort()
    organisation = enrolled(cohort)
    for decision in (cohort.receive_application, cohort.admit, cohort.enrol):
        with pytest.raises(AlreadyEnrolled) as refusal:
            decision(organisation)
        assert refusal.value.facts["organisation"] == external("organisation", organisation.id)


def test_a_dissolved_organisation_does_not_come_in() -> None:
    cohort, organisation = a_cohort(), an_organisation()
    cohort.receive_application(organisation)
    organisation.dissolve()
    for decision in (cohort.receive_application, cohort.admit, cohort.enrol):
        with pytest.raises(OrganisationDissolved):
            decision(organisation)


def test_the_survivor_of_a_merger_has_the_place_of_the_one_that_it_absorbed() -> None:
    cohort, survivor = a_cohort(), an_organisation("Survivante")
    former = enrolled(cohort)
    former.at(NOW).merge_into(survivor.at(NOW))

    with pytest.raises(AlreadyEnrolled):
        cohort.receive_application(survivor)
    cohort.set_delegation(survivor, [PRESIDENT])
    cohort.withdraw(survivor, "faute de temps")

    assert cohort.participants == {former.id: Standing.WITHDRAWN}


def test_a_survivor_stands_for_all_that_went_up_in_it_at_whatever_remove() -> None:
    cohort, middle, survivor = a_cohort(), an_organisation(), an_organisation()
    former = enrolled(cohort)
    former.at(NOW).merge_into(middle.at(NOW))
    middle.merge_into(survivor.at(NOW))
    assert cohort.known_as(survivor) == former.id


def a_full_cohort_of_two_that_became_one() -> tuple[Cohort, Organisation, Organisation]:
    """A cohort of two places, the organisation that went up in the other, and that one."""
    cohort = a_cohort(capacity=2)
    former, survivor = enrolled(cohort), enrolled(cohort)
    former.at(NOW).merge_into(survivor.at(NOW))
    return cohort, former, survivor


def test_two_that_became_one_take_one_place_once_the_cohort_knows() -> None:
    cohort, former, survivor = a_full_cohort_of_two_that_became_one()
    third = an_organisation("Troisième")
    cohort.receive_application(third)
    cohort.admit(third)
    with pytest.raises(CohortFull):
        cohort.enrol(third)

    cohort.acknowledge_merger(former, survivor)
    cohort.acknowledge_merger(former, survivor)
    cohort.enrol(third)

    assert cohort.enrolled == {survivor.id, third.id}
    assert [type(fact) for fact in cohort.collect_events()].count(Cohort.ParticipantMerged) == 1


def test_a_survivor_takes_the_base_camp_over_and_has_its_own_delegation() -> None:
    cohort, former, survivor = a_full_cohort_of_two_that_became_one()
    cohort.set_delegation(former, [PRESIDENT])
    cohort.set_delegation(survivor, [PRESIDENT, DIRECTOR])
    camp = an_id()
    members = [former.id]
    cohort.form_base_camp(camp, name="Golfe", coach="c", facilitator="f", organisations=members)
    cohort.acknowledge_merger(former, survivor)
    assert cohort.camps[camp] == frozenset({survivor.id})
    assert list(cohort.delegations) == [survivor.id]


def test_the_merger_of_one_whose_survivor_has_no_place_itself_frees_none() -> None:
    cohort, survivor = a_cohort(), an_organisation("Survivante")
    former = enrolled(cohort)
    cohort.receive_application(survivor)
    former.at(NOW).merge_into(survivor.at(NOW))
    with pytest.raises(StandsForSurvivor):
        cohort.acknowledge_merger(former, survivor)
    assert cohort.known_as(survivor) == former.id
    with pytest.raises(AlreadyEnrolled):
        cohort.admit(survivor)


def test_a_merger_is_acknowledged_of_a_participant_that_went_up_in_another() -> None:
    cohort, _, survivor = a_full_cohort_of_two_that_became_one()
    with pytest.raises(NotMerged):
        cohort.acknowledge_merger(survivor, survivor)
    stranger = an_organisation("Étrangère")
    stranger.merge_into(survivor)
    with pytest.raises(NotApplied):
        cohort.acknowledge_merger(stranger, survivor)


def test_a_merged_organisation_does_not_withdraw_in_its_survivors_name() -> None:
    cohort, former, survivor = a_full_cohort_of_two_that_became_one()
    with pytest.raises(OrganisationMerged):
        cohort.withdraw(former, "fusion")
    cohort.withdraw(survivor, "faute de temps")
    assert not cohort.enrolled


def test_a_merged_organisation_leads_to_the_one_that_goes_on() -> None:
    organisation, survivor = an_organisation("Avant"), an_organisation("Après")
    organisation.merge_into(survivor)
    with pytest.raises(OrganisationMerged) as refusal:
        a_cohort().receive_application(organisation)
    assert external("organisation", survivor.id) in refusal.value.message("fr")


def test_an_organisation_that_withdrew_may_apply_again() -> None:
    cohort = a_cohort()
    organisation = enrolled(cohort)
    cohort.withdraw(organisation, "faute de temps")
    cohort.withdraw(organisation, "faute de temps")
    assert cohort.participants == {organisation.id: Standing.WITHDRAWN}
    with pytest.raises(NotApplied):
        cohort.admit(organisation)
    enrolled(cohort, organisation)
    assert cohort.enrolled == {organisation.id}


def test_an_organisation_that_never_applied_does_not_withdraw() -> None:
    with pytest.raises(NotApplied):
        a_cohort().withdraw(an_organisation(), "faute de temps")


@pytest.mark.parametrize(
    ("bad", "refusal"), [("", BlankText), (LONG, TextTooLong), (BELL, ControlCharacters)]
)
def test_a_withdrawal_says_why(bad: str, refusal: type[Refusal]) -> None:
    cohort = a_cohort()
    organisation = enrolled(cohort)
    with pytest.raises(refusal):
        cohort.withdraw(organisation, bad)
    assert cohort.enrolled == {organisation.id}


# places


def test_a_full_cohort_refuses_the_next_organisation() -> None:
    cohort = a_cohort(capacity=1)
    first = enrolled(cohort)
    with pytest.raises(CohortFull) as refusal:
        enrolled(cohort)
    assert "1 of its 1 places" in refusal.value.message("en")
    assert "1 de ses 1 places" in refusal.value.message("fr")

    cohort.withdraw(first, "faute de temps")
    enrolled(cohort)


def test_a_cohort_of_unknown_capacity_is_never_full() -> None:
    cohort = a_cohort()
    cohort.hold_places(10_000)
    enrolled(cohort)
    assert cohort.taken == 10_001


def test_the_places_held_count_as_taken() -> None:
    cohort = a_cohort(capacity=20)
    enrolled(cohort)
    with pytest.raises(CohortFull):
        cohort.hold_places(20)
    cohort.hold_places(19, "dix-neuf structures qui ne sont pas encore nommées")
    with pytest.raises(CohortFull):
        enrolled(cohort)


def test_an_organisation_may_take_a_place_that_was_held_for_it() -> None:
    cohort, organisation = a_cohort(capacity=20), an_organisation()
    cohort.hold_places(20)
    cohort.receive_application(organisation)
    cohort.admit(organisation)
    with pytest.raises(CohortFull):
        cohort.enrol(organisation)
    cohort.enrol(organisation, held_place=True)
    assert (cohort.taken, cohort.places_held) == (20, 19)


def test_no_place_is_taken_that_is_not_held() -> None:
    cohort, organisation = a_cohort(), an_organisation()
    cohort.receive_application(organisation)
    cohort.admit(organisation)
    with pytest.raises(PlacesNotHeld):
        cohort.enrol(organisation, held_place=True)


def test_no_more_places_are_released_than_are_held() -> None:
    cohort = a_cohort(capacity=20)
    cohort.hold_places(3)
    with pytest.raises(PlacesNotHeld):
        cohort.release_places(4)
    cohort.release_places(3, "trois désistements")
    assert cohort.taken == 0


@pytest.mark.parametrize("count", [0, -1, 10_001])
def test_a_count_of_places_out_of_bounds_is_refused(count: int) -> None:
    cohort = a_cohort()
    with pytest.raises(InvalidNumber):
        cohort.hold_places(count)
    with pytest.raises(InvalidNumber):
        cohort.release_places(count)


@pytest.mark.parametrize("bad", [" ", LONG, BELL])
def test_a_bad_note_on_places_is_refused(bad: str) -> None:
    cohort = a_cohort()
    with pytest.raises((BlankText, TextTooLong, ControlCharacters)):
        cohort.hold_places(1, bad)
    assert cohort.places_held == 0
    cohort.hold_places(1)
    with pytest.raises((BlankText, TextTooLong, ControlCharacters)):
        cohort.release_places(1, bad)
    assert cohort.places_held == 1


# delegations


def test_a_delegation_replaces_the_one_before() -> None:
    cohort = a_cohort()
    organisation = enrolled(cohort)
    cohort.set_delegation(organisation, [PRESIDENT, DIRECTOR])
    cohort.set_delegation(organisation, [PRESIDENT, DIRECTOR])
    cohort.set_delegation(organisation, [PRESIDENT, DIRECTOR, OFFICER])
    assert [len(event.delegates) for event in cohort.collect_events()] == [2, 3]  # type: ignore[attr-defined]


def test_a_delegation_needs_a_leader() -> None:
    cohort = a_cohort()
    with pytest.raises(LeaderMissing):
        cohort.set_delegation(enrolled(cohort), [DIRECTOR, OFFICER])


def test_a_delegation_is_not_empty() -> None:
    cohort = a_cohort()
    with pytest.raises(NobodyNamed):
        cohort.set_delegation(enrolled(cohort), [])


def test_a_delegation_of_more_than_twenty_is_refused() -> None:
    cohort = a_cohort()
    with pytest.raises(TooManyItems):
        cohort.set_delegation(enrolled(cohort), [PRESIDENT] * 21)


@pytest.mark.parametrize(
    ("bad", "refusal"), [(" ", BlankText), (LONG, TextTooLong), (BELL, ControlCharacters)]
)
def test_a_delegate_has_a_function(bad: str, refusal: type[Refusal]) -> None:
    cohort = a_cohort()
    nameless = Delegate(role=DelegateRole.LEADER, function=bad)
    with pytest.raises(refusal) as refused:
        cohort.set_delegation(enrolled(cohort), [PRESIDENT, nameless])
    assert refused.value.path == "delegates.1.function"


def test_only_an_enrolled_organisation_has_a_delegation() -> None:
    with pytest.raises(NotEnrolled):
        a_cohort().set_delegation(an_organisation(), [PRESIDENT])


def test_a_delegation_is_void_when_its_organisation_withdraws() -> None:
    cohort = a_cohort()
    organisation = enrolled(cohort)
    camp = an_id()
    cohort.set_delegation(organisation, [PRESIDENT])
    cohort.form_base_camp(
        camp,
        name="Golfe",
        coach="coach",
        facilitator="facilitatrice",
        organisations=[organisation.id],
    )
    cohort.withdraw(organisation, "faute de temps")
    settled(cohort)
    enrolled(cohort, organisation)
    assert cohort.delegations == {}
    assert cohort.camps[camp] == frozenset()


# through commands


def an_enrolled_pair(memory: Memory) -> tuple[Id, Id]:
    """The ids of a cohort and of an organisation in it."""
    cohort = memory.do(OpenCohort(name="CEC Ouest", territories=[BRETAGNE], capacity=1)).id
    organisation = memory.do(
        RegisterOrganisation(name="Territoire apprenant", kind=OrganisationKind.ASSOCIATION)
    ).id
    memory.do(ApplyToCohort(cohort=cohort, organisation=organisation))
    memory.do(AdmitOrganisation(cohort=cohort, organisation=organisation))
    memory.do(EnrolOrganisation(cohort=cohort, organisation=organisation))
    return cohort, organisation


def test_a_delegate_is_a_contact_of_the_organisation() -> None:
    memory = Memory()
    cohort, organisation = an_enrolled_pair(memory)
    contact = memory.do(DesignateContact(organisation=organisation, function="directrice")).part(
        "contact"
    )
    leader = DelegateEntry(role=DelegateRole.LEADER, function="directrice", contact=contact)
    memory.do(SetDelegation(cohort=cohort, organisation=organisation, delegates=[leader]))

    stranger = DelegateEntry(
        role=DelegateRole.LEADER, function="directrice", contact=external("contact", an_id())
    )
    with pytest.raises(NotFound) as refusal:
        memory.do(SetDelegation(cohort=cohort, organisation=organisation, delegates=[stranger]))
    assert refusal.value.path == "delegates.0.contact"


def test_an_id_that_names_no_organisation_is_refused() -> None:
    memory = Memory()
    cohort, _ = an_enrolled_pair(memory)
    with pytest.raises(WrongKindOfId):
        memory.do(ApplyToCohort(cohort=cohort, organisation=cohort))
    with pytest.raises(NotFound):
        memory.do(ApplyToCohort(cohort=cohort, organisation=external("organisation", an_id())))
    with pytest.raises(NotFound):
        memory.do(HoldPlaces(cohort=Id(""), count=1))


def test_a_cohort_acknowledges_a_merger_at_whatever_remove() -> None:
    memory = Memory()
    cohort, former = an_enrolled_pair(memory)
    memory.do(SetCohortCapacity(cohort=cohort, capacity=2))
    middle, survivor = (
        memory.do(RegisterOrganisation(name=name, kind=OrganisationKind.ASSOCIATION)).id
        for name in ("Entre-deux", "Survivante")
    )
    for step in (ApplyToCohort, AdmitOrganisation, EnrolOrganisation):
        memory.do(step(cohort=cohort, organisation=survivor))
    memory.do(MergeOrganisation(organisation=former, into=middle))
    memory.do(MergeOrganisation(organisation=middle, into=survivor))
    acknowledged = memory.do(AcknowledgeMerger(cohort=cohort, organisation=former))
    (fact,) = acknowledged.events
    assert isinstance(fact, Cohort.ParticipantMerged)
    assert external("organisation", fact.into) == survivor


def test_a_refused_enrolment_leaves_no_trace() -> None:
    memory = Memory()
    cohort, _ = an_enrolled_pair(memory)
    late = memory.do(RegisterOrganisation(name="Trop tard", kind=OrganisationKind.COMPANY)).id
    memory.do(ApplyToCohort(cohort=cohort, organisation=late))
    memory.do(AdmitOrganisation(cohort=cohort, organisation=late))
    before = {stream: len(events) for stream, events in memory.streams.items()}
    with pytest.raises(CohortFull):
        memory.do(EnrolOrganisation(cohort=cohort, organisation=late))
    assert {stream: len(events) for stream, events in memory.streams.items()} == before
