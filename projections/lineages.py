"""What actions serve: the impact objectives of roadmaps to which they are linked."""

from datetime import datetime

from domain.action import Action
from domain.aggregate import AggregateEvent
from domain.identity import Id, external
from domain.record import Recorded
from projections.access import Through, all_of
from projections.rows import Rows
from projections.table import Relation, Row, row

DDL = """
create table served_objective (
    action_id text collate "C" not null,
    objective_id text collate "C" not null,
    roadmap_id text collate "C" not null,
    linked_at timestamptz not null,
    primary key (action_id, objective_id)
);
create index served_objective_in_order on served_objective (action_id, linked_at, objective_id);
create index served_objective_by_objective on served_objective
    (objective_id, linked_at, action_id);
"""


@row(
    "served_objective",
    seen=all_of(Through("action"), Through("objective")),
    key=("action_id", "objective_id"),
    owner=("action", "action_id"),
    relations={
        "action": Relation("action", on=(("action_id", "id"),)),
        "objective": Relation("objective", on=(("objective_id", "id"),)),
        "roadmap": Relation("roadmap", on=(("roadmap_id", "id"),)),
    },
)
class ServedObjectiveRow(Row):
    """An impact objective of a roadmap that an action serves."""

    action_id: Id
    objective_id: Id
    roadmap_id: Id
    linked_at: datetime


ROWS: tuple[type[Row], ...] = (ServedObjectiveRow,)


def fold(rows: Rows, recorded: Recorded[AggregateEvent]) -> None:
    """Take one fact about what an action serves into the read model."""
    action = external("action", recorded.stream_id)
    match recorded.event:
        case Action.ObjectiveLinked(roadmap=roadmap, objective=objective):
            rows.put(
                ServedObjectiveRow(
                    action_id=action,
                    objective_id=external("objective", objective),
                    roadmap_id=external("roadmap", roadmap),
                    linked_at=recorded.recorded_at,
                )
            )
        case Action.ObjectiveUnlinked(objective=objective):
            rows.drop(ServedObjectiveRow, action, external("objective", objective))
