"""The budget of an action: amounts that say what they are, and what is not known."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from domain.action import PartWithdrawn
from domain.budget import (
    AmountNotPositive,
    BasisMissing,
    BudgetAnswered,
    BudgetBasis,
    BudgetKind,
    BudgetNotStated,
    BudgetStage,
    FinerThanCents,
    Total,
    stated,
)
from domain.quantity import InvalidQuantity
from domain.refusal import InvalidNumber, NotFound, Refusal
from tests.domain.actions import amount, facts, names, proposed, refused
from tests.domain.given import settled

PLANNED = BudgetStage.PLANNED


def total(value: str, basis: BudgetBasis = BudgetBasis.UNSTATED) -> Total:
    return Total(amount=Decimal(value), basis=basis)


# lines


def test_a_line_says_for_what_when_and_from_whom() -> None:
    action, line, funder = proposed(), uuid4(), uuid4()
    said = amount(
        "52000.5",
        kind=BudgetKind.OPERATION,
        stage=BudgetStage.SPENT,
        year=2025,
        funder=funder,
        funder_name="Direction de la formation",
        note="Première tranche",
    )
    action.commit_budget_line(line, said)
    action.commit_budget_line(line, said)

    ((name, fact),) = facts(action)
    assert (name, fact["budget_line"], fact["line"]) == ("BudgetLineCommitted", line, said)
    assert str(fact["line"].amount) == "52000.50", "euros and cents"


def test_a_line_says_what_it_was_last_given_and_nothing_else() -> None:
    action, line = proposed(), uuid4()
    action.commit_budget_line(line, amount("10", year=2026))
    settled(action).revise_budget_line(line, amount("12"))
    action.revise_budget_line(line, amount("12.00"))

    assert facts(action) == [("BudgetLineRevised", {"budget_line": line, "line": amount("12")})]


def test_two_lines_may_say_the_same() -> None:
    action = proposed()
    action.commit_budget_line(uuid4(), amount("10"))
    action.commit_budget_line(uuid4(), amount("10"))

    assert len(facts(action)) == 2


@pytest.mark.parametrize(
    ("value", "refusal"),
    [
        ("0", AmountNotPositive),
        ("-0", AmountNotPositive),
        ("-1", AmountNotPositive),
        ("-52000.00", AmountNotPositive),
        ("0.001", FinerThanCents),
        ("1452000.005", FinerThanCents),
        ("NaN", InvalidQuantity),
        ("sNaN", InvalidQuantity),
        ("Infinity", InvalidQuantity),
        ("-Infinity", InvalidQuantity),
        ("1E+20", InvalidQuantity),
        ("1E+999999", InvalidQuantity),
    ],
)
def test_an_amount_is_positive_and_exact_to_the_cent(value: str, refusal: type[Refusal]) -> None:
    action, line = proposed(), uuid4()
    action.commit_budget_line(line, amount("10"))
    action.state_budget(PLANNED, total("10"))
    settled(action)
    decisions: tuple[Callable[[], None], ...] = (
        lambda: action.commit_budget_line(uuid4(), amount(value)),
        lambda: action.revise_budget_line(line, amount(value)),
        lambda: action.correct_budget_line(line, amount(value), "Erreur"),
        lambda: action.state_budget(PLANNED, total(value)),
        lambda: action.correct_budget(PLANNED, total(value), "Erreur"),
    )
    for decide in decisions:
        with refused(action, refusal, "amount"):
            decide()


@pytest.mark.parametrize(
    ("value", "written"),
    [("1E+3", "1000.00"), ("0.01", "0.01"), ("1.500", "1.50"), ("9" * 20, "9" * 20 + ".00")],
)
def test_an_amount_is_written_out_in_euros_and_cents(value: str, written: str) -> None:
    action = proposed()
    action.state_budget(PLANNED, total(value))

    assert str(action.budget_totals[PLANNED].amount) == written


def test_an_amount_without_a_basis_is_refused() -> None:
    with pytest.raises(BasisMissing) as caught:
        stated(None, "basis")
    assert caught.value.path == "basis"


@pytest.mark.parametrize("year", [1999, 2101, -2026])
def test_the_year_of_a_line_is_one_of_this_century(year: int) -> None:
    action = proposed()
    with refused(action, InvalidNumber, "year"):
        action.commit_budget_line(uuid4(), amount("1", year=year))


def test_a_line_that_was_withdrawn_is_not_revised_and_one_that_never_was_is_not_found() -> None:
    action, line = proposed(), uuid4()
    action.commit_budget_line(line, amount("10"))
    for _ in range(2):
        action.withdraw_budget_line(line, "Refusée par le financeur")
    for decide in (action.revise_budget_line, _correct(action)):
        with refused(action, PartWithdrawn, "budget_line"):
            decide(line, amount("12"))
        with refused(action, NotFound, "budget_line"):
            decide(uuid4(), amount("12"))
    with refused(action, NotFound, "budget_line"):
        action.withdraw_budget_line(uuid4(), "Inconnue")
    assert names(action) == ["BudgetLineCommitted", "BudgetLineWithdrawn"]


def _correct(action: Any) -> Any:
    return lambda line, said: action.correct_budget_line(line, said, "Erreur")


# totals


def test_the_later_of_two_totals_counts() -> None:
    action = proposed()
    for value in ("600000", "600000.00", "52000"):
        action.state_budget(PLANNED, total(value))

    assert [fact["total"] for _, fact in facts(action)] == [total("600000"), total("52000")]


def test_what_is_planned_and_what_was_spent_are_two_totals() -> None:
    action = proposed()
    action.state_budget(PLANNED, total("52000", BudgetBasis.BEFORE_TAX))
    action.state_budget(BudgetStage.SPENT, total("51000", BudgetBasis.BEFORE_TAX))

    assert len(action.budget_totals) == 2


def test_a_total_that_was_not_stated_is_not_corrected() -> None:
    action = proposed()
    action.state_budget(PLANNED, total("52000"))
    with refused(action, BudgetNotStated, "stage"):
        action.correct_budget(BudgetStage.SPENT, total("51000"), "Erreur")


# not answered


def test_not_answered_is_not_zero_but_a_fact_of_its_own() -> None:
    action = proposed()
    action.leave_budget_unanswered("Question laissée vide")
    action.leave_budget_unanswered()

    assert facts(action) == [("BudgetNotAnswered", {"note": "Question laissée vide"})]
    assert not action.budget_totals


def test_a_budget_may_be_answered_later() -> None:
    action, line = proposed(), uuid4()
    action.leave_budget_unanswered()
    action.commit_budget_line(line, amount("10"))
    with refused(action, BudgetAnswered):
        action.leave_budget_unanswered()
    action.withdraw_budget_line(line, "Refusée")
    action.leave_budget_unanswered()

    assert names(action) == [
        "BudgetNotAnswered",
        "BudgetLineCommitted",
        "BudgetLineWithdrawn",
        "BudgetNotAnswered",
    ]


def test_an_answered_budget_is_not_unanswered() -> None:
    action = proposed()
    action.state_budget(PLANNED, total("52000"))
    with refused(action, BudgetAnswered, "action"):
        action.leave_budget_unanswered()


def test_it_may_be_said_in_words_how_an_action_is_paid_for() -> None:
    action = proposed()
    for words in ("Fonds vert", "Fonds vert", None):
        action.describe_funding(words)

    assert facts(action) == [
        ("FundingDescribed", {"text": "Fonds vert"}),
        ("FundingDescribed", {"text": None}),
    ]


def test_the_budgets_of_the_survey_add_up_exactly() -> None:
    amounts = ["52000", "600000", "100000", "100000", "100000", "100000", "100000", "150000"]
    amounts.append(str(1_452_000 - sum(map(int, amounts))))
    stated_totals = []
    for value in amounts:
        action = proposed()
        action.state_budget(PLANNED, total(value))
        stated_totals.append(action.budget_totals[PLANNED].amount)

    assert len(stated_totals) == 9
    assert sum(stated_totals) == Decimal("1452000.00")
    assert (min(stated_totals), max(stated_totals)) == (Decimal(52_000), Decimal(600_000))
