"""Budgets of actions: their lines, what they come to, and whether that was answered at all."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from domain.action import Action
from domain.aggregate import AggregateEvent
from domain.budget import BudgetBasis, BudgetKind, BudgetLine, BudgetStage, Total
from domain.identity import Id, external
from domain.label import Label
from domain.organisation import Organisation
from domain.record import Recorded
from projections.access import Through
from projections.mergers import IN_ACTIONS
from projections.rows import Need, Rows
from projections.table import Relation, Row, row

DDL = """
create table budget_line (
    id text collate "C" primary key,
    action_id text collate "C" not null,
    place integer not null,
    amount numeric not null,
    basis text not null,
    kind text,
    stage text not null,
    year integer,
    funder_id text collate "C",
    funder_name text,
    note text,
    committed_at timestamptz not null,
    updated_at timestamptz not null
);
create index budget_line_by_action on budget_line (action_id, place, id);
create index budget_line_by_funder on budget_line (funder_id, committed_at, id);

create table budget_total (
    action_id text collate "C" not null,
    stage text collate "C" not null,
    amount numeric not null,
    basis text not null,
    note text,
    stated_at timestamptz not null,
    primary key (action_id, stage)
);
"""


class BudgetAnswer(Label):
    """What is known of a budget. Not answered is not zero."""

    NOT_ASKED = "NOT_ASKED", "non demandé", "not asked for"
    NOT_ANSWERED = "NOT_ANSWERED", "non renseigné", "not answered"
    ANSWERED = "ANSWERED", "renseigné", "answered"


@row(
    "budget_line",
    seen=Through("action"),
    owner=("action", "action_id"),
    indexes=("funder_id",),
    relations={
        "action": Relation("action", on=(("action_id", "id"),)),
        "funder": Relation("organisation", on=(("funder_id", "id"),)),
    },
)
class BudgetLineRow(Row):
    """A part of a budget: for what, when and from whom, as far as that is known."""

    id: Id
    action_id: Id
    place: int
    amount: Decimal
    basis: BudgetBasis
    kind: BudgetKind | None
    stage: BudgetStage
    year: int | None
    funder_id: Id | None
    funder_name: str | None
    note: str | None
    committed_at: datetime
    updated_at: datetime


@row(
    "budget_total",
    seen=Through("action"),
    key=("action_id", "stage"),
    owner=("action", "action_id"),
    relations={"action": Relation("action", on=(("action_id", "id"),))},
)
class BudgetTotalRow(Row):
    """What an action costs in all, as it was answered."""

    action_id: Id
    stage: BudgetStage
    amount: Decimal
    basis: BudgetBasis
    note: str | None
    stated_at: datetime


ROWS: tuple[type[Row], ...] = (BudgetLineRow, BudgetTotalRow)


def fold(rows: Rows, recorded: Recorded[AggregateEvent]) -> None:
    """Take one fact about the budget of an action into the read model."""
    at = recorded.recorded_at
    match recorded.event:
        case Action.BudgetLineCommitted() as event:
            rows.put(_committed(rows, event, at))
        case (
            Action.BudgetLineRevised(budget_line=id, line=line)
            | Action.BudgetLineCorrected(budget_line=id, line=line)
        ):
            _reword(rows, external("budget_line", id), line, at)
        case Action.BudgetLineWithdrawn(budget_line=id):
            rows.drop(BudgetLineRow, external("budget_line", id))
        case (
            Action.BudgetStated(stage=stage, total=total)
            | Action.BudgetCorrected(stage=stage, total=total)
        ):
            rows.put(_stated(external("action", recorded.stream_id), stage, total, at))


def needs(recorded: Recorded[AggregateEvent]) -> Iterable[Need]:
    """Name the budget that is added up anew, and who pays now for one that went up in another."""
    match recorded.event:
        case Organisation.Merged():
            merged = external("organisation", recorded.stream_id)
            yield Need(BudgetLineRow, "funder_id", merged)
        case (
            Action.BudgetLineCommitted()
            | Action.BudgetLineRevised()
            | Action.BudgetLineCorrected()
            | Action.BudgetLineWithdrawn()
            | Action.BudgetStated()
            | Action.BudgetCorrected()
        ) as event:
            action = external("action", recorded.stream_id)
            yield Need(BudgetLineRow, "action_id", action)
            yield Need(BudgetTotalRow, "action_id", action)
            line = getattr(event, "line", None)
            if line is not None and line.funder is not None:
                yield IN_ACTIONS.need(line.funder)


def follow_merger(rows: Rows, merged: Id, survivor: Id) -> None:
    """Let the survivor be who pays what a merged organisation paid."""
    for line in rows.where(BudgetLineRow, "funder_id", merged):
        rows.put(replace(line, funder_id=survivor))


def amount(rows: Rows, action: Id, stage: BudgetStage) -> tuple[Decimal | None, BudgetBasis | None]:
    """Give what an action costs in all at a stage, and the basis of that.

    The stated total counts; without one, the sum of the lines, unless their bases differ: such
    amounts cannot be added.
    """
    for total in rows.where(BudgetTotalRow, "action_id", action):
        if total.stage is stage:
            return total.amount, total.basis
    lines = [line for line in _lines(rows, action) if line.stage is stage]
    bases = {line.basis for line in lines}
    if len(bases) != 1:
        return None, None
    return sum((line.amount for line in lines), Decimal(0)), bases.pop()


def answered(rows: Rows, action: Id) -> bool:
    """Tell whether anything is known of what an action costs."""
    return bool(_lines(rows, action) or rows.where(BudgetTotalRow, "action_id", action))


def _lines(rows: Rows, action: Id) -> Sequence[BudgetLineRow]:
    return rows.where(BudgetLineRow, "action_id", action)


def _funder(rows: Rows, funder: UUID | None) -> Id | None:
    return IN_ACTIONS.survivor(rows, funder) if funder else None


def _committed(rows: Rows, event: Action.BudgetLineCommitted, at: datetime) -> BudgetLineRow:
    line = event.line
    return BudgetLineRow(
        id=external("budget_line", event.budget_line),
        action_id=external("action", event.originator_id),
        place=event.originator_version,
        amount=line.amount,
        basis=line.basis,
        kind=line.kind,
        stage=line.stage,
        year=line.year,
        funder_id=_funder(rows, line.funder),
        funder_name=line.funder_name,
        note=line.note,
        committed_at=at,
        updated_at=at,
    )


def _reword(rows: Rows, id: Id, line: BudgetLine, at: datetime) -> None:
    rows.put(
        replace(
            rows.change(BudgetLineRow, id),
            amount=line.amount,
            basis=line.basis,
            kind=line.kind,
            stage=line.stage,
            year=line.year,
            funder_id=_funder(rows, line.funder),
            funder_name=line.funder_name,
            note=line.note,
            updated_at=at,
        )
    )


def _stated(action: Id, stage: BudgetStage, total: Total, at: datetime) -> BudgetTotalRow:
    return BudgetTotalRow(
        action_id=action,
        stage=stage,
        amount=total.amount,
        basis=total.basis,
        note=total.note,
        stated_at=at,
    )
