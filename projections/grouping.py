"""Groups as SQL: the rows of a statistic, brought together by the values of some facets.

A row that has several values of a facet is in several groups, once in each; one that has none
is in the group of what is not told. Facets along the same relations are taken from the same
rows, so that years and what was said in them belong together.
"""

# Tables, columns and functions are names of ours; every value is bound.
# ruff: noqa: S608

from collections.abc import Iterator, Sequence
from typing import Final

from projections import source
from projections.facet import Step, is_distinct, joined
from projections.plan import (
    Aggregate,
    Grouping,
    Groups,
    Measured,
    Source,
    Statistics,
    Tallies,
)

ROWS: Final = "row_count"
"""The column that has the number of rows of a group."""


def whole(rows: Source, tallies: Tallies, row: str) -> str:
    """Write the one group of all rows."""
    return f"select {', '.join(_figures(tallies, row))} from {source.rows(rows, row, '')}"


def groups(statistics: Statistics, row: str) -> str:
    """Write the groups, a column for each facet and for each figure that is asked of any."""
    joins = _Joins(statistics.by, row)
    asked = [part.tallies for _, part in statistics.parts if isinstance(part, Groups)]
    figures = _figures(tuple(tally for tallies in asked for tally in tallies), row)
    columns = [f"{joins.value(by)} as {by.column.name}" for by in statistics.by]
    rows = source.rows(statistics.source, row, "", joins=joins.sql)
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


def _figures(tallies: Tallies, row: str) -> list[str]:
    asked = dict.fromkeys(aggregates(tallies))
    figures = [
        f"{each.function.value.format(value=f'{row}.{each.column.name}')} as {each.name}"
        for each in asked
    ]
    return [f"count(*) as {ROWS}", *figures]


def _collation(by: Grouping) -> str:
    return ' collate "C"' if by.facet.kind.sql == "text" else ""


class _Joins:
    """The rows along the relations of some facets, each relation followed once."""

    def __init__(self, by: Sequence[Grouping], row: str) -> None:
        self._by = by
        self._rows: dict[tuple[str, ...], str] = {(): row}
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
        return by.facet.sql(self._rows[names])

    def _join(self, step: Step) -> str:
        here, there, relation = self._rows[step.before], self._rows[step.names], step.relation
        ending = [by for by in self._by if by.facet.path.names == step.names]
        onward = self._onward(step.names)
        told = [by.facet.column.name for by in ending if not by.facet.by_year]
        if is_distinct(relation, [*told, *onward]):
            return f" left join {relation.target} {there} on {joined(relation, here, there)}"
        assert not onward, "only where a path ends can several rows have one value"
        self._apart.add(step.names)
        values = ", ".join(f"{by.facet.sql('v')} as {by.column.name}" for by in ending)
        rows = f"{relation.target} v where {joined(relation, here, 'v')}"
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
