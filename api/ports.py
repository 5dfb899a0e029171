"""What the interface asks of the world: commands, reads, positions and the feed."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from domain.aggregate import AggregateEvent
from domain.command import Command
from domain.identity import Id
from domain.record import Recorded
from domain.refusal import Language
from projections.statement import Statement


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, and in which language they read refusals."""

    actor: str
    language: Language


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What became of a command that was accepted."""

    noun: str
    """The noun of the aggregate of which the command speaks."""
    id: Id
    version: int
    """The aggregate's version afterwards."""
    position: int
    """The last position of the command's facts; where it recorded none, the head it found."""
    created: Id | None
    """The part that the command brought into being, where it creates one."""
    duplicate: bool
    """Whether the command was done before, under the same id."""


class ReadsUnavailable(Exception):
    """The read model does not answer; what was asked can be asked again."""


class ReadTooSlow(Exception):
    """The read model was asked for more than it can gather in the time it has."""


class FeedBroken(Exception):
    """An event cannot be read: nothing beyond those before it can be told."""

    def __init__(self, position: int) -> None:
        super().__init__(f"the event at position {position} cannot be read")
        self.position = position


@dataclass(frozen=True, slots=True)
class Hindrance:
    """Why a read model cannot be relied on at the moment."""

    read_model: str
    code: str
    """STOPPED by an event, OUTDATED, BEHIND since the start, or its worker has ENDED."""
    reason: str


class Commands(Protocol):
    """Decides commands and stores what they record."""

    async def execute(self, command: Command, caller: Caller) -> Done:
        """Do what the command says. Raises a `domain.refusal.Refusal` when it is unwelcome."""


class Reads(Protocol):
    """Answers questions from the read model, in one snapshot for each statement.

    Each raises `ReadsUnavailable` or `ReadTooSlow` when there is no answer.
    """

    async def answer(
        self, statement: Statement, arguments: Sequence[object]
    ) -> Sequence[bytes | None]:
        """Run a rendered plan and give its one row: a JSON text for each root field."""

    async def rows(
        self, statement: Statement, arguments: Sequence[object]
    ) -> Sequence[Sequence[Any]]:
        """Run a statement and give its rows, values as the driver decodes them."""


class Positions(Protocol):
    """How far the read model has come."""

    def position(self) -> int:
        """The position up to which every read model answers at least that has not stopped."""

    async def reached(self, position: int, timeout: float) -> bool:  # noqa: ASYNC109
        """Wait, for ``timeout`` seconds at most, until all that run are at ``position``."""

    def hindrances(self) -> Sequence[Hindrance]:
        """Tell which read models cannot be relied on, and why; none when all is well."""


class Feed(Protocol):
    """Tells what happens."""

    async def head(self) -> int:
        """Give the position of the newest event, 0 before there is one."""

    def since(self, after: int) -> AsyncIterator[Recorded[AggregateEvent]]:
        """Give every event beyond a position, in order and without gap, and never end.

        Raises `FeedBroken` at an event that cannot be read, after all that stand before it.
        """
