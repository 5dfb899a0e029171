"""Answers: a query is planned, its statement is run, its JSON goes out untouched."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeVar

import orjson
from graphql import GraphQLError, GraphQLObjectType
from graphql.execution.collect_fields import GroupedFieldSet

from api.binding import ArgumentRefused
from api.context import Operation
from api.faults import refused
from api.past import Moment, by_moment
from api.planner import Compiled, Planner
from api.plans import Plans
from api.ports import ReadsUnavailable
from api.question import Question
from api.selections import TooManyFields
from projections.guard import Eyes

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Prepared:
    """A query as it is answered: some fields by a statement, the others by resolvers."""

    compiled: Compiled
    answered: Mapping[str, int | None]
    """For each key that the statement answers its column, None for null."""
    keys: tuple[str, ...]
    """All response keys, in the order of the document."""
    rest: GroupedFieldSet
    """The fields that are left to resolvers."""
    then: tuple["Then", ...] = ()
    """What is asked as of other moments than now."""

    @property
    def compiles(self) -> bool:
        """Whether nothing is left to resolvers."""
        return not self.rest and all(then.prepared.compiles for then in self.then)


@dataclass(frozen=True, slots=True)
class Then:
    """A part of a query that is asked as of a moment."""

    moment: Moment
    prepared: Prepared


def _prepare(question: Question, eyes: Eyes) -> Prepared:
    root = question.schema.query_type
    assert root is not None, "every schema has queries"
    fields = question.fields(root)
    now, moments = by_moment(root, fields)
    then = [Then(moment, _fields(question, eyes, root, asked)) for moment, asked in moments]
    prepared = _fields(question, eyes, root, now)
    return replace(prepared, keys=tuple(fields), then=tuple(then))


def _fields(
    question: Question, eyes: Eyes, root: GraphQLObjectType, fields: GroupedFieldSet
) -> Prepared:
    planner = Planner(question, eyes)
    answered = planner.roots(root, fields)
    rest = {key: details for key, details in fields.items() if key not in answered}
    return Prepared(planner.compiled(), answered, tuple(fields), rest)


PLANS: Final = Plans(_prepare)
"""The queries that this process has prepared."""


def planned(plans: Plans[T], question: Question, operation: Operation, *part: Hashable) -> T:
    """Give the plan of an operation, or of a part of it.

    Raises:
        GraphQLError: it makes no sense, or asks for too much.
    """
    made = plans.made
    try:
        plan = plans.plan(question, operation.eyes, *part)
    except ArgumentRefused as wrong:
        raise refused(wrong.refusal, operation.caller.language, wrong.node) from None
    except TooManyFields as refusal:
        raise refused(refusal, operation.caller.language) from None
    operation.meter.planned(kept=plans.made == made)
    return plan


def prepare(question: Question, operation: Operation) -> Prepared:
    """Plan a query.

    Raises:
        GraphQLError: it makes no sense, or asks for too much.
    """
    return planned(PLANS, question, operation)


async def answer(
    prepared: Prepared, arguments: Sequence[object], operation: Operation
) -> dict[str, orjson.Fragment | None]:
    """Give the JSON of each field that the statement answers, by its response key.

    Raises:
        GraphQLError: the read model has no answer.
    """
    try:
        row = await kept_or_read(prepared.compiled, arguments, operation)
    except Exception as error:
        raise GraphQLError(str(error), original_error=error) from error
    return {key: fragment(row, column) for key, column in prepared.answered.items()}


async def moment_of(moment: Moment, question: Question, operation: Operation) -> Operation:
    """Give the operation that answers as of a moment.

    Raises:
        GraphQLError: the moment makes no sense, or is not to be had.
    """
    try:
        return await moment.of(question, operation)
    except ArgumentRefused as wrong:
        raise refused(wrong.refusal, operation.caller.language, wrong.node) from None
    except ReadsUnavailable as error:
        raise GraphQLError(str(error), original_error=error) from error


async def answer_then(
    then: Then, question: Question, operation: Operation
) -> tuple[dict[str, orjson.Fragment | None], Operation]:
    """Give what is asked as of a moment, and the operation that answers the rest of it.

    Raises:
        GraphQLError: the moment makes no sense, or the read model has no answer.
    """
    there = await moment_of(then.moment, question, operation)
    arguments = bound(then.prepared.compiled, question, there, kept=False)
    return await answer(then.prepared, arguments, there), there


def bound(
    compiled: Compiled, question: Question, operation: Operation, *, kept: bool = True
) -> list[object]:
    """Give the values of the slots for this asking, that of the caller first.

    They are ``kept`` with the question, to which other parts of it would write theirs.

    Raises:
        GraphQLError: an argument makes no sense.
    """
    known = question.values
    if known is not None and known[0] is compiled:
        return [*operation.eyes.arguments, *known[1]]
    try:
        values = compiled.arguments(question.variables)
    except ArgumentRefused as wrong:
        raise refused(wrong.refusal, operation.caller.language, wrong.node) from None
    if kept:
        question.values = compiled, values
    return [*operation.eyes.arguments, *values]


async def read(
    compiled: Compiled, arguments: Sequence[object], operation: Operation
) -> Sequence[bytes | None]:
    """Run what was compiled.

    Raises:
        api.ports.ReadsUnavailable, api.ports.ReadTooSlow: the read model has no answer.
    """
    if compiled.statement is None:
        return ()
    return await operation.reads.answer(compiled.statement, arguments)


async def kept_or_read(
    compiled: Compiled, arguments: Sequence[object], operation: Operation
) -> Sequence[bytes | None]:
    """Give what was compiled out of memory where it still holds, or run it.

    Raises:
        api.ports.ReadsUnavailable, api.ports.ReadTooSlow: the read model has no answer.
    """
    statement, tables, answers = compiled.statement, compiled.tables, operation.answers
    if statement is None or tables is None or answers is None:
        return await read(compiled, arguments, operation)
    return await answers.row(statement, tables, arguments, operation.reads, operation.meter)


def fragment(row: Sequence[bytes | None], column: int | None) -> orjson.Fragment | None:
    """Give the JSON of a column, None for null."""
    text = None if column is None else row[column]
    return None if text is None else orjson.Fragment(text)
