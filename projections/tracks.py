"""Tracks: what is told of the rows of a table that belong to a thing."""

from dataclasses import dataclass

from projections.column import Column
from projections.table import Table


@dataclass(frozen=True, slots=True)
class Field:
    """A value of a row that is told."""

    name: str
    """What the row calls it: a column, or a relation that leads to another thing."""
    column: Column
    leads_to: str | None = None
    """The table of that thing, where fewer may see it."""


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """What is told of the rows of a table that belong to a thing."""

    table: Table
    fields: tuple[Field, ...]

    @property
    def key(self) -> tuple[str, ...]:
        """The columns that tell the rows of one thing from each other; its own id for itself."""
        key = tuple(column for column in self.table.key if column != owned_by(self.table))
        return key or self.table.key


def owned_by(table: Table) -> str:
    """Give the column with the id of the thing to which the rows of a table belong."""
    assert table.owner is not None, f"{table.name} belongs to an aggregate"
    return table.owner[1]
