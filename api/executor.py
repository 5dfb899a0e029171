"""The executor: questions on rows are answered by one statement, the rest by resolvers.

This is the one module that leans on hooks of Strawberry and graphql-core which neither promises
to keep. Their versions are pinned exactly; `tests/api/test_executor.py` says what must hold.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Sequence
from contextlib import aclosing
from copy import copy
from dataclasses import dataclass
from functools import cached_property
from inspect import isawaitable
from typing import Any, Self, TypeAlias, cast

import graphql
import strawberry
from graphql import DocumentNode, GraphQLError, GraphQLObjectType, OperationType
from graphql.execution.collect_fields import GroupedFieldSet
from graphql.execution.values import get_variable_values
from strawberry.schema.exceptions import InvalidOperationTypeError
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext
from strawberry.types.execution import ExecutionResult, PreExecutionError
from strawberry.types.graphql import OperationType as StrawberryOperationType

from api import changes, facts
from api.answers import Prepared, answer, answer_then, bound, moment_of, planned, prepare
from api.changes import WATCHES
from api.consistency import begin
from api.context import Context, Operation
from api.cost import pay
from api.deeds import perform
from api.documents import Documents
from api.enumerations import give_members
from api.facts import FOLLOWED
from api.faults import presented
from api.frame import Frame, Telling
from api.leads import Elsewhere, Lead, Leads
from api.limits import USUAL, Limits
from api.outcomes import STEPS
from api.past import Moment, by_moment
from api.question import Fields, Question
from api.request import Asked, Malformed
from api.selections import NotFromRows
from api.tags import ANY, tag_of
from api.writing import Writer, Written
from domain.refusal import Refusal
from projections.table import Row

Complete: TypeAlias = Callable[[Row | None], Any]
"""Resolves what is asked of a row."""


class Interpreting(StrawberryGraphQLCoreExecutionContext):
    """Answers by resolvers, and gives every error the form in which it may leave."""

    context_value: Operation

    def build_response(self, data: dict[str, Any] | None) -> Any:
        """Build the response, its errors presented."""
        response = super().build_response(data)
        if isinstance(response, graphql.ExecutionResult) and response.errors:
            language = self.context_value.caller.language
            response.errors = [presented(error, language) for error in response.errors]
        return response

    def complete_value(  # noqa: PLR0917 - as the base class has it
        self,
        return_type: Any,
        field_details_list: Any,
        info: Any,
        path: Any,
        result: Any,
        position_context: Any,
    ) -> Any:
        """Complete what a resolver gave, or what it leads to."""
        complete = super().complete_value
        if isinstance(result, Elsewhere):
            there = self._at(result.operation)
            return there.complete_value(
                return_type, field_details_list, info, path, result.lead, position_context
            )
        if not isinstance(result, Lead):
            return complete(return_type, field_details_list, info, path, result, position_context)

        def complete_row(row: Row | None) -> Any:
            return complete(return_type, field_details_list, info, path, row, position_context)

        return self._follow(result, field_details_list, complete_row)

    async def _follow(self, lead: Lead, details: Fields, complete: Complete) -> Any:  # noqa: ARG002
        """Give what is asked of the row to which something leads."""
        completed = complete(await lead.row(self.context_value))
        return await completed if self.is_awaitable(completed) else completed

    @cached_property
    def _question(self) -> Question:
        return Question(self.schema, self.operation, self.fragments, self.variable_values)

    def execute_operation(self, serially: bool | None = None) -> Any:
        """Answer each part of a query as of its moment; anything else as it is now."""
        if self.operation.operation is OperationType.QUERY:
            root = cast(GraphQLObjectType, self.schema.query_type)
            fields = self._question.fields(root)
            now, moments = by_moment(root, fields)
            if moments:
                return self._in_time(fields, now, moments)
        return super().execute_operation(serially)

    async def _in_time(
        self,
        fields: GroupedFieldSet,
        now: GroupedFieldSet,
        moments: list[tuple[Moment, GroupedFieldSet]],
    ) -> Any:
        try:
            answered = await self.interpret(now)
            for moment, asked in moments:
                there = await moment_of(moment, self._question, self.context_value)
                answered |= await self._at(there).interpret(asked)
        except GraphQLError as error:
            self.collected_errors.add(error, None)
            return self.build_response(None)
        return self.build_response({key: answered[key] for key in fields})

    async def interpret(self, fields: GroupedFieldSet) -> dict[str, Any]:
        """Resolve some root fields of a query."""
        root = cast(GraphQLObjectType, self.schema.query_type)
        result = self.execute_fields(root, self.root_value, None, fields, None)
        if self.is_awaitable(result):
            return await cast(Awaitable[dict[str, Any]], result)
        return cast(dict[str, Any], result)

    def _at(self, there: Operation) -> Self:
        """Give what goes on with this execution as of another moment."""
        then = copy(self)
        then.context_value = there
        then.__dict__.pop("_leads", None)
        return then


class Compiling(Interpreting):
    """Answers what comes from rows by one statement, whose JSON goes out untouched."""

    @cached_property
    def _leads(self) -> Leads:
        return Leads(self._question, self.context_value)

    def complete_value(  # noqa: PLR0917 - as the base class has it
        self,
        return_type: Any,
        field_details_list: Any,
        info: Any,
        path: Any,
        result: Any,
        position_context: Any,
    ) -> Any:
        """Write what can be written, and complete anything else."""
        complete = super().complete_value
        if not isinstance(result, Written):
            return complete(return_type, field_details_list, info, path, result, position_context)

        async def follow(lead: Lead, type: GraphQLObjectType, details: Fields) -> Any:
            def complete_row(row: Row | None) -> Any:
                return complete(type, details, info, path, row, position_context)

            return await self._follow(lead, details, complete_row)

        writer = Writer(self._question, self.context_value, follow)
        return writer.write(return_type, field_details_list, result)

    async def _follow(self, lead: Lead, details: Fields, complete: Complete) -> Any:
        try:
            return await self._leads.follow(lead, details)
        except NotFromRows:
            return await super()._follow(lead, details, complete)

    def execute_operation(self, serially: bool | None = None) -> Any:
        """Answer a query by a statement as far as it goes; anything else by resolvers."""
        if self.operation.operation is OperationType.QUERY:
            return self._answer()
        return super().execute_operation(serially)

    async def _answer(self) -> Any:
        question = self._question
        try:
            prepared = prepare(question, self.context_value)
            arguments = bound(prepared.compiled, question, self.context_value)
            answered: dict[str, Any] = await answer(prepared, arguments, self.context_value)
            if prepared.rest:
                answered |= await self.interpret(prepared.rest)
            for then in prepared.then:
                found, there = await answer_then(then, question, self.context_value)
                answered |= found
                if then.prepared.rest:
                    answered |= await self._at(there).interpret(then.prepared.rest)
        except GraphQLError as error:
            self.collected_errors.add(error, None)
            return self.build_response(None)
        return self.build_response({key: answered[key] for key in prepared.keys})


@dataclass(frozen=True, slots=True)
class Chosen:
    """An operation that can be executed, with the document in which it stands."""

    question: Question
    document: DocumentNode
    given: dict[str, Any]
    """The variables, as they were given."""

    @property
    def kind(self) -> OperationType:
        """Say whether it is a query, a mutation or a subscription."""
        return self.question.operation.operation

    @property
    def name(self) -> str | None:
        """The name by which the document tells it from others."""
        name = self.question.operation.name
        return name.value if name else None


@dataclass
class Answered(ExecutionResult):
    """What came of a query that one statement answered."""

    tag: str | None = None
    """What names it (`api.tags`), where its caller takes tags."""
    held: bool = False
    """Whether its caller has it already: then there are no data."""
    reading: tuple[Prepared, Sequence[object]] | None = None
    """The plan, and what was bound to it."""


class Schema(strawberry.Schema):
    """A schema that keeps its documents, and answers most questions without an executor."""

    def __init__(self, *, compiled: bool, limits: Limits = USUAL, **options: Any) -> None:
        """Without ``compiled``, resolvers answer everything. Operations keep to ``limits``."""
        super().__init__(
            execution_context_class=Compiling if compiled else Interpreting,
            **options,
        )
        self.compiled = compiled
        give_members(self._schema)
        self.limits = limits
        self.documents = Documents(self._schema, limits)

    async def execute(  # noqa: PLR0917 - as the base class has it
        self,
        query: str | None,
        variable_values: dict[str, Any] | None = None,
        context_value: Any | None = None,
        root_value: Any | None = None,  # noqa: ARG002
        operation_name: str | None = None,
        allowed_operation_types: Iterable[StrawberryOperationType] | None = None,
        operation_extensions: dict[str, Any] | None = None,
    ) -> ExecutionResult:
        """Execute a query or a mutation, without what only extensions of others would need.

        Raises:
            Malformed: there is no query, or none of that name.
            InvalidOperationTypeError: it is of another kind than is allowed.
            RateLimited: it costs more than is left of a budget.
        """
        chosen = self.choose(query, operation_name, variable_values, allowed_operation_types)
        return await self.execute_chosen(chosen, context_value, operation_extensions)

    def tell(
        self, asked: Asked, context: Context, begun: asyncio.Event | None = None
    ) -> AsyncGenerator[Telling, None]:
        """Execute any operation: a subscription is told without an end, any other has one result.

        ``begun`` is set once a subscription has begun, and nothing keeps it out any more.

        Raises:
            Malformed: there is no query, or none of that name.
            RateLimited: it costs more than is left of a budget; this is raised by what is given.
        """
        chosen = self.choose(asked.query, asked.operation_name, asked.variables)
        if isinstance(chosen, Chosen) and chosen.kind is OperationType.SUBSCRIPTION:
            return self._subscribe_chosen(chosen, context, asked.extensions, begun)
        return self._once(chosen, context, asked.extensions)

    def choose(
        self,
        query: str | None,
        name: str | None,
        given: dict[str, Any] | None,
        allowed: Iterable[StrawberryOperationType] | None = None,
    ) -> Chosen | PreExecutionError:
        """Choose the operation of a document that is to be executed, or tell what is wrong with it.

        Raises:
            Malformed: there is no document, or no operation of that name in it.
            InvalidOperationTypeError: it is of another kind than is allowed.
        """
        if not query:
            raise Malformed("The request has no query.")
        document = self.documents.get(query)
        if document.errors:
            return PreExecutionError(data=None, errors=document.errors)
        found = document.operation(name)
        if found is None and name is None:
            raise Malformed("The document has several operations: name one as `operationName`.")
        if found is None:
            raise Malformed(f"The document has no operation of the name {name}.")
        kind = StrawberryOperationType(found.operation.value)
        if allowed is not None and kind not in allowed:
            raise InvalidOperationTypeError(kind)
        definitions = found.variable_definitions or ()
        variables = get_variable_values(self._schema, definitions, given or {})
        if isinstance(variables, list):
            return PreExecutionError(data=None, errors=variables)
        assert document.node is not None, "a document without errors was parsed"
        question = Question(self._schema, found, document.fragments, variables)
        return Chosen(question, document.node, given or {})

    async def _once(
        self,
        chosen: Chosen | PreExecutionError,
        context: Context,
        extensions: dict[str, Any] | None,
    ) -> AsyncGenerator[Telling, None]:
        yield Telling([Frame.of(await self.execute_chosen(chosen, context, extensions))])

    async def execute_chosen(
        self,
        chosen: Chosen | PreExecutionError,
        context: Any,
        extensions: dict[str, Any] | None,
    ) -> ExecutionResult:
        """Execute a query or a mutation that was chosen.

        Raises:
            RateLimited: it costs more than is left of a budget.
        """
        if isinstance(chosen, PreExecutionError):
            return _refused(chosen, context)
        with cast(Context, context).meter.operation(chosen.kind.value) as watched:
            try:
                operation = await self._begin(chosen, context, extensions)
            except GraphQLError as error:
                watched.failed()
                return ExecutionResult(data=None, errors=[error])
            result = await self._result(chosen, operation)
            if result.errors:
                watched.failed()
            elif operation.reading is not None:
                return Answered(
                    result.data,
                    None,
                    operation.extensions(),
                    operation.tag,
                    result.data is None,
                    operation.reading,
                )
            return ExecutionResult(result.data, result.errors, operation.extensions())

    async def _begin(
        self, chosen: Chosen, context: Any, extensions: dict[str, Any] | None
    ) -> Operation:
        """Begin an operation once it is paid. Raises GraphQLError, `RateLimited`."""
        asked = cast(Context, context)
        cost = pay(chosen.question, asked, self.limits)
        return await begin(asked, cost, extensions)

    async def _result(self, chosen: Chosen, operation: Operation) -> graphql.ExecutionResult:
        if self.compiled:
            try:
                result = await _at_once(chosen.question, operation)
            except GraphQLError as error:
                return graphql.ExecutionResult(None, [presented(error, operation.caller.language)])
            if result is not None:
                operation.meter.executed(compiled=True)
                return result
        operation.meter.executed(compiled=False)
        executed = graphql.execute(
            self._schema,
            chosen.document,
            context_value=operation,
            variable_values=chosen.given,
            operation_name=chosen.name,
            executor_class=self.execution_context_class,
        )
        if isinstance(executed, graphql.ExecutionResult):
            return executed
        return await executed

    async def _subscribe_chosen(
        self,
        chosen: Chosen,
        context: Context,
        extensions: dict[str, Any] | None,
        begun: asyncio.Event | None,
    ) -> AsyncGenerator[Telling, None]:
        try:
            operation = await self._begin(chosen, context, extensions)
            source = await self._source(chosen, operation)
        except GraphQLError as error:
            yield Telling([Frame.of(PreExecutionError(data=None, errors=[error]))])
            return
        if begun is not None:
            begun.set()
        with context.meter.follower(context.transport):
            async with aclosing(source):
                try:
                    async for telling in source:
                        yield telling
                except GraphQLError as error:  # there is no next result, for the source broke
                    broken = [presented(error, operation.caller.language)]
                    result = ExecutionResult(None, broken, operation.extensions())
                    yield Telling([Frame.of(result)])

    async def _source(self, chosen: Chosen, operation: Operation) -> AsyncGenerator[Telling, None]:
        """Begin a subscription, and give what it tells.

        Raises:
            GraphQLError: something keeps it out.
        """
        question = chosen.question
        if self.compiled:
            followed = planned(FOLLOWED, question, operation)
            if followed is not None:
                return facts.follow(followed, question, operation)
            watch = planned(WATCHES, question, operation)
            if watch is not None:
                return changes.follow(watch, question, operation)
        results = graphql.subscribe(
            self._schema,
            chosen.document,
            context_value=operation,
            variable_values=chosen.given,
            operation_name=chosen.name,
            executor_class=self.execution_context_class,
        )
        if isawaitable(results):
            results = await results
        if isinstance(results, graphql.ExecutionResult):
            assert results.errors, "what has no results has errors"
            raise presented(results.errors[0], operation.caller.language)
        return _told(cast(AsyncGenerator[graphql.ExecutionResult, None], results), operation)

    def process_errors(self, *_args: object, **_kwargs: object) -> None:
        """Say nothing: faults are logged where they are masked, the rest is the caller's."""


