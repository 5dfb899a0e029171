"""Commands: one intention each, and the work in which it is decided."""

import inspect
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    ClassVar,
    Protocol,
    TypeVar,
    dataclass_transform,
)
from uuid import UUID

from domain.aggregate import Aggregate
from domain.claim import Claim
from domain.identity import Id, external
from domain.refusal import UNIVERSAL, NotFound, Refusal
from domain.role import Place, Role

A = TypeVar("A", bound=Aggregate)
T = TypeVar("T")


class Work(Protocol):
    """What a command has at hand while it is decided: aggregates, new ids and an instant.

    All that was loaded and changed is stored at once or not at all, and only if every loaded
    aggregate still is as it was read.
    """

    now: datetime
    """The instant of the decision, in UTC."""

    async def get(self, kind: type[A], id: Id) -> A:
        """Load the aggregate that a caller's id names. Raises `NotFound`, `WrongKindOfId`."""

    async def load(self, kind: type[A], uuid: UUID) -> A:
        """Load an aggregate that another one refers to."""

    async def find(self, kind: type[A], uuid: UUID) -> A | None:
        """Load an aggregate whose id follows from something known, if there is one yet."""

    async def naming(self, person: UUID) -> Aggregate | None:
        """Load the aggregate whose facts name a person; None where nothing personal is kept."""

    async def look(self, kind: type[A], uuid: UUID) -> A | None:
        """Look at an aggregate that is not going to change, without keeping others from it.

        Read from it before anything else is waited for: others may change it then. What is
        decided on it counts only if it still is as it was.
        """

    async def claim(self, *key: str) -> Claim:
        """Load the claim on a key that only one may hold; it may be free."""

    def hide(self, unless: Callable[[Aggregate], Awaitable[bool]]) -> None:
        """Let `get` find, from now on, only that of which ``unless`` says that it may be known."""

    def add(self, aggregate: A) -> A:
        """Bring in an aggregate that was just created."""

    def new_id(self) -> UUID:
        """A new id: the first, the second … of a command are the same when it is repeated."""


@dataclass(frozen=True, kw_only=True)
class Envelope:
    """What every command carries beside its own fields."""

    command_id: Annotated[
        UUID | None, "Repeat it to send the same command again safely: it is not done twice."
    ] = None
    expected_version: Annotated[
        int | None, "Refuse unless what is changed still has this version."
    ] = None
    effective_on: Annotated[
        date | None, "The day on which it took effect, where that is not the day of recording."
    ] = None
    on_behalf_of: Annotated[Id | None, "The organisation for which the caller acts."] = None
    reason: Annotated[str | None, "Why this is done."] = None


@dataclass(frozen=True, kw_only=True)
class Rule:
    """Who may give a command: whoever holds one of some roles where its subject lies.

    What else may count is said by what comes after ``by``.
    """

    by: frozenset[Role]
    """The roles that count where the subject lies; PUBLIC is anybody."""
    by_organisation: frozenset[Role] = frozenset()
    """Or one of these in the organisation for which the command acts beside its subject."""
    by_contributor: frozenset[Role] = frozenset()
    """Or one of these where the subject lies, if the command acts for no organisation."""
    by_anywhere: frozenset[Role] = frozenset()
    """Or one of these in any place."""
    by_oneself: bool = False
    """Or whoever is the principal that the command names."""
    also: str | None = None
    """The field with another organisation for which ``by`` has to hold as well."""

    @property
    def beside(self) -> frozenset[Role]:
        """The roles that count in other ways than ``by``."""
        return self.by_organisation | self.by_contributor | self.by_anywhere


