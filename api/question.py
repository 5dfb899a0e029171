"""Questions: an operation with its variables, and what is asked of each field."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from graphql import (
    GraphQLField,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    get_named_type,
)
from graphql.execution.collect_fields import (
    FieldDetails,
    FragmentDetails,
    GroupedFieldSet,
    collect_fields,
    collect_subfields,
)
from graphql.execution.values import VariableValues
from strawberry.schema.schema_converter import GraphQLCoreConverter

Fields: TypeAlias = list[FieldDetails]
"""One field, as often as a document names it under the same key."""


@dataclass(slots=True, eq=False)  # not frozen: those are four times as slow to make
class Question:
    """An operation with its variables, both validated."""

    schema: GraphQLSchema
    operation: OperationDefinitionNode
    fragments: dict[str, FragmentDetails]
    variables: VariableValues
    shape: Hashable = field(default=None, init=False)
    """What plans of it depend on, once `api.plans` has worked it out."""
    price: int | None = field(default=None, init=False)
    """What it costs, once `api.cost` has worked it out."""
    values: tuple[object, Sequence[object]] | None = field(default=None, init=False)
    """What was compiled of it last, and the values that its variables give that."""

    def fields(self, root: GraphQLObjectType) -> GroupedFieldSet:
        """Give what is asked of the root, by response key, fragments merged."""
        collected = collect_fields(
            self.schema, self.fragments, self.variables, root, self.operation
        )
        return collected.grouped_field_set

    def inner(self, type: GraphQLObjectType, details: Fields) -> GroupedFieldSet:
        """Give what is asked of a field whose value has this type."""
        collected = collect_subfields(
            self.schema, self.fragments, self.variables, self.operation, type, details
        )
        return collected.grouped_field_set

    def type(self, name: str) -> GraphQLObjectType:
        """Give a type by its name."""
        found = self.schema.get_type(name)
        assert isinstance(found, GraphQLObjectType)
        return found


def name_of(details: Fields) -> str:
    """Give the name of a field."""
    return details[0].node.name.value


def object_of(field: GraphQLField) -> GraphQLObjectType:
    """Give the type of the objects that a field gives, lists and nullability aside."""
    type = get_named_type(field.type)
    assert isinstance(type, GraphQLObjectType)
    return type


def definition_of(converted: GraphQLObjectType | GraphQLField) -> Any:
    """Give what Strawberry made a type or a field from."""
    return converted.extensions[GraphQLCoreConverter.DEFINITION_BACKREF]
