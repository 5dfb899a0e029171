"""Submitted versions of roadmaps: what each said, word for word, to be read for ever.

A version is a copy: typed rows of its own, which no later fact about the roadmap touches. So it
is asked for like the roadmap itself, field by field, and not as one lump of text.
"""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal

from domain.aggregate import AggregateEvent
from domain.identity import Id, external
from domain.part import ImpactScope
from domain.record import Recorded
from domain.roadmap import Roadmap
from projections.access import Through, Told, any_of
from projections.levers import LeverRow, ObjectiveRow
from projections.plan_items import EcosystemMobilisationRow, PlanItemRow
from projections.reach import AROUND_ROADMAP
from projections.rows import Need, Rows
from projections.table import Relation, Row, row

DDL = """
create table submission (
    id text collate "C" primary key,
    roadmap_id text collate "C" not null,
    number integer not null,
    submitted_on date not null,
    submitted_at timestamptz not null,
    published_at timestamptz,
    title text,
    horizon integer not null,
    turning_point text,
    generative_question text,
    new_course text
);
create index submission_by_roadmap on submission (roadmap_id, number, id);
create index submission_by_day on submission (submitted_on, id);

create table submitted_lever (
    submission_id text collate "C" not null,
    lever_id text collate "C" not null,
    roadmap_id text collate "C" not null,
    position integer not null,
    title text not null,
    description text,
    primary key (submission_id, lever_id)
);
create index submitted_lever_in_order on submitted_lever (submission_id, position, lever_id);

create table submitted_objective (
    submission_id text collate "C" not null,
    objective_id text collate "C" not null,
    lever_id text collate "C" not null,
    roadmap_id text collate "C" not null,
    position integer not null,
    wording text not null,
    scope text,
    indicator text,
    unit text,
    baseline numeric,
    target numeric,
    due_year integer,
    primary key (submission_id, objective_id)
);
create index submitted_objective_in_order on submitted_objective
    (submission_id, position, objective_id);
create index submitted_objective_by_lever on submitted_objective
    (submission_id, lever_id, position, objective_id);

create table submitted_plan_item (
    submission_id text collate "C" not null,
    plan_item_id text collate "C" not null,
    lever_id text collate "C",
    roadmap_id text collate "C" not null,
    position integer not null,
    title text not null,
    due date,
    action_id text collate "C",
    primary key (submission_id, plan_item_id)
);
create index submitted_plan_item_in_order on submitted_plan_item
    (submission_id, position, plan_item_id);

create table submitted_mobilisation (
    submission_id text collate "C" not null,
    ecosystem_mobilisation_id text collate "C" not null,
    roadmap_id text collate "C" not null,
    position integer not null,
    text text not null,
    audience text,
    primary key (submission_id, ecosystem_mobilisation_id)
);
create index submitted_mobilisation_in_order on submitted_mobilisation
    (submission_id, position, ecosystem_mobilisation_id);
"""


def _in_order(target: str, *order: str) -> Relation:
    return Relation(target, on=(("id", "submission_id"),), many=True, order=order)


@row(
    "submission",
    seen=any_of(
        Told("published_at"),
        Through("roadmap", AROUND_ROADMAP),
        who="everybody once it is published; before, who takes part in the cohort or alliance, and "
        "who may read drafts",
    ),
    owner=("roadmap", "roadmap_id"),
    relations={
        "roadmap": Relation("roadmap", on=(("roadmap_id", "id"),)),
        "levers": _in_order("submitted_lever", "position", "lever_id"),
        "objectives": _in_order("submitted_objective", "position", "objective_id"),
        "plan_items": _in_order("submitted_plan_item", "position", "plan_item_id"),
        "ecosystem_mobilisations": _in_order(
            "submitted_mobilisation", "position", "ecosystem_mobilisation_id"
        ),
    },
)
class SubmissionRow(Row):
    """A version of a roadmap as it was submitted; the first one has the number 1."""

    id: Id
    roadmap_id: Id
    number: int
    submitted_on: date
    submitted_at: datetime
    published_at: datetime | None
    title: str | None
    horizon: int
    turning_point: str | None
    generative_question: str | None
    new_course: str | None


@row(
    "submitted_lever",
    seen=Through("submission"),
    key=("submission_id", "lever_id"),
    owner=("roadmap", "roadmap_id"),
    relations={
        "submission": Relation("submission", on=(("submission_id", "id"),)),
        "lever": Relation("lever", on=(("lever_id", "id"),)),
        "objectives": Relation(
            "submitted_objective",
            on=(("submission_id", "submission_id"), ("lever_id", "lever_id")),
            many=True,
            order=("position", "objective_id"),
        ),
    },
)
class SubmittedLeverRow(Row):
    """A lever as a submitted version words it."""

    submission_id: Id
    lever_id: Id
    roadmap_id: Id
    position: int
    title: str
    description: str | None


