"""The agenda of an alliance: its working groups and its meetings."""

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Annotated

from domain import identity
from domain.alliance import Alliance, AllianceClosed, member
from domain.command import Command, Work, command
from domain.identity import Id
from domain.meeting import (
    DayOrSpan,
    Holding,
    Meeting,
    MeetingKind,
    MeetingNotHeld,
    MeetingNumberTaken,
    WorkingGroupOver,
)
from domain.membership import NotAMember, ThemeNotOpen
from domain.organisation import HeldInTheFuture
from domain.role import Place, Role, Scope
from domain.session import AlreadyCancelled, AlreadyHeld
from domain.theme import Theme

SETTLED = (AlreadyCancelled, AlreadyHeld)


@command(
    by=(Role.ALLIANCE_COORDINATOR,),
    refuses=(AllianceClosed, NotAMember, ThemeNotOpen),
    creates="working_group",
)
class FormWorkingGroup(Command):
    """Give a mandate to members of an alliance who take it on together."""

    alliance: Annotated[Id, "The alliance."]
    name: Annotated[str, "Its name, 1 to 200 characters."]
    mandate: Annotated[str, "What it is to do, up to 8 000 characters."]
    theme: Annotated[Theme | None, "The theme on which it works, if it is one."] = None
    organisations: Annotated[list[Id] | None, "The members in it, 1 000 at most."] = None

    async def decide(self, work: Work) -> Alliance:
        alliance = await work.get(Alliance, self.alliance)
        alliance.form_working_group(
            work.new_id(),
            name=self.name,
            mandate=self.mandate,
            theme=self.theme,
            organisations=[await member(o, alliance, work) for o in self.organisations or ()],
        )
        return alliance


@command(by=(Role.ALLIANCE_COORDINATOR,), refuses=(AllianceClosed, NotAMember, WorkingGroupOver))
class RegroupWorkingGroup(Command):
    """Let a working group go on with these members and no others."""

    alliance: Annotated[Id, "The alliance."]
    working_group: Annotated[Id, "The working group."]
    organisations: Annotated[list[Id], "All members in it from now on, 1 000 at most."]

    async def decide(self, work: Work) -> Alliance:
        alliance = await work.get(Alliance, self.alliance)
        alliance.regroup_working_group(
            identity.internal("working_group", self.working_group),
            [await member(o, alliance, work) for o in self.organisations],
        )
        return alliance


@command(by=(Role.ALLIANCE_COORDINATOR,), refuses=(AllianceClosed,))
class EndWorkingGroup(Command):
    """State that a working group is done, and what came of its mandate."""

    alliance: Annotated[Id, "The alliance."]
    working_group: Annotated[Id, "The working group."]
    outcome: Annotated[str | None, "What came of its mandate."] = None

    async def decide(self, work: Work) -> Alliance:
        alliance = await work.get(Alliance, self.alliance)
        working_group = identity.internal("working_group", self.working_group)
        alliance.end_working_group(working_group, self.outcome)
        return alliance


class Planned(Command):
    """A command on a meeting that is known: its theme has a say in it."""

    if TYPE_CHECKING:
        meeting: Id

    async def nearby(self, subject: Alliance, work: Work) -> Sequence[Place]:  # noqa: ARG002
        """The theme on which the meeting works."""
        known = subject.meetings.get(identity.internal("meeting", self.meeting))
        if known is None or known.theme is None:
            return ()
        return (Place(Scope.theme(subject.id, known.theme)),)


@command(
    by=(Role.ALLIANCE_COORDINATOR, Role.THEME_PILOT),
    refuses=(AllianceClosed, ThemeNotOpen, WorkingGroupOver, MeetingNumberTaken, DayOrSpan),
    creates="meeting",
)
class ScheduleMeeting(Command):
    """Plan a meeting of an alliance, as far as its time and place are known."""

    alliance: Annotated[Id, "The alliance."]
    kind: Annotated[MeetingKind, "What it is for."] = MeetingKind.WORKING_SESSION
    title: Annotated[str | None, "Its title, if it has one."] = None
    theme: Annotated[Theme | None, "The theme on which it works, if it is one."] = None
    working_group: Annotated[Id | None, "The working group that meets, if it is one."] = None
    number: Annotated[int | None, "Which step of the work it is, from 1."] = None
    day: Annotated[date | None, "Its day, if known."] = None
    not_before: Annotated[date | None, "The first day on which it may be, until it is known."] = (
        None
    )
    not_after: Annotated[date | None, "The last day on which it may be, until it is known."] = None
    place: Annotated[str | None, "Where it takes place, if known."] = None

    async def nearby(self, subject: Alliance, work: Work) -> Sequence[Place]:  # noqa: ARG002
        return () if self.theme is None else (Place(Scope.theme(subject.id, self.theme)),)

    async def decide(self, work: Work) -> Alliance:
        alliance = await work.get(Alliance, self.alliance)
        group = None
        if self.working_group is not None:
            group = identity.internal("working_group", self.working_group)
        meeting = Meeting(
            kind=self.kind,
            theme=self.theme,
            working_group=group,
            number=self.number,
            day=self.day,
            not_before=self.not_before,
            not_after=self.not_after,
            place=self.place,
        )
        alliance.schedule_meeting(work.new_id(), meeting, self.title)
        return alliance


