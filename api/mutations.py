"""Mutations: one for each command, with a result of its own.

`verbNoun(input: VerbNounInput!): VerbNounResult!` is the union of `VerbNounSuccess` and of the
refusals that the command can meet. A refusal that a command does not declare is a fault.
"""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Annotated, Any, Final, Protocol, Union, get_type_hints

import strawberry

from api.consistency import catch_up
from api.context import Info
from api.entity import ENTITIES, REFERS, linked
from api.inputs import input_of
from api.naming import lower_first
from api.ports import Done
from api.prices import MUTATION, PRICE, Price
from api.query import Query
from api.refusals import present, type_of, undeclared
from domain.catalogue import COMMANDS
from domain.command import Command
from domain.identity import Id
from domain.refusal import Refusal
from projections.column import Position
from projections.lookup import Lookup

COMMAND: Final = "command"
"""Where a mutation's metadata says which command it is."""
PART: Final = "part"
"""Where the metadata of a success's field says what it shows."""


class Reread(Enum):
    """What a success shows of the read model."""

    ENTITY = auto()
    QUERY = auto()


@dataclass(frozen=True, slots=True)
class Told:
    """What a success shows of what became of the command, as it stands in JSON."""

    tell: Callable[[Done], str | int | None]


@dataclass(frozen=True, slots=True)
class Accepted:
    """A command that was done, as the resolvers of its success see it."""

    command: type[Command]
    done: Done

    @property
    def subject(self) -> Id:
        """The id of that of which the command speaks."""
        return self.done.id

    @property
    def position(self) -> int:
        """The position from which on the command can be seen."""
        return self.done.position


class Visible(Protocol):
    """What was done to something, as the resolvers of a success see it."""

    @property
    def subject(self) -> Id:
        """The id of that to which it was done."""

    @property
    def position(self) -> int:
        """The position from which on it can be seen."""


def mutation_type(**others: Any) -> type[Any]:
    """Make the type of all mutations: one for each command, and those that gather many."""
    fields = {lower_first(name): _mutation(name, command) for name, command in COMMANDS.items()}
    fields |= others
    made = type("Mutation", (), {"__doc__": "Commands: each does one thing, or says why not."})
    for name, field in fields.items():
        setattr(made, name, field)
    return strawberry.type(made, description=made.__doc__)


def noun_of(command: type[Command]) -> str:
    """Give the noun of the aggregate of which a command speaks."""
    return str(get_type_hints(command.decide)["return"].TOPIC)


def _mutation(name: str, command: type[Command]) -> Any:
    given = input_of(command)

    async def resolve(info: Info, input: Any) -> Any:
        operation = info.context
        try:
            done = await operation.commands.execute(input, operation.caller)
        except Refusal as refusal:
            if type(refusal) not in command.REFUSES:
                raise undeclared(command, refusal) from refusal
            return present(refusal, operation.caller.language)
        operation.wrote(done.position)
        return Accepted(command, done)

    resolve.__annotations__["input"] = Annotated[
        given, strawberry.argument(description="What to do.")
    ]
    return strawberry.mutation(
        resolver=resolve,
        graphql_type=_result(name, command),
        description=inspect.cleandoc(command.__doc__ or ""),
        metadata={COMMAND: command, PRICE: Price(once=MUTATION)},
    )


def _result(name: str, command: type[Command]) -> Any:
    members = (_success(name, command), *map(type_of, command.REFUSES))
    description = f"What came of {lower_first(name)}."
    return Annotated[
        Union[members],  # noqa: UP007
        strawberry.union(f"{name}Result", description=description),
    ]


def _success(name: str, command: type[Command]) -> type[Any]:
    noun = noun_of(command)
    fields: dict[str, Any] = {
        noun: entity_afterwards(noun),
        "position": _told(Position, lambda done: str(done.position), "Where its last fact stands."),
        "version": _told(int, lambda done: done.version, f"The version of the {noun} afterwards."),
        "query": query_afterwards(),
    }
    if command.CREATES is not None:
        made_id = f"The id of the {_words(command.CREATES)} that it made."
        fields["created"] = _told(Id, lambda done: done.created, made_id)

    def is_type_of(found: object, _info: object) -> bool:
        return isinstance(found, Accepted) and found.command is command

    made = type(f"{name}Success", (), {**fields, "is_type_of": staticmethod(is_type_of)})
    return linked(strawberry.type(made, description="The command was done."))


def entity_afterwards(noun: str) -> Any:
    """Make the field of a success that shows to what it was done."""

    async def resolve(self: Visible, info: Info) -> Any:
        await catch_up(info.context, self.position)
        lookup = Lookup(ENTITIES[noun].row, ("id",))
        return await info.context.loaders.one(lookup, (self.subject,))

    type = f"{ENTITIES[noun].served.__name__} | None"
    description = f"The {_words(noun)} as it is now, this command included."
    return strawberry.field(
        resolver=resolve,
        graphql_type=Any,
        description=description,
        metadata={REFERS: type, PART: Reread.ENTITY},
    )


def query_afterwards() -> Any:
    """Make the field of a success that asks for anything else."""

    async def resolve(self: Visible, info: Info) -> Any:
        await catch_up(info.context, self.position)
        return Query()

    return strawberry.field(
        resolver=resolve,
        graphql_type=Query | None,
        description="Anything else, this command included.",
        metadata={PART: Reread.QUERY},
    )


def _told(type: Any, tell: Callable[[Done], str | int | None], description: str) -> Any:
    def resolve(self: Accepted) -> Any:
        return tell(self.done)

    return strawberry.field(
        resolver=resolve,
        graphql_type=type,
        description=description,
        metadata={PART: Told(tell)},
    )


def _words(noun: str) -> str:
    return noun.replace("_", " ")
