"""The past of a read model: every version of each of its rows, and how a question is asked of it.

A table `action` has its past in `action_past`: the columns of a row, `since` and `until`, the
positions of the events that made this version and that ended it, and `epoch`. History is cut into
epochs: when two thirds as much has changed since one began as there are rows, all that hold are
copied into the next. Whatever held at a position then lies in one epoch, among not twice as many
versions as there were rows, however long ago it was.

A statement is asked of the past by what is written before it: parts of a ``with`` clause that are
called as the tables are. What a function reads stays what is there today: the circles of a caller
are those of now, and what was taken from them opens nothing in the past either. What was open that
day and was closed since, such as an action that became restricted, stays closed to whoever may not
see it today; what is not there any more is as open as it was.
"""

# What is written into statements are names of tables and columns of ours; positions are bound.
# ruff: noqa: S608

import hashlib
import inspect
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, make_dataclass
from functools import cached_property, lru_cache
from typing import Any, Final, cast

from domain.aggregate import AggregateEvent
from domain.record import Recorded
from projections import guard, past_tables, versions
from projections.access import AllOf, AnyOf, Holds, Rule, Through
from projections.circle import CIRCLES
from projections.dependence import named
from projections.guard import PROGRAM, Viewer
from projections.past_tables import EPOCH, SINCE, UNTIL, epochs_name, past_name
from projections.projection import Projection
from projections.rights import of_today
from projections.rows import Need, Rows
from projections.statement import Statement
from projections.table import TABLES, Relation, Row, Table, tuple_of
from projections.versions import FOREVER, Versions

SMALLEST: Final = 1_000
"""Changes for which no new epoch is begun, however few rows there are."""

_CIRCLE: Final = re.compile(
    r"circle_\w+ as materialized \(select places_of_\w+\(\$\d+::text\) as places\)"
)
_LEADING: Final = re.compile(rf"with {_CIRCLE.pattern}(?:, {_CIRCLE.pattern})*")
"""How a statement begins that asks for circles, as `projections.guard` completes it."""

_EPOCHS_OF: Final[dict[str, str]] = {}
"""For each table that has a past the one that tells its epochs."""


@dataclass(frozen=True)
class Past(Projection):
    """The past of a projection: made of the same events, by the same fold.

    ``rows`` are those of its tables, whose columns are those of ``of`` and three more. What is
    folded are the rows of ``of``, in `Versions`.
    """

    of: Projection = field(kw_only=True)

    @cached_property
    def code_hash(self) -> bytes:
        """Changes with the projection and with what makes versions of its rows."""
        sources = inspect.getsource(versions) + inspect.getsource(inspect.getmodule(Past))  # type: ignore[arg-type]
        return hashlib.sha256(self.of.code_hash + sources.encode()).digest()

    def needs(self, recorded: Recorded[AggregateEvent]) -> Iterable[Need]:
        """Name the rows of the projection that folding ``recorded`` reads."""
        return self.of.needs(recorded)

    def take(self, rows: Rows, recorded: Recorded[AggregateEvent]) -> None:
        """Take one fact into rows in memory, and note which of them it changed."""
        self.of.take(rows, recorded)
        cast(Versions, rows).settle(recorded.position)


def past_of(projection: Projection) -> Past:
    """Make the projection that keeps the past of another."""
    for kind in projection.rows:
        _EPOCHS_OF[kind.TABLE.name] = epochs_name(projection.name)
    kinds = {kind: _past_row(kind) for kind in projection.rows}
    return Past(
        name=f"{projection.name}_past",
        ddl=past_tables.written(projection),
        rows=tuple(kinds.values()),
        follows=projection.follows,
        fold=projection.fold,
        also_follows=projection.also_follows,
        reference=tuple(_at_first(kinds[type(row)], row) for row in projection.reference),
        of=projection,
    )


def at(statement: Statement, number: int, viewer: Viewer = PROGRAM) -> Statement:
    """Ask a statement of the past, as of the position that is bound to slot ``number``.

    It gives what it gave when the read model stood at that position, except for what was closed
    since to the ``viewer``, who is bound to a slot of their own beside that of the statement.
    """
    return _at(statement.text, number, viewer)


@lru_cache(maxsize=4_096)
def _at(text: str, number: int, viewer: Viewer) -> Statement:
    position, placed = f"${number}::bigint", ".ctid" in text
    text, parts = of_today(text)
    tables = named(text)
    closed = {table: condition for table in tables if (condition := _closed(table, viewer))}
    # What is asked of today stands before the shadows, which hide today's tables from then on.
    parts += [_closed_now(table, condition) for table, condition in closed.items()]
    circles, rest = _circles(text.strip())
    parts = [
        *circles,
        *_circles_in(" ".join(parts), viewer, known=circles),
        *parts,
        *(shadow(table, position, placed=placed, closed=table in closed) for table in tables),
    ]
    if not tables:
        # PostgreSQL takes no value whose type it cannot see.
        parts.append(f"moment as (select {position})")
    if viewer.principal is not None and str(viewer.principal) not in " ".join(parts):
        parts.append(f"somebody as (select {viewer.principal})")
    joint = ", " if rest.startswith("with ") else " "
    return Statement(f"with {', '.join(parts)}{joint}{rest.removeprefix('with ')}")