@row(
    "submitted_objective",
    seen=Through("submission"),
    key=("submission_id", "objective_id"),
    owner=("roadmap", "roadmap_id"),
    relations={
        "submission": Relation("submission", on=(("submission_id", "id"),)),
        "objective": Relation("objective", on=(("objective_id", "id"),)),
    },
)
class SubmittedObjectiveRow(Row):
    """An impact objective as a submitted version words it."""

    submission_id: Id
    objective_id: Id
    lever_id: Id
    roadmap_id: Id
    position: int
    wording: str
    scope: ImpactScope | None
    indicator: str | None
    unit: str | None
    baseline: Decimal | None
    target: Decimal | None
    due_year: int | None


@row(
    "submitted_plan_item",
    seen=Through("submission"),
    key=("submission_id", "plan_item_id"),
    owner=("roadmap", "roadmap_id"),
    relations={
        "submission": Relation("submission", on=(("submission_id", "id"),)),
        "plan_item": Relation("plan_item", on=(("plan_item_id", "id"),)),
        "action": Relation("action", on=(("action_id", "id"),)),
    },
)
class SubmittedPlanItemRow(Row):
    """A line of the action plan as a submitted version words it."""

    submission_id: Id
    plan_item_id: Id
    lever_id: Id | None
    roadmap_id: Id
    position: int
    title: str
    due: date | None
    action_id: Id | None


@row(
    "submitted_mobilisation",
    seen=Through("submission"),
    key=("submission_id", "ecosystem_mobilisation_id"),
    owner=("roadmap", "roadmap_id"),
    relations={"submission": Relation("submission", on=(("submission_id", "id"),))},
)
class SubmittedMobilisationRow(Row):
    """A way to take others along as a submitted version words it."""

    submission_id: Id
    ecosystem_mobilisation_id: Id
    roadmap_id: Id
    position: int
    text: str
    audience: str | None


ROWS: tuple[type[Row], ...] = (
    SubmissionRow,
    SubmittedLeverRow,
    SubmittedObjectiveRow,
    SubmittedPlanItemRow,
    SubmittedMobilisationRow,
)


def needs(recorded: Recorded[AggregateEvent]) -> Iterable[Need]:
    """Name all that a version copies, or the version that is published."""
    roadmap = external("roadmap", recorded.stream_id)
    match recorded.event:
        case Roadmap.Submitted():
            for kind in (LeverRow, ObjectiveRow, PlanItemRow, EcosystemMobilisationRow):
                yield Need(kind, "roadmap_id", roadmap)
        case Roadmap.Published():
            yield Need(SubmissionRow, "roadmap_id", roadmap)


def publish(rows: Rows, roadmap: Id, number: int, at: datetime) -> None:
    """Note since when a version is public."""
    for submission in rows.where(SubmissionRow, "roadmap_id", roadmap):
        if submission.number == number:
            rows.change(SubmissionRow, submission.id).published_at = at


def copy_parts(rows: Rows, submission: SubmissionRow) -> None:
    """Put down what the parts of a roadmap say at this point, under a version."""
    for lever in rows.where(LeverRow, "roadmap_id", submission.roadmap_id):
        rows.put(
            SubmittedLeverRow(
                submission_id=submission.id,
                lever_id=lever.id,
                roadmap_id=lever.roadmap_id,
                position=lever.position,
                title=lever.title,
                description=lever.description,
            )
        )
    for objective in rows.where(ObjectiveRow, "roadmap_id", submission.roadmap_id):
        rows.put(
            SubmittedObjectiveRow(
                submission_id=submission.id,
                objective_id=objective.id,
                lever_id=objective.lever_id,
                roadmap_id=objective.roadmap_id,
                position=objective.position,
                wording=objective.wording,
                scope=objective.scope,
                indicator=objective.indicator,
                unit=objective.unit,
                baseline=objective.baseline,
                target=objective.target,
                due_year=objective.due_year,
            )
        )
    for item in rows.where(PlanItemRow, "roadmap_id", submission.roadmap_id):
        rows.put(
            SubmittedPlanItemRow(
                submission_id=submission.id,
                plan_item_id=item.id,
                lever_id=item.lever_id,
                roadmap_id=item.roadmap_id,
                position=item.position,
                title=item.title,
                due=item.due,
                action_id=item.action_id,
            )
        )
    for mobilisation in rows.where(EcosystemMobilisationRow, "roadmap_id", submission.roadmap_id):
        rows.put(
            SubmittedMobilisationRow(
                submission_id=submission.id,
                ecosystem_mobilisation_id=mobilisation.id,
                roadmap_id=mobilisation.roadmap_id,
                position=mobilisation.position,
                text=mobilisation.text,
                audience=mobilisation.audience,
            )
        )
