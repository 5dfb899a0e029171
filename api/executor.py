"""The executor: questions on rows are answered by one statement, the rest by resolvers.

This is the one module that leans on hooks of Strawberry and graphql-core which neither promises
to keep. Their versions are pinned exactly; `tests/api/test_executor.py` says what must hold.
"""

from collections.abc import Awaitable, Iterable
from typing import Any, cast

import graphql
import strawberry
from graphql import GraphQLError, GraphQLObjectType, OperationType
from graphql.execution.collect_fields import GroupedFieldSet
from graphql.execution.values import get_variable_values
from strawberry.exceptions import MissingQueryError
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext
from strawberry.types.execution import ExecutionResult, PreExecutionError
from strawberry.types.graphql import OperationType as StrawberryOperationType

from api.answers import answer, planned, prepare
from api.consistency import Begin, begin
from api.context import Context, Operation
from api.deeds import perform
from api.documents import Document, Documents
from api.faults import presented
from api.outcomes import STEPS
from api.question import Question


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


class Compiling(Interpreting):
    """Answers what comes from rows by one statement, whose JSON goes out untouched."""

    def execute_operation(self, serially: bool | None = None) -> Any:
        """Answer a query by a statement as far as it goes; anything else by resolvers."""
        if self.operation.operation is OperationType.QUERY:
            return self._answer()
        return super().execute_operation(serially)

    async def _answer(self) -> Any:
        question = Question(self.schema, self.operation, self.fragments, self.variable_values)
        try:
            prepared = prepare(question, self.context_value)
            answered: dict[str, Any] = await answer(prepared, question, self.context_value)
            if prepared.rest:
                answered |= await self._interpret(prepared.rest)
        except GraphQLError as error:
            self.collected_errors.add(error, None)
            return self.build_response(None)
        return self.build_response({key: answered[key] for key in prepared.keys})

    async def _interpret(self, fields: GroupedFieldSet) -> dict[str, Any]:
        root = cast(GraphQLObjectType, self.schema.query_type)
        result = self.execute_fields(root, self.root_value, None, fields, None)
        if self.is_awaitable(result):
            return await cast(Awaitable[dict[str, Any]], result)
        return cast(dict[str, Any], result)


class Schema(strawberry.Schema):
    """A schema that keeps its documents, and answers most questions without an executor."""

    def __init__(self, *, compiled: bool, **options: Any) -> None:
        """Without ``compiled``, resolvers answer everything."""
        super().__init__(
            extensions=[lambda: Begin(self.documents)],
            execution_context_class=Compiling if compiled else Interpreting,
            **options,
        )
        self.compiled = compiled
        self.documents = Documents(self._schema)

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
        """Execute a query or a mutation, without what only extensions of others would need."""
        if not query:
            raise MissingQueryError
        document = self.documents.get(query)
        if document.errors:
            return PreExecutionError(data=None, errors=document.errors)
        found = document.operation(operation_name)
        if found is None:
            raise CannotGetOperationTypeError(operation_name)
        kind = StrawberryOperationType(found.operation.value)
        if allowed_operation_types is not None and kind not in allowed_operation_types:
            raise InvalidOperationTypeError(kind)
        given = variable_values or {}
        variables = get_variable_values(self._schema, found.variable_definitions or (), given)
        if isinstance(variables, list):
            return PreExecutionError(data=None, errors=variables)
        question = Question(self._schema, found, document.fragments, variables)
        try:
            operation = await begin(cast(Context, context_value), operation_extensions)
        except GraphQLError as error:
            return ExecutionResult(data=None, errors=[error])
        result = await self._result(question, document, given, operation)
        return ExecutionResult(result.data, result.errors, operation.extensions())

    async def _result(
        self,
        question: Question,
        document: Document,
        given: dict[str, Any],
        operation: Operation,
    ) -> graphql.ExecutionResult:
        if self.compiled:
            try:
                result = await _at_once(question, operation)
            except GraphQLError as error:
                return graphql.ExecutionResult(None, [presented(error, operation.caller.language)])
            if result is not None:
                return result
        assert document.node is not None, "a document without errors was parsed"
        name = question.operation.name
        executed = graphql.execute(
            self._schema,
            document.node,
            context_value=operation,
            variable_values=given,
            operation_name=name.value if name else None,
            executor_class=self.execution_context_class,
        )
        if isinstance(executed, graphql.ExecutionResult):
            return executed
        return await executed

    def process_errors(self, *_args: object, **_kwargs: object) -> None:
        """Say nothing: faults are logged where they are masked, the rest is the caller's."""


async def _at_once(question: Question, operation: Operation) -> graphql.ExecutionResult | None:
    """Execute an operation that needs no resolver; give None for any other."""
    if question.operation.operation is OperationType.QUERY:
        prepared = prepare(question, operation)
        if prepared.rest:
            return None
        answered = await answer(prepared, question, operation)
        return graphql.ExecutionResult({key: answered[key] for key in prepared.keys})
    steps = planned(STEPS, question, operation)
    if steps is None:
        return None
    data, errors = await perform(steps, question, operation)
    return graphql.ExecutionResult(data, errors or None)
