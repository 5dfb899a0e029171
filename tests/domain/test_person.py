"""People are forgotten by what stands for them, such as a contact or an assignment."""

import pytest

from domain.identity import Id, external
from domain.organisation import DesignateContact, OrganisationKind, RegisterOrganisation
from domain.person import ForgetPerson, Person, ids_of
from domain.refusal import NotFound, WrongKindOfId
from tests.domain.work import Memory


@pytest.fixture
def memory() -> Memory:
    """A history in which nothing happened yet."""
    return Memory()


@pytest.fixture
def contact(memory: Memory) -> Id:
    """A contact with a name."""
    return designated(memory, name="Quelqu’une")


def designated(memory: Memory, name: str | None) -> Id:
    registered = memory.do(
        RegisterOrganisation(name="Atmo Normandie", kind=OrganisationKind.ASSOCIATION)
    )
    done = memory.do(DesignateContact(organisation=registered.id, function="directrice", name=name))
    return done.part("contact")


def test_a_contact_is_forgotten_by_its_id(memory: Memory, contact: Id) -> None:
    done = memory.do(ForgetPerson(person=contact))

    (fact,) = done.events
    assert isinstance(fact, Person.Forgotten)
    assert external("contact", fact.subject) == contact
    assert done.id == external("person", Person.id_of(fact.subject))


def test_who_was_forgotten_is_not_forgotten_twice(memory: Memory, contact: Id) -> None:
    first = memory.do(ForgetPerson(person=contact))
    again = memory.do(ForgetPerson(person=contact))

    assert again.events == []
    assert again.id == first.id


def test_nobody_is_forgotten_of_whom_nothing_was_said(memory: Memory) -> None:
    nameless = designated(memory, name=None)

    with pytest.raises(NotFound) as refused:
        memory.do(ForgetPerson(person=nameless))
    assert refused.value.facts["id"] == nameless


def test_a_contact_is_not_forgotten_as_an_assignment(memory: Memory, contact: Id) -> None:
    with pytest.raises(NotFound):
        memory.do(ForgetPerson(person=Id(contact.replace("ctc_", "asg_"))))


def test_an_organisation_is_no_person(memory: Memory, contact: Id) -> None:
    with pytest.raises(WrongKindOfId):
        memory.do(ForgetPerson(person=Id(contact.replace("ctc_", "org_"))))


def test_a_person_may_be_known_by_several_kinds_of_id(memory: Memory, contact: Id) -> None:
    (fact,) = memory.do(ForgetPerson(person=contact)).events
    assert isinstance(fact, Person.Forgotten)

    assert contact in ids_of(fact.subject)
    assert len(set(ids_of(fact.subject))) == 4
