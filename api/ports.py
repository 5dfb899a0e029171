"""What the interface asks of the world: commands, reads, positions and the feed."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any, NamedTuple, Protocol
from uuid import UUID

from api.report.content import Report
from api.report.media import Medium
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


class Histories(Protocol):
    """Tells what happened to one thing."""

    async def facts(
        self, stream: UUID, *, after: int, upto: int, limit: int, newest_first: bool
    ) -> Sequence[Recorded[AggregateEvent]]:
        """Give the facts of a stream with ``after < version <= upto``, ``limit`` at most.

        They come in the order of the log, or the other way round. Raises `FeedBroken` at a fact
        that cannot be read, and `ReadsUnavailable` when the log does not answer.
        """

    async def facts_at(self, positions: Collection[int]) -> Sequence[Recorded[AggregateEvent]]:
        """Give the facts at some positions of the log, whatever they are about, in order.

        Raises as `facts` does.
        """


class Dossiers(Protocol):
    """Gathers what is held about people."""

    async def held(self, person: Id, caller: Caller) -> Mapping[str, Any]:
        """Give all that is held about a person, as plain objects.

        It is for whoever may have the person forgotten. Raises `domain.refusal.Refusal` for others,
        and where nobody is known by the id.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Bookmark:
    """Up to where somebody has read what happens."""

    name: str
    """What its owner calls it, and nobody else."""
    position: int
    """The position up to which they have."""
    moved_at: datetime


class Bookmarks(Protocol):
    """Keeps bookmarks, each for the principal whose it is.

    Each method raises `ReadsUnavailable` when the database does not answer.
    """

    async def all_of(self, owner: UUID) -> Sequence[Bookmark]:
        """Give the bookmarks of somebody, by name."""

    async def find(self, owner: UUID, name: str) -> Bookmark | None:
        """Give a bookmark, None where it was never put anywhere."""

    async def move(self, owner: UUID, name: str, position: int, *, back: bool) -> Bookmark:
        """Put a bookmark to a position, unless it is beyond that already and not to go ``back``.

        Gives where it is then. Raises `api.bookmarks.TooManyBookmarks` when its owner has as many
        already, and `api.bookmarks.OwnerForgotten` when its owner was forgotten.
        """

    async def remove(self, owner: UUID, name: str) -> None:
        """Take a bookmark away, if it is there."""


class Moments(Protocol):
    """Tells which of the log's events were recorded by when.

    Each method raises `ReadsUnavailable` when the database does not answer.
    """

    async def position_at(self, at: datetime) -> int:
        """Give the last position recorded at an instant or before it, 0 before the first.

        What is given once is given for ever. Raises `api.moments.MomentAhead` while the clock of
        the log has not come to the instant.
        """

    async def come_to(self, position: int) -> None:
        """See that the log has come to a position; raises `api.moments.MomentAhead` otherwise."""

    async def recorded_at(self, position: int) -> datetime | None:
        """Tell when the event at a position was recorded; None where there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeHead:
    """A signed head of the tree over the log."""

    log: UUID
    """The id of the tree."""
    size: int
    """Events in it."""
    root: bytes
    sealed_at: datetime
    previous: bytes
    """The digest of the head before it."""
    signer: int
    """The number of the key that signed it."""
    signature: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeSigner:
    """A key whose signatures count for the tree."""

    number: int
    public_key: bytes
    accepted: bytes
    """Its own signature over whom it succeeds."""
    introduced: bytes | None
    """The signature of the key before it over the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inclusion:
    """That an event is in the tree."""

    position: int
    leaf_hash: bytes
    path: Sequence[bytes]
    """The hashes beside the way from the leaf to the root."""
    head: TreeHead


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedEvent:
    """An event as it is hashed."""

    blind: bytes
    stream: UUID
    version: int
    topic: str
    class_version: int
    command: UUID
    recorded_at: datetime
    state: bytes
    metadata: bytes


