"""What an operation has at hand: the ports, its caller, and what it alone may remember."""

from dataclasses import dataclass
from typing import Any

from strawberry.types import Info as StrawberryInfo

from api.loaders import Loaders
from api.ports import Caller, Commands, Feed, Positions, Reads


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """The ports, and who is calling. A WebSocket has one for all its operations."""

    commands: Commands
    reads: Reads
    positions: Positions
    feed: Feed
    caller: Caller
    min_position: int | None = None
    """The position that the request's header asks to wait for."""


class Operation:
    """One operation: its context, its loaders and the position at which it answers."""

    __slots__ = (
        "caller",
        "commands",
        "feed",
        "loaders",
        "position",
        "positions",
        "reads",
        "written",
    )

    def __init__(self, context: Context) -> None:
        self.caller = context.caller
        self.commands = context.commands
        self.feed = context.feed
        self.positions = context.positions
        self.reads = context.reads
        self.loaders = Loaders(context.reads)
        self.written = 0
        """The position of the last command that this operation did."""
        self.position = context.positions.position()
        """What the answer reflects at least: read before anything else is."""

    def extensions(self) -> dict[str, Any]:
        """Give what every response carries: the position that it reflects at least."""
        return {"position": str(max(self.position, self.written))}

    def wrote(self, position: int) -> None:
        """Forget what was read before a command of this operation was done."""
        self.loaders = Loaders(self.reads)
        self.written = max(self.written, position)


Info = StrawberryInfo[Operation, None]
