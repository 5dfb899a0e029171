"""Facets: the values by which rows are filtered and grouped, their own or of rows they lead to.

The kind of an organisation is a facet of it; that of an enrolment's organisation is one of the
enrolment, found along a relation; the themes of an action are one facet with several values.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from projections import guard
from projections.access import EVERYONE, Through
from projections.column import INTEGER, Column, Kind
from projections.guard import Viewer
from projections.table import TABLES, Relation, Table

CALENDAR: Final = "Europe/Paris"
"""The civil calendar that says to which year an instant belongs."""


@dataclass(frozen=True, slots=True)
class Step:
    """A part of a path that is followed by looking into one table."""

    before: tuple[str, ...]
    """The relations that lead to where it begins."""
    names: tuple[str, ...]
    """The relations that lead to where it ends."""
    relation: Relation


@dataclass(frozen=True, slots=True)
class Path:
    """Relations from a table, one after the other, to another one."""

    table: Table
    names: tuple[str, ...] = ()

    @property
    def steps(self) -> tuple[Step, ...]:
        """The tables to look into, those aside through which it only leads by their keys.

        The themes of a year's action are found by the action that the year names: the action's
        own row says nothing more, unless it is what says who may see the rest.
        """
        found: list[Step] = []
        table = self.table
        for length, name in enumerate(self.names, 1):
            relation, before = table.relations[name], self.names[: length - 1]
            aside, table = table, TABLES[relation.target]
            if (
                found
                and _is_as_open(aside, table)
                and (direct := _direct(found[-1].relation, relation)) is not None
            ):
                relation, before = direct, found.pop().before
            found.append(Step(before, self.names[:length], relation))
        return tuple(found)

    @property
    def end(self) -> Table:
        """The table where it ends."""
        table = self.table
        for name in self.names:
            table = TABLES[table.relations[name].target]
        return table


@dataclass(frozen=True, slots=True)
class Facet:
    """A value by which rows are told apart."""

    path: Path
    """How to come from a row to the rows that have the value."""
    column: Column
    by_year: bool = False
    """Whether the year of a day or an instant is meant."""

    @property
    def kind(self) -> Kind:
        """The kind of its values."""
        return INTEGER if self.by_year else self.column.kind

    def sql(self, row: str, viewer: Viewer) -> str:
        """Write the value that a row at the end of the path has, as far as it may be seen."""
        value = guard.value(self.path.end, self.column.name, row, viewer)
        if not self.by_year:
            return value
        if self.column.kind.sql == "timestamptz":
            value = f"{value} at time zone '{CALENDAR}'"
        return f"extract(year from {value})::bigint"


def joined(relation: Relation, here: str, there: str) -> str:
    """Write that a row belongs to another along a relation."""
    return " and ".join(f"{there}.{theirs} = {here}.{ours}" for ours, theirs in relation.on)


def is_distinct(relation: Relation, columns: Iterable[str]) -> bool:
    """Tell whether the rows along a relation differ in these columns, each from the others."""
    decided = {theirs for _, theirs in relation.on} | set(columns)
    return set(TABLES[relation.target].key) <= decided


def _is_as_open(aside: Table, end: Table) -> bool:
    """Tell whether who sees a row of a table sees that of the one through which it is found."""
    return aside.seen == EVERYONE or any(
        end.seen == Through(name) and relation.target == aside.name
        for name, relation in end.relations.items()
    )


def _direct(first: Relation, second: Relation) -> Relation | None:
    """Join two relations where the second begins with what the first is found by."""
    ours = {theirs: ours for ours, theirs in first.on}
    if first.many or not ours.keys() >= {here for here, _ in second.on}:
        return None
    return replace(second, on=tuple((ours[here], there) for here, there in second.on))
