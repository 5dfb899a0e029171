"""The working set: the rows of a generation that are in memory while it is built."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Final

import psutil

from domain.aggregate import AggregateEvent
from domain.identity import Id
from domain.person import Person, ids_of
from domain.record import Recorded
from infra.projector.building import outlet
from infra.projector.connection import Connection
from infra.projector.generation import Generation
from infra.projector.tables import forget, read_table
from projections.rows import Need, Rows
from projections.table import Row

WITHOUT_BREAK: Final = 500
"""Events that are folded in one go before others on the loop get their turn (some ms)."""

_AT_ONCE: Final = 5_000
"""Rows' keys that are looked up by one statement."""


class Unfoldable(Exception):
    """An event cannot be folded."""

    def __init__(self, position: int, cause: Exception) -> None:
        super().__init__(f"the event at position {position} cannot be folded")
        self.position = position
        self.cause = cause


class WorkingSet:
    """Rows in memory, folded onto, and written out.

    From the first event on, all rows that there are are in memory, and nothing is looked up. When
    they take too much, all are written and given up; from then on, as after a beginning in the
    middle, rows are loaded as the events need them, and kept until they are too many again.
    """

    def __init__(self, generation: Generation, position: int, *, whole: bool) -> None:
        """It goes on at a position, up to which the tables have everything.

        ``whole`` says that they hold nothing, and may be written anew.
        """
        self._projection = generation.projection
        self._schema = generation.schema
        self._whole = whole
        self._forgotten: list[Id] = []
        self._begin()
        self.position = position
        """Up to here everything is in the tables or in memory."""

    @property
    def whole(self) -> bool:
        """Whether all rows that there are are in memory."""
        return self._whole

    def _begin(self) -> None:
        self._rows = Rows(complete=self._whole)
        self._forgotten.clear()
        if self._whole:
            for row in self._projection.reference:
                self._rows.put(row)

    async def take(
        self, connection: Connection, batch: Sequence[Recorded[AggregateEvent]], upto: int
    ) -> None:
        """Fold all that is followed up to a position; others on the loop get their turns.

        Raises:
            Unfoldable: one of them cannot be folded; what is in memory is of no use any more.
        """
        if not self._whole:
            await self._load(connection, batch)
        projection, rows = self._projection, self._rows
        take = projection.take
        for start in range(0, len(batch), WITHOUT_BREAK):
            part = batch[start : start + WITHOUT_BREAK]
            for recorded in part:
                try:
                    take(rows, recorded)
                except Exception as error:
                    raise Unfoldable(recorded.position, error) from error
                if type(recorded.event) is Person.Forgotten:
                    self._forgotten += ids_of(recorded.event.subject)
            await asyncio.sleep(0)
        self.position = upto

    async def _load(
        self, connection: Connection, batch: Sequence[Recorded[AggregateEvent]]
    ) -> None:
        """Bring what the events need into memory, as far as it is not there."""
        wanted: dict[tuple[type[Row], str], list[Need]] = defaultdict(list)
        needs = (need for recorded in batch for need in self._projection.needs(recorded))
        for need in self._rows.lacking(needs):
            wanted[need.kind, need.column].append(need)
        for (kind, column), named in wanted.items():
            table = read_table(kind, self._schema)
            for start in range(0, len(named), _AT_ONCE):
                some = named[start : start + _AT_ONCE]
                values: set[Any] = {need.value for need in some}
                self._rows.load(some, await table.find(connection, column, values))

    async def write(self, connection: Connection) -> dict[str, int] | None:
        """Write what is in memory, within a transaction; how many rows where all were there."""
        if self._whole:
            return await outlet.pour(connection, self._schema, self._projection.rows, self._rows)
        await outlet.merge(connection, self._schema, self._projection.rows, self._rows)
        if self._forgotten:
            await forget(connection, self._schema, self._projection.personal, self._forgotten)
        return None

    def give_up(self) -> None:
        """Let go of all rows, once they are written."""
        self._whole = False
        self._begin()


def memory() -> int:
    """Give the bytes of memory that this process takes."""
    taken: int = psutil.Process().memory_info().rss
    return taken
