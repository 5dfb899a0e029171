"""How it is told what happened to the budget of an action."""

from typing import Final

from api.history.sentence import told
from domain.action import Action

SENTENCES: Final = (
    told(
        Action.BudgetLineCommitted,
        "€{line.amount} were committed ({line.stage}, {line.basis})[: {line.funder}].",
        "{line.amount} € ont été engagés ({line.stage}, {line.basis})[ : {line.funder}].",
    ),
    told(
        Action.BudgetLineRevised,
        "A line of the budget was revised: €{line.amount} ({line.stage}, {line.basis}).",
        "Une ligne du budget a été révisée : {line.amount} € ({line.stage}, {line.basis}).",
    ),
    told(
        Action.BudgetLineCorrected,
        "A line of the budget was put right: €{line.amount} ({line.stage}, {line.basis}).",
        "Une ligne du budget a été corrigée : {line.amount} € ({line.stage}, {line.basis}).",
    ),
    told(
        Action.BudgetLineWithdrawn,
        "A line of the budget was withdrawn.",
        "Une ligne du budget a été retirée.",
    ),
    told(
        Action.BudgetStated,
        "The total cost was stated: €{total.amount} ({stage}, {total.basis}).",
        "Le coût total a été indiqué : {total.amount} € ({stage}, {total.basis}).",
    ),
    told(
        Action.BudgetCorrected,
        "The total cost was put right: €{total.amount} ({stage}, {total.basis}).",
        "Le coût total a été corrigé : {total.amount} € ({stage}, {total.basis}).",
    ),
    told(
        Action.BudgetNotAnswered,
        "The budget was asked for, without an answer.",
        "Le budget a été demandé, sans réponse.",
    ),
    told(
        Action.FundingDescribed,
        "It was described how the action is paid for.",
        "Le financement a été décrit.",
    ),
)
