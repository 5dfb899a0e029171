"""A read model full of what is hard to carry: quotes, emoji, right-to-left, nulls, empty lists.

Rows are made from their types alone, so that a table which is new is filled, too. They are the
same in every run, and refer to each other along the relations of their tables, in circles where
a relation leads back.
"""

import random
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

import asyncpg

from domain import text
from domain.identity import PREFIXES
from projections.catalogue import PROJECTIONS
from projections.disclosure import DisclosureRow
from projections.table import TABLES, Row
from tests.generations import SCHEMAS, first_table

R = TypeVar("R", bound=Row)

ROWS = 7
"""Rows of each table; some pages of two and a half."""

TEXTS = (
    'He said "no" – and \\ left',
    "L’été, œuvre à Ÿvetot",
    "🧗‍♀️ cordée 🏔️",
    "שלום עולם",
    "مرحبا بالعالم",
    "a'b; drop table x --",
    "<script>&amp;</script>",
    "line\nbreak\tand tab",
    "\u2028\u2029\ufeff",
    "$1 %s {x} ?",
    "null",
    "",
)

DECIMALS = ("0.10", "1452000", "-1E+3", "9007199254740993", "12345678901234567890.5")

_NOUNS = {"api_key": "key", "base_camp": "camp", "seat": "registration"}
"""Tables whose ids name something else than the table."""


async def fill(dsn: str) -> None:
    """Fill every table of the read model."""
    connection = await asyncpg.connect(dsn)
    try:
        for kind in _kinds():
            await connection.execute(f"truncate {SCHEMAS[kind.TABLE.name]}.{kind.TABLE.name}")
            await first_table(kind).upsert(connection, list(rows(kind)))
    finally:
        await connection.close()


def rows(kind: type[R]) -> Iterator[R]:
    """Make the rows of a table."""
    chance = random.Random(kind.TABLE.name)  # noqa: S311 - the same in every run
    seen: set[tuple[Any, ...]] = set()
    for number in range(ROWS):
        row = kind(**_values(kind, number, chance))
        key = tuple(getattr(row, column) for column in kind.TABLE.key)
        if key not in seen:
            seen.add(key)
            yield row


def identity(table: str, number: int) -> str:
    """Give the key of a row that is known by one column."""
    if table == "territory":
        return f"region:{number}"
    return f"{PREFIXES[_NOUNS.get(table, table)]}_{number + 1:032x}"


def _values(kind: type[Row], number: int, chance: random.Random) -> dict[str, Any]:
    hints = get_type_hints(kind)
    references = _references(kind)
    values: dict[str, Any] = {}
    for column in kind.TABLE.columns:
        optional = type(None) in get_args(hints[column])
        if optional and chance.random() < 0.3:
            values[column] = None
        elif column in references:
            values[column] = identity(references[column], chance.randrange(ROWS))
        elif (column,) == kind.TABLE.key and kind.TABLE.name != "merger":
            values[column] = _own(kind, number)
        elif column == "name_key":
            values[column] = text.folded(f"{chance.choice(TEXTS)} {number}")
        else:
            values[column] = _value(hints[column], number, chance)
    return values


def _own(kind: type[Row], number: int) -> str:
    name = kind.TABLE.name
    return identity(
        name if _NOUNS.get(name, name) in PREFIXES or name == "territory" else "lever", number
    )


def _references(kind: type[Row]) -> dict[str, str]:
    """Name the tables to which single columns refer."""
    found = {
        relation.on[0][0]: relation.target
        for relation in kind.TABLE.relations.values()
        if not relation.many and len(relation.on) == 1 and len(TABLES[relation.target].key) == 1
    }
    return {column: table for column, table in found.items() if column not in ("id", "key")}


def _value(hint: Any, number: int, chance: random.Random) -> Any:
    if get_origin(hint) is list:
        return [chance.choice(TEXTS) for _ in range(chance.randrange(3))]
    for part in get_args(hint) or (hint,):
        base = getattr(part, "__supertype__", part)
        if base is type(None) or not isinstance(base, type):
            continue
        if issubclass(base, Enum):
            return chance.choice(list(base))
        made: dict[type, Callable[[], Any]] = {
            bool: lambda: chance.random() < 0.5,
            int: lambda: number * chance.choice((1, 1000, 2_000_000)) // 7 + number,
            str: lambda: chance.choice(TEXTS),
            date: lambda: date(2025, 3, 29) + timedelta(days=chance.randrange(400)),
            datetime: lambda: _instant(chance),
            Decimal: lambda: chance.choice(
                [
                    Decimal("0.10"),
                    Decimal(1452000),
                    Decimal("-1E+3"),
                    Decimal("12345678901234567890.5"),
                ]
            ),
        }
        if base in made:
            return made[base]()
    raise AssertionError(hint)


def _instant(chance: random.Random) -> datetime:
    moment = datetime(2025, 3, 30, 0, 59, 59, tzinfo=UTC) + timedelta(hours=chance.randrange(9_000))
    return moment.replace(microsecond=chance.choice((0, 1, 500_000, 123_450)))


def _kinds() -> list[type[Row]]:
    kinds = [kind for projection in PROJECTIONS for kind in projection.rows]
    return [kind for kind in kinds if kind is not DisclosureRow]  # a rule, which is always there
