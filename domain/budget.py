"""Budgets: amounts of money that say what they are amounts of."""

from dataclasses import replace
from decimal import Decimal
from typing import Annotated, Self
from uuid import UUID

from domain import text
from domain.command import value
from domain.label import Label
from domain.part import YEARS
from domain.quantity import quantity
from domain.refusal import Refusal

CENT = Decimal("0.01")


class BudgetKind(Label):
    """What money is for."""

    INVESTMENT = "INVESTMENT", "investissement", "investment"
    OPERATION = "OPERATION", "fonctionnement", "operation"


class BudgetBasis(Label):
    """Whether an amount has the value-added tax in it."""

    BEFORE_TAX = "BEFORE_TAX", "hors taxes", "before tax"
    WITH_TAX = "WITH_TAX", "toutes taxes comprises", "with tax"
    NOT_SUBJECT = "NOT_SUBJECT", "non soumis à la TVA", "not subject to VAT"
    UNSTATED = "UNSTATED", "base non précisée par la source", "not told by the source"


class BudgetStage(Label):
    """Whether money is still to be spent."""

    PLANNED = "PLANNED", "prévu", "planned"
    SPENT = "SPENT", "dépensé", "spent"


# refusals


class AmountNotPositive(Refusal):
    """{amount} is no amount. Write more than zero, or record that the budget was not answered."""

    FRENCH = (
        "{amount} n’est pas un montant. Écrivez plus que zéro, "
        "ou notez que le budget n’est pas renseigné."
    )


class FinerThanCents(Refusal):
    """{amount} is finer than a cent. Write euros with two decimals at most."""

    FRENCH = "{amount} est plus fin que le centime. Écrivez des euros, à deux décimales au plus."


class BasisMissing(Refusal):
    """An amount has a basis. Say whether it is before tax, with tax or not subject to it."""

    FRENCH = "Un montant a une base. Dites s’il est hors taxes, toutes taxes comprises ou sans TVA."


class BudgetAnswered(Refusal):
    """This budget was answered: it is known. Withdraw or correct what is wrong in it."""

    FRENCH = "Ce budget est renseigné : il est connu. Retirez ou corrigez ce qui y est faux."


class BudgetNotStated(Refusal):
    """No total is stated at this stage: there is nothing to correct. State the budget first."""

    FRENCH = (
        "Aucun total n’est indiqué à ce stade : il n’y a rien à corriger. "
        "Indiquez d’abord le budget."
    )


@value
class Total:
    """What an action costs in all, as it was answered."""

    amount: Annotated[Decimal, "Euros and cents."]
    basis: Annotated[BudgetBasis, "Whether tax is in the amount."]
    note: Annotated[str | None, "What one should know about it."] = None

    def cleaned(self) -> Self:
        """Check each field, and give it as it is stored."""
        return replace(
            self,
            amount=euros(self.amount, "amount"),
            note=text.optional_text(self.note, "note"),
        )


@value
class BudgetLine:
    """A part of a budget: for what, when and from whom, as far as that is known."""

    amount: Annotated[Decimal, "Euros and cents."]
    basis: Annotated[BudgetBasis, "Whether tax is in the amount."]
    kind: Annotated[BudgetKind | None, "What the money is for."] = None
    stage: Annotated[BudgetStage, "Whether it is planned or was spent."] = BudgetStage.PLANNED
    year: Annotated[int | None, "The year, where it is the amount of one."] = None
    funder: Annotated[UUID | None, "The organisation that pays, where it is registered."] = None
    funder_name: Annotated[str | None, "Who pays, in words."] = None
    note: Annotated[str | None, "What one should know about it."] = None

    def cleaned(self) -> Self:
        """Check each field, and give it as it is stored."""
        if self.year is not None:
            text.within(self.year, *YEARS, "year")
        return replace(
            self,
            amount=euros(self.amount, "amount"),
            funder_name=text.optional_name(self.funder_name, "funder_name"),
            note=text.optional_text(self.note, "note"),
        )


def euros(amount: Decimal, path: str) -> Decimal:
    """An amount above zero, exact to the cent, with two decimals."""
    exact = quantity(amount, path)
    if exact <= 0:
        raise AmountNotPositive(path, amount=exact)
    if exact % CENT:
        raise FinerThanCents(path, amount=exact)
    return exact.quantize(CENT)


def stated(basis: BudgetBasis | None, path: str) -> BudgetBasis:
    """The basis of an amount: without one an amount cannot be added to another."""
    if basis is None:
        raise BasisMissing(path)
    return basis