async def _told(
    results: AsyncGenerator[graphql.ExecutionResult, None], operation: Operation
) -> AsyncGenerator[Telling, None]:
    """Tell what resolvers give."""
    async with aclosing(results):
        async for result in results:
            told = ExecutionResult(result.data, result.errors, operation.extensions())
            yield Telling([Frame.of(told)])


def _refused(document: PreExecutionError, context: Any) -> PreExecutionError:
    """Tell which limits a document goes beyond in the language of whoever sent it."""
    language = cast(Context, context).caller.language
    errors = [
        presented(error, language) if isinstance(error.original_error, Refusal) else error
        for error in document.errors or ()
    ]
    return PreExecutionError(data=None, errors=errors)


async def _of_moments(
    prepared: Prepared, arguments: Sequence[object], question: Question, operation: Operation
) -> graphql.ExecutionResult:
    """Execute a query of which parts are asked as of moments; no tag names what it gives."""
    answered = await answer(prepared, arguments, operation)
    for then in prepared.then:
        found, _ = await answer_then(then, question, operation)
        answered |= found
    return graphql.ExecutionResult({key: answered[key] for key in prepared.keys})


async def _at_once(question: Question, operation: Operation) -> graphql.ExecutionResult | None:
    """Execute an operation that needs no resolver; give None for any other."""
    if question.operation.operation is OperationType.QUERY:
        prepared = prepare(question, operation)
        if not prepared.compiles:
            return None
        arguments = bound(prepared.compiled, question, operation)
        if prepared.then:
            return await _of_moments(prepared, arguments, question, operation)
        operation.reading = prepared, arguments
        if operation.held is not None:
            operation.tag = tag_of(prepared, arguments, operation.positions)
            if operation.tag is not None and not operation.held.isdisjoint({operation.tag, ANY}):
                return graphql.ExecutionResult(None)
        answered = await answer(prepared, arguments, operation)
        return graphql.ExecutionResult({key: answered[key] for key in prepared.keys})
    steps = planned(STEPS, question, operation)
    if steps is None:
        return None
    data, errors = await perform(steps, question, operation)
    return graphql.ExecutionResult(data, errors or None)
