"""Indicators of alliances: where they started, where they are, and where they are to go.

Each indicator has a course for the whole alliance and for each member of which anything is
known: its baseline, its latest measurement, its last target, and the gap between the two.
"""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal, localcontext
from uuid import UUID

from domain import text
from domain.aggregate import AggregateEvent
from domain.alliance import Alliance
from domain.identity import Id, external
from domain.indicator import Direction
from domain.organisation import Organisation
from domain.record import Recorded
from domain.theme import Theme
from projections.access import EVERYONE
from projections.mergers import IN_ALLIANCES, concerned, follow
from projections.rows import Need, Rows
from projections.table import Relation, Row, row

_EXACT = 50
"""Digits with which is computed: more than the difference of two quantities can have."""

DDL = """
create table indicator (
    id text collate "C" primary key,
    alliance_id text collate "C" not null,
    name text not null,
    name_key text collate "C" not null,
    unit text not null,
    direction text not null,
    precision integer,
    least numeric,
    most numeric,
    theme text collate "C",
    code text collate "C",
    description text,
    defined_at timestamptz not null,
    dropped_at timestamptz,
    dropped_because text
);
create index indicator_by_alliance on indicator (alliance_id, name_key, id);
create index indicator_by_theme on indicator (alliance_id, theme, name_key, id);
create index indicator_by_code on indicator (code, name_key, id);
create index indicator_by_name on indicator (name_key, id);

create table indicator_course (
    indicator_id text collate "C" not null,
    subject_id text collate "C" not null,
    alliance_id text collate "C" not null,
    organisation_id text collate "C",
    baseline_year integer,
    baseline numeric,
    baseline_producer text,
    baseline_method text,
    baseline_edition text,
    latest_measurement_id text collate "C",
    latest_on date,
    latest numeric,
    target_year integer,
    target numeric,
    gap numeric,
    primary key (indicator_id, subject_id)
);
create index indicator_course_by_subject on indicator_course (subject_id, indicator_id);
create index indicator_course_by_organisation on indicator_course (organisation_id, indicator_id);
create index indicator_course_by_alliance on indicator_course (alliance_id);

create table indicator_target (
    indicator_id text collate "C" not null,
    subject_id text collate "C" not null,
    due_year integer not null,
    alliance_id text collate "C" not null,
    organisation_id text collate "C",
    value numeric not null,
    stated_value numeric not null,
    stated_unit text not null,
    set_at timestamptz not null,
    primary key (indicator_id, subject_id, due_year)
);
create index indicator_target_in_order on indicator_target
    (indicator_id, due_year, subject_id);
create index indicator_target_by_subject on indicator_target
    (subject_id, indicator_id, due_year);

create table measurement (
    id text collate "C" primary key,
    alliance_id text collate "C" not null,
    indicator_id text collate "C" not null,
    organisation_id text collate "C",
    subject_id text collate "C" not null,
    starts_on date not null,
    ends_on date not null,
    value numeric not null,
    stated_value numeric not null,
    stated_unit text not null,
    producer text not null,
    method text,
    edition text,
    note text,
    reported_at timestamptz not null,
    corrected_at timestamptz,
    corrected_because text,
    withdrawn_at timestamptz,
    withdrawn_because text
);
create index measurement_by_indicator on measurement (indicator_id, ends_on, id);
create index measurement_by_subject on measurement (subject_id, indicator_id, ends_on, id);
create index measurement_by_alliance on measurement (alliance_id);

create table measurement_reading (
    measurement_id text collate "C" not null,
    version integer not null,
    alliance_id text collate "C" not null,
    value numeric not null,
    stated_value numeric not null,
    stated_unit text not null,
    recorded_at timestamptz not null,
    reason text,
    primary key (measurement_id, version)
);
"""


def _of_indicator(target: str, *order: str) -> Relation:
    return Relation(target, on=(("id", "indicator_id"),), many=True, order=order)


