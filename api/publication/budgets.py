"""What is published of the budgets of actions: amounts, without who pays where that is in words."""

from typing import Final

from api.publication.published import published
from domain.action import Action

_LINE: Final = (
    *("budget_line", "line.amount", "line.basis", "line.kind"),
    *("line.stage", "line.year", "line.funder"),
)

PUBLISHED: Final = (
    published(
        Action.BudgetLineCommitted,
        "An amount was committed to an action.",
        "Un montant a été engagé pour une action.",
        *_LINE,
    ),
    published(
        Action.BudgetLineRevised,
        "A line of the budget of an action was revised.",
        "Une ligne du budget d’une action a été révisée.",
        *_LINE,
    ),
    published(
        Action.BudgetLineCorrected,
        "A line of the budget of an action was put right.",
        "Une ligne du budget d’une action a été corrigée.",
        *_LINE,
    ),
    published(
        Action.BudgetLineWithdrawn,
        "A line of the budget of an action counts no more.",
        "Une ligne du budget d’une action a été retirée.",
        "budget_line",
    ),
    published(
        Action.BudgetStated,
        "It was said what an action costs in all.",
        "Le coût total d’une action a été indiqué.",
        *("stage", "total.amount", "total.basis"),
    ),
    published(
        Action.BudgetCorrected,
        "What an action costs in all was put right.",
        "Le coût total d’une action a été corrigé.",
        *("stage", "total.amount", "total.basis"),
    ),
    published(
        Action.BudgetNotAnswered,
        "The budget of an action was asked for, without an answer.",
        "Le budget d’une action a été demandé, sans réponse.",
    ),
    published(
        Action.FundingDescribed,
        "It was said how an action is paid for.",
        "Le financement d’une action a été décrit.",
    ),
)