class Command:
    """One intention of a caller, with who may have it and the refusals that it can meet.

    Beside its own fields each has those of `Envelope`, given by `command`.
    """

    REFUSES: ClassVar[tuple[type[Refusal], ...]]
    CREATES: ClassVar[str | None]
    UNORDERED: ClassVar[frozenset[str]] = frozenset()
    """Lists whose order says nothing, and must not be found in anything that follows from it."""
    PERSONAL: ClassVar[frozenset[str]] = frozenset()
    """Texts about a person, of which nothing that others come to know may be a mere hash."""
    SECRET: ClassVar[bool] = False
    """Whether to know the id of what it makes is a right: no id that callers give tells it."""
    DISCREET: ClassVar[bool] = False
    """Whether what it names is not there for anybody who may not give it."""
    RULE: ClassVar[Rule]
    SUBJECT: ClassVar[type[Aggregate]]

    if TYPE_CHECKING:
        command_id: UUID | None
        expected_version: int | None
        effective_on: date | None
        on_behalf_of: Id | None

    async def decide(self, work: Work) -> Aggregate:
        """Take the decision, and give the aggregate of which the command speaks."""
        raise NotImplementedError

    async def ground(self, work: Work) -> Aggregate | None:
        """That of which the command speaks; where it lies, the command does.

        It is the aggregate that `decide` gives, when a field of the same name names it; a command
        that makes one gives that in which it is going to lie, or says in `places` where that is.
        """
        named: Id | None = getattr(self, self.SUBJECT.TOPIC, None)
        return None if named is None else await work.get(self.SUBJECT, named)

    async def nearby(self, subject: Any, work: Work) -> Sequence[Place]:  # noqa: ARG002
        """Places inside of the subject in which the command lies, such as a theme of an alliance.

        What else it needs it looks at (`Work.look`), so that it does not find what is hidden.
        """
        return ()

    async def places(self, work: Work) -> Sequence[Place]:
        """The places in which the command lies, as far as its subject knows by itself."""
        subject = await self.ground(work)
        return () if subject is None else subject.places()

    async def beyond(self, work: Work) -> Sequence[Place]:
        """The places that are nearby, and those in which that lies to which its subject refers."""
        subject = await self.ground(work)
        if subject is None:
            return ()
        return (*await self.nearby(subject, work), *await subject.beyond(work))

    def missing(self, subject: Aggregate) -> NotFound:
        """What a caller is told for whom that of which the command speaks does not exist."""
        return NotFound(id=external(subject.TOPIC, subject.id), noun=subject.TOPIC)

    @property
    def entitled(self) -> frozenset[Role]:
        """The roles by which this very command may be given, of those that its `Rule` names."""
        return self.RULE.by

    def created(self, first: UUID, *, recorded: bool) -> UUID | None:
        """The id of what it created, if it recorded anything: the first new id of the command."""
        return first if recorded else None


async def places_of(kind: type[A], uuid: UUID, work: Work) -> Sequence[Place]:
    """The places in which an aggregate lies to which another one refers."""
    found = await work.look(kind, uuid)
    return () if found is None else (*found.places(), *await found.beyond(work))


C = TypeVar("C", bound=Command)

COMMANDS: dict[str, type[Command]] = {}
"""Every command by its name; the interface is made from it."""


@dataclass_transform(frozen_default=True, kw_only_default=True)
def command(
    *,
    by: Collection[Role],
    by_organisation: Collection[Role] = (),
    by_contributor: Collection[Role] = (),
    by_anywhere: Collection[Role] = (),
    by_oneself: bool = False,
    also: str | None = None,
    refuses: tuple[type[Refusal], ...] = (),
    creates: str | None = None,
) -> Callable[[type[C]], type[C]]:
    """Make a class a command: a frozen, keyword-only dataclass with the envelope's fields.

    ``by`` says who may give it: whoever holds one of these roles in one of its `Command.places`;
    what the other ways mean is said by `Rule`.

    ``refuses`` are the refusals of its own, beside the universal ones. ``creates`` is the noun
    of the part that it brings into being (a lever, a contact …): its id is the first new one.
    """

    def decorate(cls: type[C]) -> type[C]:
        own = inspect.get_annotations(cls)
        for inherited in fields(Envelope):
            if inherited.name not in own:
                own[inherited.name] = Envelope.__annotations__[inherited.name]
                setattr(cls, inherited.name, field(default=None))
        cls.__annotations__ = own
        made = dataclass(frozen=True, kw_only=True)(cls)
        made.REFUSES = (*refuses, *UNIVERSAL)
        made.CREATES = creates
        made.RULE = Rule(
            by=frozenset(by),
            by_organisation=frozenset(by_organisation),
            by_contributor=frozenset(by_contributor),
            by_anywhere=frozenset(by_anywhere),
            by_oneself=by_oneself,
            also=also,
        )
        made.SUBJECT = inspect.get_annotations(made.decide)["return"]
        tells = (made.ground, made.places) != (Command.ground, Command.places)
        if made.SUBJECT.TOPIC not in own and not tells:
            raise TypeError(f"{made.__name__} does not say where that lies of which it speaks")
        COMMANDS[made.__name__] = made
        return made

    return decorate


@dataclass_transform(frozen_default=True, kw_only_default=True)
def value(cls: type[T]) -> type[T]:
    """Make a class a value: a frozen, keyword-only dataclass that commands and events share."""
    return dataclass(frozen=True, kw_only=True)(cls)
