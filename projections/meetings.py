"""Meetings of alliances and their working groups: when, where, and what came of them."""

from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

from domain.aggregate import AggregateEvent
from domain.alliance import Alliance
from domain.identity import Id, external
from domain.meeting import Holding, MeetingKind
from domain.organisation import Organisation
from domain.record import Recorded
from domain.theme import Theme
from projections.access import EVERYONE
from projections.mergers import IN_ALLIANCES, concerned, follow
from projections.rows import Need, Rows, key_of
from projections.sessions import SessionStatus
from projections.table import Relation, Row, row

DDL = """
create table working_group (
    id text collate "C" primary key,
    alliance_id text collate "C" not null,
    name text not null,
    mandate text not null,
    theme text collate "C",
    formed_at timestamptz not null,
    ended_at timestamptz,
    outcome text
);
create index working_group_by_alliance on working_group (alliance_id, formed_at, id);

create table working_group_member (
    working_group_id text collate "C" not null,
    organisation_id text collate "C" not null,
    alliance_id text collate "C" not null,
    primary key (working_group_id, organisation_id)
);
create index working_group_member_by_organisation on working_group_member
    (organisation_id, working_group_id);
create index working_group_member_by_alliance on working_group_member (alliance_id);

create table meeting (
    id text collate "C" primary key,
    alliance_id text collate "C" not null,
    working_group_id text collate "C",
    kind text not null,
    title text,
    theme text collate "C",
    number integer,
    day date,
    not_before date,
    not_after date,
    place text,
    status text not null,
    held_on date,
    attendance integer,
    outcome text,
    scheduled_at timestamptz not null,
    moved_because text,
    cancelled_because text,
    corrected_because text,
    ordered_by date not null
);
create index meeting_by_alliance on meeting (alliance_id, ordered_by, id);
create index meeting_by_theme on meeting (alliance_id, theme, ordered_by, id);
create index meeting_by_working_group on meeting (working_group_id, ordered_by, id);
"""


@row(
    "working_group",
    seen=EVERYONE,
    owner=("alliance", "alliance_id"),
    relations={
        "alliance": Relation("alliance", on=(("alliance_id", "id"),)),
        "members": Relation(
            "working_group_member",
            on=(("id", "working_group_id"),),
            many=True,
            order=("organisation_id",),
        ),
        "meetings": Relation(
            "meeting", on=(("id", "working_group_id"),), many=True, order=("ordered_by", "id")
        ),
    },
)
class WorkingGroupRow(Row):
    """Members of an alliance who took on a mandate together."""

    id: Id
    alliance_id: Id
    name: str
    mandate: str
    theme: Theme | None
    formed_at: datetime
    ended_at: datetime | None
    outcome: str | None


@row(
    "working_group_member",
    seen=EVERYONE,
    key=("working_group_id", "organisation_id"),
    owner=("alliance", "alliance_id"),
    indexes=("working_group_id", "organisation_id"),
    relations={
        "working_group": Relation("working_group", on=(("working_group_id", "id"),)),
        "organisation": Relation("organisation", on=(("organisation_id", "id"),)),
    },
)
class WorkingGroupMemberRow(Row):
    """A member of an alliance that is in a working group."""

    working_group_id: Id
    organisation_id: Id
    alliance_id: Id


@row(
    "meeting",
    seen=EVERYONE,
    owner=("alliance", "alliance_id"),
    relations={
        "alliance": Relation("alliance", on=(("alliance_id", "id"),)),
        "working_group": Relation("working_group", on=(("working_group_id", "id"),)),
    },
)
class MeetingRow(Row):
    """A meeting of an alliance: its day, or the span in which it lies until that is known."""

    id: Id
    alliance_id: Id
    working_group_id: Id | None
    kind: MeetingKind
    title: str | None
    theme: Theme | None
    number: int | None
    day: date | None
    not_before: date | None
    not_after: date | None
    place: str | None
    status: SessionStatus
    held_on: date | None
    attendance: int | None
    outcome: str | None
    scheduled_at: datetime
    moved_because: str | None
    cancelled_because: str | None
    corrected_because: str | None
    ordered_by: date
    """The day of which most is known; what has none comes last."""


ROWS: tuple[type[Row], ...] = (WorkingGroupRow, WorkingGroupMemberRow, MeetingRow)


