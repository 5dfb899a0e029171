"""Territories of reference, each in the one in which it lies."""

from domain import text
from domain.aggregate import AggregateEvent
from domain.record import Recorded
from domain.territory import TERRITORIES as REFERENCE
from domain.territory import TerritoryKind
from projections.access import EVERYONE
from projections.projection import Projection
from projections.rows import Rows
from projections.table import Relation, Row, row

DDL = """
create table territory (
    key text collate "C" primary key,
    kind text not null,
    code text not null,
    name text not null,
    name_key text collate "C" not null,
    parent_key text collate "C"
);
create index territory_by_name on territory (name_key, key);
create index territory_by_parent on territory (parent_key, name_key, key);
create index territory_by_kind on territory (kind, name_key, key);
"""


@row(
    "territory",
    seen=EVERYONE,
    key=("key",),
    relations={
        "parent": Relation("territory", on=(("parent_key", "key"),)),
        "children": Relation(
            "territory", on=(("key", "parent_key"),), many=True, order=("name_key", "key")
        ),
        "organisations": Relation(
            "organisation", on=(("key", "territory_key"),), many=True, order=("name_key", "id")
        ),
        "alliances": Relation(
            "alliance", on=(("key", "territory_key"),), many=True, order=("name_key", "id")
        ),
        "cohorts": Relation(
            "cohort_territory", on=(("key", "territory_key"),), many=True, order=("cohort_id",)
        ),
        "challenges": Relation(
            "challenge", on=(("key", "territory_key"),), many=True, order=("starts_on", "id")
        ),
    },
)
class TerritoryRow(Row):
    """A territory with its official code."""

    key: str
    kind: TerritoryKind
    code: str
    name: str
    name_key: str
    parent_key: str | None


def fold(rows: Rows, recorded: Recorded[AggregateEvent]) -> None:
    """No fact makes or changes a territory."""


TERRITORIES = Projection(
    name="territories",
    ddl=DDL,
    rows=(TerritoryRow,),
    follows=(),
    fold=fold,
    reference=tuple(
        TerritoryRow(
            key=territory.key,
            kind=territory.kind,
            code=territory.code,
            name=territory.name,
            name_key=text.folded(territory.name),
            parent_key=territory.parent,
        )
        for territory in REFERENCE.values()
    ),
)
