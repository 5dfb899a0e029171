"""People who were forgotten: that they were, and when."""

from datetime import datetime

from domain.aggregate import AggregateEvent
from domain.identity import Id, external
from domain.person import Person
from domain.record import Recorded
from projections.access import EVERYONE
from projections.projection import Projection
from projections.rows import Rows
from projections.table import Row, row

DDL = """
create table person (
    id text collate "C" primary key,
    version integer not null,
    forgotten_at timestamptz not null
);
"""


@row("person", seen=EVERYONE, owner=("person", "id"))
class PersonRow(Row):
    """A person who was forgotten. Nothing leads from here to what they once were."""

    id: Id
    version: int
    forgotten_at: datetime


def fold(rows: Rows, recorded: Recorded[AggregateEvent]) -> None:
    """Take one fact about a person into the read model."""
    match recorded.event:
        case Person.Forgotten() as event:
            rows.put(
                PersonRow(
                    id=external("person", event.originator_id),
                    version=event.originator_version,
                    forgotten_at=recorded.recorded_at,
                )
            )


PERSONS = Projection(name="persons", ddl=DDL, rows=(PersonRow,), follows=(Person,), fold=fold)
