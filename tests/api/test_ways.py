"""What still falls back on resolvers is listed, with its reason, and nothing else does."""

from graphql import GraphQLObjectType

from api import schema
from api.ways import RESOLVERS, STATEMENT, WITHIN, ways


def test_every_field_that_falls_back_has_a_reason_and_every_reason_a_field() -> None:
    told = {name: way for _, name, way in ways()}
    assert {name for name, way in told.items() if way != STATEMENT} == set(RESOLVERS)


def test_what_is_in_no_row_is_asked_of_something() -> None:
    types = schema.create()._schema.type_map.values()
    asked = {name for type in types if isinstance(type, GraphQLObjectType) for name in type.fields}
    assert set(WITHIN) <= asked


def test_nearly_everything_is_one_statement() -> None:
    told = list(ways())
    assert sum(way == STATEMENT for *_, way in told) > 0.85 * len(told)
