"""Groups as SQL: the rows of a statistic, brought together by the values of some facets.

A row that has several values of a facet is in several groups, once in each; one that has none
is in the group of what is not told. Facets along the same relations are taken from the same
rows, so that years and what was said in them belong together.
"""

# Tables, columns and functions are names of ours; every value is bound.
# ruff: noqa: S608

from collections.abc import Iterator, Sequence
from typing import Final

from projections import guard, source
from projections.facet import Step, is_distinct, joined
from projections.guard import Around, Viewer
from projections.plan import (
    Aggregate,
    Grouping,
    Groups,
    Measured,
    Source,
    Statistics,
    Tallies,
)
from projections.table import TABLES, Table

ROWS: Final = "row_count"
"""The column that has the number of rows of a group."""


def whole(rows: Source, tallies: Tallies, row: str, viewer: Viewer) -> str:
    """Write the one group of all rows."""
    figures = ", ".join(_figures(tallies, rows.table, row, viewer))
    return f"select {figures} from {source.rows(rows, row, '', viewer, counted=True)}"


def groups(statistics: Statistics, row: str, viewer: Viewer) -> str:
    """Write the groups, a column for each facet and for each figure that is asked of any."""
    joins = Joins(statistics.by, row, viewer)
    asked = [part.tallies for _, part in statistics.parts if isinstance(part, Groups)]
    tallies = tuple(tally for tallies in asked for tally in tallies)
    figures = _figures(tallies, statistics.source.table, row, viewer)
    columns = [f"{joins.value(by)} as {by.column.name}" for by in statistics.by]
    rows = source.rows(statistics.source, row, "", viewer, joins=joins.sql, counted=True)
    together = ", ".join(str(place) for place in range(1, len(columns) + 1))
    tail = f" group by {together}" if columns else ""
    return f"select {', '.join([*columns, *figures])} from {rows}{tail}"


def first(statistics: Statistics, grouped: str) -> str:
    """Write the groups that are given, out of all."""
    return f"select * from {grouped}{order(statistics.by, grouped)} limit {statistics.limit}"


def order(by: Sequence[Grouping], row: str) -> str:
    """Write the order of groups: by their values, what is not told last."""
    names = ", ".join(f"{row}.{each.column.name}{_collation(each)} nulls last" for each in by)
    return f" order by {names}" if names else ""


def aggregates(tallies: Tallies) -> Iterator[Aggregate]:
    """Give what is asked of the values of columns."""
    for _, tally in tallies:
        figures = tally.parts if isinstance(tally, Measured) else (("", tally),)
        for _, figure in figures:
            if isinstance(figure, Aggregate):
                yield figure


def _figures(tallies: Tallies, table: Table, row: str, viewer: Viewer) -> list[str]:
    figures = []
    for each in dict.fromkeys(aggregates(tallies)):
        value = guard.value(table, each.column.name, row, viewer)
        figures.append(f"{each.function.value.format(value=value)} as {each.name}")
    return [f"count(*) as {ROWS}", *figures]


def _collation(by: Grouping) -> str:
    return ' collate "C"' if by.facet.kind.sql == "text" else ""


class Joins:
    """The rows along the relations of some facets, each relation followed once."""

    def __init__(self, by: Sequence[Grouping], row: str, viewer: Viewer) -> None:
        self._by = by
        self._viewer = viewer
        self._rows: dict[tuple[str, ...], str] = {(): row}
        self._tables = dict[tuple[str, ...], Table]()
        if by:
            self._tables[()] = by[0].facet.path.table
        self._apart: set[tuple[str, ...]] = set()
        self.sql = ""
        for step in [step for each in by for step in each.facet.path.steps]:
            if step.names not in self._rows:
                self._rows[step.names] = f"{row}_{len(self._rows)}"
                self.sql += self._join(step)

    def value(self, by: Grouping) -> str:
        """Write the value of a facet."""
        names = by.facet.path.names
        if names in self._apart:
            return f"{self._rows[names]}.{by.column.name}"
        return by.facet.sql(self._rows[names], self._viewer)

    def _join(self, step: Step) -> str:
        here, there, relation = self._rows[step.before], self._rows[step.names], step.relation
        ending = [by for by in self._by if by.facet.path.names == step.names]
        onward = self._onward(step.names)
        told = [by.facet.column.name for by in ending if not by.facet.by_year]
        target = self._tables[step.names] = TABLES[relation.target]
        around = Around.along(relation, self._tables[step.before], here)
        if is_distinct(relation, [*told, *onward]):
            seen = guard.seen(target, there, self._viewer, around)
            conditions = " and ".join([joined(relation, here, there), *seen])
            return f" left join {target.name} {there} on {conditions}"
        assert not onward, "only where a path ends can several rows have one value"
        self._apart.add(step.names)
        values = ", ".join(
            f"{by.facet.sql('v', self._viewer)} as {by.column.name}" for by in ending
        )
        seen = guard.seen(target, "v", self._viewer, around)
        rows = f"{target.name} v where {' and '.join([joined(relation, here, 'v'), *seen])}"
        return f" left join lateral (select distinct {values} from {rows}) {there} on true"

    def _onward(self, names: tuple[str, ...]) -> list[str]:
        """Name the columns of a row from which further relations lead."""
        return [
            ours
            for by in self._by
            for step in by.facet.path.steps
            if step.before == names
            for ours, _ in step.relation.on
        ]
