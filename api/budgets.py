"""Budgets of actions. An amount says whether tax is in it; not answered is not zero."""

from api.entity import entity, one
from api.node import Node
from projections.budgets import BudgetLineRow, BudgetTotalRow


@entity(
    id="Its id.",
    place="Its place in the budget, the lowest first.",
    amount="Euros and cents.",
    basis="Whether tax is in the amount.",
    kind="What the money is for, where that is known.",
    stage="Whether it is planned or was spent.",
    year="The year, where it is the amount of one.",
    funder_name="Who pays, in words.",
    note="What one should know about it.",
    committed_at="When it was entered.",
    updated_at="When it was revised or corrected last, or entered.",
)
class BudgetLine(BudgetLineRow, Node):
    """A part of a budget: for what, when and from whom, as far as that is known."""

    action = one("The action.")
    funder = one("The organisation that pays, where it is registered.")


@entity(
    stage="Whether it is planned or was spent.",
    amount="Euros and cents.",
    basis="Whether tax is in the amount.",
    note="What one should know about it.",
    stated_at="When it was stated or corrected last.",
)
class BudgetTotal(BudgetTotalRow):
    """What an action costs in all, as it was answered."""

    action = one("The action.")