@command(
    by=(Role.ALLIANCE_COORDINATOR, Role.THEME_PILOT), refuses=(AllianceClosed, DayOrSpan, *SETTLED)
)
class MoveMeeting(Planned):
    """Give a meeting another time or place; what is left out stays as it is.

    A day replaces a span, and a span replaces a day.
    """

    alliance: Annotated[Id, "The alliance."]
    meeting: Annotated[Id, "The meeting."]
    day: Annotated[date | None, "Its day from now on."] = None
    not_before: Annotated[date | None, "The first day on which it may be."] = None
    not_after: Annotated[date | None, "The last day on which it may be."] = None
    place: Annotated[str | None, "Where it takes place from now on."] = None
    reason: Annotated[str | None, "Why it moves."] = None

    async def decide(self, work: Work) -> Alliance:
        alliance = await work.get(Alliance, self.alliance)
        alliance.move_meeting(
            identity.internal("meeting", self.meeting),
            day=self.day,
            not_before=self.not_before,
            not_after=self.not_after,
            place=self.place,
            reason=self.reason,
        )
        return alliance


@command(by=(Role.ALLIANCE_COORDINATOR, Role.THEME_PILOT), refuses=(AllianceClosed, AlreadyHeld))
class CancelMeeting(Planned):
    """State that a meeting will not take place; its number is free for another."""

    alliance: Annotated[Id, "The alliance."]
    meeting: Annotated[Id, "The meeting."]
    reason: Annotated[str, "Why it does not take place."]

    async def decide(self, work: Work) -> Alliance:
        alliance = await work.get(Alliance, self.alliance)
        alliance.cancel_meeting(identity.internal("meeting", self.meeting), self.reason)
        return alliance


@command(
    by=(Role.ALLIANCE_COORDINATOR, Role.THEME_PILOT),
    refuses=(AllianceClosed, HeldInTheFuture, *SETTLED),
)
class HoldMeeting(Planned):
    """State that a meeting took place, and what came of it."""

    alliance: Annotated[Id, "The alliance."]
    meeting: Annotated[Id, "The meeting."]
    held_on: Annotated[
        date | None, "The day, where it is not the one that was planned; it may be unknown."
    ] = None
    attendance: Annotated[int | None, "How many came, where that is known."] = None
    outcome: Annotated[str | None, "What came of it, up to 8 000 characters."] = None

    async def decide(self, work: Work) -> Alliance:
        alliance = await work.get(Alliance, self.alliance)
        holding = Holding(held_on=self.held_on, attendance=self.attendance, outcome=self.outcome)
        alliance.hold_meeting(identity.internal("meeting", self.meeting), holding)
        return alliance


@command(
    by=(Role.ALLIANCE_COORDINATOR, Role.THEME_PILOT), refuses=(MeetingNotHeld, HeldInTheFuture)
)
class CorrectMeeting(Planned):
    """Put right what is known of a meeting that took place, even after the closing.

    What was stated before stays in the history.
    """

    alliance: Annotated[Id, "The alliance."]
    meeting: Annotated[Id, "The meeting."]
    held_on: Annotated[date | None, "The day; the one that was planned when left out."] = None
    attendance: Annotated[int | None, "How many came; not known when left out."] = None
    outcome: Annotated[str | None, "What came of it; not told when left out."] = None
    reason: Annotated[str, "Why what was stated before is wrong."]

    async def decide(self, work: Work) -> Alliance:
        alliance = await work.get(Alliance, self.alliance)
        holding = Holding(held_on=self.held_on, attendance=self.attendance, outcome=self.outcome)
        meeting = identity.internal("meeting", self.meeting)
        alliance.correct_meeting(meeting, holding, self.reason)
        return alliance
