"""Lists as Relay reads them: the rules of its cursor connections, over the whole schema.

They are those of graphql-eslint's `relay-*` rules, but for one that Relay does not ask for: that
what lies in a connection is a `Node`. Parts that have no id of their own lie in connections, too.
"""

from typing import Final

import graphql
import pytest
from graphql import GraphQLObjectType

from api.schema import SDL

SCHEMA: Final = graphql.build_schema(SDL.read_text(encoding="utf-8"))
OBJECTS: Final = {
    name: type for name, type in SCHEMA.type_map.items() if isinstance(type, GraphQLObjectType)
}
CONNECTIONS: Final = sorted(name for name in OBJECTS if name.endswith("Connection"))
LISTS: Final = {
    f"{name}.{field_name}": field
    for name, type in OBJECTS.items()
    for field_name, field in type.fields.items()
    if str(field.type).rstrip("!") in CONNECTIONS
}
FORWARD: Final = {"first": "Int", "after": "String"}
BACKWARD: Final = {"last": "Int", "before": "String"}
ONLY_FORWARD: Final = {
    "Query.search",
    "News.entries",
    "Webhook.deliveries",
    *(name for name in LISTS if name.endswith(".sources")),
}
"""What is gathered for the one who asks, as far as they go on: nobody begins with its end."""


def fields(type: str) -> dict[str, str]:
    """Give the fields of a type, and how the type of each is written."""
    return {name: str(field.type) for name, field in OBJECTS[type].fields.items()}


@pytest.mark.parametrize("connection", CONNECTIONS)
def test_a_connection_has_edges_with_their_cursors(connection: str) -> None:
    edge = connection.removesuffix("Connection") + "Edge"
    told = fields(connection)
    assert told["edges"] == f"[{edge}!]!"
    assert told["pageInfo"] == "PageInfo!"
    assert told["nodes"] == f"[{fields(edge)['node']}]!"
    assert fields(edge)["cursor"] == "String!"


def test_a_page_tells_where_it_lies() -> None:
    assert fields("PageInfo") == {
        "hasNextPage": "Boolean!",
        "hasPreviousPage": "Boolean!",
        "startCursor": "String",
        "endCursor": "String",
    }


@pytest.mark.parametrize("name", sorted(LISTS))
def test_a_list_is_paged_both_ways(name: str) -> None:
    given = {argument: str(told.type) for argument, told in LISTS[name].args.items()}
    wanted = FORWARD if name in ONLY_FORWARD else FORWARD | BACKWARD
    assert given.items() >= wanted.items()


def test_only_lists_are_called_connections() -> None:
    edges = {name.removesuffix("Edge") for name in OBJECTS if name.endswith("Edge")}
    assert edges == {name.removesuffix("Connection") for name in CONNECTIONS}