@row(
    "indicator",
    seen=EVERYONE,
    owner=("alliance", "alliance_id"),
    relations={
        "alliance": Relation("alliance", on=(("alliance_id", "id"),)),
        "courses": _of_indicator("indicator_course", "subject_id"),
        "whole": Relation(
            "indicator_course", on=(("id", "indicator_id"), ("alliance_id", "subject_id"))
        ),
        "targets": _of_indicator("indicator_target", "due_year", "subject_id"),
        "measurements": _of_indicator("measurement", "ends_on", "id"),
        "across_alliances": Relation(
            "indicator", on=(("code", "code"),), many=True, order=("name_key", "id")
        ),
    },
)
class IndicatorRow(Row):
    """What an alliance measures, in which unit, and which way is good."""

    id: Id
    alliance_id: Id
    name: str
    name_key: str
    unit: str
    direction: Direction
    precision: int | None
    least: Decimal | None
    most: Decimal | None
    theme: Theme | None
    code: str | None
    description: str | None
    defined_at: datetime
    dropped_at: datetime | None
    dropped_because: str | None


def _of_course(target: str, *order: str) -> Relation:
    shared = (("indicator_id", "indicator_id"), ("subject_id", "subject_id"))
    return Relation(target, on=shared, many=True, order=order)


@row(
    "indicator_course",
    seen=EVERYONE,
    key=("indicator_id", "subject_id"),
    owner=("alliance", "alliance_id"),
    indexes=("subject_id",),
    relations={
        "indicator": Relation("indicator", on=(("indicator_id", "id"),)),
        "organisation": Relation("organisation", on=(("organisation_id", "id"),)),
        "latest_measurement": Relation("measurement", on=(("latest_measurement_id", "id"),)),
        "targets": _of_course("indicator_target", "due_year"),
        "measurements": _of_course("measurement", "ends_on", "id"),
    },
)
class IndicatorCourseRow(Row):
    """How far an indicator is, for the whole alliance or for a member."""

    indicator_id: Id
    subject_id: Id
    """The member, or the alliance itself."""
    alliance_id: Id
    organisation_id: Id | None
    baseline_year: int | None
    baseline: Decimal | None
    baseline_producer: str | None
    baseline_method: str | None
    baseline_edition: str | None
    latest_measurement_id: Id | None
    latest_on: date | None
    latest: Decimal | None
    target_year: int | None
    target: Decimal | None
    gap: Decimal | None


@row(
    "indicator_target",
    seen=EVERYONE,
    key=("indicator_id", "subject_id", "due_year"),
    owner=("alliance", "alliance_id"),
    indexes=("indicator_id", "subject_id"),
    relations={
        "indicator": Relation("indicator", on=(("indicator_id", "id"),)),
        "organisation": Relation("organisation", on=(("organisation_id", "id"),)),
    },
)
class IndicatorTargetRow(Row):
    """Where an indicator is to be in a year."""

    indicator_id: Id
    subject_id: Id
    due_year: int
    alliance_id: Id
    organisation_id: Id | None
    value: Decimal
    stated_value: Decimal
    stated_unit: str
    set_at: datetime


@row(
    "measurement",
    seen=EVERYONE,
    owner=("alliance", "alliance_id"),
    indexes=("subject_id",),
    relations={
        "indicator": Relation("indicator", on=(("indicator_id", "id"),)),
        "organisation": Relation("organisation", on=(("organisation_id", "id"),)),
        "course": Relation(
            "indicator_course",
            on=(("indicator_id", "indicator_id"), ("subject_id", "subject_id")),
        ),
        "readings": Relation(
            "measurement_reading", on=(("id", "measurement_id"),), many=True, order=("version",)
        ),
    },
)
class MeasurementRow(Row):
    """What a source found of an indicator over a period, as it stands after corrections."""

    id: Id
    alliance_id: Id
    indicator_id: Id
    organisation_id: Id | None
    subject_id: Id
    starts_on: date
    ends_on: date
    value: Decimal
    stated_value: Decimal
    stated_unit: str
    producer: str
    method: str | None
    edition: str | None
    note: str | None
    reported_at: datetime
    corrected_at: datetime | None
    corrected_because: str | None
    withdrawn_at: datetime | None
    withdrawn_because: str | None


