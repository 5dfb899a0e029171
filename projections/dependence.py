"""What a statement depends on: the tables that it reads, by the names that stand in it.

A name that is also a column's counts as well: more is then believed to have changed than has. The
functions that statements of plans call are those of circles, whose tables count like its own.
"""

import re
from functools import cache
from typing import Final

from projections.circle import CIRCLES
from projections.statement import Statement
from projections.table import TABLES

_CLOCK: Final = re.compile(
    r"\b(now|random|clock_timestamp|statement_timestamp|transaction_timestamp|timeofday"
    r"|current_date|current_time|current_timestamp|localtime|localtimestamp)\b"
)
_ELSEWHERE: Final = re.compile(r"\b(log|keys|pg_catalog|information_schema)\.")
_READ: Final = re.compile(r"\b(?:from|join)\s+([a-z_][a-z0-9_]*)\b(?!\s*\()")
_WITH: Final = re.compile(r"\b([a-z_][a-z0-9_]*)(?:\([^()]*\))? as (?:materialized )?\(")


def tables(statement: Statement) -> tuple[str, ...] | None:
    """Name the tables without whose change a statement gives the same as before, in order.

    None where that is not all it depends on: it looks at the clock, or beyond the tables of rows.
    """
    called = [body for name, body in _functions() if name in statement.text]
    text = "\n".join([statement.text, *called])
    if _CLOCK.search(text) or _ELSEWHERE.search(text):
        return None
    read = set(_READ.findall(text)) - {"lateral"} - set(_WITH.findall(text))
    if not read <= TABLES.keys():
        return None
    return named(text)


def named(text: str) -> tuple[str, ...]:
    """Name the tables whose names stand in a text, in order."""
    return tuple(sorted(set(_named().findall(text))))


@cache
def _functions() -> tuple[tuple[str, str], ...]:
    return tuple((f"places_of_{circle.name}(", circle.body) for circle in CIRCLES)


@cache
def _named() -> re.Pattern[str]:
    """Find names of tables, once all of them are known."""
    return re.compile(rf"\b(?:{'|'.join(sorted(TABLES, key=len, reverse=True))})\b")
