"""How far actions were, day by day and year by year."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime

from domain.action import Action
from domain.aggregate import AggregateEvent
from domain.identity import Id, external
from domain.organisation import Organisation
from domain.progress import ProgressReport
from domain.record import Recorded
from projections.access import Through
from projections.mergers import IN_ACTIONS
from projections.rows import Need, Rows
from projections.table import Relation, Row, row

DDL = """
create table progress_report (
    action_id text collate "C" not null,
    reported_on date not null,
    percent integer not null,
    organisation_id text collate "C",
    reported_by text,
    note text,
    reported_at timestamptz not null,
    corrected_because text,
    primary key (action_id, reported_on)
);
create index progress_report_by_organisation on progress_report
    (organisation_id, reported_on, action_id);

create table action_year (
    action_id text collate "C" not null,
    year integer not null,
    percent integer,
    reported_on date,
    renewed boolean not null,
    refocused_because text,
    primary key (action_id, year) include (percent)
);
create index action_year_by_year on action_year (year, action_id);
"""


@row(
    "progress_report",
    seen=Through("action"),
    key=("action_id", "reported_on"),
    owner=("action", "action_id"),
    indexes=("organisation_id",),
    relations={
        "action": Relation("action", on=(("action_id", "id"),)),
        "organisation": Relation("organisation", on=(("organisation_id", "id"),)),
    },
)
class ProgressReportRow(Row):
    """How far an action was on a day, as it was reported or corrected last."""

    action_id: Id
    reported_on: date
    percent: int
    organisation_id: Id | None
    reported_by: str | None
    note: str | None
    reported_at: datetime
    corrected_because: str | None


@row(
    "action_year",
    seen=Through("action"),
    key=("action_id", "year"),
    owner=("action", "action_id"),
    relations={"action": Relation("action", on=(("action_id", "id"),))},
)
class ActionYearRow(Row):
    """An action in a year: how far it was at last, and whether it was to go on, and how."""

    action_id: Id
    year: int
    percent: int | None
    reported_on: date | None
    renewed: bool
    refocused_because: str | None


ROWS: tuple[type[Row], ...] = (ProgressReportRow, ActionYearRow)


def fold(rows: Rows, recorded: Recorded[AggregateEvent]) -> None:
    """Take one fact about how far an action is into the read model."""
    action = external("action", recorded.stream_id)
    match recorded.event:
        case Action.ProgressReported(reported_on=day, report=report):
            _report(rows, recorded, day, report)
        case Action.ProgressCorrected(reported_on=day, report=report, reason=reason):
            _report(rows, recorded, day, report, reason)
        case Action.Renewed(year=year):
            _year(rows, action, year).renewed = True
        case Action.Refocused(year=year, reason=reason):
            _year(rows, action, year).refocused_because = reason


def needs(recorded: Recorded[AggregateEvent]) -> Iterable[Need]:
    """Name the years of an action, and who reports now for one that went up in another."""
    match recorded.event:
        case Organisation.Merged():
            merged = external("organisation", recorded.stream_id)
            yield Need(ProgressReportRow, "organisation_id", merged)
        case Action.ProgressReported(report=report) | Action.ProgressCorrected(report=report):
            yield Need(ActionYearRow, "action_id", external("action", recorded.stream_id))
            if report.organisation is not None:
                yield IN_ACTIONS.need(report.organisation)
        case Action.Renewed() | Action.Refocused():
            yield Need(ActionYearRow, "action_id", external("action", recorded.stream_id))


def follow_merger(rows: Rows, merged: Id, survivor: Id) -> None:
    """Let the survivor be who reported what a merged organisation reported."""
    for report in rows.where(ProgressReportRow, "organisation_id", merged):
        rows.put(replace(report, organisation_id=survivor))


def _report(
    rows: Rows,
    recorded: Recorded[AggregateEvent],
    day: date,
    report: ProgressReport,
    corrected_because: str | None = None,
) -> None:
    action, organisation = external("action", recorded.stream_id), report.organisation
    rows.put(
        ProgressReportRow(
            action_id=action,
            reported_on=day,
            percent=report.percent,
            organisation_id=IN_ACTIONS.survivor(rows, organisation) if organisation else None,
            reported_by=report.reported_by,
            note=report.note,
            reported_at=recorded.recorded_at,
            corrected_because=corrected_because,
        )
    )
    year = _year(rows, action, day.year)
    if year.reported_on is None or day >= year.reported_on:
        year.percent, year.reported_on = report.percent, day


def _year(rows: Rows, action: Id, year: int) -> ActionYearRow:
    """Give an action's year, to be changed; it begins with the first fact about it."""
    if rows.get(ActionYearRow, action, year) is None:
        rows.put(
            ActionYearRow(
                action_id=action,
                year=year,
                percent=None,
                reported_on=None,
                renewed=False,
                refocused_because=None,
            )
        )
    return rows.change(ActionYearRow, action, year)
