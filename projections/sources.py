"""Sources: the rows that a statistic counts, and the events since which they are what is counted.

What is counted of a row are its values in some columns: that which is summed up, or those by which
it is chosen and grouped. The row owes them to the event since which it had all of them without a
break; where no column counts, to the one that made it. Where it is grouped by what is said beside
it, such as the themes of an action, the last of those events counts: since then it is in the group.
"""

# Tables and columns are names of ours; every value is bound.
# ruff: noqa: S608

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from projections import guard, source
from projections.column import Column
from projections.condition import Condition, Filter, Has, Not
from projections.facet import Facet, joined
from projections.grouping import Joins
from projections.guard import Eyes
from projections.ordering import Ordering, ordering
from projections.past_tables import SINCE, UNTIL, past_name
from projections.plan import Grouping, Source
from projections.statement import Statement
from projections.table import TABLES, Row, Table

Bound = tuple[Statement, Sequence[object]]
"""A statement and its arguments."""
Key = tuple[Any, ...]
"""What tells a row from the others of its table."""


@dataclass(frozen=True, slots=True)
class Counted:
    """The rows that are counted, as a whole or in one of some groups."""

    row: type[Row]
    where: Filter | None
    by: tuple[Grouping, ...]
    group: tuple[Any, ...]
    """A value for each facet by which is grouped."""
    measure: Column | None = None
    """The column whose values are summed up: only rows that answer it count then."""

    @property
    def table(self) -> Table:
        """The table of the rows."""
        return self.row.TABLE

    @property
    def order(self) -> Ordering:
        """The order in which they are told: that of their keys."""
        return ordering(self.row, self.table.key)

    @property
    def named(self) -> bool:
        """Whether their keys are ids by which they are known."""
        return self.table.key == ("id",)

    @property
    def watched(self) -> tuple[str, ...]:
        """The columns of which it is told since when they are what they are."""
        if self.measure is not None:
            return (self.measure.name,)
        facets = [each.facet for each in self.by]
        facets += [] if self.where is None else _facets(self.where.condition)
        watched = dict.fromkeys(name for facet in facets for name in _own_columns(facet))
        return tuple(name for name in watched if name not in self.table.key)

    def page(self, position: int, eyes: Eyes, limit: int, after: Key | None) -> Bound:
        """Ask for some of them behind a place: the position of an event, then the key.

        It is asked as of a position; what was recorded after that does not count.
        """
        writing, order = _Writing(self, eyes), self.order
        further = [] if after is None else [order.beyond("t", writing.place(order, after))]
        rows = f"select t.* from {writing.rows(further)} order by {order.sql('t')}"
        rows += f" limit {writing.bind(limit, 'bigint')}"
        upto = writing.bind(position, "bigint")
        origins = [_origin(self.table, self.watched, "t", upto), *writing.beside(upto)]
        origin = f"greatest({', '.join(f'({each})' for each in origins)})"
        key = ", ".join(f"t.{name}" for name in self.table.key)
        return writing.bound(f"select {origin}, {key} from ({rows}) t order by {order.sql('t')}")

    def count(self, eyes: Eyes) -> Bound:
        """Ask how many they are."""
        writing = _Writing(self, eyes)
        return writing.bound(f"select count(*) from {writing.rows([])}")


def origin_of(table: Table, row: str, position: str) -> str:
    """Write the position of the event that made a row, as of a position."""
    return _origin(table, (), row, position)


