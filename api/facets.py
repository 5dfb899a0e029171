"""Facets as they are offered: by what the rows of a noun can be filtered, grouped and summed.

    ORGANISATIONS = facets(
        OrganisationRow,
        "Organisation",
        name=folded("Its name."),
        kind=by("What kind of organisation it is."),
        territory=by("The territory where it is at home.", "territory_key", shows="territory"),
    )

Each facet is a field of the noun's filter (``OrganisationWhere``), and one by which statistics
can be grouped unless it would put nearly every row in a group of its own.
"""

import types
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final, Union, get_args, get_origin, get_type_hints

from projections.catalogue import PROJECTIONS
from projections.column import Column, columns
from projections.facet import Facet, Path
from projections.table import Relation, Row, Table

_ROWS: Final = {kind.TABLE.name: kind for each in PROJECTIONS for kind in each.rows}


@dataclass(frozen=True, slots=True)
class Offer:
    """What a noun's module says of a facet."""

    description: str
    column: str | None
    via: tuple[str, ...]
    shows: str | None
    by_year: bool
    grouped: bool
    folded: bool


@dataclass(frozen=True, slots=True)
class Offered:
    """A facet that is offered."""

    name: str
    description: str
    facet: Facet
    type: Any
    """The type of its values in Python."""
    folded: bool
    """Whether case and accents do not matter."""
    grouped: bool
    shows: Relation | None
    """How its value leads to the row that a group shows for it."""

    @property
    def column(self) -> Column:
        """The column that has its value in a group."""
        return Column(self.name, self.facet.kind, nullable=True)


@dataclass(frozen=True, slots=True)
class Measure:
    """A column whose values are summed up."""

    description: str
    column: Column


@dataclass(frozen=True, slots=True, eq=False)
class Facets:
    """All that is offered for the rows of a noun."""

    table: Table
    type: str
    """The name of the noun's type."""
    facets: Mapping[str, Offered]
    measures: Mapping[str, Measure]


def by(
    description: str,
    column: str | None = None,
    *,
    via: tuple[str, ...] = (),
    shows: str | None = None,
    grouped: bool = True,
) -> Offer:
    """Offer a column, of the row or of those to which it leads ``via`` relations.

    Its name is that of the facet unless given. ``shows`` is a relation of the row that has it: a
    group then shows the row on the other side.
    """
    return Offer(description, column, via, shows, by_year=False, grouped=grouped, folded=False)


def year(description: str, column: str, *, via: tuple[str, ...] = ()) -> Offer:
    """Offer the year of a day or of an instant."""
    return Offer(description, column, via, None, by_year=True, grouped=True, folded=False)


def folded(description: str, column: str = "name_key", *, via: tuple[str, ...] = ()) -> Offer:
    """Offer a name, case and accents aside."""
    return Offer(description, column, via, None, by_year=False, grouped=False, folded=True)


def facets(
    row: type[Row],
    type: str,
    *,
    measures: Mapping[str, str] | None = None,
    **offers: Offer,
) -> Facets:
    """Offer facets of a row, and measures: its columns of numbers, each described."""
    return Facets(
        row.TABLE,
        type,
        {name: _offered(row.TABLE, name, offer) for name, offer in offers.items()},
        {
            name: Measure(description, columns(row)[name])
            for name, description in (measures or {}).items()
        },
    )


def _offered(table: Table, name: str, offer: Offer) -> Offered:
    path = Path(table, offer.via)
    row = _ROWS[path.end.name]
    column = columns(row)[offer.column or name]
    hint = int if offer.by_year else _bare(get_type_hints(row)[column.name])
    shows = None
    if offer.shows is not None:
        shows = row.TABLE.relations[offer.shows]
        assert [ours for ours, _ in shows.on] == [column.name], "it is found by the facet alone"
    return Offered(
        name=name,
        description=offer.description,
        facet=Facet(path, column, by_year=offer.by_year),
        type=hint,
        folded=offer.folded,
        grouped=offer.grouped,
        shows=shows,
    )


def _bare(hint: Any) -> Any:
    """Give a type without annotations, and without None."""
    if get_origin(hint) is Annotated:
        hint = get_args(hint)[0]
    if get_origin(hint) in (Union, types.UnionType):
        (hint,) = (part for part in get_args(hint) if part is not type(None))
    return hint
