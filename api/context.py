"""What an operation has at hand: the ports, its caller, and what it alone may remember."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from strawberry.types import Info as StrawberryInfo

from api.answer_cache import AnswerCache
from api.loaders import Loaders
from api.meter import NO_METER, Meter
from api.ports import Caller, Commands, Dossiers, Feed, Positions, Proofs, Reads, Sheets
from api.purse import BOTTOMLESS, Purse
from domain.identity import external
from projections.guard import Eyes


@dataclass(slots=True, kw_only=True)  # not frozen: those are four times as slow to make
class Context:
    """The ports, and who is calling. A WebSocket has one for all its operations."""

    commands: Commands
    reads: Reads
    positions: Positions
    feed: Feed
    sheets: Sheets
    dossiers: Dossiers | None = None
    """None where no dossier is given to anybody."""
    proofs: Proofs | None = None
    """None where nothing is proved."""
    caller: Caller
    min_position: int | None = None
    """The position that the request's header asks to wait for."""
    purse: Purse = BOTTOMLESS
    """Out of which operations are paid."""
    meter: Meter = NO_METER
    """What counts them."""
    answers: AnswerCache | None = None
    """The answers that may be given again; None where each is asked for."""
    held: frozenset[str] | None = None
    """The tags of the answers that its caller has; None where it takes no tags."""
    transport: str = "sse"
    """Over which its subscriptions go: `sse` or `websocket`."""


class Operation:
    """One operation: its context, its loaders and the position at which it answers."""

    __slots__ = (
        "answered",
        "answers",
        "caller",
        "commands",
        "cost",
        "dossiers",
        "eyes",
        "feed",
        "held",
        "loaders",
        "meter",
        "position",
        "positions",
        "proofs",
        "purse",
        "reading",
        "reads",
        "sheets",
        "tag",
        "written",
    )

    def __init__(self, context: Context, cost: Mapping[str, int]) -> None:
        """``cost`` is what was paid for it, as its caller is told."""
        self.cost = cost
        self.answers = context.answers
        self.held = context.held
        self.tag: str | None = None
        """What names its answer, where that can be told."""
        self.reading: tuple[Any, Sequence[object]] | None = None
        """Where one statement answered it, without any resolver: the plan, and what was bound."""
        self.caller = context.caller
        self.eyes = eyes_of(context.caller)
        self.commands = context.commands
        self.feed = context.feed
        self.meter = context.meter
        self.positions = context.positions
        self.purse = context.purse
        self.reads = context.reads
        self.sheets = context.sheets
        self.dossiers = context.dossiers
        self.proofs = context.proofs
        self.loaders = Loaders(context.reads, self.eyes)
        self.written = 0
        """The position of the last command that this operation did."""
        self.position = context.positions.position()
        """What the answer reflects at least: read before anything else is."""

    def extensions(self) -> dict[str, Any]:
        """Give what every response carries: what it cost, and the position that it reflects."""
        return {"cost": self.cost, "position": str(max(self.position, self.written))}

    def wrote(self, position: int) -> None:
        """Forget what was read before a command of this operation was done."""
        self.loaders = Loaders(self.reads, self.eyes)
        self.written = max(self.written, position)


def eyes_of(caller: Caller) -> Eyes:
    """Give through whose eyes a caller looks at the read model."""
    principal = caller.principal
    id = None if principal is None else external("principal", principal)
    return Eyes(id, trusted=caller.trusted)


Info = StrawberryInfo[Operation, None]
