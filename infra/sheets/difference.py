"""The difference between what a sheet says and what an action is, as commands."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from domain import text
from domain.action import Action, ProposeAction
from domain.assignment import SteeringRole
from domain.budget import BudgetBasis, BudgetLine, BudgetStage
from domain.classification import (
    CategoriseAction,
    PlaceActionInAxis,
    PrioritiseAction,
    SetActionAudiences,
    SetActionParticipation,
    SetActionTerritories,
    SetActionThemes,
)
from domain.command import Command
from domain.execution import (
    AbandonAction,
    BlockAction,
    ChangeActionStatus,
    FinishAction,
    ReportProgress,
    UnblockAction,
)
from domain.funding import (
    CommitBudgetLine,
    DescribeFunding,
    RecordBudgetNotAnswered,
    StateBudget,
    WithdrawBudgetLine,
)
from domain.identity import Id, external
from domain.progress import SETTLED, ExecutionStatus
from domain.steering import NameParty, ReleaseParty
from domain.upkeep import RecodeAction, RewordAction, ScheduleAction
from infra.sheets.content import UNANSWERED
from infra.sheets.layout import ROLES
from infra.sheets.party import Party, id_of
from infra.sheets.sheet import Sheet

REASON: Final = "Selon la feuille importée."
"""Where a command wants to know why."""

WORDING: Final = (
    "title",
    "description",
    "objectives",
    "expected_effects",
    "means",
    "indicators",
)
AXIS: Final = ("axis", "sub_axis", "sub_sub_axis")

Step = tuple[str, Command]
"""A command, and the column that it is about."""


@dataclass(frozen=True, slots=True)
class Known:
    """Who an organisation is now: the one that it went up in, if it was merged, and its name."""

    id: UUID
    name: str


Organisations = Mapping[UUID, Known]


def proposal(sheet: Sheet, alliance: Id, whole: UUID | None) -> ProposeAction:
    """The command that enters the action of a sheet in the plan."""
    says = sheet.says
    return ProposeAction(
        alliance=alliance,
        part_of=None if whole is None else external("action", whole),
        code=says.get("code"),
        title=says["title"],
        description=says.get("description"),
        objectives=says.get("objectives"),
        expected_effects=says.get("expected_effects"),
        means=says.get("means"),
        indicators=says.get("indicators"),
        axis=says.get("axis"),
        sub_axis=says.get("sub_axis"),
        sub_sub_axis=says.get("sub_sub_axis"),
        category=says.get("category"),
        themes=list(says.get("themes") or ()),
        audiences=list(says.get("audiences") or ()),
        territories=list(says.get("territories") or ()),
        participation=says.get("participation"),
        priority=says.get("priority"),
    )


def differences(sheet: Sheet, action: Action, organisations: Organisations) -> Iterator[Step]:
    """Give the commands that make an action what a sheet says; none where it is that already.

    They are given one by one, each on what the action is after those before it.
    """
    id, says = external("action", action.id), sheet.says
    yield from _sheet(id, says, action)
    filled = {assignment.role for assignment in action.assignments.values()}
    for key, role in ROLES.items():
        if key in says and (says[key] or role in filled):
            for command in _steering(id, role, says[key], action, organisations):
                yield key, command
    yield from _budget(id, says, action, organisations)
    yield from _execution(id, says, action)


def _sheet(id: Id, says: Mapping[str, Any], action: Action) -> Iterator[Step]:
    wording = replace(action.wording, **{key: says[key] for key in WORDING if key in says})
    if wording != action.wording:
        yield "title", RewordAction(action=id, **{key: getattr(wording, key) for key in WORDING})
    if "code" in says and says["code"] != action.code:
        yield "code", RecodeAction(action=id, code=says["code"])
    axis = replace(action.axis, **{key: says[key] for key in AXIS if key in says})
    if axis != action.axis:
        yield "axis", PlaceActionInAxis(action=id, **{key: getattr(axis, key) for key in AXIS})
    held = action.classification
    states: tuple[tuple[str, Callable[[Any], Command]], ...] = (
        ("category", lambda said: CategoriseAction(action=id, category=said)),
        ("themes", lambda said: SetActionThemes(action=id, themes=list(said))),
        ("audiences", lambda said: SetActionAudiences(action=id, audiences=list(said))),
        ("territories", lambda said: SetActionTerritories(action=id, territories=list(said))),
        ("participation", lambda said: SetActionParticipation(action=id, participation=said)),
        ("priority", lambda said: PrioritiseAction(action=id, priority=said)),
    )
    for key, stated in states:
        if key in says and says[key] != getattr(held, key):
            yield key, stated(says[key])
    if (period := (says["starts_on"], says["ends_on"])) != action.period:
        yield "ends_on", ScheduleAction(action=id, starts_on=period[0], ends_on=period[1])


def _steering(
    id: Id,
    role: SteeringRole,
    said: Sequence[Party],
    action: Action,
    organisations: Organisations,
) -> Iterator[Command]:
    """Release who is not named any more, and name who is new.

    Names of people are their own and not known here: only how many there are is compared.
    """
    held = {key: party for key, party in action.assignments.items() if party.role is role}
    people = sum(party.person for party in held.values())
    for party in [party for party in said if party.person][people:]:
        yield NameParty(action=id, role=role, person=party.words)
    wanted = {
        _named(party.organisation, party.words, organisations): party
        for party in said
        if not party.person
    }
    if not wanted and any(party.person for party in said):
        return
    for key, assignment in held.items():
        if assignment.person:
            continue
        exact = _named(assignment.organisation, assignment.designation, organisations)
        by_name = (None, exact[1]) if exact[1] else (None, _name(exact[0], organisations))
        if wanted.pop(exact, None) is None and wanted.pop(by_name, None) is None:
            ended = external("assignment", key)
            yield ReleaseParty(action=id, assignment=ended, reason=REASON)
    for (organisation, _), party in wanted.items():
        words = party.words
        if words and text.folded(words) == _name(organisation, organisations):
            words = None
        yield NameParty(action=id, role=role, organisation=id_of(organisation), designation=words)


def _named(
    organisation: UUID | None, words: str | None, organisations: Organisations
) -> tuple[UUID | None, str | None]:
    """A party as it is compared: who it is now, and what is said beyond its name."""
    said = None if words is None else text.folded(words)
    if organisation is None:
        return None, said
    known = organisations.get(organisation)
    if known is None:
        return organisation, said
    return known.id, None if said == text.folded(known.name) else said


def _name(organisation: UUID | None, organisations: Organisations) -> str | None:
    known = None if organisation is None else organisations.get(organisation)
    return None if known is None else text.folded(known.name)


def _budget(
    id: Id, says: Mapping[str, Any], action: Action, organisations: Organisations
) -> Iterator[Step]:
    for command in _lines(id, says["lines"], "spent" not in says, action, organisations):
        yield "lines", command
    for stage, key in ((BudgetStage.PLANNED, "planned"), (BudgetStage.SPENT, "spent")):
        said = says.get(key)
        if isinstance(said, Decimal):
            basis: BudgetBasis | None = says[f"{key}_basis"]
            held = action.budget_totals.get(stage)
            if held is None or (held.amount, held.basis) != (said, basis):
                note = None if held is None else held.note
                yield (
                    key,
                    StateBudget(action=id, amount=said, basis=basis, stage=stage, note=note),
                )
        elif said is UNANSWERED and not action.budget_not_answered:
            yield key, RecordBudgetNotAnswered(action=id)
    if says["funding"] != action.funding:
        yield "funding", DescribeFunding(action=id, text=says["funding"])


def _lines(
    id: Id,
    said: Sequence[BudgetLine],
    short: bool,
    action: Action,
    organisations: Organisations,
) -> Iterator[Command]:
    """Withdraw the lines that are not there any more, and commit those that are new.

    ``short`` lines tell of what is planned only, how much and from whom.
    """

    def compared(line: BudgetLine) -> tuple[Any, ...]:
        payer, words = _named(line.funder, line.funder_name, organisations)
        told = words or _name(payer, organisations)
        if short:
            return line.amount, line.basis, told
        return line.amount, line.basis, line.kind, line.stage, line.year, payer, told

    wanted = Counter(compared(line) for line in said)
    for key, line in list(action.budget_lines.items()):
        if short and line.stage is not BudgetStage.PLANNED:
            continue
        if wanted[compared(line)] > 0:
            wanted[compared(line)] -= 1
        else:
            budget_line = external("budget_line", key)
            yield WithdrawBudgetLine(action=id, budget_line=budget_line, reason=REASON)
    for line in said:
        if wanted[compared(line)] > 0:
            wanted[compared(line)] -= 1
            payer, words = _named(line.funder, line.funder_name, organisations)
            yield CommitBudgetLine(
                action=id,
                amount=line.amount,
                basis=line.basis,
                kind=line.kind,
                stage=line.stage,
                year=line.year,
                funder=id_of(payer),
                funder_name=line.funder_name if words else None,
            )


def _execution(id: Id, says: Mapping[str, Any], action: Action) -> Iterator[Step]:
    percent, day = says.get("percent"), says.get("reported_on")
    if percent is not None and day is not None:
        held = action.progress.get(day)
        if held is None or held.percent != percent:
            yield "percent", ReportProgress(action=id, percent=percent, reported_on=day)
    status: ExecutionStatus | None = says["status"]
    settled_on = says.get("settled_on")
    if status is None or (
        status is action.status
        and (settled_on in (None, action.settled_on) or status not in SETTLED)
    ):
        return
    match status:
        case ExecutionStatus.DONE:
            yield "status", FinishAction(action=id, finished_on=settled_on)
        case ExecutionStatus.ABANDONED:
            yield "status", AbandonAction(action=id, abandoned_on=settled_on, reason=REASON)
        case ExecutionStatus.BLOCKED:
            yield "status", BlockAction(action=id)
        case _ if action.status is ExecutionStatus.BLOCKED:
            yield "status", UnblockAction(action=id, status=status)
        case _:
            yield "status", ChangeActionStatus(action=id, status=status)
