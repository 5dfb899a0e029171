"""What the columns of a table hold, and how their cells are read."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from enum import Enum
from typing import Any, Final, Literal, TypeVar

from domain import text
from domain.budget import BudgetBasis, BudgetKind, BudgetLine, BudgetStage
from domain.label import Label
from domain.progress import ExecutionStatus
from domain.sheet import ActionCategory, ActionPriority, Audience, ParticipationLevel
from domain.theme import Theme
from infra.sheets import cell
from infra.sheets.cell import Unreadable
from infra.sheets.grid import Cell
from infra.sheets.layout import ROLES
from infra.sheets.party import parties, party

L = TypeVar("L", bound=Label)
Reader = Callable[[Cell], Any]


class Unanswered(Enum):
    """That a budget was asked for without an answer, which is not zero and not an empty cell."""

    UNANSWERED = "non renseigné"


UNANSWERED: Final = Unanswered.UNANSWERED

_PARTS: Final = 6
"""Amount, basis, kind, stage, year and payer of a line of a budget."""


def code(given: Cell) -> str | None:
    """A code as it is written; a program that took 4.10 for a number has made it 4.1."""
    if isinstance(given, float) and given != int(given):
        raise Unreadable(
            f"{given!r} came as a number; write the code as a text.",
            f"{given!r} est arrivé comme un nombre ; écrivez le code comme un texte.",
        )
    return cell.words(given)


def budget(given: Cell) -> Decimal | Literal[Unanswered.UNANSWERED] | None:
    """An amount, or that there was no answer."""
    if isinstance(given, str) and text.folded(given) == text.folded(UNANSWERED.value):
        return UNANSWERED
    return cell.amount(given)


def budget_lines(given: Cell) -> tuple[BudgetLine, ...]:
    """The lines of a budget, one on each line of the cell."""
    written = (cell.words(given) or "").split("\n")
    return tuple(_budget_line(line) for line in written if line.strip())


def written_line(line: BudgetLine, payer: str) -> str:
    """Write a line of a budget so that `budget_lines` reads it."""
    kind = "" if line.kind is None else line.kind.fr
    year = "" if line.year is None else str(line.year)
    return f"{line.amount} ; {line.basis.fr} ; {kind} ; {line.stage.fr} ; {year} ; {payer}".strip()


def _budget_line(written: str) -> BudgetLine:
    parts = [part.strip() for part in written.split(";", _PARTS - 1)]
    if len(parts) != _PARTS:
        raise Unreadable(
            f"{written[:80]!r} is no line of a budget; write “52 000 ; HT ; fonctionnement ;"
            " prévu ; 2026 ; Région”, with nothing between two semicolons for what is not known.",
            f"{written[:80]!r} n’est pas une ligne de budget ; écrivez « 52 000 ; HT ;"
            " fonctionnement ; prévu ; 2026 ; Région », sans rien entre deux points-virgules pour"
            " ce qui n’est pas connu.",
        )
    amount, basis = cell.amount(parts[0]), cell.choice(parts[1], BudgetBasis)
    if amount is None or basis is None:
        raise Unreadable(
            f"{written[:80]!r} lacks an amount or its basis; write “52 000 ; HT ; …”.",
            f"il manque à {written[:80]!r} un montant ou sa base ; écrivez « 52 000 ; HT ; … ».",
        )
    if parts[4] and not (parts[4].isascii() and parts[4].isdigit()):
        raise Unreadable(
            f"{parts[4][:80]!r} is no year; write it as 2026.",
            f"{parts[4][:80]!r} n’est pas une année ; écrivez-la comme 2026.",
        )
    payer = party(parts[5]) if parts[5] else None
    return BudgetLine(
        amount=amount,
        basis=basis,
        kind=cell.choice(parts[2], BudgetKind),
        stage=cell.choice(parts[3], BudgetStage) or BudgetStage.PLANNED,
        year=int(parts[4]) if parts[4] else None,
        funder=None if payer is None else payer.organisation,
        funder_name=None if payer is None else payer.words,
    )


def _choice(labels: type[Label]) -> Reader:
    return lambda given: cell.choice(given, labels)


def _choices(labels: type[Label]) -> Reader:
    return lambda given: tuple(cell.chosen(part, labels) for part in cell.lines(given))


READERS: Final[Mapping[str, Reader]] = {
    **dict.fromkeys(ROLES, parties),
    "code": code,
    "category": _choice(ActionCategory),
    "themes": _choices(Theme),
    "audiences": _choices(Audience),
    "territories": lambda given: tuple(cell.lines(given)),
    "participation": _choice(ParticipationLevel),
    "priority": _choice(ActionPriority),
    "starts_on": cell.day,
    "ends_on": cell.day,
    "planned": budget,
    "planned_basis": _choice(BudgetBasis),
    "spent": cell.amount,
    "spent_basis": _choice(BudgetBasis),
    "lines": budget_lines,
    "amount_1": cell.amount,
    "amount_2": cell.amount,
    "amount_3": cell.amount,
    "percent": cell.percent,
    "reported_on": cell.day,
    "status": _choice(ExecutionStatus),
    "settled_on": cell.day,
}
"""How the cells of a column are read, by its key; as words where none is named."""
