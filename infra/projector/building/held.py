"""What an engine fills: a generation that is held, or a scratch one that nobody else can touch."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Protocol
from uuid import UUID

from infra.projector.connection import Connection
from infra.projector.generation import Generation


class Held(Protocol):
    """What an engine must know of what it builds, and how it moves the checkpoint."""

    @property
    def generation(self) -> Generation:
        """What is built."""

    @property
    def position(self) -> int:
        """The checkpoint."""

    @property
    def fresh(self) -> bool:
        """Whether its tables hold nothing yet, and nobody reads them."""

    def check(self) -> None:
        """Make sure that nobody else builds it. Raises `LeaseLost`."""

    async def aside(self, connection: Connection) -> Mapping[UUID, int]:
        """Name the streams whose events are left out, each with the position of the first."""

    async def store(
        self, connection: Connection, position: int, write: Callable[[], Awaitable[Collection[str]]]
    ) -> None:
        """Write rows and move the checkpoint, in one transaction."""
