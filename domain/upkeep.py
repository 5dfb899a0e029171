"""Commands on the sheet of an action: its words, its code, its period and who may read it."""

from datetime import date
from typing import Annotated

from domain import text
from domain.action import STEERING, Action, ActionVisibility
from domain.command import Command, Work, command
from domain.identity import Id
from domain.ownership import CodeTaken, free_code
from domain.progress import ActionSettled
from domain.roadmap import AUTHORS
from domain.role import Role
from domain.sheet import Wording


@command(by=STEERING, refuses=(ActionSettled,))
class RewordAction(Command):
    """Let an action say something else; what is given is all that it says from then on."""

    action: Annotated[Id, "The action."]
    title: Annotated[str, "What is to be done, on one line of 1 to 500 characters."]
    description: Annotated[str | None, "What it consists of; nothing when left out."] = None
    objectives: Annotated[str | None, "What it is to reach; nothing when left out."] = None
    expected_effects: Annotated[str | None, "What it changes; nothing when left out."] = None
    means: Annotated[str | None, "With what it is done; nothing when left out."] = None
    indicators: Annotated[str | None, "By what it is followed; nothing when left out."] = None

    async def decide(self, work: Work) -> Action:
        action = await work.get(Action, self.action)
        action.reword(
            Wording(
                title=self.title,
                description=self.description,
                objectives=self.objectives,
                expected_effects=self.expected_effects,
                means=self.means,
                indicators=self.indicators,
            )
        )
        return action


@command(by=STEERING)
class CorrectActionWording(Command):
    """Put right what an action says, even after it was settled; what is given is all it says.

    What it said before stays in the history.
    """

    action: Annotated[Id, "The action."]
    title: Annotated[str, "What is to be done, on one line of 1 to 500 characters."]
    description: Annotated[str | None, "What it consists of; nothing when left out."] = None
    objectives: Annotated[str | None, "What it is to reach; nothing when left out."] = None
    expected_effects: Annotated[str | None, "What it changes; nothing when left out."] = None
    means: Annotated[str | None, "With what it is done; nothing when left out."] = None
    indicators: Annotated[str | None, "By what it is followed; nothing when left out."] = None
    reason: Annotated[str, "Why what it said is wrong."]

    async def decide(self, work: Work) -> Action:
        action = await work.get(Action, self.action)
        wording = Wording(
            title=self.title,
            description=self.description,
            objectives=self.objectives,
            expected_effects=self.expected_effects,
            means=self.means,
            indicators=self.indicators,
        )
        action.correct_wording(wording, self.reason)
        return action


@command(by=AUTHORS, refuses=(ActionSettled, CodeTaken))
class RecodeAction(Command):
    """Give an action another code in its plan; the one that it had is free again."""

    action: Annotated[Id, "The action."]
    code: Annotated[str | None, "Its code from now on, kept as written; none when left out."] = None

    async def decide(self, work: Work) -> Action:
        action = await work.get(Action, self.action)
        before, code = action.code, text.optional_name(self.code, "code")
        given_up = await free_code(work, action.owner, action.id, before)
        wanted = await free_code(work, action.owner, action.id, code)
        action.recode(code)
        if given_up is not None and code != before:
            given_up.release(action.id)
        if wanted is not None:
            wanted.take(action.id)
        return action


@command(by=STEERING, refuses=(ActionSettled,))
class ScheduleAction(Command):
    """Fix or change the period of an action."""

    action: Annotated[Id, "The action."]
    starts_on: Annotated[date | None, "The first day; not known when left out."] = None
    ends_on: Annotated[date | None, "The last day; not known when left out."] = None

    async def decide(self, work: Work) -> Action:
        action = await work.get(Action, self.action)
        action.schedule(self.starts_on, self.ends_on)
        return action


@command(by=STEERING)
class CorrectActionSchedule(Command):
    """Put right the period of an action, even after it was settled.

    What was stated before stays in the history.
    """

    action: Annotated[Id, "The action."]
    starts_on: Annotated[date | None, "The first day; not known when left out."] = None
    ends_on: Annotated[date | None, "The last day; not known when left out."] = None
    reason: Annotated[str, "Why the period that was stated is wrong."]

    async def decide(self, work: Work) -> Action:
        action = await work.get(Action, self.action)
        action.correct_schedule(self.starts_on, self.ends_on, self.reason)
        return action


@command(by=(Role.ORGANISATION_LEADER, Role.ALLIANCE_COORDINATOR))
class RestrictAction(Command):
    """Let only those read an action who have a right to it."""

    action: Annotated[Id, "The action."]
    reason: Annotated[str | None, "Why it is not for everybody."] = None

    async def decide(self, work: Work) -> Action:
        action = await work.get(Action, self.action)
        action.set_visibility(ActionVisibility.RESTRICTED, self.reason)
        return action


@command(by=(Role.ORGANISATION_LEADER, Role.ALLIANCE_COORDINATOR))
class MakeActionPublic(Command):
    """Let everybody read an action."""

    action: Annotated[Id, "The action."]
    reason: Annotated[str | None, "Why it is for everybody now."] = None

    async def decide(self, work: Work) -> Action:
        action = await work.get(Action, self.action)
        action.set_visibility(ActionVisibility.PUBLIC, self.reason)
        return action
