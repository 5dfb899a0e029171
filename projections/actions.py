"""Actions as they are now: what alliances, and organisations by their roadmaps, set out to do."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal

from domain.action import Action, ActionVisibility
from domain.aggregate import AggregateEvent
from domain.budget import BudgetBasis, BudgetStage
from domain.identity import Id, external
from domain.organisation import Organisation
from domain.progress import ExecutionStatus
from domain.record import Recorded
from domain.roadmap import Roadmap
from domain.sheet import ActionCategory, ActionPriority, ParticipationLevel, Wording
from projections import (
    assignments,
    budgets,
    classifications,
    follow_ups,
    lineages,
    openings,
    progress,
)
from projections.access import NOBODY
from projections.budgets import BudgetAnswer
from projections.mergers import ACTION_DDL, IN_ACTIONS, ActionMergerRow
from projections.openings import OpeningRow
from projections.projection import Projection
from projections.reach import ACTION, Reach
from projections.rows import Need, Rows
from projections.table import Relation, Row, row

# What tells who may see an action stands beside its key: rows of its own are counted without
# looking up each action.
DDL = """
create table action (
    id text collate "C" not null,
    version integer not null,
    proposed_at timestamptz not null,
    updated_at timestamptz not null,
    alliance_id text collate "C",
    roadmap_id text collate "C",
    lever_id text collate "C",
    part_of_id text collate "C",
    code text collate "C",
    title text not null,
    description text,
    objectives text,
    expected_effects text,
    means text,
    indicators text,
    axis text,
    sub_axis text,
    sub_sub_axis text,
    category text,
    participation text,
    priority text,
    visibility text not null,
    reach text not null,
    status text,
    obstacle text,
    starts_on date,
    ends_on date,
    settled_on date,
    abandoned_because text,
    percent integer,
    reported_on date,
    budget_answer text not null,
    planned_amount numeric,
    planned_basis text,
    spent_amount numeric,
    spent_basis text,
    funding text,
    origin_id text collate "C",
    origin_version integer,
    adopted_at timestamptz,
    primary key (id) include (visibility, reach, alliance_id, roadmap_id)
);
create index action_by_proposal on action (proposed_at, id);
create index action_by_update on action (updated_at, id);
create index action_by_start on action ((coalesce(starts_on, date '9999-01-01')), id);
create index action_by_end on action ((coalesce(ends_on, date '9999-01-01')), id);
create index action_by_cost on action ((coalesce(planned_amount, numeric 'NaN')), id);
create index action_by_alliance on action (alliance_id, proposed_at, id);
create index action_by_code on action (code, id);
create index action_by_roadmap on action (roadmap_id, proposed_at, id);
create index action_by_lever on action (lever_id, proposed_at, id);
create index action_by_whole on action (part_of_id, proposed_at, id);
create index action_by_origin on action (origin_id, proposed_at, id);
create index action_by_category on action (category, id);
create index action_by_status on action (status, id) include (visibility, reach);
create index action_in_reach on action (id) include (visibility, reach);
create index action_for_everyone on action (status, id)
    where visibility = 'PUBLIC' and reach = 'EVERYONE';
create index action_not_for_everyone on action (id)
    where (visibility = 'PUBLIC' and reach = 'EVERYONE') is not true;
