"""How far the read models have come, as the interface asks for it."""

from infra.projector import Projector


class Positions:
    """The least of the projections' positions: up to there every answer is complete."""

    def __init__(self, projector: Projector) -> None:
        self._projector = projector

    def position(self) -> int:
        """The position up to which every read model answers at least."""
        return min(self._projector.position().values(), default=0)

    async def reached(self, position: int, timeout: float) -> bool:  # noqa: ASYNC109
        """Wait, for ``timeout`` seconds at most, until every read model is at ``position``."""
        return await self._projector.wait_until(position, timeout)
