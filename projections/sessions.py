"""Sessions and webinars of cohorts, and who came."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime

from domain.aggregate import AggregateEvent
from domain.cohort import Cohort
from domain.delegation import DelegateRole
from domain.identity import Id, external
from domain.label import Label
from domain.organisation import Organisation
from domain.record import Recorded
from domain.session import Turnout
from projections.access import EVERYONE
from projections.mergers import IN_COHORTS
from projections.rows import Need, Rows
from projections.table import Relation, Row, row

DDL = """
create table session (
    id text collate "C" primary key,
    cohort_id text collate "C" not null,
    number integer not null,
    name text,
    town text,
    starts_on date,
    ends_on date,
    expected_month text,
    days integer,
    status text not null,
    headcount integer,
    scheduled_at timestamptz not null,
    moved_because text,
    cancelled_because text,
    corrected_because text,
    revision integer not null
);
create index session_by_cohort on session (cohort_id, number, id);
create index session_by_start on session (starts_on, id);

create table attendance (
    session_id text collate "C" not null,
    place integer not null,
    cohort_id text collate "C" not null,
    organisation_id text collate "C" not null,
    role text not null,
    function text not null,
    contact_id text collate "C",
    primary key (session_id, place)
);
create index attendance_by_organisation on attendance (organisation_id, session_id, place);

