"""What the executor needs of Strawberry and graphql-core, which neither promises to keep."""

from importlib.metadata import version
from typing import Any

import graphql
from graphql.execution.collect_fields import collect_fields, collect_subfields
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext
from strawberry.schema.schema_converter import GraphQLCoreConverter

from api import answers, schema
from api.context import Context
from api.ports import Caller
from api.question import Question
from domain.identity import Id
from projections.guard import Eyes
from tests.api.conftest import Client

SCHEMA = schema.create()
QUERY = (
    "query A($n: Int, $x: Boolean = false) {networks(first: $n) {nodes {id name @skip(if: $x)}}}"
)


ANYBODY, PROGRAM = Eyes(), Eyes(trusted=True)


def question(text: str, **variables: Any) -> Question:
    document = SCHEMA.documents.get(text)
    assert not document.errors
    operation = document.operation(None)
    assert operation is not None
    given = graphql.execution.get_variable_values(
        SCHEMA._schema, operation.variable_definitions or (), variables
    )
    assert not isinstance(given, list)
    return Question(SCHEMA._schema, operation, document.fragments, given)


def test_strawberry_is_the_version_whose_hooks_are_known() -> None:
    assert version("strawberry-graphql") == "0.341.2"


def test_the_definition_of_a_field_is_found_on_its_converted_field_in_a_sorted_schema() -> None:
    field = SCHEMA._schema.query_type.fields["networks"]  # type: ignore[union-attr]
    definition = field.extensions[GraphQLCoreConverter.DEFINITION_BACKREF]
    assert definition.python_name == "networks"
    assert "root" in definition.metadata


async def test_an_executor_of_ours_is_asked_to_execute_the_operation() -> None:
    class Own(StrawberryGraphQLCoreExecutionContext):
        def execute_operation(self, serially: bool | None = None) -> Any:  # noqa: ARG002
            assert self.operation.name is not None
            told = self.operation.name.value, self.context_value, self.variable_values.coerced
            return graphql.ExecutionResult({"told": told}, None)

    result = graphql.execute(
        SCHEMA._schema,
        graphql.parse("query Asked($n: Int = 7) {networks(first: $n) {totalCount}}"),
        context_value="context",
        executor_class=Own,
    )
    assert isinstance(result, graphql.ExecutionResult)
    assert result.data == {"told": ("Asked", "context", {"n": 7})}


def test_fields_are_collected_with_fragments_merged() -> None:
    asked = question(
        "{a: networks {nodes {id}} ...F} fragment F on Query {a: networks {nodes {name}}}"
    )
    root = asked.schema.query_type
    assert root is not None
    fields, *_ = collect_fields(
        asked.schema, asked.fragments, asked.variables, root, asked.operation
    )
    assert [len(details) for details in fields.values()] == [2]
    connection = asked.schema.type_map["NetworkConnection"]
    inner = collect_subfields(
        asked.schema,
        asked.fragments,
        asked.variables,
        asked.operation,
        connection,  # type: ignore[arg-type]
        fields["a"],
    )
    assert [len(details) for details in inner.grouped_field_set.values()] == [2]


def test_one_statement_answers_a_question_of_any_depth_and_breadth() -> None:
    asked = question(
        "{organisations {edges {cursor node {id memberships {totalCount nodes {network {name}}}}}}"
        " cohorts {nodes {sessions {attendances {organisation {name}}}}}"
        " roadmaps {nodes {levers {objectives {wording}}}}}"
    )
    prepared = answers.PLANS.plan(asked, ANYBODY)
    assert prepared.rest == {}
    assert prepared.compiled.statement is not None
    assert prepared.compiled.statement.text.count(";") == 0


def test_a_plan_is_made_once_for_each_shape_of_the_variables() -> None:
    def plan(asked: Question, eyes: Eyes = ANYBODY) -> answers.Prepared:
        return answers.PLANS.plan(asked, eyes)

    assert plan(question(QUERY, n=1)) is plan(question(QUERY, n=2))
    assert plan(question(QUERY, n=1)) is not plan(question(QUERY, n=None))
    assert plan(question(QUERY, n=1)) is not plan(question(QUERY, n=1, x=True))
    node = "query($id: ID!) {node(id: $id) {id}}"
    first = plan(question(node, id=f"org_{1:032x}"))
    assert first is plan(question(node, id=f"org_{2:032x}"))
    assert first is not plan(question(node, id=f"net_{2:032x}"))


def test_no_value_of_a_caller_stands_in_a_statement() -> None:
    asked = question(
        "query($name: String!, $n: Int) {network(name: $name) {name memberships(first: $n)"
        " {nodes {joinedAt}}} b: network(name: \"literal 'value'\") {name}}",
        name="x'; drop table network --",
        n=77,
    )
    prepared = answers.PLANS.plan(asked, ANYBODY)
    assert prepared.compiled.statement is not None
    text = prepared.compiled.statement.text
    assert not any(value in text for value in ("drop", "77", "literal"))
    arguments = prepared.compiled.arguments(asked.variables)
    assert arguments == ["x'; drop table network --", 77, "literal 'value'"]


async def test_a_resolver_that_fails_is_masked_like_anything_else(client: Client) -> None:
    async def wrong() -> str:
        raise RuntimeError("password=hunter2")

    interpreted = schema.create(compiled=False)
    field = interpreted._schema.query_type.fields["enumerations"]  # type: ignore[union-attr]
    kept, field.resolve = field.resolve, lambda *_: wrong()
    try:
        context = Context(
            commands=client.commands,
            reads=client.reads,
            positions=client.positions,
            feed=client.feed,
            sheets=client.sheets,
            caller=Caller("tests", "en"),
        )
        result = await interpreted.execute("{enumerations {name}}", context_value=context)
    finally:
        field.resolve = kept
    assert result.errors is not None
    (error,) = result.errors
    assert (error.extensions or {})["code"] == "FAULT"
    assert "hunter2" not in str(error)


def test_a_plan_depends_on_whether_somebody_is_known_and_not_on_who_it_is() -> None:
    asked = question(QUERY, n=1)
    ada, grace = (Eyes(Id(f"prn_{number:032x}")) for number in (1, 2))
    plan = answers.PLANS.plan
    assert plan(asked, ada) is plan(asked, grace)
    assert len({id(plan(asked, eyes)) for eyes in (ada, ANYBODY, PROGRAM)}) == 3