def fold(rows: Rows, recorded: Recorded[AggregateEvent]) -> None:
    """Take one fact about the meetings or working groups of an alliance into the read model."""
    alliance = external("alliance", recorded.stream_id)
    match recorded.event:
        case Alliance.WorkingGroupFormed() as event:
            rows.put(_formed(event, recorded.recorded_at))
            _gather(rows, alliance, event.working_group, event.organisations)
        case Alliance.WorkingGroupRegrouped(working_group=group, organisations=organisations):
            _gather(rows, alliance, group, organisations)
        case Alliance.WorkingGroupEnded(working_group=group, outcome=outcome):
            ended = rows.change(WorkingGroupRow, external("working_group", group))
            ended.ended_at, ended.outcome = recorded.recorded_at, outcome
        case Alliance.MemberLeft(organisation=organisation):
            left = IN_ALLIANCES.survivor(rows, organisation)
            for member in rows.where(WorkingGroupMemberRow, "alliance_id", alliance):
                if member.organisation_id == left:
                    rows.drop(WorkingGroupMemberRow, *key_of(member))
        case Alliance.MeetingScheduled() as event:
            rows.put(_scheduled(event, recorded.recorded_at))
        case Alliance.MeetingMoved() as event:
            meeting = rows.change(MeetingRow, external("meeting", event.meeting))
            meeting.day, meeting.place = event.day, event.place
            meeting.not_before, meeting.not_after = event.not_before, event.not_after
            meeting.ordered_by = event.day or event.not_before or event.not_after or date.max
            meeting.moved_because = event.reason
        case Alliance.MeetingCancelled(meeting=id, reason=reason):
            meeting = rows.change(MeetingRow, external("meeting", id))
            meeting.status, meeting.cancelled_because = SessionStatus.CANCELLED, reason
        case Alliance.MeetingHeld(meeting=id, holding=holding):
            _hold(rows.change(MeetingRow, external("meeting", id)), holding)
        case Alliance.MeetingCorrected(meeting=id, holding=holding, reason=reason):
            meeting = rows.change(MeetingRow, external("meeting", id))
            _hold(meeting, holding)
            meeting.corrected_because = reason


def needs(recorded: Recorded[AggregateEvent]) -> Iterable[Need]:
    """Name the meeting or the working group that changes, and who was in the group."""
    match recorded.event:
        case Organisation.Merged():
            yield from concerned(recorded, WorkingGroupMemberRow)
        case (
            Alliance.WorkingGroupFormed(working_group=group, organisations=organisations)
            | Alliance.WorkingGroupRegrouped(working_group=group, organisations=organisations)
        ):
            yield Need(WorkingGroupMemberRow, "working_group_id", external("working_group", group))
            yield from IN_ALLIANCES.needs_of(*organisations)
        case Alliance.WorkingGroupEnded(working_group=group):
            yield Need(WorkingGroupRow, "id", external("working_group", group))
        case Alliance.MemberLeft(organisation=organisation):
            yield IN_ALLIANCES.need(organisation)
            alliance = external("alliance", recorded.stream_id)
            yield Need(WorkingGroupMemberRow, "alliance_id", alliance)
        case (
            Alliance.MeetingMoved(meeting=id)
            | Alliance.MeetingCancelled(meeting=id)
            | Alliance.MeetingHeld(meeting=id)
            | Alliance.MeetingCorrected(meeting=id)
        ):
            yield Need(MeetingRow, "id", external("meeting", id))


def follow_merger(rows: Rows, merged: Id, survivor: Id) -> None:
    """Let the survivor be in the working groups of a merged organisation."""
    follow(rows, WorkingGroupMemberRow, merged, survivor)


def _formed(event: Alliance.WorkingGroupFormed, at: datetime) -> WorkingGroupRow:
    return WorkingGroupRow(
        id=external("working_group", event.working_group),
        alliance_id=external("alliance", event.originator_id),
        name=event.name,
        mandate=event.mandate,
        theme=event.theme,
        formed_at=at,
        ended_at=None,
        outcome=None,
    )


def _gather(rows: Rows, alliance: Id, group: UUID, organisations: Iterable[UUID]) -> None:
    """Let these, and no others, be in a working group."""
    id = external("working_group", group)
    for former in rows.where(WorkingGroupMemberRow, "working_group_id", id):
        rows.drop(WorkingGroupMemberRow, *key_of(former))
    for organisation in organisations:
        rows.put(
            WorkingGroupMemberRow(
                working_group_id=id,
                organisation_id=IN_ALLIANCES.survivor(rows, organisation),
                alliance_id=alliance,
            )
        )


def _scheduled(event: Alliance.MeetingScheduled, at: datetime) -> MeetingRow:
    group = event.working_group
    return MeetingRow(
        id=external("meeting", event.meeting),
        alliance_id=external("alliance", event.originator_id),
        working_group_id=external("working_group", group) if group else None,
        kind=event.kind,
        title=event.title,
        theme=event.theme,
        number=event.number,
        day=event.day,
        not_before=event.not_before,
        not_after=event.not_after,
        place=event.place,
        status=SessionStatus.SCHEDULED,
        held_on=None,
        attendance=None,
        outcome=None,
        scheduled_at=at,
        moved_because=None,
        cancelled_because=None,
        corrected_because=None,
        ordered_by=event.day or event.not_before or event.not_after or date.max,
    )


def _hold(meeting: MeetingRow, holding: Holding) -> None:
    meeting.status = SessionStatus.HELD
    meeting.held_on, meeting.attendance = holding.held_on, holding.attendance
    meeting.outcome = holding.outcome
    meeting.ordered_by = holding.held_on or meeting.ordered_by