create table webinar (
    id text collate "C" primary key,
    cohort_id text collate "C" not null,
    title text not null,
    day date not null,
    status text not null,
    attendance integer,
    scheduled_at timestamptz not null,
    moved_because text,
    cancelled_because text,
    revision integer not null
);
create index webinar_by_cohort on webinar (cohort_id, day, id);
create index webinar_by_day on webinar (day, id);
"""


class SessionStatus(Label):
    """Whether a session or a webinar has taken place."""

    SCHEDULED = "SCHEDULED", "programmée", "scheduled"
    HELD = "HELD", "tenue", "held"
    CANCELLED = "CANCELLED", "annulée", "cancelled"


@row(
    "session",
    seen=EVERYONE,
    owner=("cohort", "cohort_id"),
    relations={
        "cohort": Relation("cohort", on=(("cohort_id", "id"),)),
        "attendances": Relation(
            "attendance", on=(("id", "session_id"),), many=True, order=("place",)
        ),
    },
)
class SessionRow(Row):
    """A session of a cohort: its days, or its month until they are known."""

    id: Id
    cohort_id: Id
    number: int
    name: str | None
    town: str | None
    starts_on: date | None
    ends_on: date | None
    expected_month: str | None
    days: int | None
    status: SessionStatus
    headcount: int | None
    scheduled_at: datetime
    moved_because: str | None
    cancelled_because: str | None
    corrected_because: str | None
    revision: int
    """How often its days or its place changed, or it was cancelled."""


@row(
    "attendance",
    seen=EVERYONE,
    key=("session_id", "place"),
    owner=("cohort", "cohort_id"),
    indexes=("session_id", "organisation_id"),
    relations={
        "session": Relation("session", on=(("session_id", "id"),)),
        "organisation": Relation("organisation", on=(("organisation_id", "id"),)),
        "contact": Relation("contact", on=(("contact_id", "id"),)),
    },
)
class AttendanceRow(Row):
    """One who came to a session for an organisation, in the order in which they were named."""

    session_id: Id
    place: int
    cohort_id: Id
    organisation_id: Id
    role: DelegateRole
    function: str
    contact_id: Id | None


@row(
    "webinar",
    seen=EVERYONE,
    owner=("cohort", "cohort_id"),
    relations={"cohort": Relation("cohort", on=(("cohort_id", "id"),))},
)
class WebinarRow(Row):
    """A webinar of a cohort."""

    id: Id
    cohort_id: Id
    title: str
    day: date
    status: SessionStatus
    attendance: int | None
    scheduled_at: datetime
    moved_because: str | None
    cancelled_because: str | None
    revision: int
    """How often its day changed, or it was cancelled."""


ROWS: tuple[type[Row], ...] = (SessionRow, AttendanceRow, WebinarRow)


def fold(rows: Rows, recorded: Recorded[AggregateEvent]) -> None:
    """Take one fact about the sessions or the webinars of a cohort into the read model."""
    match recorded.event:
        case Cohort.SessionScheduled() as event:
            rows.put(_session(event, recorded.recorded_at))
        case Cohort.SessionMoved() as event:
            session = rows.change(SessionRow, external("session", event.session))
            session.town, session.days = event.town, event.days
            session.starts_on, session.ends_on = event.starts_on, event.ends_on
            session.expected_month = event.expected_month
            session.moved_because = event.reason
            session.revision += 1
        case Cohort.SessionCancelled() as event:
            session = rows.change(SessionRow, external("session", event.session))
            session.status = SessionStatus.CANCELLED
            session.cancelled_because = event.reason
            session.revision += 1
        case Cohort.SessionHeld() as event:
            session = rows.change(SessionRow, external("session", event.session))
            session.status = SessionStatus.HELD
            _turn_out(rows, session, event.turnout)
        case Cohort.AttendanceCorrected() as event:
            session = rows.change(SessionRow, external("session", event.session))
            session.corrected_because = event.reason
            _turn_out(rows, session, event.turnout)
        case Cohort.WebinarScheduled() as event:
            rows.put(_webinar(event, recorded.recorded_at))
        case Cohort.WebinarMoved() as event:
            webinar = rows.change(WebinarRow, external("webinar", event.webinar))
            webinar.day, webinar.moved_because = event.day, event.reason
            webinar.revision += 1
        case Cohort.WebinarCancelled() as event:
            webinar = rows.change(WebinarRow, external("webinar", event.webinar))
            webinar.status = SessionStatus.CANCELLED
            webinar.cancelled_because = event.reason
            webinar.revision += 1
        case Cohort.WebinarHeld() as event:
            webinar = rows.change(WebinarRow, external("webinar", event.webinar))
            webinar.status, webinar.attendance = SessionStatus.HELD, event.attendance


def needs(recorded: Recorded[AggregateEvent]) -> Iterable[Need]:
    """Name the session or the webinar that changes, and who was said to have come to it."""
    match recorded.event:
        case Organisation.Merged():
            merged = external("organisation", recorded.stream_id)
            yield Need(AttendanceRow, "organisation_id", merged)
        case Cohort.SessionMoved(session=session) | Cohort.SessionCancelled(session=session):
            yield Need(SessionRow, "id", external("session", session))
        case (
            Cohort.SessionHeld(session=session, turnout=turnout)
            | Cohort.AttendanceCorrected(session=session, turnout=turnout)
        ):
            yield Need(SessionRow, "id", external("session", session))
            yield Need(AttendanceRow, "session_id", external("session", session))
            for one in turnout.attendance:
                yield IN_COHORTS.need(one.organisation)
        case (
            Cohort.WebinarMoved(webinar=webinar)
            | Cohort.WebinarCancelled(webinar=webinar)
            | Cohort.WebinarHeld(webinar=webinar)
        ):
            yield Need(WebinarRow, "id", external("webinar", webinar))


def follow_merger(rows: Rows, merged: Id, survivor: Id) -> None:
    """Let who came for a merged organisation have come for its survivor."""
    for attendance in rows.where(AttendanceRow, "organisation_id", merged):
        rows.put(replace(attendance, organisation_id=survivor))


def _turn_out(rows: Rows, session: SessionRow, turnout: Turnout) -> None:
    session.headcount = turnout.headcount
    for former in rows.where(AttendanceRow, "session_id", session.id):
        rows.drop(AttendanceRow, former.session_id, former.place)
    came = (
        (one.organisation, delegate) for one in turnout.attendance for delegate in one.delegates
    )
    for place, (organisation, delegate) in enumerate(came, 1):
        rows.put(
            AttendanceRow(
                session_id=session.id,
                place=place,
                cohort_id=session.cohort_id,
                organisation_id=IN_COHORTS.survivor(rows, organisation),
                role=delegate.role,
                function=delegate.function,
                contact_id=external("contact", delegate.contact) if delegate.contact else None,
            )
        )


def _session(event: Cohort.SessionScheduled, at: datetime) -> SessionRow:
    return SessionRow(
        id=external("session", event.session),
        cohort_id=external("cohort", event.originator_id),
        number=event.number,
        name=event.name,
        town=event.town,
        starts_on=event.starts_on,
        ends_on=event.ends_on,
        expected_month=event.expected_month,
        days=event.days,
        status=SessionStatus.SCHEDULED,
        headcount=None,
        scheduled_at=at,
        moved_because=None,
        cancelled_because=None,
        corrected_because=None,
        revision=0,
    )


def _webinar(event: Cohort.WebinarScheduled, at: datetime) -> WebinarRow:
    return WebinarRow(
        id=external("webinar", event.webinar),
        cohort_id=external("cohort", event.originator_id),
        title=event.title,
        day=event.day,
        status=SessionStatus.SCHEDULED,
        attendance=None,
        scheduled_at=at,
        moved_because=None,
        cancelled_because=None,
        revision=0,
    )
