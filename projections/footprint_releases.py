"""Releases of footprints: all that is ever told of one or several batches, as sums over people."""

from decimal import Decimal

from domain.footprint import FootprintDomain
from domain.identity import Id
from projections.access import NOBODY
from projections.disclosure import IN_ALL, Published, bands
from projections.rows import Rows
from projections.table import Row, row

DDL = """
create table footprint_release (
    id text collate "C" primary key,
    people integer not null,
    before numeric not null,
    in_2050 numeric not null
);

create table footprint_figure (
    release_id text collate "C" not null,
    domain text collate "C" not null,
    before numeric not null,
    in_2050 numeric not null,
    committed integer not null,
    asked integer not null,
    primary key (release_id, domain)
);

create table footprint_cell (
    release_id text collate "C" not null,
    domain text collate "C" not null,
    floor numeric not null,
    before integer not null,
    in_2050 integer not null,
    primary key (release_id, domain, floor)
);
"""


@row("footprint_release", seen=NOBODY)
class FootprintReleaseRow(Row):
    """What is published at once: sums over people, in t CO2e a year."""

    id: Id
    people: int
    before: Decimal
    in_2050: Decimal


@row("footprint_figure", seen=NOBODY, key=("release_id", "domain"))
class FootprintFigureRow(Row):
    """What a release says of a domain: sums over people, in t CO2e a year."""

    release_id: Id
    domain: FootprintDomain
    before: Decimal
    in_2050: Decimal
    committed: int
    asked: int


@row("footprint_cell", seen=NOBODY, key=("release_id", "domain", "floor"))
class FootprintCellRow(Row):
    """How many people of a release are in a band of a domain, or in all."""

    release_id: Id
    domain: str
    floor: Decimal
    before: int
    in_2050: int


ROWS: tuple[type[Row], ...] = (FootprintReleaseRow, FootprintFigureRow, FootprintCellRow)


def publish(rows: Rows, id: Id, published: Published) -> None:
    """Put a release into the read model."""
    rows.put(
        FootprintReleaseRow(
            id=id,
            people=published.people,
            before=published.before,
            in_2050=published.in_2050,
        )
    )
    for domain, figure in published.figures.items():
        rows.put(
            FootprintFigureRow(
                release_id=id,
                domain=domain,
                before=figure.before,
                in_2050=figure.in_2050,
                committed=figure.committed,
                asked=figure.asked,
            )
        )
    for (name, floor), cell in published.cells.items():
        rows.put(
            FootprintCellRow(
                release_id=id,
                domain=name,
                floor=floor,
                before=cell.before,
                in_2050=cell.in_2050,
            )
        )


def take_back(rows: Rows, id: Id) -> None:
    """Take a release out of the read model, if it is still there."""
    rows.drop(FootprintReleaseRow, id)
    for domain in FootprintDomain:
        rows.drop(FootprintFigureRow, id, domain)
    for name in (IN_ALL, *FootprintDomain):
        for band in bands(name):
            rows.drop(FootprintCellRow, id, str(name), band.floor)
