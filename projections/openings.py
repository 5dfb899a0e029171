"""Openings: how far each roadmap goes under whose levers actions stand.

The read model of actions keeps it beside them, so that what an action's own row says decides for
nearly everybody who may see it.
"""

from collections.abc import Iterable

from domain.action import Action
from domain.aggregate import AggregateEvent
from domain.identity import Id, external
from domain.record import Recorded
from domain.roadmap import Roadmap
from projections.access import NOBODY
from projections.reach import Reach
from projections.rows import Need, Rows
from projections.table import Row, row

DDL = """
create table opening (
    roadmap_id text collate "C" primary key,
    reach text not null
);
"""

FOLLOWED: tuple[type[AggregateEvent], ...] = (Roadmap.Submitted, Roadmap.Published)


@row("opening", seen=NOBODY, key=("roadmap_id",))
class OpeningRow(Row):
    """Who may know of a roadmap that is no draft any more."""

    roadmap_id: Id
    reach: Reach


def fold(rows: Rows, recorded: Recorded[AggregateEvent]) -> Id | None:
    """Let a roadmap go further, and give its id if it does."""
    roadmap = external("roadmap", recorded.stream_id)
    before = of_roadmap(rows, roadmap)
    match recorded.event:
        case Roadmap.Published():
            after = Reach.EVERYONE
        case Roadmap.Submitted() if before is Reach.INSIDERS:
            after = Reach.FELLOWS
        case _:
            after = before
    if after is before:
        return None
    rows.put(OpeningRow(roadmap_id=roadmap, reach=after))
    return roadmap


def needs(recorded: Recorded[AggregateEvent]) -> Iterable[Need]:
    """Name the opening of a roadmap that goes further, or under whose lever an action stands."""
    match recorded.event:
        case Roadmap.Event():
            yield Need(OpeningRow, "roadmap_id", external("roadmap", recorded.stream_id))
        case Action.Proposed(owner=owner) if owner.roadmap is not None:
            yield Need(OpeningRow, "roadmap_id", external("roadmap", owner.roadmap))


def of_roadmap(rows: Rows, roadmap: Id) -> Reach:
    """Give who may know of a roadmap."""
    opening = rows.get(OpeningRow, roadmap)
    return Reach.INSIDERS if opening is None else opening.reach
