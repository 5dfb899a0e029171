"""Given the meetings of alliances, when they are folded, then this can be read."""

from datetime import date

from domain.agenda import (
    CancelMeeting,
    CorrectMeeting,
    EndWorkingGroup,
    HoldMeeting,
    MoveMeeting,
    RegroupWorkingGroup,
)
from domain.allies import LeaveAlliance
from domain.meeting import MeetingKind
from domain.theme import Theme
from projections.meetings import MeetingRow, WorkingGroupMemberRow, WorkingGroupRow
from projections.sessions import SessionStatus
from tests.history import AT
from tests.projections.folding import only
from tests.projections.test_alliances import Told


def test_a_meeting_is_ordered_by_the_best_known_of_its_days() -> None:
    told = Told()
    meeting = told.meeting(day=None, not_before=date(2024, 3, 11), not_after=date(2025, 6, 2))
    row = only(told.rows(), MeetingRow)
    assert (row.kind, row.theme, row.number) == (MeetingKind.WORKING_SESSION, Theme.WATER, 1)
    assert (row.status, row.ordered_by) == (SessionStatus.SCHEDULED, date(2024, 3, 11))
    told.do(
        MoveMeeting(
            alliance=told.alliance, meeting=meeting, day=date(2024, 4, 2), reason="Salle prise"
        )
    )
    row = only(told.rows(), MeetingRow)
    assert (row.day, row.not_before, row.ordered_by) == (date(2024, 4, 2), None, date(2024, 4, 2))
    assert row.moved_because == "Salle prise"


def test_a_meeting_without_any_day_comes_last() -> None:
    told = Told()
    told.meeting(day=None)
    assert only(told.rows(), MeetingRow).ordered_by == date.max


def test_a_held_meeting_shows_what_came_of_it_and_is_corrected() -> None:
    told = Told()
    meeting = told.meeting()
    told.do(HoldMeeting(alliance=told.alliance, meeting=meeting, attendance=30))
    row = only(told.rows(), MeetingRow)
    assert (row.status, row.held_on, row.attendance) == (
        SessionStatus.HELD,
        date(2024, 3, 11),
        30,
    )
    told.do(
        CorrectMeeting(
            alliance=told.alliance,
            meeting=meeting,
            held_on=date(2024, 3, 12),
            outcome="Un diagnostic",
            reason="Erreur de jour",
        )
    )
    row = only(told.rows(), MeetingRow)
    assert (row.held_on, row.attendance, row.outcome) == (date(2024, 3, 12), None, "Un diagnostic")
    assert (row.ordered_by, row.corrected_because) == (date(2024, 3, 12), "Erreur de jour")


def test_a_cancelled_meeting_says_why() -> None:
    told = Told()
    told.do(CancelMeeting(alliance=told.alliance, meeting=told.meeting(), reason="Crue"))
    row = only(told.rows(), MeetingRow)
    assert (row.status, row.cancelled_because) == (SessionStatus.CANCELLED, "Crue")


def test_a_working_group_has_its_members_and_its_meetings() -> None:
    told = Told()
    group = told.working_group()
    told.meeting(working_group=group, theme=None)
    rows = told.rows()
    row = only(rows, WorkingGroupRow)
    assert (row.name, row.mandate, row.ended_at) == (
        "Groupe ad hoc",
        "Emplois et compétences",
        None,
    )
    assert only(rows, WorkingGroupMemberRow).organisation_id == told.member
    assert only(rows, MeetingRow).working_group_id == group
    told.do(
        RegroupWorkingGroup(alliance=told.alliance, working_group=group, organisations=[told.other])
    )
    assert only(told.rows(), WorkingGroupMemberRow).organisation_id == told.other
    told.do(EndWorkingGroup(alliance=told.alliance, working_group=group, outcome="Un plan"))
    row = only(told.rows(), WorkingGroupRow)
    assert (row.ended_at, row.outcome) == (AT, "Un plan")


def test_who_leaves_the_alliance_is_in_no_working_group_any_more() -> None:
    told = Told()
    told.working_group()
    told.do(LeaveAlliance(alliance=told.alliance, organisation=told.member, reason="Fin"))
    assert not list(told.rows().all(WorkingGroupMemberRow))


def test_a_place_in_a_working_group_follows_the_survivor() -> None:
    told = Told()
    told.working_group()
    survivor = told.organisation("Nouvelle")
    told.merge(told.member, survivor)
    assert only(told.rows(), WorkingGroupMemberRow).organisation_id == survivor
