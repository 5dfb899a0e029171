"""What was dropped from roadmaps: what it said, and why it was given up."""

from datetime import datetime

from domain.aggregate import AggregateEvent
from domain.identity import Id, external
from domain.part import RoadmapPart
from domain.record import Recorded
from projections.access import Through
from projections.reach import IN_ROADMAP
from projections.rows import Rows
from projections.table import Relation, Row, row

DDL = """
create table dropped_part (
    id text collate "C" primary key,
    roadmap_id text collate "C" not null,
    version integer not null,
    part text not null,
    wording text not null,
    reason text,
    dropped_at timestamptz not null
);
create index dropped_part_by_roadmap on dropped_part (roadmap_id, version, id);
"""


@row(
    "dropped_part",
    seen=Through("roadmap", IN_ROADMAP),
    owner=("roadmap", "roadmap_id"),
    relations={"roadmap": Relation("roadmap", on=(("roadmap_id", "id"),))},
)
class DroppedPartRow(Row):
    """A lever, an objective, a line of the plan or a mobilisation that was given up, and why."""

    id: Id
    roadmap_id: Id
    version: int
    part: RoadmapPart
    wording: str
    reason: str | None
    dropped_at: datetime


ROWS: tuple[type[Row], ...] = (DroppedPartRow,)


def remember(
    rows: Rows,
    recorded: Recorded[AggregateEvent],
    part: RoadmapPart,
    *,
    id: Id,
    wording: str,
    reason: str | None,
) -> None:
    """Keep what a part said that is dropped, and why it is."""
    rows.put(
        DroppedPartRow(
            id=id,
            roadmap_id=external("roadmap", recorded.stream_id),
            version=recorded.event.originator_version,
            part=part,
            wording=wording,
            reason=reason,
            dropped_at=recorded.recorded_at,
        )
    )
