"""Cohorts as they are now, with their territories, resources, held places and lineage."""

from collections.abc import Iterable
from datetime import date, datetime

from domain import text
from domain.aggregate import AggregateEvent
from domain.cohort import Cohort, ResourceKind
from domain.identity import Id, external
from domain.label import Label
from domain.organisation import Organisation
from domain.record import Recorded
from domain.report import Report
from projections import base_camps, enrolments, sessions
from projections.access import EVERYONE
from projections.mergers import COHORT_DDL, IN_COHORTS, CohortMergerRow
from projections.projection import Projection
from projections.rows import Need, Rows
from projections.table import Relation, Row, row

DDL = """
create table cohort (
    id text collate "C" primary key,
    version integer not null,
    opened_at timestamptz not null,
    updated_at timestamptz not null,
    name text not null,
    name_key text collate "C" not null,
    edition text,
    status text not null,
    capacity integer,
    places_held integer not null,
    starts_on date,
    ends_on date,
    started_on date,
    closed_on date,
    report_organisations integer,
    report_title text,
    report_url text,
    report_summary text,
    report_corrected_because text,
    springs_from_cohort_id text collate "C",
    springs_from_roadmap_id text collate "C",
    springs_from_lever_id text collate "C"
);
create index cohort_by_name on cohort (name_key, id);
create index cohort_by_opening on cohort (opened_at, id);
create index cohort_by_start on cohort (starts_on, id);
create index cohort_in_order on cohort ((coalesce(starts_on, date '9999-01-01')), id);
create index cohort_by_end on cohort (ends_on, id);
create index cohort_by_status on cohort (status, name_key, id);
create index cohort_by_parent on cohort (springs_from_cohort_id, opened_at, id);
create index cohort_by_roadmap on cohort (springs_from_roadmap_id, opened_at, id);
create index cohort_by_lever on cohort (springs_from_lever_id, opened_at, id);

create table cohort_territory (
    cohort_id text collate "C" not null,
    territory_key text collate "C" not null,
    primary key (cohort_id, territory_key)
);
create index cohort_territory_by_territory on cohort_territory (territory_key, cohort_id);

create table resource (
    id text collate "C" primary key,
    cohort_id text collate "C" not null,
    title text not null,
    kind text not null,
    url text,
    shared_on date not null
);
create index resource_by_cohort on resource (cohort_id, shared_on, id);

create table place_hold (
    cohort_id text collate "C" not null,
    version integer not null,
    places integer not null,
    note text,
    recorded_at timestamptz not null,
    primary key (cohort_id, version)
);

create table erratum (
    cohort_id text collate "C" not null,
    version integer not null,
    subject text not null,
    correction text not null,
    reason text not null,
    noted_at timestamptz not null,
    primary key (cohort_id, version)
);
"""


PARTS = (sessions, enrolments, base_camps)
"""The modules that fold the rest of a cohort's facts into further tables."""


class CohortStatus(Label):
    """Where a cohort stands on its way."""

    OPEN = "OPEN", "ouverte", "open"
    STARTED = "STARTED", "en chemin", "under way"
    CLOSED = "CLOSED", "close", "closed"


def _of_cohort(target: str, *order: str) -> Relation:
    return Relation(target, on=(("id", "cohort_id"),), many=True, order=order)


@row(
    "cohort",
    seen=EVERYONE,
    owner=("cohort", "id"),
    relations={
        "territories": _of_cohort("cohort_territory", "territory_key"),
        "sessions": _of_cohort("session", "number", "id"),
        "webinars": _of_cohort("webinar", "day", "id"),
        "base_camps": _of_cohort("base_camp", "formed_at", "id"),
        "enrolments": _of_cohort("enrolment", "applied_at", "organisation_id"),
        "resources": _of_cohort("resource", "shared_on", "id"),
        "place_holds": _of_cohort("place_hold", "version"),
        "errata": _of_cohort("erratum", "version"),
        "roadmaps": _of_cohort("roadmap", "drafted_at", "id"),
        "springs_from_cohort": Relation("cohort", on=(("springs_from_cohort_id", "id"),)),
        "springs_from_roadmap": Relation("roadmap", on=(("springs_from_roadmap_id", "id"),)),
        "springs_from_lever": Relation("lever", on=(("springs_from_lever_id", "id"),)),
        "launched_cohorts": Relation(
            "cohort",
            on=(("id", "springs_from_cohort_id"),),
            many=True,
            order=("opened_at", "id"),
        ),
    },
)
class CohortRow(Row):
    """A cohort."""

    id: Id
    version: int
    opened_at: datetime
    updated_at: datetime
    name: str
    name_key: str
    edition: str | None
    status: CohortStatus
    capacity: int | None
    places_held: int
    starts_on: date | None
    ends_on: date | None
    started_on: date | None
    closed_on: date | None
    report_organisations: int | None
    report_title: str | None
    report_url: str | None
    report_summary: str | None
    report_corrected_because: str | None
    springs_from_cohort_id: Id | None
    springs_from_roadmap_id: Id | None
    springs_from_lever_id: Id | None


@row(
    "cohort_territory",
    seen=EVERYONE,
    key=("cohort_id", "territory_key"),
    owner=("cohort", "cohort_id"),
    relations={
        "cohort": Relation("cohort", on=(("cohort_id", "id"),)),
        "territory": Relation("territory", on=(("territory_key", "key"),)),
    },
)
class CohortTerritoryRow(Row):
    """One of the territories of a cohort."""

    cohort_id: Id
    territory_key: str


@row(
    "resource",
    seen=EVERYONE,
    owner=("cohort", "cohort_id"),
    relations={"cohort": Relation("cohort", on=(("cohort_id", "id"),))},
)
class ResourceRow(Row):
    """Something to read, to see or to use that was shared with a cohort."""

    id: Id
    cohort_id: Id
    title: str
    kind: ResourceKind
    url: str | None
    shared_on: date


