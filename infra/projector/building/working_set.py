"""The working set: the rows of a generation that are in memory while it is built."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Final

import psutil

from domain.aggregate import AggregateEvent
from domain.identity import Id
from domain.person import Person, ids_of
from domain.record import Recorded
from infra.projector.connection import Connection
from infra.projector.generation import Generation
from infra.projector.holding import holding_of

WITHOUT_BREAK: Final = 500
"""Events that are folded in one go before others on the loop get their turn (some ms)."""


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
        self._holding = holding_of(generation)
        self._whole = whole
        self._forgotten: list[Id] = []
        self._begin()
        self.position = position
        """Up to here everything is in the tables or in memory."""

    @property
    def whole(self) -> bool:
        """Whether all rows that there are are in memory."""
        return self._whole

    @property
    def is_full(self) -> bool:
        """Whether much of it is needed no more, and can be given away by `drain`."""
        return self._whole and self._holding.is_full(self._rows)

    def _begin(self) -> None:
        self._rows = self._holding.rows(complete=self._whole)
        self._forgotten.clear()

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
        needs = (need for recorded in batch for need in self._projection.needs(recorded))
        await self._holding.load(connection, self._rows, needs)

    async def drain(self, connection: Connection) -> None:
        """Write what is needed no more, within a transaction that leaves the checkpoint."""
        await self._holding.drain(connection, self._rows, self.position)

    async def write(self, connection: Connection) -> Mapping[str, int] | None:
        """Write what is in memory, within a transaction; how many rows where all were there."""
        written = None
        if self._whole:
            written = await self._holding.pour(connection, self._rows, self.position)
        else:
            await self._holding.write(connection, self._rows, self.position, many=True)
        if self._forgotten:
            await self._holding.forget(connection, self._forgotten)
        return written

    def give_up(self) -> None:
        """Let go of all rows, once they are written."""
        self._whole = False
        self._begin()


def memory() -> int:
    """Give the bytes of memory that this process takes."""
    taken: int = psutil.Process().memory_info().rss
    return taken
