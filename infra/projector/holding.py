"""Holding: how the rows of a generation come out of its tables, and go into them."""

from collections.abc import Collection, Iterable, Mapping
from typing import Protocol

from domain.identity import Id
from infra.projector.building import outlet
from infra.projector.connection import Connection
from infra.projector.generation import Generation
from infra.projector.past import PastHolding
from infra.projector.tables import forget, read_table, sorted_out, write
from projections.past import Past
from projections.rows import Need, Rows


class Holding(Protocol):
    """The tables of one generation."""

    def rows(self, *, complete: bool) -> Rows:
        """Make a working set: with ``complete`` of all rows there are before any event."""

    async def begin(self, connection: Connection) -> None:
        """Make sure that only what there is before any event stands in the tables."""

    async def load(self, connection: Connection, rows: Rows, needs: Iterable[Need]) -> None:
        """Bring what is needed into a working set that lacks it."""

    def changed(self, rows: Rows) -> Collection[str]:
        """Name the tables of which rows were changed or dropped."""

    async def write(
        self, connection: Connection, rows: Rows, position: int, *, many: bool = False
    ) -> None:
        """Write what was changed up to a position; ``many`` says that it may be a lot."""

    async def forget(self, connection: Connection, people: Collection[Id]) -> None:
        """Clear what people are called, also in rows that nobody loaded."""

    def is_full(self, rows: Rows) -> bool:
        """Tell whether a complete working set holds much that it needs no more."""

    async def drain(self, connection: Connection, rows: Rows, position: int) -> None:
        """Write what a complete working set needs no more."""

    async def pour(self, connection: Connection, rows: Rows, position: int) -> Mapping[str, int]:
        """Write a complete working set, and tell how many rows there are then, by table."""


class PresentHolding:
    """The tables of a read model as it is."""

    def __init__(self, generation: Generation) -> None:
        self._projection = generation.projection
        self._schema = generation.schema

    def rows(self, *, complete: bool) -> Rows:
        """Make a working set."""
        rows = Rows(complete=complete)
        if complete:
            for row in self._projection.reference:
                rows.put(row)
        return rows

    async def begin(self, connection: Connection) -> None:
        """Leave it as it is: nothing is written before the checkpoint moves."""

    async def load(self, connection: Connection, rows: Rows, needs: Iterable[Need]) -> None:
        """Bring what is needed into a working set, with one query for each table and column."""
        for kind, column, named in sorted_out(rows.lacking(needs)):
            found = await read_table(kind, self._schema).find(
                connection, column, {need.value for need in named}
            )
            rows.load(named, found)

    def changed(self, rows: Rows) -> Collection[str]:
        """Name the tables of which rows were changed or dropped."""
        return {
            kind.TABLE.name
            for kind in self._projection.rows
            if rows.changed(kind.TABLE) or rows.dropped(kind.TABLE)
        }

    async def write(
        self,
        connection: Connection,
        rows: Rows,
        position: int,  # noqa: ARG002
        *,
        many: bool = False,
    ) -> None:
        """Write what was changed and dropped."""
        written = outlet.merge if many else write
        await written(connection, self._schema, self._projection.rows, rows)

    async def forget(self, connection: Connection, people: Collection[Id]) -> None:
        """Clear what people are called."""
        await forget(connection, self._schema, self._projection.personal, people)

    def is_full(self, rows: Rows) -> bool:  # noqa: ARG002
        """Tell that all of it is needed to the end."""
        return False

    async def drain(self, connection: Connection, rows: Rows, position: int) -> None:
        """Leave all of it where it is."""

    async def pour(
        self,
        connection: Connection,
        rows: Rows,
        position: int,  # noqa: ARG002
    ) -> Mapping[str, int]:
        """Write all rows into tables that hold nothing else then."""
        return await outlet.pour(connection, self._schema, self._projection.rows, rows)


def holding_of(generation: Generation) -> Holding:
    """Give what holds the rows of a generation: as they are, or all versions of them."""
    if isinstance(generation.projection, Past):
        return PastHolding(generation.projection, generation.schema)
    return PresentHolding(generation)
