"""Outcomes: what is asked of mutations, planned before anything is done.

A mutation is a command, read straight from its input. What is asked of its success is either
known from what became of it, or read by one statement once the read model has caught up.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias, cast

from graphql import GraphQLObjectType
from graphql.execution.values import VariableValues

from api.binding import Binding
from api.inputs import reader
from api.mutations import COMMAND, PART, Reread, Told, noun_of
from api.planner import Compiled, Planner
from api.plans import Plans
from api.ports import Done
from api.question import Fields, Question, definition_of, name_of
from api.selections import NotFromRows
from domain.command import Command
from domain.refusal import Refusal
from projections.column import TEXT
from projections.guard import Eyes
from projections.slot import Slot

Tell: TypeAlias = Callable[[Done], str | int | None]

SUBJECT: Final = Slot(1, TEXT.sql)
"""The slot of the id of that of which a command speaks."""


@dataclass(frozen=True, slots=True)
class Success:
    """What is asked of a command's success."""

    keys: tuple[str, ...]
    """All response keys, in the order of the document."""
    told: Mapping[str, Tell]
    """What is known without reading."""
    entities: Mapping[str, int]
    """The columns that show what the command speaks of."""
    queries: Mapping[str, Mapping[str, int | None]]
    """The columns that show anything else, null for None."""
    compiled: Compiled


@dataclass(frozen=True, slots=True)
class Step:
    """One mutation of an operation."""

    key: str
    command: type[Command]
    input: Binding
    success: Success
    refusals: Mapping[type[Refusal], Mapping[str, str]]
    """For each refusal that the command declares the fields that are asked of it, by key."""

    def read(self, variables: VariableValues) -> Command:
        """Give the command for this asking."""
        (command,) = self.input.values(variables)
        return cast(Command, command)


def _steps(question: Question, eyes: Eyes) -> tuple[Step, ...] | None:
    root = question.schema.mutation_type
    assert root is not None, "there are mutations"
    asked = question.fields(root)
    steps = [_step(question, eyes, root, key, details) for key, details in asked.items()]
    planned = tuple(step for step in steps if step is not None)
    return planned if len(planned) == len(steps) else None


STEPS: Final = Plans(_steps)
"""The mutations that this process has planned; None for those that need resolvers."""


def _step(
    question: Question, eyes: Eyes, root: GraphQLObjectType, key: str, details: Fields
) -> Step | None:
    field = root.fields.get(name_of(details))
    if field is None:
        return None
    command = definition_of(field).metadata.get(COMMAND)
    if command is None:  # it gathers many: resolvers tell what came of them
        return None
    try:
        success = _success(question, eyes, command, details)
    except NotFromRows:
        success = None
    if success is None:
        return None
    read = reader(command)
    return Step(
        key,
        command,
        Binding(field, details[0], lambda given: (read(given["input"]),)),
        success,
        {refusal: _refused(question, refusal, details) for refusal in command.REFUSES},
    )


def _success(
    question: Question, eyes: Eyes, command: type[Command], details: Fields
) -> Success | None:
    type = question.type(f"{command.__name__}Success")
    asked = question.inner(type, details)
    parts = {key: _part(type, inner) for key, inner in asked.items()}
    planner = Planner(question, eyes, reserved=int(Reread.ENTITY in parts.values()))
    told: dict[str, Tell] = {}
    entities: dict[str, int] = {}
    queries: dict[str, dict[str, int | None]] = {}
    for key, part in parts.items():
        match part:
            case Told():
                told[key] = part.tell
            case Reread.ENTITY:
                entities[key] = planner.entity(noun_of(command), SUBJECT, asked[key])
            case Reread.QUERY:
                query = question.type("Query")
                fields = question.inner(query, asked[key])
                queries[key] = planner.roots(query, fields)
                if len(queries[key]) < len(fields):
                    return None
    return Success(tuple(asked), told, entities, queries, planner.compiled())


def _part(type: GraphQLObjectType, details: Fields) -> Told | Reread:
    name = name_of(details)
    if name == "__typename":
        return Told(lambda _done: type.name)
    part: Told | Reread = definition_of(type.fields[name]).metadata[PART]
    return part


def _refused(question: Question, refusal: type[Refusal], details: Fields) -> dict[str, str]:
    asked = question.inner(question.type(refusal.__name__), details)
    return {key: name_of(inner) for key, inner in asked.items()}