@row("place_hold", seen=EVERYONE, key=("cohort_id", "version"), owner=("cohort", "cohort_id"))
class PlaceHoldRow(Row):
    """Places that were held for organisations known by number only; released ones are negative."""

    cohort_id: Id
    version: int
    places: int
    note: str | None
    recorded_at: datetime


@row("erratum", seen=EVERYONE, key=("cohort_id", "version"), owner=("cohort", "cohort_id"))
class ErratumRow(Row):
    """What is recorded of a subject is wrong, in words that say how."""

    cohort_id: Id
    version: int
    subject: str
    correction: str
    reason: str
    noted_at: datetime


def fold(rows: Rows, recorded: Recorded[AggregateEvent]) -> None:
    """Take one fact about a cohort into the read model, or that two organisations became one."""
    event = recorded.event
    if isinstance(event, Organisation.Merged):
        merged = external("organisation", event.originator_id)
        for part in (*PARTS, IN_COHORTS):
            part.follow_merger(rows, merged, external("organisation", event.into))
        return
    if isinstance(event, Cohort.Opened):
        _open(rows, event, recorded.recorded_at)
        return
    cohort = rows.change(CohortRow, external("cohort", event.originator_id))
    cohort.version, cohort.updated_at = event.originator_version, recorded.recorded_at
    _fold_own(rows, cohort, recorded)
    for part in PARTS:
        part.fold(rows, recorded)


def _fold_own(rows: Rows, cohort: CohortRow, recorded: Recorded[AggregateEvent]) -> None:
    match recorded.event:
        case Cohort.PeriodSet() as event:
            cohort.starts_on, cohort.ends_on = event.starts_on, event.ends_on
        case Cohort.CapacitySet() as event:
            cohort.capacity = event.capacity
        case Cohort.OrganisationEnrolled(held_place=True):
            cohort.places_held -= 1
        case Cohort.PlacesHeld() as event:
            _hold_places(rows, cohort, event.count, event.note)
        case Cohort.PlacesReleased() as event:
            _hold_places(rows, cohort, -event.count, event.reason)
        case Cohort.ResourceShared() as event:
            rows.put(_shared(cohort.id, event))
        case Cohort.Started() as event:
            cohort.status, cohort.started_on = CohortStatus.STARTED, event.started_on
        case Cohort.Closed() as event:
            cohort.status, cohort.closed_on = CohortStatus.CLOSED, event.closed_on
            _report(cohort, event.report)
        case Cohort.ReportCorrected() as event:
            _report(cohort, event.report)
            cohort.report_corrected_because = event.reason
        case Cohort.ErratumNoted() as event:
            rows.put(
                ErratumRow(
                    cohort_id=cohort.id,
                    version=cohort.version,
                    subject=event.subject,
                    correction=event.correction,
                    reason=event.reason,
                    noted_at=recorded.recorded_at,
                )
            )


def also_needs(recorded: Recorded[AggregateEvent]) -> Iterable[Need]:
    """Name what the parts of a cohort need."""
    for part in (*PARTS, IN_COHORTS):
        yield from part.needs(recorded)


def _open(rows: Rows, event: Cohort.Opened, at: datetime) -> None:
    id = external("cohort", event.originator_id)
    cohort, roadmap = event.springs_from_cohort, event.springs_from_roadmap
    lever = event.springs_from_lever
    rows.put(
        CohortRow(
            id=id,
            version=event.originator_version,
            opened_at=at,
            updated_at=at,
            name=event.name,
            name_key=text.folded(event.name),
            edition=event.edition,
            status=CohortStatus.OPEN,
            capacity=event.capacity,
            places_held=0,
            starts_on=event.starts_on,
            ends_on=event.ends_on,
            started_on=None,
            closed_on=None,
            report_organisations=None,
            report_title=None,
            report_url=None,
            report_summary=None,
            report_corrected_because=None,
            springs_from_cohort_id=external("cohort", cohort) if cohort else None,
            springs_from_roadmap_id=external("roadmap", roadmap) if roadmap else None,
            springs_from_lever_id=external("lever", lever) if lever else None,
        )
    )
    for territory in event.territories:
        rows.put(CohortTerritoryRow(cohort_id=id, territory_key=territory))


def _hold_places(rows: Rows, cohort: CohortRow, places: int, note: str | None) -> None:
    cohort.places_held += places
    rows.put(
        PlaceHoldRow(
            cohort_id=cohort.id,
            version=cohort.version,
            places=places,
            note=note,
            recorded_at=cohort.updated_at,
        )
    )


def _shared(cohort_id: Id, event: Cohort.ResourceShared) -> ResourceRow:
    return ResourceRow(
        id=external("resource", event.resource),
        cohort_id=cohort_id,
        title=event.title,
        kind=event.kind,
        url=event.url,
        shared_on=event.shared_on,
    )


def _report(cohort: CohortRow, report: Report) -> None:
    cohort.report_organisations = report.organisations
    cohort.report_title = report.title
    cohort.report_url = report.url
    cohort.report_summary = report.summary


COHORTS = Projection(
    name="cohorts",
    ddl="".join((DDL, *(part.DDL for part in PARTS), COHORT_DDL)),
    rows=(
        CohortRow,
        CohortTerritoryRow,
        ResourceRow,
        PlaceHoldRow,
        ErratumRow,
        *(row for part in PARTS for row in part.ROWS),
        CohortMergerRow,
    ),
    follows=(Cohort,),
    fold=fold,
    also_follows=(Organisation.Merged,),
    also_needs=also_needs,
)
