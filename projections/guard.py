"""Guards: rules of access as SQL, for whoever is looking.

A circle is read once in a statement, however often its rules stand there, and not at all where a
rule was decided without it.
"""

# Tables, columns and values of enumerations are names of ours; the caller is bound.
# ruff: noqa: S608

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

from domain.identity import Id
from projections.access import (
    AllOf,
    Among,
    AnyOf,
    Everyone,
    Holds,
    Nobody,
    Own,
    Rule,
    Through,
    Told,
)
from projections.circle import CIRCLES, EVERYWHERE, Circle
from projections.slot import Slot
from projections.statement import Statement
from projections.table import TABLES, Relation, Table

_YES: Final = "true"
_NO: Final = "false"


@dataclass(frozen=True, slots=True)
class Viewer:
    """Through whose eyes rows are looked at, as far as a statement depends on it."""

    principal: Slot | None = None
    """Where the caller's id is bound; None is anybody."""
    trusted: bool = False
    """Whether it is the program itself, which sees everything."""


_ANYBODY: Final = Viewer()
PROGRAM: Final = Viewer(trusted=True)
"""The program itself."""


@dataclass(frozen=True, slots=True)
class Eyes:
    """Who is looking: the program itself, somebody by their id, or anybody."""

    principal: Id | None = None
    trusted: bool = False

    @property
    def known(self) -> bool:
        """Whether it is somebody by their id, which is then bound."""
        return self.principal is not None and not self.trusted

    @property
    def arguments(self) -> tuple[Id, ...]:
        """Give what is bound to the slot of the caller, where there is one."""
        return () if self.principal is None or self.trusted else (self.principal,)

    def viewer(self, number: int) -> Viewer:
        """Give what a statement depends on, if the caller is bound at a place among its values."""
        return Viewer(Slot(number, "text") if self.known else None, self.trusted)


@dataclass(frozen=True, slots=True)
class Around:
    """A row around others: it was looked at, and may be seen."""

    table: Table
    row: str
    on: frozenset[tuple[str, str]]
    """By which columns the others belong to it: theirs, and its own."""

    @classmethod
    def along(cls, relation: Relation, table: Table, row: str) -> Self:
        """Give the row around those to which a relation of its table leads."""
        return cls(table, row, frozenset((theirs, ours) for ours, theirs in relation.on))


def seen(table: Table, row: str, viewer: Viewer, around: Around | None = None) -> list[str]:
    """Write the conditions under which a row of a table may be seen; none where it always may.

    What was found out of the row around, where there is one, is not asked again.
    """
    written = _sql(table.seen, table, row, viewer, around)
    return [] if written == _YES else [written]


def seen_of_many(table: Table, row: str, viewer: Viewer) -> list[str]:
    """Write the same for rows that are counted, where most can be expected to be for everybody.

    Those that the caller sees beside them are gathered once, and only when there is a row that
    is not for everybody: what is counted for somebody is then found as it is for anybody.
    """
    written = _sql(table.seen, table, row, viewer, None)
    open_ = _sql(table.seen, table, row, _ANYBODY, None)
    if written in (_YES, open_) or open_ == _NO or len(table.key) > 1:
        return [] if written == _YES else [written]
    key, other = table.key[0], f"{row}_other"
    theirs = _sql(table.seen, table, other, viewer, None)
    hidden = f"{_sql(table.seen, table, other, _ANYBODY, None)} is not true and {theirs}"
    others = f"select {other}.{key} from {table.name} {other} where {hidden}"
    return [f"({open_} or {row}.{key} in ({others}))"]


def plainly_open(table: Table, row: str) -> str:
    """Write that a row says by itself that everybody may see it."""
    return _plain(table.seen, row)


def fulfilled(rule: Rule, table: Table, row: str, viewer: Viewer) -> str | None:
    """Write on which condition a row of a table fulfils a rule, None where it always does."""
    written = _sql(rule, table, row, viewer, None)
    return None if written == _YES else written


def shown(table: Table, column: str, row: str, viewer: Viewer) -> str | None:
    """Write the condition under which a column of a row may be seen, None where it always may."""
    rule = table.shown.get(column)
    written = _YES if rule is None else _sql(rule, table, row, viewer, None)
    return None if written == _YES else written


def value(table: Table, column: str, row: str, viewer: Viewer) -> str:
    """Write the value of a column, null where it may not be seen."""
    allowed = shown(table, column, row, viewer)
    return f"{row}.{column}" if allowed is None else f"case when {allowed} then {row}.{column} end"


def complete(text: str, viewer: Viewer) -> Statement:
    """Complete a statement by the circles that stand in it."""
    if viewer.principal is None:
        return Statement(text)
    caller = str(viewer.principal)
    parts = [circle.sql(caller) for circle in CIRCLES if f"{circle.table})" in text]
    if not parts and caller not in text:
        # PostgreSQL takes no value whose type it cannot see.
        parts = [f"nobody_asks as (select {caller})"]
    if not parts:
        return Statement(text)
    text = text.lstrip()
    joint = ", " if text.startswith("with ") else " "
    return Statement(f"with {', '.join(parts)}{joint}{text.removeprefix('with ')}")


