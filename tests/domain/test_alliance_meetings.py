"""The meetings of an alliance and its working groups."""

from datetime import date
from typing import Any

import pytest

from domain.agenda import (
    CancelMeeting,
    CorrectMeeting,
    EndWorkingGroup,
    FormWorkingGroup,
    HoldMeeting,
    MoveMeeting,
    RegroupWorkingGroup,
    ScheduleMeeting,
)
from domain.alliance import Alliance
from domain.meeting import (
    DayOrSpan,
    MeetingKind,
    MeetingNotHeld,
    MeetingNumberTaken,
    WorkingGroupOver,
)
from domain.membership import NotAMember, ThemeNotOpen
from domain.organisation import HeldInTheFuture
from domain.refusal import DatesReversed, InvalidNumber
from domain.session import AlreadyCancelled, AlreadyHeld
from domain.theme import Theme
from tests.domain.alliances import TODAY, TOMORROW, YESTERDAY, Assembly

SPAN: dict[str, Any] = {
    "day": None,
    "not_before": date(2024, 3, 11),
    "not_after": date(2025, 6, 2),
}
"""The days between which Clermont's sessions lie, as far as is told."""

# when and where


def test_a_session_whose_day_is_not_known_lies_in_a_span() -> None:
    world = Assembly()
    schedules = ScheduleMeeting(alliance=world.alliance, theme=Theme.WATER, number=1, **SPAN)

    scheduled = world.only(schedules, Alliance.MeetingScheduled)
    assert (scheduled.day, scheduled.not_after) == (None, date(2025, 6, 2))


def test_a_day_and_a_span_contradict_each_other() -> None:
    world = Assembly()
    with world.refuses(DayOrSpan, "day"):
        world.meeting(**{**SPAN, "day": TODAY})


def test_a_span_ends_after_it_starts() -> None:
    world = Assembly()
    with world.refuses(DatesReversed, "not_after"):
        world.meeting(day=None, not_before=TODAY, not_after=YESTERDAY)


@pytest.mark.parametrize("number", [0, -1, 1001])
def test_steps_are_numbered_from_one(number: int) -> None:
    world = Assembly()
    with world.refuses(InvalidNumber, "number"):
        world.meeting(number=number)


def test_a_step_on_a_theme_has_a_number_of_its_own() -> None:
    world = Assembly()
    first = world.meeting(number=1)
    with world.refuses(MeetingNumberTaken, "number"):
        world.meeting(number=1)
    world.meeting(number=1, theme=Theme.AIR_QUALITY)
    world.meeting(number=1, kind=MeetingKind.CLOSING)

    world.send(CancelMeeting(alliance=world.alliance, meeting=first, reason="Trop peu de monde"))
    world.meeting(number=1)


def test_a_session_works_on_an_open_theme() -> None:
    world = Assembly()
    with world.refuses(ThemeNotOpen, "theme"):
        world.meeting(theme=Theme.MOVING)


def test_a_day_replaces_a_span_and_a_span_a_day() -> None:
    world = Assembly()
    meeting = world.meeting(**SPAN)
    moves = MoveMeeting(alliance=world.alliance, meeting=meeting, day=date(2024, 3, 11))

    moved = world.only(moves, Alliance.MeetingMoved)
    assert (moved.day, moved.not_before, moved.not_after) == (date(2024, 3, 11), None, None)
    assert world.send(moves) == []

    moves = MoveMeeting(alliance=world.alliance, meeting=meeting, not_before=TODAY)
    assert world.only(moves, Alliance.MeetingMoved).day is None


def test_a_meeting_that_moves_to_another_place_keeps_its_day() -> None:
    world = Assembly()
    meeting = world.meeting(day=TODAY)
    moves = MoveMeeting(alliance=world.alliance, meeting=meeting, place="Riom")

    assert world.only(moves, Alliance.MeetingMoved).day == TODAY


# held or not


def test_a_meeting_was_held_on_its_day_unless_another_is_told() -> None:
    world = Assembly()
    planned = HoldMeeting(alliance=world.alliance, meeting=world.meeting(), attendance=25)
    other = HoldMeeting(
        alliance=world.alliance, meeting=world.meeting(number=2), held_on=date(2024, 3, 12)
    )

    assert world.only(planned, Alliance.MeetingHeld).holding.held_on == date(2024, 3, 11)
    assert world.only(other, Alliance.MeetingHeld).holding.held_on == date(2024, 3, 12)
    assert world.send(planned) == []