@row(
    "measurement_reading",
    seen=EVERYONE,
    key=("measurement_id", "version"),
    owner=("alliance", "alliance_id"),
    relations={"measurement": Relation("measurement", on=(("measurement_id", "id"),))},
)
class MeasurementReadingRow(Row):
    """What a measurement said at some time: a correction never erases."""

    measurement_id: Id
    version: int
    alliance_id: Id
    value: Decimal
    stated_value: Decimal
    stated_unit: str
    recorded_at: datetime
    reason: str | None


ROWS: tuple[type[Row], ...] = (
    IndicatorRow,
    IndicatorCourseRow,
    IndicatorTargetRow,
    MeasurementRow,
    MeasurementReadingRow,
)


def fold(rows: Rows, recorded: Recorded[AggregateEvent]) -> None:
    """Take one fact about what an alliance measures into the read model."""
    at = recorded.recorded_at
    match recorded.event:
        case Alliance.IndicatorDefined() as event:
            rows.put(_defined(event, at))
        case Alliance.IndicatorDropped(indicator=id, reason=reason):
            indicator = rows.change(IndicatorRow, external("indicator", id))
            indicator.dropped_at, indicator.dropped_because = at, reason
        case Alliance.BaselineRecorded() as event:
            _begin(rows, event)
        case Alliance.TargetSet() as event:
            _aim(rows, event, at)
        case Alliance.TargetDropped() as event:
            course = _course(rows, event.originator_id, event.indicator, event.organisation)
            key = (course.indicator_id, course.subject_id, event.due_year)
            rows.drop(IndicatorTargetRow, *key)
            _aim_at_the_last(rows, course)
        case Alliance.MeasurementReported() as event:
            _report(rows, event, at)
        case Alliance.MeasurementCorrected(measurement=id, reading=reading) as event:
            measurement = rows.change(MeasurementRow, external("measurement", id))
            measurement.corrected_at, measurement.corrected_because = at, event.reason
            measurement.value = reading.value
            measurement.stated_value = reading.stated_value
            measurement.stated_unit = reading.stated_unit
            _say(rows, measurement, event.originator_version, at, event.reason)
            _look_at_the_latest(rows, measurement)
        case Alliance.MeasurementWithdrawn(measurement=id, reason=reason):
            measurement = rows.change(MeasurementRow, external("measurement", id))
            measurement.withdrawn_at, measurement.withdrawn_because = at, reason
            _look_at_the_latest(rows, measurement)


def needs(recorded: Recorded[AggregateEvent]) -> Iterable[Need]:
    """Name the courses of an indicator, and what they are taken from anew when that changes."""
    match recorded.event:
        case Organisation.Merged():
            for kind in (IndicatorCourseRow, IndicatorTargetRow, MeasurementRow):
                yield from concerned(recorded, kind, "subject_id")
        case Alliance.IndicatorDropped(indicator=id):
            yield Need(IndicatorRow, "id", external("indicator", id))
        case Alliance.BaselineRecorded(indicator=id, organisation=organisation):
            yield Need(IndicatorCourseRow, "indicator_id", external("indicator", id))
            yield from IN_ALLIANCES.needs_of(organisation)
        case (
            Alliance.TargetSet(indicator=id, organisation=organisation)
            | Alliance.TargetDropped(indicator=id, organisation=organisation)
        ):
            yield Need(IndicatorCourseRow, "indicator_id", external("indicator", id))
            yield Need(IndicatorTargetRow, "indicator_id", external("indicator", id))
            yield from IN_ALLIANCES.needs_of(organisation)
        case Alliance.MeasurementReported(subject=subject):
            indicator = external("indicator", subject.indicator)
            yield Need(IndicatorCourseRow, "indicator_id", indicator)
            yield from IN_ALLIANCES.needs_of(subject.organisation)
        case Alliance.MeasurementCorrected() | Alliance.MeasurementWithdrawn():
            alliance = external("alliance", recorded.stream_id)
            yield Need(MeasurementRow, "alliance_id", alliance)
            yield Need(IndicatorCourseRow, "alliance_id", alliance)


