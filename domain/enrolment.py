"""Enrolment: how organisations come into a cohort, who stands for them, how they leave."""

from typing import Annotated

from domain.cohort import Cohort, CohortClosed
from domain.command import Command, Work, command
from domain.delegation import DelegateEntry, LeaderMissing, NobodyNamed
from domain.identity import Id
from domain.organisation import LIVING, Organisation, OrganisationMerged
from domain.participation import (
    AlreadyEnrolled,
    CohortFull,
    NotAdmitted,
    NotApplied,
    NotEnrolled,
    NotMerged,
    PlacesNotHeld,
    StandsForSurvivor,
)
from domain.role import REPRESENTATIVES, Role


@command(
    by=(Role.COHORT_COORDINATOR,),
    by_organisation=REPRESENTATIVES,
    refuses=(CohortClosed, AlreadyEnrolled, *LIVING),
)
class ApplyToCohort(Command):
    """Ask for an organisation to take part in a cohort."""

    cohort: Annotated[Id, "The cohort."]
    organisation: Annotated[Id, "The organisation that wants to take part."]

    async def decide(self, work: Work) -> Cohort:
        cohort = await work.get(Cohort, self.cohort)
        cohort.receive_application(await work.get(Organisation, self.organisation))
        return cohort


@command(
    by=(Role.COHORT_COORDINATOR,), refuses=(CohortClosed, AlreadyEnrolled, NotApplied, *LIVING)
)
class AdmitOrganisation(Command):
    """Accept an organisation that applied; it takes its place when it enrols."""

    cohort: Annotated[Id, "The cohort."]
    organisation: Annotated[Id, "The organisation that applied."]

    async def decide(self, work: Work) -> Cohort:
        cohort = await work.get(Cohort, self.cohort)
        cohort.admit(await work.get(Organisation, self.organisation))
        return cohort


@command(
    by=(Role.COHORT_COORDINATOR,),
    refuses=(CohortClosed, AlreadyEnrolled, NotAdmitted, CohortFull, PlacesNotHeld, *LIVING),
)
class EnrolOrganisation(Command):
    """Give an admitted organisation its place in a cohort."""

    cohort: Annotated[Id, "The cohort."]
    organisation: Annotated[Id, "The organisation that was admitted."]
    held_place: Annotated[bool, "Whether it takes one of the places that are held."] = False

    async def decide(self, work: Work) -> Cohort:
        cohort = await work.get(Cohort, self.cohort)
        organisation = await work.get(Organisation, self.organisation)
        cohort.enrol(organisation, held_place=self.held_place)
        return cohort


@command(
    by=(Role.COHORT_COORDINATOR,),
    by_organisation=(Role.ORGANISATION_LEADER,),
    refuses=(CohortClosed, NotApplied, OrganisationMerged),
)
class WithdrawOrganisation(Command):
    """Let an organisation go, wherever it stands; a place that it had is free again."""

    cohort: Annotated[Id, "The cohort."]
    organisation: Annotated[Id, "The organisation that leaves."]
    reason: Annotated[str, "Why it leaves."]

    async def decide(self, work: Work) -> Cohort:
        cohort = await work.get(Cohort, self.cohort)
        cohort.withdraw(await work.get(Organisation, self.organisation), self.reason)
        return cohort


@command(
    by=(Role.COHORT_COORDINATOR,), refuses=(CohortClosed, NotApplied, NotMerged, StandsForSurvivor)
)
class AcknowledgeMerger(Command):
    """Free the place of an organisation that went up in another which has a place itself.

    A cohort does not hear of mergers: until then the two of them take two places.
    """

    cohort: Annotated[Id, "The cohort."]
    organisation: Annotated[Id, "The organisation that went up in the other."]

    async def decide(self, work: Work) -> Cohort:
        cohort = await work.get(Cohort, self.cohort)
        merged = survivor = await work.get(Organisation, self.organisation)
        while survivor.survivor is not None:
            survivor = await work.load(Organisation, survivor.survivor)
        cohort.acknowledge_merger(merged, survivor)
        return cohort


@command(by=(Role.COHORT_COORDINATOR,), refuses=(CohortClosed, CohortFull))
class HoldPlaces(Command):
    """Hold further places in a cohort for organisations that are known by number only."""

    cohort: Annotated[Id, "The cohort."]
    count: Annotated[int, "How many places are held beside those held already."]
    note: Annotated[str | None, "For whom they are held."] = None

    async def decide(self, work: Work) -> Cohort:
        cohort = await work.get(Cohort, self.cohort)
        cohort.hold_places(self.count, self.note)
        return cohort


@command(by=(Role.COHORT_COORDINATOR,), refuses=(CohortClosed, PlacesNotHeld))
class ReleasePlaces(Command):
    """Let go of places in a cohort that were held."""

    cohort: Annotated[Id, "The cohort."]
    count: Annotated[int, "How many of the held places are free again."]
    reason: Annotated[str | None, "Why they are not held any more."] = None

    async def decide(self, work: Work) -> Cohort:
        cohort = await work.get(Cohort, self.cohort)
        cohort.release_places(self.count, self.reason)
        return cohort


@command(
    by=(Role.COHORT_COORDINATOR,),
    by_organisation=REPRESENTATIVES,
    refuses=(CohortClosed, NotEnrolled, LeaderMissing, NobodyNamed),
)
class SetDelegation(Command):
    """State who stands for an enrolled organisation; this replaces those named before."""

    cohort: Annotated[Id, "The cohort."]
    organisation: Annotated[Id, "The organisation."]
    delegates: Annotated[list[DelegateEntry], "All its delegates, 1 to 20, a leader among them."]

    async def decide(self, work: Work) -> Cohort:
        cohort = await work.get(Cohort, self.cohort)
        cohort.set_delegation(
            await work.get(Organisation, self.organisation),
            [delegate.resolved() for delegate in self.delegates],
        )
        return cohort