class Proofs(Protocol):
    """Proves what the log holds, and that nothing of it was changed.

    Each method raises `ReadsUnavailable` when the database does not answer.
    """

    async def head(self, size: int | None = None) -> TreeHead | None:
        """Give the first head over at least ``size`` events, the newest without; None if none."""

    async def signers(self) -> Sequence[TreeSigner]:
        """Give the keys whose signatures count, in their order."""

    async def inclusion(self, position: int, size: int | None = None) -> Inclusion | None:
        """Prove that an event is in the tree; None while it is not.

        It is proved by the first head over at least ``size`` events, by the newest without.
        """

    async def content(self, position: int) -> SealedEvent | None:
        """Give an event as it is hashed, whoever may see it; None where there is none."""

    async def consistency(self, first: int, second: int) -> Sequence[bytes] | None:
        """Prove that the tree of ``second`` events goes on from that of ``first``.

        None where there is no such tree, or none that goes on from it.
        """


@dataclass(frozen=True, slots=True)
class Hindrance:
    """Why a read model cannot be relied on at the moment."""

    read_model: str
    code: str
    """STOPPED by an event, PAUSED, still BUILDING, FAILED, BEHIND since the start, or its
    worker has ENDED."""
    reason: str
    everywhere: bool = False
    """Whether all processes of this version are hindered alike, and serve what there is: taking
    one away helps nobody."""


@dataclass(frozen=True, slots=True)
class Relayed:
    """How far public events have gone to the broker."""

    position: int
    """Up to here of the log all is there that is for it."""
    stopped: bool
    """Whether something is in the way of the others."""


class Outlet(Protocol):
    """Knows of the broker to which public events go."""

    async def relayed(self) -> Relayed:
        """Tell how far they have gone; raises `ReadsUnavailable` when that is not known."""


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


@dataclass(frozen=True, slots=True)
class Printed:
    """A report as it is handed over."""

    body: bytes
    style: str | None = None
    """The style that stands in it, where it is a page."""


class PressBusy(Exception):
    """So many reports wait to be printed that another one is not taken."""


class Press(Protocol):
    """Prints audit reports."""

    async def print(self, report: Report, medium: Medium) -> Printed:
        """Print a report. Raises `PressBusy` when too many wait for it already."""


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

    async def reached(
        self,
        position: int,
        timeout: float,  # noqa: ASYNC109
        tables: Collection[str] | None = None,
    ) -> bool:
        """Wait, for ``timeout`` seconds at most, until all that run are at ``position``.

        Where some tables are named, only those that make these are waited for.
        """

    def shown(self, tables: Collection[str]) -> int:
        """The position up to which some tables show the log, also where they have stopped."""

    def moved(self, tables: Sequence[str]) -> tuple[tuple[int, int], ...]:
        """Tell for each of some tables what is another whenever its rows are.

        It goes with `position`: what is read from now on shows at least what is told here, and two
        reads between which it stayed the same show the same rows.
        """

    def hindrances(self) -> Sequence[Hindrance]:
        """Tell which read models cannot be relied on, and why; none when all is well."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of the log, as it was read for somebody."""

    events: Sequence[Recorded[AggregateEvent]]
    scanned: int
    """The position up to which nothing is missing of what was asked for."""


class Feed(Protocol):
    """Tells what happens."""

    async def head(self) -> int:
        """Give the position of the newest event, 0 before there is one."""

    def since(self, after: int) -> AsyncIterator[Sequence[Recorded[AggregateEvent]]]:
        """Give every event beyond a position, in order and without gap, and never end.

        Those that are there come together. Raises `FeedBroken` at an event that cannot be read,
        after all that stand before it.
        """

    async def stretch(self, after: int, limit: int, types: Collection[str]) -> Stretch:
        """Give events of some types beyond a position, in order, ``limit`` at most.

        It looks no further than at a bounded part of the log: go on from where it was scanned to.
        Raises `FeedBroken` where the very first one cannot be read.
        """

    async def beyond(self, position: int, timeout: float) -> int:  # noqa: ASYNC109
        """Wait, for ``timeout`` seconds at most, until something follows a position.

        Gives the newest position that is known.
        """
