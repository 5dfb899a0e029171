"""What an operation has at hand: the ports, its caller, and what it alone may remember."""

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from typing import Any, Self

from strawberry.types import Info as StrawberryInfo

from api.answer_cache import AnswerCache
from api.fan_out import FanOut
from api.loaders import Loaders
from api.meter import NO_METER, Meter
from api.ports import (
    Bookmarks,
    Caller,
    Commands,
    Dossiers,
    Feed,
    Histories,
    Moments,
    Positions,
    Proofs,
    Reads,
    Sheets,
)
from api.publication.cursor import OF_THIS_PROCESS, Cursors
from api.purse import BOTTOMLESS, Purse
from api.webhooks.port import Webhooks
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
    histories: Histories | None = None
    """None where nobody is told what happened to anything."""
    moments: Moments | None = None
    """None where no log is behind the answers."""
    pasts: Positions | None = None
    """How far the past of the read model is gathered; None where it has none."""
    bookmarks: Bookmarks | None = None
    """None where nobody has any."""
    webhooks: Webhooks | None = None
    """None where nobody is told anything by them."""
    caller: Caller
    min_position: int | None = None
    """The position that the request's header asks to wait for."""
    seen: int | None = None
    """The position of what its subscriber saw last, where they come back."""
    fan_out: FanOut | None = None
    """What shares subscriptions; None where each is on its own."""
    cursors: Cursors = OF_THIS_PROCESS
    """What tells subscribers how far they are."""
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
        "answers",
        "as_of",
        "bookmarks",
        "caller",
        "commands",
        "cost",
        "cursors",
        "dossiers",
        "eyes",
        "fan_out",
        "feed",
        "held",
        "histories",
        "loaders",
        "meter",
        "moment",
        "moments",
        "pasts",
        "position",
        "positions",
        "proofs",
        "purse",
        "reading",
        "reads",
        "retraced",
        "seen",
        "sheets",
        "tag",
        "told",
        "webhooks",
        "written",
    )

    def __init__(self, context: Context, cost: Mapping[str, int]) -> None:
        """``cost`` is what was paid for it, as its caller is told."""
        self.cost = cost
        self.moment: int | None = None
        """The position as of which it answers; None is now."""
        self.as_of: dict[str, str] = {}
        """The positions as of which some of its root fields were answered, by response key."""
        self.answers = context.answers
        self.held = context.held
        self.tag: str | None = None
        """What names its answer, where that can be told."""
        self.reading: tuple[Any, Sequence[object]] | None = None
        """Where one statement answered it, without any resolver: the plan, and what was bound."""
        self.caller = context.caller
        self.eyes = eyes_of(context.caller)
        self.commands = context.commands
        fan_out = context.fan_out
        self.fan_out = FanOut(context.feed) if fan_out is None else fan_out
        self.feed = context.feed
        self.seen = context.seen
        self.cursors = context.cursors
        self.meter = context.meter
        self.positions = context.positions
        self.purse = context.purse
        self.reads = context.reads
        self.sheets = context.sheets
        self.dossiers = context.dossiers
        self.proofs = context.proofs
        self.histories = context.histories
        self.moments = context.moments
        self.pasts = context.pasts
        self.bookmarks = context.bookmarks
        self.webhooks = context.webhooks
        self.loaders = Loaders(context.reads, self.eyes)
        self.retraced = 0
        """How often it looked into what rows were (`api.retracing`)."""
        self.told = 0
        """Histories that were asked for."""
        self.written = 0
        """The position of the last command that this operation did."""
        self.position = context.positions.position()
        """What the answer reflects at least: read before anything else is."""

    def extensions(self) -> dict[str, Any]:
        """Give what every response carries: what it cost, and the position that it reflects.

        Where parts of it are as of other moments, the positions of these, by response key.
        """
        told: dict[str, Any] = {
            "cost": self.cost,
            "position": str(max(self.position, self.written)),
        }
        return told | {"asOf": self.as_of} if self.as_of else told

    def at(self, position: int, reads: Reads) -> Self:
        """Give the same operation as of a position, for which ``reads`` answer."""
        then = copy(self)
        then.moment, then.reads = position, reads
        then.answers = then.held = then.tag = then.reading = None
        then.loaders = Loaders(reads, self.eyes)
        return then

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
