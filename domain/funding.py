"""Commands on the budget of an action: its lines, its totals, and that it is not known."""

from decimal import Decimal
from typing import Annotated
from uuid import UUID

from domain import identity
from domain.action import STEERING, Action, PartWithdrawn
from domain.budget import (
    AmountNotPositive,
    BasisMissing,
    BudgetAnswered,
    BudgetBasis,
    BudgetKind,
    BudgetLine,
    BudgetNotStated,
    BudgetStage,
    FinerThanCents,
    Total,
    stated,
)
from domain.command import Command, Work, command
from domain.identity import Id
from domain.organisation import LIVING, Organisation
from domain.progress import ActionSettled
from domain.quantity import InvalidQuantity

AMOUNT = (AmountNotPositive, BasisMissing, FinerThanCents, InvalidQuantity)
"""What refuses an amount of money."""


@command(by=STEERING, refuses=(*AMOUNT, *LIVING, ActionSettled), creates="budget_line")
class CommitBudgetLine(Command):
    """Commit an amount to an action."""

    action: Annotated[Id, "The action."]
    amount: Annotated[Decimal, "Euros, more than zero, with two decimals at most."]
    basis: Annotated[BudgetBasis | None, "Whether tax is in the amount; it has to be said."] = None
    kind: Annotated[BudgetKind | None, "What the money is for, where that is known."] = None
    stage: Annotated[BudgetStage, "Whether it is planned or was spent."] = BudgetStage.PLANNED
    year: Annotated[int | None, "The year, where it is the amount of one."] = None
    funder: Annotated[Id | None, "The organisation that pays, where it is registered."] = None
    funder_name: Annotated[str | None, "Who pays, in words."] = None
    note: Annotated[str | None, "What one should know about it."] = None
    reason: Annotated[
        str | None, "Why it is added; needed once the action is done or abandoned."
    ] = None

    async def decide(self, work: Work) -> Action:
        action = await work.get(Action, self.action)
        line = BudgetLine(
            amount=self.amount,
            basis=stated(self.basis, "basis"),
            kind=self.kind,
            stage=self.stage,
            year=self.year,
            funder=await _funder(self.funder, work),
            funder_name=self.funder_name,
            note=self.note,
        )
        action.commit_budget_line(work.new_id(), line, self.reason)
        return action


@command(by=STEERING, refuses=(*AMOUNT, *LIVING, ActionSettled, PartWithdrawn))
class ReviseBudgetLine(Command):
    """Let a line of an action's budget say something else; what is given is all that it says."""

    action: Annotated[Id, "The action."]
    budget_line: Annotated[Id, "The line of the budget."]
    amount: Annotated[Decimal, "Euros, more than zero, with two decimals at most."]
    basis: Annotated[BudgetBasis | None, "Whether tax is in the amount; it has to be said."] = None
    kind: Annotated[BudgetKind | None, "What the money is for; open when left out."] = None
    stage: Annotated[BudgetStage, "Whether it is planned or was spent."] = BudgetStage.PLANNED
    year: Annotated[int | None, "The year; of no one year when left out."] = None
    funder: Annotated[Id | None, "The organisation that pays; none when left out."] = None
    funder_name: Annotated[str | None, "Who pays, in words; nobody when left out."] = None
    note: Annotated[str | None, "What one should know about it."] = None

    async def decide(self, work: Work) -> Action:
        action = await work.get(Action, self.action)
        line = BudgetLine(
            amount=self.amount,
            basis=stated(self.basis, "basis"),
            kind=self.kind,
            stage=self.stage,
            year=self.year,
            funder=await _funder(self.funder, work),
            funder_name=self.funder_name,
            note=self.note,
        )
        action.revise_budget_line(identity.internal("budget_line", self.budget_line), line)
        return action