def _circles(text: str) -> tuple[list[str], str]:
    """Take the circles off a statement that begins with them: each, and what follows."""
    found = _LEADING.match(text)
    if found is None:
        return [], text
    rest = text[found.end() :]
    circles = _CIRCLE.findall(found[0])
    return circles, f"with {rest.removeprefix(', ')}" if rest.startswith(", ") else rest.lstrip()


def _circles_in(text: str, viewer: Viewer, known: Sequence[str]) -> list[str]:
    """Give the circles that stand in a text, without those that are known."""
    if viewer.principal is None:
        return []
    caller, names = str(viewer.principal), {each.partition(" ")[0] for each in known}
    wanted = (each for each in CIRCLES if f"{each.table})" in text and each.table not in names)
    return [circle.sql(caller) for circle in wanted]


def _closed(table: str, viewer: Viewer) -> str | None:
    """Write that a row may not be seen today, where what may be seen can change with the row."""
    if not _may_close(TABLES[table].seen):
        return None
    seen = guard.seen(TABLES[table], "n", viewer)
    if not seen:
        return None
    # Most are open to everybody: the others have an index of their own.
    plainly = guard.plainly_open(TABLES[table], "n")
    return " and ".join(f"({each}) is not true" for each in dict.fromkeys((plainly, *seen)))


def _may_close(rule: Rule) -> bool:
    """Tell whether a rule depends on what the row itself says."""
    if isinstance(rule, AnyOf | AllOf):
        return any(map(_may_close, rule.rules))
    return isinstance(rule, Holds)


def _closed_now(table: str, condition: str) -> str:
    key = ", ".join(f"n.{column}" for column in TABLES[table].key)
    return f"closed_{table} as not materialized (select {key} from {table} n where {condition})"


def closing(table: str, viewer: Viewer) -> str | None:
    """Write the part of a ``with`` clause that finds the rows of a table that were closed since.

    It stands before the shadows of all tables; None where no row of the table can be closed.
    """
    condition = _closed(table, viewer)
    return None if condition is None else _closed_now(table, condition)


def shadow(table: str, position: str, *, placed: bool = False, closed: bool = False) -> str:
    """Write the part of a ``with`` clause that stands for a table as it was.

    ``placed`` says that where its rows lie is asked for as well, and ``closed`` that some of them
    are not to be seen any more.

    About half of an epoch's versions hold at a position of it. Of a comparison with what is bound
    PostgreSQL expects a third to pass, and of two a ninth; of `coalesce` it expects a half, and
    joins accordingly (a statistic over two tables took four times as long without it).
    """
    name, epochs, columns = past_name(table), _EPOCHS_OF[table], "ctid, *" if placed else "*"
    still = ""
    if closed:
        same = " and ".join(f"n.{column} = {name}.{column}" for column in TABLES[table].key)
        still = f" and not exists (select from closed_{table} n where {same})"
        still += "".join(_closed_with(table))
    return (
        f"{table} as not materialized (select {columns} from {name} where {EPOCH} ="
        f" (select number from {epochs} where relation = '{table}' and {SINCE} <= {position}"
        f" order by {SINCE} desc limit 1) and coalesce({SINCE} <= {position} and"
        f" {UNTIL} > {position}, false){still})"
    )


def _closed_with(table: str) -> Iterator[str]:
    """Write that nothing is closed with which rows of a table are seen, also when they are gone."""
    for relation in _seen_with(TABLES[table].seen, TABLES[table]):
        if _may_close(TABLES[relation.target].seen):
            same = " and ".join(
                f"n.{theirs} = {past_name(table)}.{ours}" for ours, theirs in relation.on
            )
            yield f" and not exists (select from closed_{relation.target} n where {same})"


def _seen_with(rule: Rule, table: Table) -> Iterator[Relation]:
    """Give the relations to that with which a row is seen."""
    if isinstance(rule, AnyOf | AllOf):
        for each in rule.rules:
            yield from _seen_with(each, table)
    elif isinstance(rule, Through) and rule.rule is None:
        yield table.relations[rule.relation]


def _past_row(kind: type[Row]) -> type[Row]:
    """Make the row of the table with the versions of another's rows."""
    table = kind.TABLE
    columns = (*table.columns, SINCE, UNTIL, EPOCH)
    made: Any = make_dataclass(
        f"{kind.__name__}Version",
        [(column, Any) for column in columns],
        bases=(Row,),
        slots=True,
        kw_only=True,
    )
    key = (*table.key, EPOCH, SINCE)
    made.TABLE = Table(
        past_name(table.name),
        key,
        None,
        (),
        {},
        columns,
        table.seen,
        table.shown,
        table.personal,
        tuple_of(key),
        tuple_of(columns),
        (),
    )
    return cast(type[Row], made)


def _at_first(kind: type[Row], row: Row) -> Row:
    """Give the version of a row that is there before any event."""
    values = {column: getattr(row, column) for column in row.TABLE.columns}
    made: Any = kind
    return cast(Row, made(**values, since=0, until=FOREVER, epoch=1))
