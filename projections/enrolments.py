"""Enrolments of organisations in cohorts, and the delegates who stand for them.

An organisation and all that went up in it have one enrolment in a cohort together, under the id
of the one that stands for them now, whichever of them a fact names.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from domain.aggregate import AggregateEvent
from domain.cohort import Cohort
from domain.delegation import Delegate, DelegateRole
from domain.identity import Id, external
from domain.organisation import Organisation
from domain.participation import Standing
from domain.record import Recorded
from projections.access import EVERYONE
from projections.mergers import IN_COHORTS
from projections.rows import Need, Rows, key_of
from projections.table import Relation, Row, row

DDL = """
create table enrolment (
    cohort_id text collate "C" not null,
    organisation_id text collate "C" not null,
    standing text not null,
    held_place boolean not null,
    applied_at timestamptz not null,
    admitted_at timestamptz,
    enrolled_at timestamptz,
    withdrew_at timestamptz,
    withdrew_because text,
    primary key (cohort_id, organisation_id)
);
create index enrolment_in_order on enrolment (cohort_id, applied_at, organisation_id);
create index enrolment_by_standing on enrolment
    (cohort_id, standing, applied_at, organisation_id);
create index enrolment_by_application on enrolment (applied_at, cohort_id, organisation_id);
create index enrolment_by_organisation on enrolment (organisation_id, applied_at, cohort_id);

create table delegate (
    cohort_id text collate "C" not null,
    organisation_id text collate "C" not null,
    place integer not null,
    role text not null,
    function text not null,
    contact_id text collate "C",
    primary key (cohort_id, organisation_id, place)
);
create index delegate_by_organisation on delegate (organisation_id, cohort_id, place);
create index delegate_by_contact on delegate (contact_id, cohort_id);
"""


@row(
    "enrolment",
    seen=EVERYONE,
    key=("cohort_id", "organisation_id"),
    owner=("cohort", "cohort_id"),
    indexes=("organisation_id",),
    relations={
        "cohort": Relation("cohort", on=(("cohort_id", "id"),)),
        "organisation": Relation("organisation", on=(("organisation_id", "id"),)),
        "delegates": Relation(
            "delegate",
            on=(("cohort_id", "cohort_id"), ("organisation_id", "organisation_id")),
            many=True,
            order=("place",),
        ),
        "roadmaps": Relation(
            "roadmap",
            on=(("cohort_id", "cohort_id"), ("organisation_id", "organisation_id")),
            many=True,
            order=("drafted_at", "id"),
        ),
    },
)
class EnrolmentRow(Row):
    """An organisation's way into a cohort, and out of it where it withdrew."""

    cohort_id: Id
    organisation_id: Id
    standing: Standing
    held_place: bool
    applied_at: datetime
    admitted_at: datetime | None
    enrolled_at: datetime | None
    withdrew_at: datetime | None
    withdrew_because: str | None


@row(
    "delegate",
    seen=EVERYONE,
    key=("cohort_id", "organisation_id", "place"),
    owner=("cohort", "cohort_id"),
    indexes=("organisation_id",),
    relations={
        "cohort": Relation("cohort", on=(("cohort_id", "id"),)),
        "organisation": Relation("organisation", on=(("organisation_id", "id"),)),
        "contact": Relation("contact", on=(("contact_id", "id"),)),
    },
)
class DelegateRow(Row):
    """One who stands for an organisation in a cohort, in the order in which they were named."""

    cohort_id: Id
    organisation_id: Id
    place: int
    role: DelegateRole
    function: str
    contact_id: Id | None


ROWS: tuple[type[Row], ...] = (EnrolmentRow, DelegateRow)


