"""Rights: what gives a caller a right on a row of the past is asked of the present.

A contact is seen by whoever coordinates a cohort in which its organisation takes part. Once that
has withdrawn they see it no more, in no moment: so the rows beside a row that give somebody a right
on it, as enrolments do, are those of today, also where everything else is as it was.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import Final

from projections.access import AllOf, AnyOf, Rule, Through
from projections.table import TABLES, Relation, Table

_ASKED: Final = r"exists \(select from {target} (\w+_{relation}) where"
"""How `projections.guard` asks for rows beside a row."""


def of_today(text: str) -> tuple[str, list[str]]:
    """Give a text that asks for rights of today, and what must stand before all that is past.

    That are parts of a ``with`` clause, by which the tables of today stay known.
    """
    parts = []
    for table, asked in _asked().items():
        text, count = asked.subn(rf"exists (select from {table}_today \1 where", text)
        if count:
            parts.append(f"{table}_today as not materialized (select * from {table})")  # noqa: S608 - a name of ours
    return text, parts


@cache
def _asked() -> dict[str, re.Pattern[str]]:
    """Find where rights are asked for, by the tables that give them, once all are known."""
    relations: dict[str, set[str]] = {}
    for table in TABLES.values():
        for rule in (table.seen, *table.shown.values()):
            for name, relation in _giving(rule, table):
                relations.setdefault(relation.target, set()).add(name)
    return {
        target: re.compile(_ASKED.format(target=target, relation=f"(?:{'|'.join(sorted(names))})"))
        for target, names in sorted(relations.items())
    }


def _giving(rule: Rule, table: Table) -> Iterator[tuple[str, Relation]]:
    """Give the relations to several rows of which one can give a right, by their names."""
    if isinstance(rule, AnyOf | AllOf):
        for each in rule.rules:
            yield from _giving(each, table)
    elif isinstance(rule, Through):
        relation = table.relations[rule.relation]
        if rule.rule is not None:
            if relation.many:
                yield rule.relation, relation
            yield from _giving(rule.rule, TABLES[relation.target])
