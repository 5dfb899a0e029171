"""What a test takes as given: an organisation, a cohort, a place in it."""

from collections.abc import Sequence
from datetime import date
from itertools import count
from typing import TypeVar
from uuid import UUID

from domain.aggregate import Aggregate
from domain.cohort import Cohort
from domain.delegation import Delegate, DelegateRole
from domain.organisation import Organisation, OrganisationKind
from tests.domain.work import NOW

A = TypeVar("A", bound=Aggregate)

_ids = count(1)

BRETAGNE = "region:53"
PAYS_DE_LA_LOIRE = "region:52"
NORMANDIE = "region:28"

LONG = "é" * 10_000
BELL = "camp de\x07base"

PRESIDENT = Delegate(role=DelegateRole.LEADER, function="président")
DIRECTOR = Delegate(role=DelegateRole.PLANET_CHAMPION, function="directeur")
OFFICER = Delegate(role=DelegateRole.PLANET_CHAMPION, function="chargé de projet label")


def an_id() -> UUID:
    """An id that nothing else has."""
    return UUID(int=next(_ids))


def an_organisation(name: str = "Territoire apprenant", siren: str | None = None) -> Organisation:
    """An organisation that was registered."""
    return settled(
        Organisation.register(
            an_id(), now=NOW, name=name, kind=OrganisationKind.ASSOCIATION, siren=siren
        )
    )


def a_cohort(
    *,
    territories: Sequence[str] = (BRETAGNE, PAYS_DE_LA_LOIRE),
    capacity: int | None = None,
    starts_on: date | None = None,
    ends_on: date | None = None,
) -> Cohort:
    """A cohort that was opened."""
    return settled(
        Cohort.open(
            an_id(),
            now=NOW,
            name="CEC Ouest",
            edition="2023",
            territories=territories,
            capacity=capacity,
            starts_on=starts_on,
            ends_on=ends_on,
        )
    )


def enrolled(cohort: Cohort, organisation: Organisation | None = None) -> Organisation:
    """An organisation that has a place in a cohort."""
    organisation = organisation or an_organisation()
    cohort.receive_application(organisation)
    cohort.admit(organisation)
    cohort.enrol(organisation)
    settled(cohort)
    return organisation


def settled(aggregate: A) -> A:
    """An aggregate whose facts so far are behind it: only what comes next shows."""
    aggregate.collect_events()
    return aggregate
