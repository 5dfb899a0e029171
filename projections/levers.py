"""Levers of roadmaps, their impact objectives, and where those stood when they were measured."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal

from domain.aggregate import AggregateEvent
from domain.identity import Id, external
from domain.part import ImpactScope, RoadmapPart
from domain.record import Recorded
from domain.roadmap import Roadmap
from projections.access import Through
from projections.dropped_parts import remember
from projections.reach import READ
from projections.rows import Need, Rows
from projections.table import Relation, Row, row

DDL = """
create table lever (
    id text collate "C" primary key,
    roadmap_id text collate "C" not null,
    position integer not null,
    title text not null,
    description text,
    added_at timestamptz not null,
    updated_at timestamptz not null
);
create index lever_by_roadmap on lever (roadmap_id, position, id);

create table objective (
    id text collate "C" primary key,
    roadmap_id text collate "C" not null,
    lever_id text collate "C" not null,
    position integer not null,
    wording text not null,
    scope text,
    indicator text,
    unit text,
    baseline numeric,
    target numeric,
    due_year integer,
    added_at timestamptz not null,
    updated_at timestamptz not null
);
create index objective_by_roadmap on objective (roadmap_id, position, id);
create index objective_by_lever on objective (lever_id, roadmap_id, position, id);
create index objective_by_due_year on objective (due_year, id);

create table objective_measurement (
    objective_id text collate "C" not null,
    version integer not null,
    roadmap_id text collate "C" not null,
    measured_on date not null,
    value numeric not null,
    source text,
    note text,
    measured_at timestamptz not null,
    superseded_at timestamptz,
    primary key (objective_id, version)
);
create index objective_measurement_by_day on objective_measurement
    (objective_id, roadmap_id, measured_on, version);
create index objective_measurement_by_roadmap on objective_measurement
    (roadmap_id, measured_on, version, objective_id);
