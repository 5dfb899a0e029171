"""Commands on the execution of an action: how far it is, and where it stands."""

from datetime import date
from typing import Annotated
from uuid import UUID

from domain.action import CARRYING, STEERING, Action, Told
from domain.command import Command, Work, command
from domain.identity import Id
from domain.organisation import LIVING, Organisation
from domain.progress import (
    ActionSettled,
    DoneBeforeReported,
    DoneMeansWhole,
    ExecutionStatus,
    NotBlocked,
    NotSettled,
    ProgressNotReported,
    ProgressReport,
    StatusOfItsOwn,
    StillBlocked,
)
from domain.roadmap import AUTHORS, DayStillToCome


@command(by=CARRYING, refuses=(*LIVING, ActionSettled, DayStillToCome))
class ReportProgress(Told):
    """Report how far an action was on a day. A later report for the same day replaces it."""

    action: Annotated[Id, "The action."]
    percent: Annotated[int, "How far it was, from 0 to 100."]
    reported_on: Annotated[date, "The day of which that speaks."]
    organisation: Annotated[Id | None, "The organisation that says so, if registered."] = None
    reported_by: Annotated[str | None, "Who says so, in words: a role, but no name."] = None
    note: Annotated[str | None, "What one should know about it."] = None

    async def decide(self, work: Work) -> Action:
        action = await work.get(Action, self.action)
        report = ProgressReport(
            percent=self.percent,
            organisation=await _reporter(self.organisation, work),
            reported_by=self.reported_by,
            note=self.note,
        )
        action.report_progress(self.reported_on, report)
        return action


@command(by=CARRYING, refuses=(*LIVING, DoneMeansWhole, ProgressNotReported))
class CorrectProgress(Told):
    """Put right what was reported for a day, even after the action was settled.

    What was reported before stays in the history.
    """

    action: Annotated[Id, "The action."]
    percent: Annotated[int, "How far it was, from 0 to 100."]
    reported_on: Annotated[date, "The day for which the report is wrong."]
    organisation: Annotated[Id | None, "The organisation that says so, if registered."] = None
    reported_by: Annotated[str | None, "Who says so, in words: a role, but no name."] = None
    note: Annotated[str | None, "What one should know about it."] = None
    reason: Annotated[str, "Why what was reported before is wrong."]

    async def decide(self, work: Work) -> Action:
        action = await work.get(Action, self.action)
        report = ProgressReport(
            percent=self.percent,
            organisation=await _reporter(self.organisation, work),
            reported_by=self.reported_by,
            note=self.note,
        )
        action.correct_progress(self.reported_on, report, self.reason)
        return action


@command(by=STEERING, refuses=(ActionSettled, StatusOfItsOwn, StillBlocked))
class ChangeActionStatus(Command):
    """State where the execution of an action stands, unless it is blocked, done or abandoned."""

    action: Annotated[Id, "The action."]
    status: Annotated[ExecutionStatus, "Where its execution stands."]

    async def decide(self, work: Work) -> Action:
        action = await work.get(Action, self.action)
        action.change_status(self.status)
        return action


@command(by=STEERING, refuses=(ActionSettled,))
class BlockAction(Command):
    """State that something is in the way of an action."""

    action: Annotated[Id, "The action."]
    obstacle: Annotated[str | None, "What is in its way, as far as that is known."] = None

    async def decide(self, work: Work) -> Action:
        action = await work.get(Action, self.action)
        action.block(self.obstacle)
        return action


@command(by=STEERING, refuses=(ActionSettled, NotBlocked, StatusOfItsOwn))
class UnblockAction(Command):
    """State that nothing is in the way of an action any more."""

    action: Annotated[Id, "The action."]
    status: Annotated[
        ExecutionStatus | None, "Where it stands now; as before the block when left out."
    ] = None

    async def decide(self, work: Work) -> Action:
        action = await work.get(Action, self.action)
        action.unblock(self.status)
        return action


@command(by=AUTHORS, refuses=(ActionSettled,))
class RenewAction(Command):
    """Let an action go on for another year as it is."""

    action: Annotated[Id, "The action."]
    year: Annotated[int, "The year for which it is renewed."]

    async def decide(self, work: Work) -> Action:
        action = await work.get(Action, self.action)
        action.renew(self.year)
        return action


@command(by=AUTHORS, refuses=(ActionSettled,))
class RefocusAction(Command):
    """Let an action go on for another year with another aim."""

    action: Annotated[Id, "The action."]
    year: Annotated[int, "The year from which it has the other aim."]
    title: Annotated[str | None, "What is to be done from then on; as before if left out."] = None
    description: Annotated[
        str | None, "What it consists of from then on; as before if left out."
    ] = None
    reason: Annotated[str, "Why its aim changes."]

    async def decide(self, work: Work) -> Action:
        action = await work.get(Action, self.action)
        action.refocus(self.year, self.reason, title=self.title, description=self.description)
        return action


@command(by=STEERING, refuses=(ActionSettled, DayStillToCome, DoneBeforeReported))
class FinishAction(Command):
    """State that an action is done: it stands at 100 percent, and changes by corrections only."""

    action: Annotated[Id, "The action."]
    finished_on: Annotated[
        date | None, "The day on which it was done; by default effectiveOn, or today."
    ] = None
    effective_on: Annotated[
        date | None, "The day on which it took effect, where that is not the day of recording."
    ] = None

    async def decide(self, work: Work) -> Action:
        action = await work.get(Action, self.action)
        action.finish(self.finished_on or self.effective_on)
        return action


@command(by=AUTHORS, refuses=(ActionSettled, DayStillToCome))
class AbandonAction(Command):
    """Give up an action; from then on it changes by corrections only."""

    action: Annotated[Id, "The action."]
    abandoned_on: Annotated[
        date | None, "The day on which it was given up; by default effectiveOn, or today."
    ] = None
    effective_on: Annotated[
        date | None, "The day on which it took effect, where that is not the day of recording."
    ] = None
    reason: Annotated[str, "Why it is given up."]

    async def decide(self, work: Work) -> Action:
        action = await work.get(Action, self.action)
        action.abandon(self.reason, self.abandoned_on or self.effective_on)
        return action


@command(by=AUTHORS, refuses=(NotSettled, StatusOfItsOwn))
class ReopenAction(Command):
    """Put right that an action was done or abandoned: it goes on, and may be changed again."""

    action: Annotated[Id, "The action."]
    status: Annotated[ExecutionStatus, "Where its execution really stands."] = (
        ExecutionStatus.UNDER_WAY
    )
    percent: Annotated[int | None, "How far it really is today, from 0 to 100."] = None
    reason: Annotated[str, "Why it is not done, or not abandoned."]

    async def decide(self, work: Work) -> Action:
        action = await work.get(Action, self.action)
        action.reopen(self.reason, status=self.status, percent=self.percent)
        return action


async def _reporter(organisation: Id | None, work: Work) -> UUID | None:
    """The organisation that reports, which is there and living."""
    if organisation is None:
        return None
    found = await work.get(Organisation, organisation)
    found.require_living()
    return found.id
