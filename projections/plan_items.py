"""Action plans of roadmaps, line by line, and how they take their ecosystems along."""

from collections.abc import Iterable
from datetime import date, datetime

from domain.aggregate import AggregateEvent
from domain.identity import Id, external
from domain.part import RoadmapPart
from domain.record import Recorded
from domain.roadmap import Roadmap
from projections.access import Through
from projections.dropped_parts import remember
from projections.reach import READ
from projections.rows import Need, Rows
from projections.table import Relation, Row, row

DDL = """
create table plan_item (
    id text collate "C" primary key,
    roadmap_id text collate "C" not null,
    lever_id text collate "C",
    position integer not null,
    title text not null,
    due date,
    action_id text collate "C",
    added_at timestamptz not null,
    updated_at timestamptz not null
);
create index plan_item_by_roadmap on plan_item (roadmap_id, position, id);
create index plan_item_by_lever on plan_item (lever_id, roadmap_id, position, id);
create index plan_item_by_due on plan_item (due, id);
create index plan_item_by_action on plan_item (action_id);

create table ecosystem_mobilisation (
    id text collate "C" primary key,
    roadmap_id text collate "C" not null,
    position integer not null,
    text text not null,
    audience text,
    added_at timestamptz not null
);
create index ecosystem_mobilisation_by_roadmap on ecosystem_mobilisation
    (roadmap_id, position, id);
"""


@row(
    "plan_item",
    seen=Through("roadmap", READ),
    owner=("roadmap", "roadmap_id"),
    relations={
        "roadmap": Relation("roadmap", on=(("roadmap_id", "id"),)),
        "lever": Relation("lever", on=(("lever_id", "id"),)),
        "action": Relation("action", on=(("action_id", "id"),)),
    },
)
class PlanItemRow(Row):
    """A line of an action plan; its position grows in the order in which lines were added."""

    id: Id
    roadmap_id: Id
    lever_id: Id | None
    position: int
    title: str
    due: date | None
    action_id: Id | None
    added_at: datetime
    updated_at: datetime


@row(
    "ecosystem_mobilisation",
    seen=Through("roadmap", READ),
    owner=("roadmap", "roadmap_id"),
    relations={"roadmap": Relation("roadmap", on=(("roadmap_id", "id"),))},
)
class EcosystemMobilisationRow(Row):
    """A way in which a roadmap takes others along."""

    id: Id
    roadmap_id: Id
    position: int
    text: str
    audience: str | None
    added_at: datetime


ROWS: tuple[type[Row], ...] = (PlanItemRow, EcosystemMobilisationRow)


def fold(rows: Rows, recorded: Recorded[AggregateEvent]) -> None:
    """Take one fact about a roadmap's plan or its ecosystems into the read model."""
    at = recorded.recorded_at
    match recorded.event:
        case Roadmap.PlanItemAdded() as event:
            rows.put(_item(event, at))
        case Roadmap.PlanItemReworded() as event:
            item = rows.change(PlanItemRow, external("plan_item", event.plan_item))
            item.title, item.due, item.updated_at = event.title, event.due, at
            item.lever_id = external("lever", event.lever) if event.lever else None
        case Roadmap.PlanItemTurnedIntoAction() as event:
            item = rows.change(PlanItemRow, external("plan_item", event.plan_item))
            item.action_id, item.updated_at = external("action", event.action), at
        case Roadmap.PlanItemDropped() as event:
            _drop_item(rows, recorded, event)
        case Roadmap.EcosystemMobilisationAdded() as event:
            rows.put(_mobilisation(event, at))
        case Roadmap.EcosystemMobilisationDropped() as event:
            _drop_mobilisation(rows, recorded, event)


def needs(recorded: Recorded[AggregateEvent]) -> Iterable[Need]:
    """Name the line of the plan or the mobilisation that changes or goes."""
    match recorded.event:
        case (
            Roadmap.PlanItemReworded(plan_item=item)
            | Roadmap.PlanItemTurnedIntoAction(plan_item=item)
            | Roadmap.PlanItemDropped(plan_item=item)
        ):
            yield Need(PlanItemRow, "id", external("plan_item", item))
        case Roadmap.EcosystemMobilisationDropped(ecosystem_mobilisation=mobilisation):
            id = external("ecosystem_mobilisation", mobilisation)
            yield Need(EcosystemMobilisationRow, "id", id)


def _item(event: Roadmap.PlanItemAdded, at: datetime) -> PlanItemRow:
    return PlanItemRow(
        id=external("plan_item", event.plan_item),
        roadmap_id=external("roadmap", event.originator_id),
        lever_id=external("lever", event.lever) if event.lever else None,
        position=event.originator_version,
        title=event.title,
        due=event.due,
        action_id=None,
        added_at=at,
        updated_at=at,
    )


def _mobilisation(
    event: Roadmap.EcosystemMobilisationAdded, at: datetime
) -> EcosystemMobilisationRow:
    return EcosystemMobilisationRow(
        id=external("ecosystem_mobilisation", event.ecosystem_mobilisation),
        roadmap_id=external("roadmap", event.originator_id),
        position=event.originator_version,
        text=event.text,
        audience=event.audience,
        added_at=at,
    )


def _drop_item(
    rows: Rows, recorded: Recorded[AggregateEvent], event: Roadmap.PlanItemDropped
) -> None:
    item = rows.change(PlanItemRow, external("plan_item", event.plan_item))
    rows.drop(PlanItemRow, item.id)
    remember(
        rows,
        recorded,
        RoadmapPart.PLAN_ITEM,
        id=item.id,
        wording=item.title,
        reason=event.reason,
    )


def _drop_mobilisation(
    rows: Rows, recorded: Recorded[AggregateEvent], event: Roadmap.EcosystemMobilisationDropped
) -> None:
    id = external("ecosystem_mobilisation", event.ecosystem_mobilisation)
    mobilisation = rows.change(EcosystemMobilisationRow, id)
    rows.drop(EcosystemMobilisationRow, id)
    remember(
        rows,
        recorded,
        RoadmapPart.ECOSYSTEM_MOBILISATION,
        id=id,
        wording=mobilisation.text,
        reason=event.reason,
    )