"""


# Both lie in one roadmap: so it need not be looked at again who may read that.
_WITHIN_LEVER = (("id", "lever_id"), ("roadmap_id", "roadmap_id"))


@row(
    "lever",
    seen=Through("roadmap", READ),
    owner=("roadmap", "roadmap_id"),
    relations={
        "roadmap": Relation("roadmap", on=(("roadmap_id", "id"),)),
        "objectives": Relation("objective", on=_WITHIN_LEVER, many=True, order=("position", "id")),
        "plan_items": Relation("plan_item", on=_WITHIN_LEVER, many=True, order=("position", "id")),
        "actions": Relation(
            "action", on=(("id", "lever_id"),), many=True, order=("proposed_at", "id")
        ),
        "launched_cohorts": Relation(
            "cohort",
            on=(("id", "springs_from_lever_id"),),
            many=True,
            order=("opened_at", "id"),
        ),
    },
)
class LeverRow(Row):
    """A lever of a roadmap; the lowest position is the first one."""

    id: Id
    roadmap_id: Id
    position: int
    title: str
    description: str | None
    added_at: datetime
    updated_at: datetime


@row(
    "objective",
    seen=Through("roadmap", READ),
    owner=("roadmap", "roadmap_id"),
    relations={
        "roadmap": Relation("roadmap", on=(("roadmap_id", "id"),)),
        "lever": Relation("lever", on=(("lever_id", "id"),)),
        "measurements": Relation(
            "objective_measurement",
            on=(("id", "objective_id"), ("roadmap_id", "roadmap_id")),
            many=True,
            order=("measured_on", "version"),
        ),
        "served_by": Relation(
            "served_objective",
            on=(("id", "objective_id"),),
            many=True,
            order=("linked_at", "action_id"),
        ),
    },
)
class ObjectiveRow(Row):
    """An impact objective of a lever; its position grows in the order in which they were added."""

    id: Id
    roadmap_id: Id
    lever_id: Id
    position: int
    wording: str
    scope: ImpactScope | None
    indicator: str | None
    unit: str | None
    baseline: Decimal | None
    target: Decimal | None
    due_year: int | None
    added_at: datetime
    updated_at: datetime


@row(
    "objective_measurement",
    seen=Through("roadmap", READ),
    key=("objective_id", "version"),
    owner=("roadmap", "roadmap_id"),
    indexes=("objective_id",),
    relations={
        "roadmap": Relation("roadmap", on=(("roadmap_id", "id"),)),
        "objective": Relation("objective", on=(("objective_id", "id"),)),
    },
)
class ObjectiveMeasurementRow(Row):
    """Where an objective stood on a day.

    A later measurement by the same source for the same day supersedes it, and erases nothing.
    """

    objective_id: Id
    version: int
    roadmap_id: Id
    measured_on: date
    value: Decimal
    source: str | None
    note: str | None
    measured_at: datetime
    superseded_at: datetime | None


ROWS: tuple[type[Row], ...] = (LeverRow, ObjectiveRow, ObjectiveMeasurementRow)


def fold(rows: Rows, recorded: Recorded[AggregateEvent]) -> None:
    """Take one fact about the levers or the objectives of a roadmap into the read model."""
    at = recorded.recorded_at
    match recorded.event:
        case Roadmap.LeverAdded() as event:
            rows.put(_lever(event, at))
        case Roadmap.LeverReworded() as event:
            lever = rows.change(LeverRow, external("lever", event.lever))
            lever.title, lever.description = event.title, event.description
            lever.updated_at = at
        case Roadmap.LeversReordered(levers=levers):
            for position, id in enumerate(levers, 1):
                rows.change(LeverRow, external("lever", id)).position = position
        case Roadmap.LeverDropped() as event:
            _drop_lever(rows, recorded, event)
        case Roadmap.ObjectiveAdded() as event:
            rows.put(_objective(event, at))
        case Roadmap.ObjectiveReworded() as event:
            objective = rows.change(ObjectiveRow, external("objective", event.objective))
            objective.wording, objective.scope = event.wording, event.scope
            objective.indicator, objective.unit = event.indicator, event.unit
            objective.baseline, objective.target = event.baseline, event.target
            objective.due_year, objective.updated_at = event.due_year, at
        case Roadmap.ObjectiveDropped() as event:
            _drop_objective(rows, recorded, event)
        case Roadmap.ObjectiveMeasured() as event:
            _measure(rows, event, at)


def needs(recorded: Recorded[AggregateEvent]) -> Iterable[Need]:
    """Name the levers or the objective that change, and how the objective was measured before."""
    match recorded.event:
        case Roadmap.LeverReworded(lever=lever) | Roadmap.LeverDropped(lever=lever):
            yield Need(LeverRow, "id", external("lever", lever))
        case Roadmap.LeversReordered(levers=levers):
            for lever in levers:
                yield Need(LeverRow, "id", external("lever", lever))
        case (
            Roadmap.ObjectiveReworded(objective=objective)
            | Roadmap.ObjectiveDropped(objective=objective)
        ):
            yield Need(ObjectiveRow, "id", external("objective", objective))
        case Roadmap.ObjectiveMeasured(objective=objective):
            yield Need(ObjectiveMeasurementRow, "objective_id", external("objective", objective))


def _lever(event: Roadmap.LeverAdded, at: datetime) -> LeverRow:
    return LeverRow(
        id=external("lever", event.lever),
        roadmap_id=external("roadmap", event.originator_id),
        position=event.position,
        title=event.title,
        description=event.description,
        added_at=at,
        updated_at=at,
    )


def _objective(event: Roadmap.ObjectiveAdded, at: datetime) -> ObjectiveRow:
    return ObjectiveRow(
        id=external("objective", event.objective),
        roadmap_id=external("roadmap", event.originator_id),
        lever_id=external("lever", event.lever),
        position=event.originator_version,
        wording=event.wording,
        scope=event.scope,
        indicator=event.indicator,
        unit=event.unit,
        baseline=event.baseline,
        target=event.target,
        due_year=event.due_year,
        added_at=at,
        updated_at=at,
    )


def _drop_lever(
    rows: Rows, recorded: Recorded[AggregateEvent], event: Roadmap.LeverDropped
) -> None:
    lever = rows.change(LeverRow, external("lever", event.lever))
    rows.drop(LeverRow, lever.id)
    remember(
        rows,
        recorded,
        RoadmapPart.LEVER,
        id=lever.id,
        wording=lever.title,
        reason=event.reason,
    )


def _drop_objective(
    rows: Rows, recorded: Recorded[AggregateEvent], event: Roadmap.ObjectiveDropped
) -> None:
    objective = rows.change(ObjectiveRow, external("objective", event.objective))
    rows.drop(ObjectiveRow, objective.id)
    remember(
        rows,
        recorded,
        RoadmapPart.OBJECTIVE,
        id=objective.id,
        wording=objective.wording,
        reason=event.reason,
    )


def _measure(rows: Rows, event: Roadmap.ObjectiveMeasured, at: datetime) -> None:
    id = external("objective", event.objective)
    for before in rows.where(ObjectiveMeasurementRow, "objective_id", id):
        same = (before.measured_on, before.source) == (event.measured_on, event.source)
        if same and before.superseded_at is None:
            rows.change(ObjectiveMeasurementRow, id, before.version).superseded_at = at
    rows.put(
        ObjectiveMeasurementRow(
            objective_id=id,
            version=event.originator_version,
            roadmap_id=external("roadmap", event.originator_id),
            measured_on=event.measured_on,
            value=event.value,
            source=event.source,
            note=event.note,
            measured_at=at,
            superseded_at=None,
        )
    )