"""

PARTS = (classifications, assignments, budgets, progress, follow_ups, lineages)
"""The modules with the other tables of this projection."""

ASKING = (classifications, assignments, budgets, progress, follow_ups, openings, IN_ACTIONS)
"""What needs rows beside that of the action itself."""


def _of_action(target: str, *order: str) -> Relation:
    return Relation(target, on=(("id", "action_id"),), many=True, order=order)


@row(
    "action",
    seen=ACTION,
    shown={"reach": NOBODY},
    owner=("action", "id"),
    indexes=("roadmap_id",),
    relations={
        "alliance": Relation("alliance", on=(("alliance_id", "id"),)),
        "roadmap": Relation("roadmap", on=(("roadmap_id", "id"),)),
        "lever": Relation("lever", on=(("lever_id", "id"),)),
        "part_of": Relation("action", on=(("part_of_id", "id"),)),
        "parts": Relation(
            "action", on=(("id", "part_of_id"),), many=True, order=("proposed_at", "id")
        ),
        "origin": Relation("action", on=(("origin_id", "id"),)),
        "adoptions": Relation(
            "action", on=(("id", "origin_id"),), many=True, order=("proposed_at", "id")
        ),
        "plan_item": Relation("plan_item", on=(("id", "action_id"),)),
        "serves": _of_action("served_objective", "linked_at", "objective_id"),
        "themes": _of_action("action_theme", "place", "theme"),
        "audiences": _of_action("action_audience", "place", "audience"),
        "territories": _of_action("action_territory", "place", "territory_key"),
        "assignments": _of_action("assignment", "place", "id"),
        "budget_lines": _of_action("budget_line", "place", "id"),
        "budget_totals": _of_action("budget_total", "stage"),
        "progress_reports": _of_action("progress_report", "reported_on"),
        "years": _of_action("action_year", "year"),
        "findings": _of_action("finding", "year", "review_id"),
        "steps": _of_action("step", "place", "id"),
        "notes": _of_action("note", "noted_at", "id"),
        "documents": _of_action("document", "linked_at", "id"),
        "impacts": _of_action("impact", "place", "id"),
    },
)
class ActionRow(Row):
    """An action, of an alliance or of a lever of a roadmap."""

    id: Id
    version: int
    proposed_at: datetime
    updated_at: datetime
    alliance_id: Id | None
    roadmap_id: Id | None
    lever_id: Id | None
    part_of_id: Id | None
    code: str | None
    title: str
    description: str | None
    objectives: str | None
    expected_effects: str | None
    means: str | None
    indicators: str | None
    axis: str | None
    sub_axis: str | None
    sub_sub_axis: str | None
    category: ActionCategory | None
    participation: ParticipationLevel | None
    priority: ActionPriority | None
    visibility: ActionVisibility
    reach: Reach
    """Who may know of the plan in which it stands, and so of it unless it is restricted."""
    status: ExecutionStatus | None
    obstacle: str | None
    starts_on: date | None
    ends_on: date | None
    settled_on: date | None
    abandoned_because: str | None
    percent: int | None
    reported_on: date | None
    budget_answer: BudgetAnswer
    planned_amount: Decimal | None
    planned_basis: BudgetBasis | None
    spent_amount: Decimal | None
    spent_basis: BudgetBasis | None
    funding: str | None
    origin_id: Id | None
    origin_version: int | None
    adopted_at: datetime | None


def fold(rows: Rows, recorded: Recorded[AggregateEvent]) -> None:
    """Take one fact about an action into the read model, or the merger of an organisation."""
    event, at = recorded.event, recorded.recorded_at
    if isinstance(event, Organisation.Merged):
        _follow_merger(rows, event)
        return
    if isinstance(event, Roadmap.Event):
        _follow_roadmap(rows, recorded)
        return
    id = external("action", event.originator_id)
    if isinstance(event, Action.Proposed):
        rows.put(_proposed(rows, id, event, at))
        classifications.fold(rows, recorded)
        return
    action = rows.change(ActionRow, id)
    action.version, action.updated_at = event.originator_version, at
    for part in PARTS:
        part.fold(rows, recorded)
    _fold_sheet(action, recorded)
    _fold_budget(rows, action, event)
    _fold_execution(action, event)


def _fold_sheet(action: ActionRow, recorded: Recorded[AggregateEvent]) -> None:
    match recorded.event:
        case Action.Adopted(origin=origin, origin_version=version):
            action.origin_id, action.origin_version = external("action", origin), version
            action.adopted_at = recorded.recorded_at
        case Action.Reworded(wording=wording) | Action.WordingCorrected(wording=wording):
            _word(action, wording)
        case Action.Refocused(title=title, description=description):
            action.title, action.description = title, description
        case Action.Recoded(code=code):
            action.code = code
        case Action.PlacedInAxis(axis=place):
            action.axis, action.sub_axis = place.axis, place.sub_axis
            action.sub_sub_axis = place.sub_sub_axis
        case Action.Categorised(category=category):
            action.category = category
        case Action.ParticipationSet(participation=participation):
            action.participation = participation
        case Action.PrioritySet(priority=priority):
            action.priority = priority
        case Action.VisibilitySet(visibility=visibility):
            action.visibility = visibility
        case (
            Action.Scheduled(starts_on=starts_on, ends_on=ends_on)
            | Action.ScheduleCorrected(starts_on=starts_on, ends_on=ends_on)
        ):
            action.starts_on, action.ends_on = starts_on, ends_on


def _fold_budget(rows: Rows, action: ActionRow, event: AggregateEvent) -> None:
    match event:
        case Action.FundingDescribed(text=text):
            action.funding = text
        case Action.BudgetNotAnswered():
            action.budget_answer = BudgetAnswer.NOT_ANSWERED
        case (
            Action.BudgetLineCommitted()
            | Action.BudgetLineRevised()
            | Action.BudgetLineCorrected()
            | Action.BudgetLineWithdrawn()
            | Action.BudgetStated()
            | Action.BudgetCorrected()
        ):
            known = budgets.answered(rows, action.id)
            action.budget_answer = BudgetAnswer.ANSWERED if known else BudgetAnswer.NOT_ASKED
            action.planned_amount, action.planned_basis = budgets.amount(
                rows, action.id, BudgetStage.PLANNED
            )
            action.spent_amount, action.spent_basis = budgets.amount(
                rows, action.id, BudgetStage.SPENT
            )


def _fold_execution(action: ActionRow, event: AggregateEvent) -> None:
    match event:
        case (
            Action.ProgressReported(reported_on=day, report=report)
            | Action.ProgressCorrected(reported_on=day, report=report)
        ):
            if action.reported_on is None or day >= action.reported_on:
                action.percent, action.reported_on = report.percent, day
        case Action.StatusChanged(status=status):
            action.status = status
        case Action.Blocked(obstacle=obstacle):
            action.status, action.obstacle = ExecutionStatus.BLOCKED, obstacle
        case Action.Unblocked(status=unblocked):
            action.status, action.obstacle = unblocked, None
        case Action.Finished(finished_on=day):
            action.status, action.settled_on = ExecutionStatus.DONE, day
            action.obstacle = None
        case Action.Abandoned(abandoned_on=day, reason=reason):
            action.status, action.settled_on = ExecutionStatus.ABANDONED, day
            action.abandoned_because, action.obstacle = reason, None
        case Action.Reopened(status=reopened):
            action.status, action.settled_on = reopened, None
            action.abandoned_because = None


def also_needs(recorded: Recorded[AggregateEvent]) -> Iterable[Need]:
    """Name what the parts of an action need."""
    if isinstance(recorded.event, Roadmap.Event):
        yield Need(ActionRow, "roadmap_id", external("roadmap", recorded.stream_id))
    for part in ASKING:
        yield from part.needs(recorded)


def _follow_roadmap(rows: Rows, recorded: Recorded[AggregateEvent]) -> None:
    """Let actions go as far as the roadmap under whose levers they stand."""
    roadmap = openings.fold(rows, recorded)
    if roadmap is not None:
        for action in rows.where(ActionRow, "roadmap_id", roadmap):
            rows.change(ActionRow, action.id).reach = openings.of_roadmap(rows, roadmap)


def _follow_merger(rows: Rows, event: Organisation.Merged) -> None:
    merged = external("organisation", event.originator_id)
    survivor = external("organisation", event.into)
    for part in (assignments, budgets, progress):
        part.follow_merger(rows, merged, survivor)
    IN_ACTIONS.follow_merger(rows, merged, survivor)


def _word(action: ActionRow, wording: Wording) -> None:
    action.title, action.description = wording.title, wording.description
    action.objectives, action.expected_effects = wording.objectives, wording.expected_effects
    action.means, action.indicators = wording.means, wording.indicators


def _proposed(rows: Rows, id: Id, event: Action.Proposed, at: datetime) -> ActionRow:
    owner, wording = event.owner, event.wording
    reach = Reach.EVERYONE
    if owner.roadmap is not None:
        reach = openings.of_roadmap(rows, external("roadmap", owner.roadmap))
    return ActionRow(
        id=id,
        version=event.originator_version,
        proposed_at=at,
        updated_at=at,
        alliance_id=external("alliance", owner.alliance) if owner.alliance else None,
        roadmap_id=external("roadmap", owner.roadmap) if owner.roadmap else None,
        lever_id=external("lever", owner.lever) if owner.lever else None,
        part_of_id=external("action", event.part_of) if event.part_of else None,
        code=event.code,
        title=wording.title,
        description=wording.description,
        objectives=wording.objectives,
        expected_effects=wording.expected_effects,
        means=wording.means,
        indicators=wording.indicators,
        axis=event.axis.axis,
        sub_axis=event.axis.sub_axis,
        sub_sub_axis=event.axis.sub_sub_axis,
        category=event.classification.category,
        participation=event.classification.participation,
        priority=event.classification.priority,
        visibility=ActionVisibility.PUBLIC,
        reach=reach,
        status=None,
        obstacle=None,
        starts_on=None,
        ends_on=None,
        settled_on=None,
        abandoned_because=None,
        percent=None,
        reported_on=None,
        budget_answer=BudgetAnswer.NOT_ASKED,
        planned_amount=None,
        planned_basis=None,
        spent_amount=None,
        spent_basis=None,
        funding=None,
        origin_id=None,
        origin_version=None,
        adopted_at=None,
    )


ACTIONS = Projection(
    name="actions",
    ddl="".join((DDL, *(part.DDL for part in PARTS), openings.DDL, ACTION_DDL)),
    rows=(ActionRow, *(row for part in PARTS for row in part.ROWS), OpeningRow, ActionMergerRow),
    follows=(Action,),
    fold=fold,
    also_follows=(Organisation.Merged, *openings.FOLLOWED),
    also_needs=also_needs,
)