def follow_merger(rows: Rows, merged: Id, survivor: Id) -> None:
    """Let the survivor have what was measured of a merged organisation, and what it aimed at.

    Where both have a baseline or a target for a year, the survivor's stays.
    """
    both = ("subject_id", "organisation_id")
    touched = set()
    for course in rows.where(IndicatorCourseRow, "subject_id", merged):
        touched.add(course.indicator_id)
        own = rows.get(IndicatorCourseRow, course.indicator_id, survivor)
        if own is not None and own.baseline is None:
            _inherit(rows.change(IndicatorCourseRow, course.indicator_id, survivor), course)
    for kind in (IndicatorCourseRow, IndicatorTargetRow, MeasurementRow):
        follow(rows, kind, merged, survivor, both)
    measured = rows.where(MeasurementRow, "subject_id", survivor)
    aimed = rows.where(IndicatorTargetRow, "subject_id", survivor)
    for indicator in sorted(touched):
        course = rows.change(IndicatorCourseRow, indicator, survivor)
        _latest(course, [one for one in measured if one.indicator_id == indicator])
        _aim_at(course, [one for one in aimed if one.indicator_id == indicator])


def _inherit(heir: IndicatorCourseRow, course: IndicatorCourseRow) -> None:
    heir.baseline_year, heir.baseline = course.baseline_year, course.baseline
    heir.baseline_producer = course.baseline_producer
    heir.baseline_method = course.baseline_method
    heir.baseline_edition = course.baseline_edition


def _defined(event: Alliance.IndicatorDefined, at: datetime) -> IndicatorRow:
    definition = event.definition
    return IndicatorRow(
        id=external("indicator", event.indicator),
        alliance_id=external("alliance", event.originator_id),
        name=definition.name,
        name_key=text.folded(definition.name),
        unit=definition.unit,
        direction=definition.direction,
        precision=definition.precision,
        least=definition.least,
        most=definition.most,
        theme=definition.theme,
        code=definition.code,
        description=definition.description,
        defined_at=at,
        dropped_at=None,
        dropped_because=None,
    )


def _begin(rows: Rows, event: Alliance.BaselineRecorded) -> None:
    baseline, source = event.baseline, event.baseline.source
    course = _course(rows, event.originator_id, event.indicator, event.organisation)
    course.baseline_year, course.baseline = baseline.year, baseline.reading.value
    course.baseline_producer = source.producer if source else None
    course.baseline_method = source.method if source else None
    course.baseline_edition = source.edition if source else None


def _aim(rows: Rows, event: Alliance.TargetSet, at: datetime) -> None:
    course = _course(rows, event.originator_id, event.indicator, event.organisation)
    rows.put(
        IndicatorTargetRow(
            indicator_id=course.indicator_id,
            subject_id=course.subject_id,
            due_year=event.due_year,
            alliance_id=course.alliance_id,
            organisation_id=course.organisation_id,
            value=event.reading.value,
            stated_value=event.reading.stated_value,
            stated_unit=event.reading.stated_unit,
            set_at=at,
        )
    )
    _aim_at_the_last(rows, course)


