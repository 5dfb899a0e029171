"""Commands that follow an action up: its steps, notes, documents and impacts."""

from datetime import date
from decimal import Decimal
from typing import Annotated

from domain import identity
from domain.action import CARRYING, STEERING, Action, PartWithdrawn, Told
from domain.command import Command, Work, command
from domain.identity import Id
from domain.impact import Impact
from domain.link import InvalidLink
from domain.progress import ActionSettled
from domain.quantity import InvalidQuantity
from domain.roadmap import DayStillToCome
from domain.step import Step
from domain.unit import UnknownUnit

FINDING = (DayStillToCome, InvalidQuantity, UnknownUnit)
"""What refuses a finding about an impact."""


@command(by=CARRYING, refuses=(ActionSettled,), creates="note")
class AddActionNote(Told):
    """Note something about an action."""

    action: Annotated[Id, "The action."]
    text: Annotated[str, "The note, 1 to 8 000 characters."]
    reason: Annotated[
        str | None, "Why it is added; needed once the action is done or abandoned."
    ] = None

    async def decide(self, work: Work) -> Action:
        action = await work.get(Action, self.action)
        action.add_note(work.new_id(), self.text, self.reason)
        return action


@command(by=STEERING, refuses=(ActionSettled,), creates="step")
class AddStep(Command):
    """Add a step to an action, below the others."""

    action: Annotated[Id, "The action."]
    title: Annotated[str, "What is to be done, on one line of 1 to 500 characters."]
    due: Annotated[date | None, "The day by which it is to be done."] = None

    async def decide(self, work: Work) -> Action:
        action = await work.get(Action, self.action)
        action.add_step(work.new_id(), Step(title=self.title, due=self.due))
        return action


@command(by=CARRYING, refuses=(ActionSettled, PartWithdrawn, DayStillToCome))
class CompleteStep(Told):
    """State that a step of an action is done."""

    action: Annotated[Id, "The action."]
    step: Annotated[Id, "The step."]
    done_on: Annotated[date | None, "The day on which it was done; today when left out."] = None

    async def decide(self, work: Work) -> Action:
        action = await work.get(Action, self.action)
        action.complete_step(identity.internal("step", self.step), self.done_on)
        return action


@command(by=STEERING, refuses=(ActionSettled,))
class DropStep(Command):
    """Give up a step of an action."""

    action: Annotated[Id, "The action."]
    step: Annotated[Id, "The step."]
    reason: Annotated[str | None, "Why it is given up."] = None

    async def decide(self, work: Work) -> Action:
        action = await work.get(Action, self.action)
        action.drop_step(identity.internal("step", self.step), self.reason)
        return action


@command(by=CARRYING, refuses=(ActionSettled, InvalidLink), creates="document")
class LinkDocument(Told):
    """Tell where on the web to read about an action."""

    action: Annotated[Id, "The action."]
    title: Annotated[str, "What is to be read there, on one line of 1 to 500 characters."]
    url: Annotated[str, "Where it is, by http or https."]
    reason: Annotated[
        str | None, "Why it is added; needed once the action is done or abandoned."
    ] = None

    async def decide(self, work: Work) -> Action:
        action = await work.get(Action, self.action)
        action.link_document(work.new_id(), self.title, self.url, self.reason)
        return action


@command(by=STEERING, refuses=(ActionSettled,))
class UnlinkDocument(Command):
    """Take back the link from an action to something on the web."""

    action: Annotated[Id, "The action."]
    document: Annotated[Id, "The document."]
    reason: Annotated[
        str | None, "Why it is taken back; needed once the action is done or abandoned."
    ] = None

    async def decide(self, work: Work) -> Action:
        action = await work.get(Action, self.action)
        action.unlink_document(identity.internal("document", self.document), self.reason)
        return action


@command(by=CARRYING, refuses=(*FINDING, ActionSettled), creates="impact")
class MeasureImpact(Told):
    """State what an action was found to have changed."""

    action: Annotated[Id, "The action."]
    what: Annotated[str, "What was measured, on one line of 1 to 500 characters."]
    value: Annotated[Decimal, "How much of it, in the unit."]
    unit: Annotated[str, "The unit of the value, such as t CO2e."]
    measured_on: Annotated[date | None, "The day of which the value speaks."] = None
    source: Annotated[str | None, "Who measured it, or where the value comes from."] = None
    note: Annotated[str | None, "What one should know about it."] = None
    reason: Annotated[
        str | None, "Why it is added; needed once the action is done or abandoned."
    ] = None

    async def decide(self, work: Work) -> Action:
        action = await work.get(Action, self.action)
        impact = Impact(
            what=self.what,
            value=self.value,
            unit=self.unit,
            measured_on=self.measured_on,
            source=self.source,
            note=self.note,
        )
        action.measure_impact(work.new_id(), impact, self.reason)
        return action


@command(by=STEERING, refuses=(*FINDING, PartWithdrawn))
class CorrectImpact(Command):
    """Put right what an action was found to have changed, even after it was settled.

    What was stated before stays in the history.
    """

    action: Annotated[Id, "The action."]
    impact: Annotated[Id, "The impact."]
    what: Annotated[str, "What was measured, on one line of 1 to 500 characters."]
    value: Annotated[Decimal, "How much of it, in the unit."]
    unit: Annotated[str, "The unit of the value, such as t CO2e."]
    measured_on: Annotated[date | None, "The day of which the value speaks."] = None
    source: Annotated[str | None, "Who measured it, or where the value comes from."] = None
    note: Annotated[str | None, "What one should know about it."] = None
    reason: Annotated[str, "Why what was stated before is wrong."]

    async def decide(self, work: Work) -> Action:
        action = await work.get(Action, self.action)
        impact = Impact(
            what=self.what,
            value=self.value,
            unit=self.unit,
            measured_on=self.measured_on,
            source=self.source,
            note=self.note,
        )
        action.correct_impact(identity.internal("impact", self.impact), impact, self.reason)
        return action
