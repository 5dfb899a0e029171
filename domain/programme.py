"""The programme of a cohort: what may be done with its sessions, webinars and base camps."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Annotated
from uuid import UUID

from domain import delegation, identity
from domain.calendar import InvalidMonth
from domain.cohort import Cohort, CohortClosed
from domain.command import Command, Work, command
from domain.delegation import AttendanceEntry, NamedTwice, NobodyNamed
from domain.identity import Id
from domain.organisation import HeldInTheFuture, Organisation
from domain.participation import AlreadyInCamp, CampDissolved, NotEnrolled
from domain.role import Role
from domain.session import (
    AlreadyCancelled,
    AlreadyHeld,
    DayOrMonth,
    DayOutsidePeriod,
    FirstDayMissing,
    NotHeldYet,
    SessionNumberTaken,
    SessionOutsidePeriod,
    SessionsOutOfOrder,
    SessionsOverlap,
    SessionUndated,
    Turnout,
)

PLACING = (
    DayOrMonth,
    FirstDayMissing,
    InvalidMonth,
    SessionOutsidePeriod,
    SessionsOutOfOrder,
    SessionsOverlap,
)
SETTLED = (AlreadyCancelled, AlreadyHeld)
COMING = (NamedTwice, NobodyNamed, NotEnrolled)


@command(
    by=(Role.COHORT_COORDINATOR,),
    refuses=(CohortClosed, SessionNumberTaken, *PLACING),
    creates="session",
)
class ScheduleSession(Command):
    """Plan a session of a cohort, as far as its time and place are known."""

    cohort: Annotated[Id, "The cohort."]
    number: Annotated[int, "Its number, from 1; the dates follow the numbers."]
    name: Annotated[str | None, "Its name, if it has one."] = None
    town: Annotated[str | None, "The town or the place, if known."] = None
    starts_on: Annotated[date | None, "The first day, if known."] = None
    ends_on: Annotated[date | None, "The last day, if known."] = None
    expected_month: Annotated[str | None, "The month, such as 2026-03, until days are known."] = (
        None
    )
    days: Annotated[int | None, "How many days it takes, 1 to 31."] = None

    async def decide(self, work: Work) -> Cohort:
        cohort = await work.get(Cohort, self.cohort)
        cohort.schedule_session(
            work.new_id(),
            number=self.number,
            name=self.name,
            town=self.town,
            starts_on=self.starts_on,
            ends_on=self.ends_on,
            expected_month=self.expected_month,
            days=self.days,
        )
        return cohort


@command(by=(Role.COHORT_COORDINATOR,), refuses=(CohortClosed, *PLACING, *SETTLED))
class MoveSession(Command):
    """Give a session another time or place; what is left out stays as it is.

    Days replace an expected month, and an expected month replaces days.
    """

    cohort: Annotated[Id, "The cohort."]
    session: Annotated[Id, "The session."]
    town: Annotated[str | None, "The town or the place from now on."] = None
    starts_on: Annotated[date | None, "The first day from now on."] = None
    ends_on: Annotated[date | None, "The last day from now on."] = None
    expected_month: Annotated[str | None, "The month, such as 2026-03, until days are known."] = (
        None
    )
    days: Annotated[int | None, "How many days it takes, 1 to 31."] = None
    reason: Annotated[str | None, "Why it moves."] = None

    async def decide(self, work: Work) -> Cohort:
        cohort = await work.get(Cohort, self.cohort)
        cohort.move_session(
            identity.internal("session", self.session),
            town=self.town,
            starts_on=self.starts_on,
            ends_on=self.ends_on,
            expected_month=self.expected_month,
            days=self.days,
            reason=self.reason,
        )
        return cohort


@command(by=(Role.COHORT_COORDINATOR,), refuses=(CohortClosed, AlreadyHeld))
class CancelSession(Command):
    """State that a session will not take place; its number is free for another."""

    cohort: Annotated[Id, "The cohort."]
    session: Annotated[Id, "The session."]
    reason: Annotated[str, "Why it does not take place."]

    async def decide(self, work: Work) -> Cohort:
        cohort = await work.get(Cohort, self.cohort)
        cohort.cancel_session(identity.internal("session", self.session), self.reason)
        return cohort


@command(
    by=(Role.COHORT_COORDINATOR, Role.FACILITATOR),
    refuses=(CohortClosed, SessionUndated, HeldInTheFuture, *SETTLED, *COMING),
)
class HoldSession(Command):
    """State that a session took place, and who came for each organisation."""

    cohort: Annotated[Id, "The cohort."]
    session: Annotated[Id, "The session."]
    attendance: Annotated[
        list[AttendanceEntry] | None, "Who came, each organisation once; 1 000 at most."
    ] = None
    headcount: Annotated[int | None, "How many came in all, those not named included."] = None

    async def decide(self, work: Work) -> Cohort:
        cohort = await work.get(Cohort, self.cohort)
        turnout = await _turnout(self.attendance or [], self.headcount, cohort, work)
        cohort.hold_session(identity.internal("session", self.session), turnout)
        return cohort


@command(by=(Role.COHORT_COORDINATOR, Role.FACILITATOR), refuses=(NotHeldYet, *COMING))
class CorrectAttendance(Command):
    """Put right who came to a session, even after the closing of the cohort.

    What was stated before stays in the history.
    """

    cohort: Annotated[Id, "The cohort."]
    session: Annotated[Id, "The session."]
    attendance: Annotated[
        list[AttendanceEntry] | None, "All who came, each organisation once; 1 000 at most."
    ] = None
    headcount: Annotated[int | None, "How many came in all, those not named included."] = None
    reason: Annotated[str, "Why what was stated before is wrong."]

    async def decide(self, work: Work) -> Cohort:
        cohort = await work.get(Cohort, self.cohort)
        turnout = await _turnout(self.attendance or [], self.headcount, cohort, work)
        session = identity.internal("session", self.session)
        cohort.correct_attendance(session, turnout, self.reason)
        return cohort


@command(by=(Role.COHORT_COORDINATOR,), refuses=(CohortClosed, DayOutsidePeriod), creates="webinar")
class ScheduleWebinar(Command):
    """Plan a webinar of a cohort, inside its period."""

    cohort: Annotated[Id, "The cohort."]
    title: Annotated[str, "Its title, 1 to 200 characters."]
    day: Annotated[date, "The day on which it takes place."]

    async def decide(self, work: Work) -> Cohort:
        cohort = await work.get(Cohort, self.cohort)
        cohort.schedule_webinar(work.new_id(), title=self.title, day=self.day)
        return cohort


@command(by=(Role.COHORT_COORDINATOR,), refuses=(CohortClosed, DayOutsidePeriod, *SETTLED))
class MoveWebinar(Command):
    """Give a webinar another day."""

    cohort: Annotated[Id, "The cohort."]
    webinar: Annotated[Id, "The webinar."]
    day: Annotated[date, "The day from now on."]
    reason: Annotated[str | None, "Why it moves."] = None

    async def decide(self, work: Work) -> Cohort:
        cohort = await work.get(Cohort, self.cohort)
        cohort.move_webinar(identity.internal("webinar", self.webinar), self.day, self.reason)
        return cohort


@command(by=(Role.COHORT_COORDINATOR,), refuses=(CohortClosed, AlreadyHeld))
class CancelWebinar(Command):
    """State that a webinar will not take place."""

    cohort: Annotated[Id, "The cohort."]
    webinar: Annotated[Id, "The webinar."]
    reason: Annotated[str, "Why it does not take place."]

    async def decide(self, work: Work) -> Cohort:
        cohort = await work.get(Cohort, self.cohort)
        cohort.cancel_webinar(identity.internal("webinar", self.webinar), self.reason)
        return cohort


@command(
    by=(Role.COHORT_COORDINATOR, Role.FACILITATOR),
    refuses=(CohortClosed, HeldInTheFuture, *SETTLED),
)
class HoldWebinar(Command):
    """State that a webinar took place."""

    cohort: Annotated[Id, "The cohort."]
    webinar: Annotated[Id, "The webinar."]
    attendance: Annotated[int | None, "How many came, where that is known."] = None

    async def decide(self, work: Work) -> Cohort:
        cohort = await work.get(Cohort, self.cohort)
        cohort.hold_webinar(identity.internal("webinar", self.webinar), self.attendance)
        return cohort


@command(
    by=(Role.COHORT_COORDINATOR,),
    refuses=(CohortClosed, NotEnrolled, AlreadyInCamp),
    creates="camp",
)
class FormBaseCamp(Command):
    """Put organisations under the wing of a coach and a facilitator between the sessions."""

    cohort: Annotated[Id, "The cohort."]
    name: Annotated[str, "Its name, 1 to 200 characters."]
    coach: Annotated[str, "The function of the coach."]
    facilitator: Annotated[str, "The function of the facilitator."]
    organisations: Annotated[
        list[Id] | None, "Enrolled organisations, 100 at most, each in one base camp only."
    ] = None

    async def decide(self, work: Work) -> Cohort:
        cohort = await work.get(Cohort, self.cohort)
        cohort.form_base_camp(
            work.new_id(),
            name=self.name,
            coach=self.coach,
            facilitator=self.facilitator,
            organisations=[await _party(o, cohort, work) for o in self.organisations or ()],
        )
        return cohort


@command(
    by=(Role.COHORT_COORDINATOR,), refuses=(CohortClosed, NotEnrolled, AlreadyInCamp, CampDissolved)
)
class RegroupBaseCamp(Command):
    """Let a base camp go on with these organisations and no others."""

    cohort: Annotated[Id, "The cohort."]
    camp: Annotated[Id, "The base camp."]
    organisations: Annotated[list[Id], "All its organisations from now on, 100 at most."]

    async def decide(self, work: Work) -> Cohort:
        cohort = await work.get(Cohort, self.cohort)
        cohort.regroup_base_camp(
            identity.internal("camp", self.camp),
            [await _party(o, cohort, work) for o in self.organisations],
        )
        return cohort


@command(by=(Role.COHORT_COORDINATOR,), refuses=(CohortClosed,))
class DissolveBaseCamp(Command):
    """Give up a base camp; its organisations are free for another."""

    cohort: Annotated[Id, "The cohort."]
    camp: Annotated[Id, "The base camp."]
    reason: Annotated[str | None, "Why it is given up."] = None

    async def decide(self, work: Work) -> Cohort:
        cohort = await work.get(Cohort, self.cohort)
        cohort.dissolve_base_camp(identity.internal("camp", self.camp), self.reason)
        return cohort


async def _turnout(
    entries: Sequence[AttendanceEntry], headcount: int | None, cohort: Cohort, work: Work
) -> Turnout:
    attendance = []
    for index, entry in enumerate(entries):
        one = entry.resolved()
        if any(delegate.contact for delegate in one.delegates):
            organisation = await work.get(Organisation, entry.organisation)
            path = f"attendance.{index}.delegates"
            delegation.check_contacts(one.delegates, organisation.contacts, path)
        party = await _party(entry.organisation, cohort, work)
        attendance.append(replace(one, organisation=party))
    return Turnout(attendance=tuple(attendance), headcount=headcount)


async def _party(organisation: Id, cohort: Cohort, work: Work) -> UUID:
    """The id under which an organisation takes part, which may be that of one it absorbed."""
    named = identity.internal("organisation", organisation)
    if named in cohort.participants:
        return named
    return cohort.known_as(await work.get(Organisation, organisation))
