"""Typed rows, and what the questions must know of their tables."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any, ClassVar, TypeVar, cast, dataclass_transform

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
    key: tuple[str, ...] = ("id",),
    owner: tuple[str, str] | None = None,
    indexes: tuple[str, ...] = (),
    relations: Mapping[str, Relation] | None = None,
) -> Callable[[type[R]], type[R]]:
    """Make a class the row of a table: a keyword-only dataclass with slots, not frozen."""

    def decorate(cls: type[R]) -> type[R]:
        made: Any = dataclass(slots=True, kw_only=True)(cls)
        columns = tuple(field.name for field in fields(made))
        made.TABLE = TABLES[table] = Table(table, key, owner, indexes, relations or {}, columns)
        return cast(type[R], made)

    return decorate