def _origin(table: Table, watched: Iterable[str], row: str, position: str) -> str:
    """Write the position of the event since which a row has its values in some columns.

    That is the last of its versions before which there was another value, or no row.
    """
    names = tuple(watched)
    told = "".join(f", p.{name}" for name in names)
    same = " and ".join(f"p.{name} = {row}.{name}" for name in table.key)
    broken = [f"lag(v.{UNTIL}) over w is distinct from v.{SINCE}"]
    broken += [f"lag(v.{name}) over w is distinct from v.{name}" for name in names]
    # A row that lives long stands in several epochs; where it has ended, the last of them knows.
    versions = (
        f"select distinct on (p.{SINCE}) p.{SINCE}, p.{UNTIL}{told} from {past_name(table.name)} p"
        f" where {same} and p.{SINCE} <= {position} order by p.{SINCE}, p.{UNTIL}"
    )
    breaks = (
        f"select v.{SINCE}, {' or '.join(broken)} as broken"
        f" from ({versions}) v window w as (order by v.{SINCE})"
    )
    return f"select max(b.{SINCE}) from ({breaks}) b where b.broken"


def _own_columns(facet: Facet) -> Iterable[str]:
    """Name the columns of a row itself on which its value of a facet depends."""
    if not facet.path.names:
        return (facet.column.name,)
    relation = facet.path.table.relations[facet.path.names[0]]
    return (ours for ours, _ in relation.on)


def _facets(condition: Condition) -> Iterator[Facet]:
    match condition:
        case Has():
            yield condition.facet
        case Not():
            yield from _facets(condition.of)
        case _:
            for each in condition.of:
                yield from _facets(each)


class _Writing:
    def __init__(self, counted: Counted, eyes: Eyes) -> None:
        self._counted = counted
        where = counted.where
        self._arguments: list[object] = [] if where is None else list(where.values)
        self._viewer = eyes.viewer(len(self._arguments) + 1)
        self._arguments += eyes.arguments
        self._group = [
            self.bind(value, by.facet.kind.sql)
            for by, value in zip(counted.by, counted.group, strict=True)
        ]

    def bound(self, text: str) -> Bound:
        """Complete a statement, and give its arguments."""
        return guard.complete(text, self._viewer), self._arguments

    def bind(self, value: object, sql: str) -> str:
        self._arguments.append(value)
        return f"${len(self._arguments)}::{sql}"

    def place(self, order: Ordering, place: Key) -> list[str]:
        return [
            self.bind(value, column.kind.sql)
            for value, column in zip(place, order.columns, strict=True)
        ]

    def rows(self, further: list[str]) -> str:
        counted, table = self._counted, self._counted.row.TABLE
        joins = Joins(counted.by, "t", self._viewer)
        conditions = list(further)
        for by, bound in zip(counted.by, self._group, strict=True):
            conditions.append(f"{joins.value(by)} is not distinct from {bound}")
        if counted.measure is not None:
            value = guard.value(table, counted.measure.name, "t", self._viewer)
            conditions.append(f"{value} is not null")
        condition = None if counted.where is None else counted.where.condition
        rows = Source(table, where=condition)
        return source.rows(rows, "t", "", self._viewer, conditions, joins=joins.sql, counted=True)

    def beside(self, position: str) -> Iterator[str]:
        """Write the positions of the events since which rows beside a row put it into its group."""
        if self._counted.measure is None:
            for by, bound in zip(self._counted.by, self._group, strict=True):
                if by.facet.path.names:
                    yield self._origin_beside(by.facet, bound, position)

    def _origin_beside(self, facet: Facet, bound: str, position: str) -> str:
        rows: dict[tuple[str, ...], str] = {(): "t"}
        sources, conditions = list[str](), list[str]()
        for step in facet.path.steps:
            there = rows[step.names] = f"t_{len(rows)}"
            table = TABLES[step.relation.target]
            sources.append(source.reference(table, there))
            conditions.append(joined(step.relation, rows[step.before], there))
            conditions += guard.seen(table, there, self._viewer)
        end = rows[facet.path.names]
        conditions.append(f"{facet.sql(end, self._viewer)} is not distinct from {bound}")
        origin = _origin(facet.path.end, (facet.column.name,), end, position)
        return f"select min(({origin})) from {', '.join(sources)} where {' and '.join(conditions)}"