def seen_of(table: Table, owners: Sequence[Id], eyes: Eyes) -> tuple[Statement, tuple[object, ...]]:
    """Ask of which of some aggregates the rows of a table may be seen, if they have any."""
    assert table.owner is not None, f"{table.name} belongs to an aggregate"
    owner = table.owner[1]
    conditions = seen(table, "part", eyes.viewer(2)) or [_YES]
    part = f"unnest($1::text[]) part({owner})"
    asked = f"select part.{owner} from {part} where {' and '.join(conditions)}"
    return complete(asked, eyes.viewer(2)), (owners, *eyes.arguments)


def everywhere(circle: Circle, eyes: Eyes) -> tuple[Statement, tuple[Id, ...]]:
    """Ask whether a circle of the caller's is everywhere: a statement and its arguments."""
    asked = f"select (select places from {circle.table}) ? '{EVERYWHERE}'"
    return complete(asked, eyes.viewer(1)), eyes.arguments


def _sql(rule: Rule, table: Table, row: str, viewer: Viewer, around: Around | None) -> str:
    if viewer.trusted:
        return _YES
    match rule:
        case Everyone() | Nobody():
            return _YES if isinstance(rule, Everyone) else _NO
        case Holds() | Told():
            return _said(rule, row)
        case Own() | Among():
            return _NO if viewer.principal is None else _known(rule, row, viewer.principal)
        case Through():
            return _through(rule, table, row, viewer, around)
        case AnyOf(rules) | AllOf(rules):
            written = [_sql(each, table, row, viewer, around) for each in rules]
            return _any(written) if isinstance(rule, AnyOf) else _all(written)


def _plain(rule: Rule, row: str) -> str:
    """Write as much of a rule as the row itself can tell; what others would have to, is not so."""
    match rule:
        case Holds() | Told():
            return _said(rule, row)
        case AnyOf(rules):
            return _any([_plain(each, row) for each in rules])
        case AllOf(rules):
            return _all([_plain(each, row) for each in rules])
        case _:
            return _YES if isinstance(rule, Everyone) else _NO


def _any(written: list[str]) -> str:
    left = [each for each in written if each != _NO]
    if _YES in left:
        return _YES
    return f"({' or '.join(left)})" if left else _NO


def _all(written: list[str]) -> str:
    left = [each for each in written if each != _YES]
    if _NO in left:
        return _NO
    return f"({' and '.join(left)})" if left else _YES


def _said(rule: Holds | Told, row: str) -> str:
    if isinstance(rule, Told):
        return f"{row}.{rule.column} is not null"
    listed = ", ".join(f"'{value}'" for value in rule.values)
    return f"{row}.{rule.column} in ({listed})"


def _known(rule: Own | Among, row: str, caller: Slot) -> str:
    if isinstance(rule, Own):
        return f"{row}.{rule.column} = {caller}"
    columns = [f"{row}.{column}" for column in rule.columns]
    if rule.otherwise is not None:
        columns = [f"coalesce({column}, '{rule.otherwise}')" for column in columns]
    places = ", ".join([f"'{EVERYWHERE}'", *columns])
    return f"(select places from {rule.circle.table}) ?| array[{places}]"


def _through(
    through: Through, table: Table, row: str, viewer: Viewer, around: Around | None
) -> str:
    relation = table.relations[through.relation]
    target = TABLES[relation.target]
    rule = target.seen if through.rule is None else through.rule
    if around is not None:
        if _leads_to(relation, around):
            # The row around is the one that the rule asks for, and was let through already.
            return _YES if rule == target.seen else _sql(rule, target, around.row, viewer, None)
        if _lets_through(rule, relation, around):
            return _YES
    there = f"{row}_{through.relation}"
    allowed = _sql(rule, target, there, viewer, None)
    if allowed == _NO or (allowed == _YES and rule == target.seen):
        return allowed
    joined = [f"{there}.{theirs} = {row}.{ours}" for ours, theirs in relation.on]
    return f"exists (select from {target.name} {there} where {' and '.join([*joined, allowed])})"


def _leads_to(relation: Relation, around: Around) -> bool:
    return relation.target == around.table.name and frozenset(relation.on) == around.on


def _lets_through(rule: Rule, relation: Relation, around: Around) -> bool:
    """Tell whether the row around was let through by the same rule of the same row."""
    needed = around.table.seen.rules if isinstance(around.table.seen, AllOf) else ()
    for fulfilled in (around.table.seen, *needed):
        if isinstance(fulfilled, Through):
            theirs = around.table.relations[fulfilled.relation]
            target = TABLES[theirs.target]
            same = rule == (target.seen if fulfilled.rule is None else fulfilled.rule)
            if same and relation.target == target.name:
                asked = dict(theirs.on)
                return {(ours, asked.get(there)) for ours, there in around.on} >= set(relation.on)
    return False
