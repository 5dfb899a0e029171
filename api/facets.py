"""Facets as they are offered: by what the rows of a noun can be filtered, grouped and summed.

    ORGANISATIONS = facets(
        OrganisationRow,
        "Organisation",
        name=folded("Its name."),
        kind=by("What kind of organisation it is."),
        territory=by("The territory where it is at home.", "territory_key", shows="territory"),
    )

Each facet is a field of the noun's filter (``OrganisationWhere``), and one by which statistics
can be grouped unless it would put nearly every row in a group of its own. By those that are named
as ``orders`` its lists are ordered (``OrganisationOrder``); each has an index.

What names another thing by its id tells of it to those alone who may see that: for anybody else it
tells nothing, as the thing itself is null for them.

Nouns that have no list of their own, only places in those of others, need no such words: they are
filtered and ordered by all that they show (`own`), among the few rows that belong to something.
"""

import types
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import EnumType
from typing import Annotated, Any, Final, Union, get_args, get_origin, get_type_hints

from api.naming import class_name
from domain.identity import Id
from projections.access import EVERYONE, AllOf, Through
from projections.catalogue import PROJECTIONS
from projections.column import TEXT, Column, columns
from projections.facet import Facet, Path
from projections.table import TABLES, Relation, Row, Table

COMPARED: Final = frozenset({bool, int, Decimal, date, datetime, Id, str})
"""The types, beside enumerations, whose values can be compared with given ones."""

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
    orders: Mapping[str, Offered]
    """The facets by which lists can be ordered."""

    @property
    def key(self) -> tuple[Column, ...]:
        """The columns that tell any two of its rows apart."""
        served = columns(_ROWS[self.table.name])
        return tuple(served[name] for name in self.table.key)


FACETS: Final[dict[str, Facets]] = {}
"""What is offered for the rows of each table, in lists of them."""


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
    orders: Iterable[str] = (),
    **offers: Offer,
) -> Facets:
    """Offer facets of a row, and measures: its columns of numbers, each described.

    ``orders`` are the facets by which lists can be ordered, columns of the row itself that are
    for everybody who sees it: an order would tell of them.
    """
    offered = {name: _offered(row.TABLE, name, offer) for name, offer in offers.items()}
    ordered = {name: offered[name] for name in orders}
    for each in ordered.values():
        assert not each.facet.path.names, f"{each.name} is a column of the row itself"
        assert each.facet.column.name not in row.TABLE.shown, f"{each.name} is for everybody"
        assert each.folded or each.facet.kind != TEXT, f"{each.name} sorts alike on every server"
    made = Facets(
        row.TABLE,
        type,
        offered,
        {
            name: Measure(description, columns(row)[name])
            for name, description in (measures or {}).items()
        },
        ordered,
    )
    if type == class_name(row.TABLE.name):
        FACETS[row.TABLE.name] = made
    return made


def own(row: type[Row], type: str, described: Mapping[str, str]) -> Facets:
    """Offer what a row shows, but for what people are called and for lists.

    ``described`` are columns, and relations that lead to one row: it is told by its id. Their
    order may be told of columns that are for everybody who sees the row.
    """
    table, hints = row.TABLE, get_type_hints(row)
    offers, orders = dict[str, Any](), list[str]()
    for name, description in described.items():
        if name in table.relations:
            ((column, _),) = table.relations[name].on
            offers[name] = by(description, column)
        elif name not in table.personal and _is_compared(_bare(hints[name])):
            key = f"{name}_key"
            offers[name] = folded(description, key) if key in hints else by(description)
            sorted_ = key in hints or columns(row)[name].kind.last is not None
            if sorted_ and name not in table.shown:
                orders.append(name)
    return facets(row, type, orders=orders, **offers)


def _offered(table: Table, name: str, offer: Offer) -> Offered:
    path = Path(table, offer.via)
    row = _ROWS[path.end.name]
    column = columns(row)[offer.column or name]
    apart = _apart(path.end, column.name)
    if apart is not None:  # what it names is told to those alone who may see that
        path = Path(table, (*offer.via, apart))
    hint = int if offer.by_year else _bare(get_type_hints(row)[column.name])
    shows = None
    if offer.shows is not None:
        shows = row.TABLE.relations[offer.shows]
        assert [ours for ours, _ in shows.on] == [column.name], "it is found by the facet alone"
    return Offered(
        name=name,
        description=offer.description,
        facet=Facet(path, column if apart is None else _key(path.end), by_year=offer.by_year),
        type=hint,
        folded=offer.folded,
        grouped=offer.grouped,
        shows=shows,
    )


def _apart(table: Table, column: str) -> str | None:
    """Name the relation by which a column leads to a row that fewer may see than its own."""
    for name, relation in table.relations.items():
        target = TABLES[relation.target]
        leads = not relation.many and relation.on == ((column, target.key[0]),)
        if leads and target.seen != EVERYONE and not _is_seen_through(table, name):
            return name
    return None


def _is_seen_through(table: Table, relation: str) -> bool:
    """Tell whether nobody sees a row who does not see the one to which a relation leads."""
    needed = table.seen.rules if isinstance(table.seen, AllOf) else (table.seen,)
    return any(isinstance(rule, Through) and rule.relation == relation for rule in needed)


def _key(table: Table) -> Column:
    (name,) = table.key
    return columns(_ROWS[table.name])[name]


def _is_compared(hint: Any) -> bool:
    """Tell whether values of a type can be compared with given ones."""
    return isinstance(hint, EnumType) or hint in COMPARED


def _bare(hint: Any) -> Any:
    """Give a type without annotations, and without None."""
    if get_origin(hint) is Annotated:
        hint = get_args(hint)[0]
    if get_origin(hint) in (Union, types.UnionType):
        (hint,) = (part for part in get_args(hint) if part is not type(None))
    return hint
