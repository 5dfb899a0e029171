"""Typed rows, and what the questions must know of their tables."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from operator import attrgetter
from typing import Any, ClassVar, TypeVar, cast, dataclass_transform

from projections.access import Rule

R = TypeVar("R", bound="Row")


@dataclass(frozen=True, slots=True)
class Relation:
    """How the rows of one table lead to those of another.

    ``on`` pairs a column of this table with one of the target; ``order`` are the target's
    columns that say in which order many are shown, ending in its key.
    """

    target: str
    on: tuple[tuple[str, str], ...]
    many: bool = False
    order: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """A table of a read model, as its row class declares it."""

    name: str
    key: tuple[str, ...]
    """The columns of the primary key."""
    owner: tuple[str, str] | None
    """The aggregate whose events make the row, if one does, and the column with its id."""
    indexes: tuple[str, ...]
    """Further columns by which a fold finds rows."""
    relations: Mapping[str, Relation]
    columns: tuple[str, ...]
    seen: Rule
    """Who may see a row."""
    shown: Mapping[str, Rule]
    """Who may see a column of a row that may be seen, for each column of which not all may."""
    personal: Mapping[str, str]
    """The columns that are null once a person was forgotten, each with the one that names them."""
    key_of: Callable[["Row"], tuple[Any, ...]]
    """Gives the primary key of a row."""
    values_of: Callable[["Row"], tuple[Any, ...]]
    """Gives what stands in a row, in the order of the columns."""
    found_by: tuple[str, ...]
    """The columns by which a fold finds several rows: the owner's and the indexed ones, without
    one that is a primary key by itself."""


class Row:
    """A row: a dataclass with slots, not frozen, whose fields are the table's columns."""

    __slots__ = ()

    TABLE: ClassVar[Table]


TABLES: dict[str, Table] = {}
"""Every table by its name."""


@dataclass_transform(kw_only_default=True)
def row(
    table: str,
    *,
    seen: Rule,
    shown: Mapping[str, Rule] | None = None,
    personal: Mapping[str, str] | None = None,
    key: tuple[str, ...] = ("id",),
    owner: tuple[str, str] | None = None,
    indexes: tuple[str, ...] = (),
    relations: Mapping[str, Relation] | None = None,
) -> Callable[[type[R]], type[R]]:
    """Make a class the row of a table: a keyword-only dataclass with slots, not frozen.

    ``seen`` has no default: who may see a row is said where the row is. ``personal`` are the
    columns with what people are called, each with the column of the id that they are known by.
    """

    def decorate(cls: type[R]) -> type[R]:
        made: Any = dataclass(slots=True, kw_only=True)(cls)
        columns = tuple(field.name for field in fields(made))
        found_by = indexes if owner is None or key == (owner[1],) else (owner[1], *indexes)
        made.TABLE = TABLES[table] = Table(
            table,
            key,
            owner,
            indexes,
            relations or {},
            columns,
            seen,
            shown or {},
            personal or {},
            tuple_of(key),
            tuple_of(columns),
            found_by,
        )
        return cast(type[R], made)

    return decorate


def tuple_of(columns: tuple[str, ...]) -> Callable[[Row], tuple[Any, ...]]:
    """Give what reads some columns of a row; of one alone, `attrgetter` would give no tuple."""
    if len(columns) > 1:
        return attrgetter(*columns)
    first = attrgetter(*columns)
    return lambda row: (first(row),)