def test_a_meeting_was_held_though_its_day_was_never_told() -> None:
    world = Assembly()
    holds = HoldMeeting(alliance=world.alliance, meeting=world.meeting(**SPAN))

    assert world.only(holds, Alliance.MeetingHeld).holding.held_on is None


@pytest.mark.parametrize("planned", [{"day": TOMORROW}, {"day": None, "not_before": TOMORROW}])
def test_a_meeting_to_come_was_not_held(planned: dict[str, date | None]) -> None:
    world = Assembly()
    meeting = world.meeting(**planned)
    with world.refuses(HeldInTheFuture, "held_on"):
        world.send(HoldMeeting(alliance=world.alliance, meeting=meeting))


@pytest.mark.parametrize("attendance", [-1, 100_001])
def test_attendance_is_within_reason(attendance: int) -> None:
    world = Assembly()
    meeting = world.meeting()
    with world.refuses(InvalidNumber, "attendance"):
        world.send(HoldMeeting(alliance=world.alliance, meeting=meeting, attendance=attendance))


def test_what_was_held_is_neither_held_again_nor_moved_nor_cancelled_but_corrected() -> None:
    world = Assembly()
    alliance, meeting = world.alliance, world.meeting()
    world.send(HoldMeeting(alliance=alliance, meeting=meeting, attendance=25))

    for command in (
        HoldMeeting(alliance=alliance, meeting=meeting, attendance=26),
        MoveMeeting(alliance=alliance, meeting=meeting, place="Riom"),
        CancelMeeting(alliance=alliance, meeting=meeting, reason="Non"),
    ):
        with world.refuses(AlreadyHeld, "meeting"):
            world.send(command)

    corrects = CorrectMeeting(
        alliance=alliance, meeting=meeting, attendance=26, reason="Une feuille retrouvée"
    )
    assert world.only(corrects, Alliance.MeetingCorrected).holding.attendance == 26
    assert world.send(corrects) == []


def test_what_was_not_held_cannot_be_corrected() -> None:
    world = Assembly()
    meeting = world.meeting()
    with world.refuses(MeetingNotHeld, "meeting"):
        world.send(CorrectMeeting(alliance=world.alliance, meeting=meeting, reason="Non"))


def test_what_was_cancelled_is_neither_held_nor_moved() -> None:
    world = Assembly()
    alliance, meeting = world.alliance, world.meeting()
    cancels = CancelMeeting(alliance=alliance, meeting=meeting, reason="Grève")
    world.only(cancels, Alliance.MeetingCancelled)
    assert world.send(cancels) == []

    for command in (
        HoldMeeting(alliance=alliance, meeting=meeting),
        MoveMeeting(alliance=alliance, meeting=meeting, place="Riom"),
    ):
        with world.refuses(AlreadyCancelled, "meeting"):
            world.send(command)


# working groups


def test_a_working_group_takes_on_a_mandate_with_members() -> None:
    world = Assembly()
    forms = FormWorkingGroup(
        alliance=world.alliance,
        name="Groupe ad hoc",
        mandate="Le volet emplois-compétences",
        organisations=[world.member, world.other, world.member],
    )

    assert len(world.only(forms, Alliance.WorkingGroupFormed).organisations) == 2


def test_a_working_group_has_members_only() -> None:
    world = Assembly()
    stranger = world.organisation("Passante")
    group = world.working_group()
    with world.refuses(NotAMember, "organisations.1"):
        world.send(
            RegroupWorkingGroup(
                alliance=world.alliance,
                working_group=group,
                organisations=[world.member, stranger],
            )
        )


def test_a_working_group_goes_on_with_others() -> None:
    world = Assembly()
    regroups = RegroupWorkingGroup(
        alliance=world.alliance, working_group=world.working_group(), organisations=[world.other]
    )

    world.only(regroups, Alliance.WorkingGroupRegrouped)
    assert world.send(regroups) == []


def test_a_working_group_that_ended_neither_meets_nor_goes_on() -> None:
    world = Assembly()
    group = world.working_group()
    ends = EndWorkingGroup(alliance=world.alliance, working_group=group, outcome="Un avis")
    world.only(ends, Alliance.WorkingGroupEnded)
    assert world.send(ends) == []

    with world.refuses(WorkingGroupOver, "working_group"):
        world.meeting(working_group=group)
    with world.refuses(WorkingGroupOver, "working_group"):
        world.send(
            RegroupWorkingGroup(alliance=world.alliance, working_group=group, organisations=[])
        )
