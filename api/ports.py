"""What the interface asks of the world: commands, reads, positions and the feed."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Any, NamedTuple, Protocol
from uuid import UUID

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
    """What the log notes of them: the id of a principal, or what stands for one."""
    language: Language
    principal: UUID | None = None
    """Who they proved to be; None is anybody."""
    trusted: bool = False
    """Whether it is the program itself, on its own machine: no rule of access applies."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who somebody proved to be. Without any proof it is anybody."""

    actor: str = "anonymous"
    principal: UUID | None = None
    key: UUID | None = None
    """The key that proved it, where it was no token."""
    expires_at: float | None = None
    """When the proof ends, in seconds since 1970; None is never."""
    trusted: bool = False

    def caller(self, language: Language) -> Caller:
        """Give the one who acts, as the rest of the interface sees them."""
        return Caller(self.actor, language, self.principal, self.trusted)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """A spreadsheet of action sheets, and into which plan it is to be taken."""

    alliance: Id
    name: str
    """The name of the file."""
    content: IO[bytes]
    sheet: str | None
    """The sheet that counts, where several hold a plan."""
    dry_run: bool
    """Whether only to tell what would change."""
    command_id: UUID | None
    """Under one id a file is taken in once, even if the plan was changed since."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenIn:
    """What became of a spreadsheet, in actions."""

    new: int
    changed: int
    unchanged: int
    position: int
    """A position of the log at which all of it is there."""


class ReadsUnavailable(Exception):
    """The read model does not answer; what was asked can be asked again."""


class ReadTooSlow(Exception):
    """The read model was asked for more than it can gather in the time it has."""


class FeedBroken(Exception):
    """An event cannot be read: nothing beyond those before it can be told."""

    def __init__(self, position: int) -> None:
        super().__init__(f"the event at position {position} cannot be read")
        self.position = position


class Dossiers(Protocol):
    """Gathers what is held about people."""

    async def held(self, person: Id, caller: Caller) -> Mapping[str, Any]:
        """Give all that is held about a person, as plain objects.

        It is for whoever may have the person forgotten. Raises `domain.refusal.Refusal` for others,
        and where nobody is known by the id.
        """


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


class Identities(Protocol):
    """Tells who is calling."""

    async def identify(self, authorization: str | None, address: str) -> Identity:
        """Check the credentials of an `Authorization` header; None is anybody.

        ``address`` is where they came from. Raises `api.identity.Unauthenticated` for
        credentials that prove nothing, `TooManyGuesses` when too many came from there, and
        `CannotBeChecked` when what would prove them is away.
        """

    async def stands(self, identity: Identity) -> bool:
        """Tell whether what was proved a while ago has not been revoked since."""


class Allowance(NamedTuple):
    """What is left of a budget."""

    policy: str
    quota: int
    window: int
    """Seconds for which the quota is given."""
    remaining: int
    resets_in: int
    """Seconds until the whole quota is there again."""


class Budgets(Protocol):
    """Counts what callers, and addresses, ask for; None is a caller who proved nothing."""

    def admit(self, principal: UUID | None, address: str) -> None:
        """Count a request.

        Raises `api.identity.RateLimited`, and counts nothing, when the caller or the address made
        as many as they may.
        """

    def spend(self, principal: UUID | None, address: str, cost: int) -> int | None:
        """Count what something costs, and tell what is left, None where there is no bound.

        What costs more than a whole budget takes all of it. Raises `api.identity.RateLimited`, and
        counts nothing, when the budget of the caller or of the address has less left.
        """

    def left(self, principal: UUID | None, address: str) -> Sequence[Allowance]:
        """Tell what is left of each budget."""


class Sheets(Protocol):
    """Takes spreadsheets of action sheets into the plans of alliances."""

    async def take_in(self, intake: Intake, caller: Caller) -> TakenIn:
        """Let a plan be what a spreadsheet says: all of it, or nothing.

        Raises a `domain.refusal.Refusal` when something of it is unwelcome: one of
        `api.sheets.REFUSES`.
        """


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