def fold(rows: Rows, recorded: Recorded[AggregateEvent]) -> None:
    """Take one fact about who takes part in a cohort into the read model."""
    at, cohort = recorded.recorded_at, external("cohort", recorded.stream_id)
    match recorded.event:
        case Cohort.OrganisationApplied(organisation=named):
            rows.put(_applied(cohort, IN_COHORTS.survivor(rows, named), at))
        case Cohort.OrganisationAdmitted(organisation=named):
            enrolment = rows.change(EnrolmentRow, cohort, IN_COHORTS.survivor(rows, named))
            enrolment.standing, enrolment.admitted_at = Standing.ADMITTED, at
        case Cohort.OrganisationEnrolled(organisation=named, held_place=held_place):
            enrolment = rows.change(EnrolmentRow, cohort, IN_COHORTS.survivor(rows, named))
            enrolment.standing, enrolment.enrolled_at = Standing.ENROLLED, at
            enrolment.held_place = held_place
        case Cohort.OrganisationWithdrew(organisation=named, reason=reason):
            enrolment = rows.change(EnrolmentRow, cohort, IN_COHORTS.survivor(rows, named))
            enrolment.standing, enrolment.withdrew_at = Standing.WITHDRAWN, at
            enrolment.withdrew_because = reason
            _delegate(rows, cohort, enrolment.organisation_id, ())
        case Cohort.DelegationSet(organisation=named, delegates=delegates):
            _delegate(rows, cohort, IN_COHORTS.survivor(rows, named), delegates)


def needs(recorded: Recorded[AggregateEvent]) -> Iterable[Need]:
    """Name the enrolments and delegates of a cohort: which one is meant, the mergers tell."""
    cohort = external("cohort", recorded.stream_id)
    match recorded.event:
        case Organisation.Merged(into=into):
            merged = external("organisation", recorded.stream_id)
            yield Need(EnrolmentRow, "organisation_id", merged)
            yield Need(EnrolmentRow, "organisation_id", external("organisation", into))
            yield Need(DelegateRow, "organisation_id", merged)
        case Cohort.OrganisationApplied(organisation=named):
            yield IN_COHORTS.need(named)
        case (
            Cohort.OrganisationAdmitted(organisation=named)
            | Cohort.OrganisationEnrolled(organisation=named)
        ):
            yield IN_COHORTS.need(named)
            yield Need(EnrolmentRow, "cohort_id", cohort)
        case (
            Cohort.OrganisationWithdrew(organisation=named)
            | Cohort.DelegationSet(organisation=named)
        ):
            yield IN_COHORTS.need(named)
            yield Need(EnrolmentRow, "cohort_id", cohort)
            yield Need(DelegateRow, "cohort_id", cohort)


def follow_merger(rows: Rows, merged: Id, survivor: Id) -> None:
    """Let the survivor have the enrolments of a merged organisation, with its delegates.

    Where both are in one cohort the survivor's stays, unless the other is further. That is how
    the cohort sees it, too, so its acknowledging the merger changes nothing here.
    """
    own = {one.cohort_id: one for one in rows.where(EnrolmentRow, "organisation_id", survivor)}
    followed = set()
    for enrolment in rows.where(EnrolmentRow, "organisation_id", merged):
        rows.drop(EnrolmentRow, *key_of(enrolment))
        stays = own.get(enrolment.cohort_id)
        if stays is None or stays.standing.progress < enrolment.standing.progress:
            rows.put(replace(enrolment, organisation_id=survivor))
            followed.add(enrolment.cohort_id)
    for delegate in rows.where(DelegateRow, "organisation_id", merged):
        rows.drop(DelegateRow, *key_of(delegate))
        if delegate.cohort_id in followed:
            rows.put(replace(delegate, organisation_id=survivor))


def _applied(cohort: Id, organisation: Id, at: datetime) -> EnrolmentRow:
    return EnrolmentRow(
        cohort_id=cohort,
        organisation_id=organisation,
        standing=Standing.APPLIED,
        held_place=False,
        applied_at=at,
        admitted_at=None,
        enrolled_at=None,
        withdrew_at=None,
        withdrew_because=None,
    )


def _delegate(rows: Rows, cohort: Id, organisation: Id, delegates: Sequence[Delegate]) -> None:
    """Let these, and nobody else, stand for an organisation."""
    for former in rows.where(DelegateRow, "cohort_id", cohort):
        if former.organisation_id == organisation:
            rows.drop(DelegateRow, *key_of(former))
    for place, delegate in enumerate(delegates, 1):
        rows.put(
            DelegateRow(
                cohort_id=cohort,
                organisation_id=organisation,
                place=place,
                role=delegate.role,
                function=delegate.function,
                contact_id=external("contact", delegate.contact) if delegate.contact else None,
            )
        )
