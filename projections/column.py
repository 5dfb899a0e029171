"""Columns, and the form in which their values leave: the same from SQL and from a typed row."""

import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any, NewType, Union, get_args, get_origin, get_type_hints

from projections.table import Row

Position = NewType("Position", int)
"""A position of the log: too large a number for some readers of JSON."""

External = str | int | float | bool | None | list["External"] | dict[str, "External"]
"""A value as it stands in JSON."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of value: its type in SQL, and the way out of Python and back."""

    sql: str
    outside: Callable[[Any], External]
    inside: Callable[[Any], Any]
    """Reads an external value. Raises ValueError, TypeError or ArithmeticError on another one."""
    quoted: bool = False
    """Whether it leaves as a string although SQL would write a bare number."""
    last: Any = None
    """What stands for an untold value where rows are ordered, None where no order is by this."""
    last_sql: str | None = None
    """The same, as SQL writes it."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table."""

    name: str
    kind: Kind
    nullable: bool

    def ordered(self, row: str) -> str:
        """Write the value by which rows are ordered: an untold one comes after all others."""
        name = f"{row}.{self.name}"
        if not self.nullable:
            return name
        assert self.kind.last_sql is not None, f"nothing is ordered by {self.name}"
        return f"coalesce({name}, {self.kind.last_sql})"


def instant(value: datetime) -> str:
    """Write an instant in UTC (RFC 3339) exactly as PostgreSQL writes it in JSON."""
    text = value.astimezone(UTC).replace(tzinfo=None).isoformat()
    whole, point, fraction = text.partition(".")
    return f"{whole}{point}{fraction.rstrip('0')}+00:00"


def decimal(value: Decimal) -> str:
    """Write an exact number without an exponent, as PostgreSQL does."""
    return format(value, "f")


def _instant(value: Any) -> datetime:
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise ValueError("an instant without a time zone")
    return moment


def _text(value: Any) -> str:
    if not isinstance(value, str) or "\0" in value:
        raise ValueError("not a text that a column can hold")
    value.encode()  # half of a surrogate pair is no text
    return value


def _whole(value: Any) -> int:
    if type(value) is not int or not -(2**63) <= value < 2**63:
        raise ValueError("not a whole number that a column can hold")
    return value


_LATE = datetime(9999, 1, 1, tzinfo=UTC)
_GREATEST = 2**63 - 1

TEXT = Kind("text", str, _text)
INTEGER = Kind("bigint", int, _whole, last=_GREATEST, last_sql=str(_GREATEST))
BOOLEAN = Kind("boolean", bool, bool)
DATE = Kind(
    "date", date.isoformat, date.fromisoformat, last=_LATE.date(), last_sql="date '9999-01-01'"
)
INSTANT = Kind(
    "timestamptz", instant, _instant, last=_LATE, last_sql="timestamptz '9999-01-01 00:00:00+00'"
)
POSITION = Kind("bigint", str, int, quoted=True)
DECIMAL = Kind(
    "numeric", decimal, Decimal, quoted=True, last=Decimal("NaN"), last_sql="numeric 'NaN'"
)
TEXTS = Kind("text[]", list, list)

_KINDS: Mapping[type, Kind] = {
    bool: BOOLEAN,
    int: INTEGER,
    datetime: INSTANT,
    date: DATE,
    Decimal: DECIMAL,
    list: TEXTS,
    tuple: TEXTS,
    str: TEXT,
}

_COLUMNS: dict[type[Row], Mapping[str, Column]] = {}


def columns(row: type[Row]) -> Mapping[str, Column]:
    """Give the columns of a table by their names, from the types of its row."""
    found = _COLUMNS.get(row)
    if found is None:
        hints = get_type_hints(row)
        names = row.TABLE.columns
        found = _COLUMNS[row] = {name: _column(name, hints[name]) for name in names}
    return found


def _column(name: str, hint: Any) -> Column:
    nullable = False
    if get_origin(hint) is Annotated:
        hint = get_args(hint)[0]
    if get_origin(hint) in (Union, types.UnionType):
        (hint,) = (part for part in get_args(hint) if part is not type(None))
        nullable = True
    if hint is Position:
        return Column(name, POSITION, nullable)
    hint = get_origin(hint) or getattr(hint, "__supertype__", hint)
    for kind, found in _KINDS.items():
        if issubclass(hint, kind):
            return Column(name, found, nullable)
    raise TypeError(f"column {name}: {hint} has no external form")