def _report(rows: Rows, event: Alliance.MeasurementReported, at: datetime) -> None:
    subject = event.subject
    course = _course(rows, event.originator_id, subject.indicator, subject.organisation)
    measurement = MeasurementRow(
        id=external("measurement", event.measurement),
        alliance_id=course.alliance_id,
        indicator_id=course.indicator_id,
        organisation_id=course.organisation_id,
        subject_id=course.subject_id,
        starts_on=subject.starts_on,
        ends_on=subject.ends_on,
        value=event.reading.value,
        stated_value=event.reading.stated_value,
        stated_unit=event.reading.stated_unit,
        producer=subject.source.producer,
        method=subject.source.method,
        edition=subject.source.edition,
        note=event.note,
        reported_at=at,
        corrected_at=None,
        corrected_because=None,
        withdrawn_at=None,
        withdrawn_because=None,
    )
    rows.put(measurement)
    _say(rows, measurement, event.originator_version, at, None)
    latest = (course.latest_on or date.min, course.latest_measurement_id or "")
    if (measurement.ends_on, measurement.id) > latest:
        _take(course, measurement)


def _course(
    rows: Rows, alliance: UUID, indicator: UUID, organisation: UUID | None
) -> IndicatorCourseRow:
    """Give the course of an indicator for a member or for the whole, to be changed."""
    whole, id = external("alliance", alliance), external("indicator", indicator)
    member = IN_ALLIANCES.survivor_of(rows, organisation)
    subject = member or whole
    if rows.get(IndicatorCourseRow, id, subject) is None:
        rows.put(
            IndicatorCourseRow(
                indicator_id=id,
                subject_id=subject,
                alliance_id=whole,
                organisation_id=member,
                baseline_year=None,
                baseline=None,
                baseline_producer=None,
                baseline_method=None,
                baseline_edition=None,
                latest_measurement_id=None,
                latest_on=None,
                latest=None,
                target_year=None,
                target=None,
                gap=None,
            )
        )
    return rows.change(IndicatorCourseRow, id, subject)


def _aim_at_the_last(rows: Rows, course: IndicatorCourseRow) -> None:
    targets = rows.where(IndicatorTargetRow, "indicator_id", course.indicator_id)
    _aim_at(course, [one for one in targets if one.subject_id == course.subject_id])


def _aim_at(course: IndicatorCourseRow, targets: list[IndicatorTargetRow]) -> None:
    last = max(targets, key=lambda target: target.due_year, default=None)
    course.target_year = last.due_year if last else None
    course.target = last.value if last else None
    _measure_gap(course)


def _look_at_the_latest(rows: Rows, changed: MeasurementRow) -> None:
    measurements = rows.where(MeasurementRow, "alliance_id", changed.alliance_id)
    subject = (changed.indicator_id, changed.subject_id)
    course = rows.change(IndicatorCourseRow, *subject)
    _latest(course, [one for one in measurements if (one.indicator_id, one.subject_id) == subject])


def _latest(course: IndicatorCourseRow, measurements: list[MeasurementRow]) -> None:
    valid = [one for one in measurements if one.withdrawn_at is None]
    _take(course, max(valid, key=lambda one: (one.ends_on, one.id), default=None))


def _take(course: IndicatorCourseRow, measurement: MeasurementRow | None) -> None:
    course.latest_measurement_id = measurement.id if measurement else None
    course.latest_on = measurement.ends_on if measurement else None
    course.latest = measurement.value if measurement else None
    _measure_gap(course)


def _measure_gap(course: IndicatorCourseRow) -> None:
    course.gap = None
    if course.target is not None and course.latest is not None:
        with localcontext(prec=_EXACT):
            course.gap = course.target - course.latest


def _say(
    rows: Rows, measurement: MeasurementRow, version: int, at: datetime, reason: str | None
) -> None:
    rows.put(
        MeasurementReadingRow(
            measurement_id=measurement.id,
            version=version,
            alliance_id=measurement.alliance_id,
            value=measurement.value,
            stated_value=measurement.stated_value,
            stated_unit=measurement.stated_unit,
            recorded_at=at,
            reason=reason,
        )
    )
