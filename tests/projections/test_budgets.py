"""Given what was said of budgets, when it is folded, then this can be read."""

from decimal import Decimal

from domain.action import Action
from domain.aggregate import AggregateEvent
from domain.budget import BudgetBasis, BudgetKind, BudgetStage, Total
from domain.identity import external
from projections.actions import ACTIONS, ActionRow
from projections.budgets import BudgetAnswer, BudgetLineRow, BudgetTotalRow
from tests.domain.actions import amount
from tests.domain.given import an_id, an_organisation
from tests.history import AT, news
from tests.projections.folding import folded, only, shown
from tests.projections.test_actions import an_action
from tests.projections.test_mergers import merged

BEFORE, WITH = BudgetBasis.BEFORE_TAX, BudgetBasis.WITH_TAX


class Budget:
    """An action with all that was said of its budget so far."""

    def __init__(self) -> None:
        self.action: Action = an_action()
        self.facts: list[AggregateEvent] = []

    def row(self) -> ActionRow:
        """What can be read of the action now."""
        self.facts += news(self.action)
        return only(folded(ACTIONS, *self.facts), ActionRow)


def test_not_answered_is_not_zero_and_can_be_answered_later() -> None:
    budget = Budget()
    assert budget.row().budget_answer is BudgetAnswer.NOT_ASKED
    budget.action.leave_budget_unanswered()
    row = budget.row()
    assert (row.budget_answer, row.planned_amount) == (BudgetAnswer.NOT_ANSWERED, None)
    budget.action.state_budget(BudgetStage.PLANNED, Total(amount=Decimal(52_000), basis=WITH))
    row = budget.row()
    assert (row.budget_answer, row.planned_amount) == (BudgetAnswer.ANSWERED, Decimal(52_000))
    assert (row.planned_basis, row.spent_amount) == (WITH, None)


def test_the_stated_total_counts_and_else_the_sum_of_the_lines_at_each_stage() -> None:
    budget = Budget()
    budget.action.commit_budget_line(an_id(), amount("100.10"))
    budget.action.commit_budget_line(an_id(), amount("0.20"))
    budget.action.commit_budget_line(an_id(), amount("7", stage=BudgetStage.SPENT))
    row = budget.row()
    assert (row.planned_amount, row.planned_basis) == (Decimal("100.30"), BEFORE)
    assert (row.spent_amount, row.spent_basis) == (Decimal("7.00"), BEFORE)
    budget.action.state_budget(BudgetStage.PLANNED, Total(amount=Decimal(120), basis=WITH))
    budget.action.correct_budget(
        BudgetStage.PLANNED, Total(amount=Decimal(110), basis=WITH), "Mal lu"
    )
    row = budget.row()
    assert (row.planned_amount, row.planned_basis) == (Decimal(110), WITH)
    assert row.spent_amount == Decimal("7.00")


def test_amounts_on_different_bases_are_not_added() -> None:
    budget = Budget()
    budget.action.commit_budget_line(an_id(), amount("100"))
    budget.action.commit_budget_line(id := an_id(), amount("20", basis=WITH))
    row = budget.row()
    assert (row.planned_amount, row.planned_basis) == (None, None)
    assert row.budget_answer is BudgetAnswer.ANSWERED
    budget.action.withdraw_budget_line(id, "Compté deux fois")
    assert budget.row().planned_amount == Decimal(100)


def test_nothing_is_known_of_a_budget_whose_last_line_was_withdrawn() -> None:
    budget = Budget()
    budget.action.commit_budget_line(id := an_id(), amount("100"))
    budget.action.withdraw_budget_line(id, "D’une autre action")
    row = budget.row()
    assert (row.budget_answer, row.planned_amount) == (BudgetAnswer.NOT_ASKED, None)


def test_a_line_has_all_that_was_said_of_it_last() -> None:
    funder, survivor = an_organisation("Fonds"), an_organisation("Fonds régional")
    action, id = an_action(), an_id()
    action.commit_budget_line(id, amount("1", funder_name="Région", note="À confirmer"))
    action.revise_budget_line(id, amount("2", kind=BudgetKind.INVESTMENT, year=2026))
    action.correct_budget_line(id, amount("3", funder=funder.id), "Mal lu")
    rows = folded(ACTIONS, *news(action), *merged(funder, survivor))
    row = only(rows, BudgetLineRow)
    assert (row.amount, row.basis, row.kind, row.year) == (Decimal(3), BEFORE, None, None)
    assert (row.funder_name, row.note) == (None, None)
    assert row.funder_id == external("organisation", survivor.id)
    assert (row.committed_at, row.updated_at) == (AT, AT)
    assert only(rows, ActionRow).planned_amount == Decimal(3)


def test_a_total_is_stated_for_each_stage_apart() -> None:
    action = an_action()
    for stage in BudgetStage:
        action.state_budget(stage, Total(amount=Decimal(10), basis=BEFORE, note=stage.fr))
    rows = shown(folded(ACTIONS, *news(action)), BudgetTotalRow, "stage")
    assert {(row.stage, row.note) for row in rows} == {
        (BudgetStage.PLANNED, "prévu"),
        (BudgetStage.SPENT, "dépensé"),
    }