@command(by=STEERING, refuses=(*AMOUNT, *LIVING, PartWithdrawn))
class CorrectBudgetLine(Command):
    """Put right a line of an action's budget, even after the action was settled.

    What was stated before stays in the history.
    """

    action: Annotated[Id, "The action."]
    budget_line: Annotated[Id, "The line of the budget."]
    amount: Annotated[Decimal, "Euros, more than zero, with two decimals at most."]
    basis: Annotated[BudgetBasis | None, "Whether tax is in the amount; it has to be said."] = None
    kind: Annotated[BudgetKind | None, "What the money is for; open when left out."] = None
    stage: Annotated[BudgetStage, "Whether it is planned or was spent."] = BudgetStage.PLANNED
    year: Annotated[int | None, "The year; of no one year when left out."] = None
    funder: Annotated[Id | None, "The organisation that pays; none when left out."] = None
    funder_name: Annotated[str | None, "Who pays, in words; nobody when left out."] = None
    note: Annotated[str | None, "What one should know about it."] = None
    reason: Annotated[str, "Why what was stated before is wrong."]

    async def decide(self, work: Work) -> Action:
        action = await work.get(Action, self.action)
        line = BudgetLine(
            amount=self.amount,
            basis=stated(self.basis, "basis"),
            kind=self.kind,
            stage=self.stage,
            year=self.year,
            funder=await _funder(self.funder, work),
            funder_name=self.funder_name,
            note=self.note,
        )
        number = identity.internal("budget_line", self.budget_line)
        action.correct_budget_line(number, line, self.reason)
        return action


@command(by=STEERING, refuses=())
class WithdrawBudgetLine(Command):
    """Take a line out of an action's budget, as it was wrong or is not to come."""

    action: Annotated[Id, "The action."]
    budget_line: Annotated[Id, "The line of the budget."]
    reason: Annotated[str, "Why it counts no more."]

    async def decide(self, work: Work) -> Action:
        action = await work.get(Action, self.action)
        number = identity.internal("budget_line", self.budget_line)
        action.withdraw_budget_line(number, self.reason)
        return action


@command(by=STEERING, refuses=(*AMOUNT, ActionSettled))
class StateBudget(Command):
    """State what an action costs in all, whatever lines are known. A later total replaces it."""

    action: Annotated[Id, "The action."]
    amount: Annotated[Decimal, "Euros, more than zero, with two decimals at most."]
    basis: Annotated[BudgetBasis | None, "Whether tax is in the amount; it has to be said."] = None
    stage: Annotated[BudgetStage, "Whether it is planned or was spent."] = BudgetStage.PLANNED
    note: Annotated[str | None, "What one should know about it."] = None

    async def decide(self, work: Work) -> Action:
        action = await work.get(Action, self.action)
        total = Total(amount=self.amount, basis=stated(self.basis, "basis"), note=self.note)
        action.state_budget(self.stage, total)
        return action


@command(by=STEERING, refuses=(*AMOUNT, BudgetNotStated))
class CorrectBudget(Command):
    """Put right what an action costs in all, even after it was settled.

    What was stated before stays in the history.
    """

    action: Annotated[Id, "The action."]
    amount: Annotated[Decimal, "Euros, more than zero, with two decimals at most."]
    basis: Annotated[BudgetBasis | None, "Whether tax is in the amount; it has to be said."] = None
    stage: Annotated[BudgetStage, "The stage of which the total is wrong."] = BudgetStage.PLANNED
    note: Annotated[str | None, "What one should know about it."] = None
    reason: Annotated[str, "Why what was stated before is wrong."]

    async def decide(self, work: Work) -> Action:
        action = await work.get(Action, self.action)
        total = Total(amount=self.amount, basis=stated(self.basis, "basis"), note=self.note)
        action.correct_budget(self.stage, total, self.reason)
        return action


@command(by=STEERING, refuses=(ActionSettled, BudgetAnswered))
class RecordBudgetNotAnswered(Command):
    """Record that the budget of an action was asked for and not answered, which is not zero."""

    action: Annotated[Id, "The action."]
    note: Annotated[str | None, "What one should know about it."] = None

    async def decide(self, work: Work) -> Action:
        action = await work.get(Action, self.action)
        action.leave_budget_unanswered(self.note)
        return action


@command(by=STEERING, refuses=(ActionSettled,))
class DescribeFunding(Command):
    """Say in words how an action is paid for."""

    action: Annotated[Id, "The action."]
    text: Annotated[str | None, "How it is paid for; nothing when left out."] = None

    async def decide(self, work: Work) -> Action:
        action = await work.get(Action, self.action)
        action.describe_funding(self.text)
        return action


async def _funder(funder: Id | None, work: Work) -> UUID | None:
    """The organisation that pays, which is there and living."""
    if funder is None:
        return None
    organisation = await work.get(Organisation, funder)
    organisation.require_living("funder")
    return organisation.id
