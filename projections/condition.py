"""Conditions: which rows a question is about, and the SQL that picks them.

There are two truth values. What is not told is unlike every value and on no side of any, so
that a condition and its opposite share the rows between them, none left out. A facet with
several values is like a value when one of them is.
"""

from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

from projections import guard
from projections.facet import Facet, joined
from projections.guard import Around, Viewer
from projections.slot import Slot
from projections.table import TABLES


class Operator(Enum):
    """How a value is compared with a bound one."""

    EQUAL = "{value} = {bound}"
    AMONG = "{value} = any({bound})"
    LESS = "{value} < {bound}"
    AT_MOST = "{value} <= {bound}"
    MORE = "{value} > {bound}"
    AT_LEAST = "{value} >= {bound}"
    CONTAINS = "strpos({value}, {bound}) > 0"


@dataclass(frozen=True, slots=True)
class Comparison:
    """A value compared with a bound one."""

    operator: Operator
    value: Slot


@dataclass(frozen=True, slots=True)
class Has:
    """A facet has a value that stands all comparisons; without any, it has one at all."""

    facet: Facet
    comparisons: tuple[Comparison, ...]


@dataclass(frozen=True, slots=True)
class All:
    """All of some conditions hold."""

    of: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """One of some conditions holds, or several."""

    of: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """A condition does not hold."""

    of: "Condition"


Condition: TypeAlias = Has | All | AnyOf | Not


@dataclass(frozen=True, slots=True, eq=False)
class Filter:
    """A condition together with what is bound to its slots."""

    condition: Condition
    values: tuple[object, ...]
    types: tuple[str, ...]
    """The types of the slots in SQL, in their order."""


def sql(condition: Condition, row: str, viewer: Viewer) -> str:
    """Write a condition on a row.

    What a viewer may not see fulfils none: a filter must not tell of it.
    """
    match condition:
        case All():
            return f"({' and '.join(sql(each, row, viewer) for each in condition.of) or 'true'})"
        case AnyOf():
            return f"({' or '.join(sql(each, row, viewer) for each in condition.of) or 'false'})"
        case Not():
            return f"{sql(condition.of, row, viewer)} is not true"
        case Has():
            return _has(condition, row, viewer)


def _has(condition: Has, row: str, viewer: Viewer) -> str:
    relations = [step.relation for step in condition.facet.path.steps]
    rows = [row, *(f"{row}_{place}" for place in range(1, len(relations) + 1))]
    value = condition.facet.sql(rows[-1], viewer)
    compared = [
        comparison.operator.value.format(value=value, bound=comparison.value)
        for comparison in condition.comparisons
    ]
    tests = compared or [f"{value} is not null"]
    if not relations:
        return f"({' and '.join(tests)})"
    sources = [
        f"{relation.target} {there}" for relation, there in zip(relations, rows[1:], strict=True)
    ]
    steps = [
        joined(relation, here, there)
        for relation, here, there in zip(relations, rows, rows[1:], strict=False)
    ]
    seen, around = list[str](), condition.facet.path.table
    for relation, here, there in zip(relations, rows, rows[1:], strict=False):
        table = TABLES[relation.target]
        seen += guard.seen(table, there, viewer, Around.along(relation, around, here))
        around = table
    conditions = " and ".join([*steps, *tests, *seen])
    return f"exists (select from {', '.join(sources)} where {conditions})"
