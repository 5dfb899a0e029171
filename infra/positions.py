"""How far the read models have come, as the interface asks for it."""

from collections.abc import Collection, Sequence

from api.ports import Hindrance
from infra.projector import Projector


class Positions:
    """The least of the projections' positions: up to there every answer is complete.

    A projection that an event has stopped does not count: it is a hindrance, until it is mended.
    """

    def __init__(self, projector: Projector) -> None:
        self._projector = projector

    def position(self) -> int:
        """The position up to which every read model answers at least that has not stopped."""
        return self._projector.least()

    async def reached(
        self,
        position: int,
        timeout: float,  # noqa: ASYNC109
        tables: Collection[str] | None = None,
    ) -> bool:
        """Wait, for ``timeout`` seconds at most, until all that run are at ``position``.

        Where some tables are named, only those that make these are waited for.
        """
        return await self._projector.wait_until(position, timeout, tables)

    def shown(self, tables: Collection[str]) -> int:
        """The position up to which some tables show the log, also where they have stopped."""
        return min(map(self._projector.shown, tables))

    def moved(self, tables: Sequence[str]) -> tuple[tuple[int, int], ...]:
        """Tell for each of some tables its generation, and a number that grows as it changes."""
        return tuple(self._projector.moved(table) for table in tables)

    def hindrances(self) -> Sequence[Hindrance]:
        """Tell which read models cannot be relied on, and why."""
        return self._projector.hindrances()
