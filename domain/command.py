"""Commands: one intention each, and the work in which it is decided."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from typing import (
    TYPE_CHECKING,
    Annotated,
    ClassVar,
    Protocol,
    TypeVar,
    dataclass_transform,
)
from uuid import UUID

from domain.aggregate import Aggregate
from domain.claim import Claim
from domain.identity import Id
from domain.refusal import UNIVERSAL, Refusal

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

    async def claim(self, *key: str) -> Claim:
        """Load the claim on a key that only one may hold; it may be free."""

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


class Command:
    """One intention of a caller, with the refusals that it can meet.

    Beside its own fields each has those of `Envelope`, given by `command`.
    """

    REFUSES: ClassVar[tuple[type[Refusal], ...]]
    CREATES: ClassVar[str | None]

    if TYPE_CHECKING:
        command_id: UUID | None
        expected_version: int | None
        effective_on: date | None
        on_behalf_of: Id | None

    async def decide(self, work: Work) -> Aggregate:
        """Take the decision, and give the aggregate of which the command speaks."""
        raise NotImplementedError


C = TypeVar("C", bound=Command)

COMMANDS: dict[str, type[Command]] = {}
"""Every command by its name; the interface is made from it."""


@dataclass_transform(frozen_default=True, kw_only_default=True)
def command(
    *, refuses: tuple[type[Refusal], ...] = (), creates: str | None = None
) -> Callable[[type[C]], type[C]]:
    """Make a class a command: a frozen, keyword-only dataclass with the envelope's fields.

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
        COMMANDS[made.__name__] = made
        return made

    return decorate


@dataclass_transform(frozen_default=True, kw_only_default=True)
def value(cls: type[T]) -> type[T]:
    """Make a class a value: a frozen, keyword-only dataclass that commands and events share."""
    return dataclass(frozen=True, kw_only=True)(cls)
