"""The schema: as it was agreed upon, described in every part, compiled in nearly all."""

from typing import Any

import graphql
import pytest
from graphql import GraphQLObjectType

from api import schema
from api.documents import Documents
from api.entity import ENTITIES, FORM
from api.root import ROOT
from api.webhooks.registering import MUTATIONS as WEBHOOKS
from domain.catalogue import COMMANDS
from projections.access import NOBODY
from projections.catalogue import PROJECTIONS
from tests.api.selections import IN_NO_ROW

SCHEMA = schema.create()
TYPES = {name: type for name, type in SCHEMA._schema.type_map.items() if name[:2] != "__"}
BUILT_IN = {"String", "Int", "Float", "Boolean", "ID"}


def _definition(field: graphql.GraphQLField) -> Any:
    return field.extensions["strawberry-definition"]


def test_the_schema_is_the_one_that_was_agreed_upon() -> None:
    agreed = schema.SDL.read_text(encoding="utf-8")
    assert SCHEMA.as_str() + "\n" == agreed, "run python -m api.schema, and look at the difference"


@pytest.mark.parametrize("name", sorted(TYPES.keys() - BUILT_IN))
def test_everything_is_described(name: str) -> None:
    type = TYPES[name]
    parts = {name: type}
    for field, shown in (getattr(type, "fields", None) or {}).items():
        parts[f"{name}.{field}"] = shown
        parts |= {f"{name}.{field}({a})": b for a, b in getattr(shown, "args", {}).items()}
    for value, shown in (getattr(type, "values", None) or {}).items():
        parts[f"{name}.{value}"] = shown
    assert [part for part, shown in parts.items() if not shown.description] == []


def test_every_command_is_a_mutation_with_a_result_of_its_own() -> None:
    mutation = TYPES["Mutation"]
    assert isinstance(mutation, GraphQLObjectType)
    many = {"importActions"}  # gathers the commands of a whole file
    of_the_caller = {"markRead", "removeBookmark", *WEBHOOKS}
    commands = {name[0].lower() + name[1:] for name in COMMANDS}
    assert set(mutation.fields) - many - of_the_caller == commands
    for name in COMMANDS:
        field = mutation.fields[name[0].lower() + name[1:]]
        assert str(field.type) == f"{name}Result!"
        assert str(field.args["input"].type) == f"{name}Input!"
        assert f"{name}Success" in TYPES


def test_every_refusal_implements_the_interface() -> None:
    for command in COMMANDS.values():
        for refusal in command.REFUSES:
            type = TYPES[refusal.__name__]
            assert isinstance(type, GraphQLObjectType)
            assert [interface.name for interface in type.interfaces] == ["Refusal"]


def test_every_table_is_served() -> None:
    tables = {kind.TABLE.name for projection in PROJECTIONS for kind in projection.rows}
    # Served as who may see an action, as the hits of a search, and as what footprints come to.
    inside = {"opening", "passage", "released_footprint", "disclosure"}
    inside |= {"footprint_release", "footprint_figure", "footprint_cell"}
    assert {name for name in tables - inside if not name.endswith("merger")} == set(ENTITIES)


@pytest.mark.parametrize("name", sorted(ENTITIES))
def test_every_column_is_served_or_leads_to_another_row(name: str) -> None:
    entity = ENTITIES[name]
    type = TYPES[entity.served.__name__]
    assert isinstance(type, GraphQLObjectType)
    served = {_definition(field).python_name for field in type.fields.values()}
    references = {
        here for relation in entity.row.TABLE.relations.values() for here, _ in relation.on
    }
    owner = entity.row.TABLE.owner
    owned = {owner[1]} if owner else set()
    inside = {name for name, rule in entity.row.TABLE.shown.items() if rule == NOBODY}
    known = served | references | owned | set(entity.row.TABLE.key) | inside
    known |= {"name_key", "ordered_by"}
    assert set(entity.columns) <= known


@pytest.mark.parametrize("name", sorted(ENTITIES))
def test_every_relation_is_served(name: str) -> None:
    entity = ENTITIES[name]
    definition = vars(entity.served)["__strawberry_definition__"]
    served = {field.python_name for field in definition.fields}
    inside = {("contact", "enrolments"), ("assignment", "enrolments")}  # say who may see names
    relations = {each for each in entity.row.TABLE.relations if (name, each) not in inside}
    assert relations <= served


def test_all_but_vocabularies_search_and_introspection_is_answered_by_plans() -> None:
    query = TYPES["Query"]
    assert isinstance(query, GraphQLObjectType)
    left = {name for name, field in query.fields.items() if ROOT not in _definition(field).metadata}
    of_the_log = {"diff", "moment", "trueOn", "treeHead", "proof", "consistency"}
    of_the_caller = {"bookmarks", "news", "webhook", "webhooks"}
    others = {"enumerations", "exportPerson", "search", "footprintStats"}
    assert left == others | of_the_log | of_the_caller


def test_every_field_of_a_row_is_a_column_or_a_relation() -> None:
    for entity in ENTITIES.values():
        type = TYPES[entity.served.__name__]
        assert isinstance(type, GraphQLObjectType)
        for name, field in type.fields.items():
            definition = _definition(field)
            python_name = definition.python_name
            if name in IN_NO_ROW:
                continue
            if FORM in definition.metadata:
                assert python_name in entity.row.TABLE.relations
            else:
                assert python_name in entity.columns


def test_what_is_not_null_is_a_column_that_is_not() -> None:
    for entity in ENTITIES.values():
        type = TYPES[entity.served.__name__]
        assert isinstance(type, GraphQLObjectType)
        for name, field in type.fields.items():
            definition = _definition(field)
            if FORM in definition.metadata or name in IN_NO_ROW:
                continue
            column = entity.columns[definition.python_name]
            nullable = column.nullable or column.name in entity.row.TABLE.shown
            assert isinstance(field.type, graphql.GraphQLNonNull) is not nullable


def test_a_node_that_is_not_there_is_null() -> None:
    query = TYPES["Query"]
    assert isinstance(query, GraphQLObjectType)
    assert str(query.fields["node"].type) == "Node"
    assert str(query.fields["nodes"].type) == "[Node]!"


def test_what_speaks_of_time_and_amounts_has_a_scalar_of_its_own() -> None:
    for name in ("Date", "DateTime", "Decimal", "UUID"):
        scalar = TYPES[name]
        assert isinstance(scalar, graphql.GraphQLScalarType)
        assert scalar.specified_by_url
    assert "Position" in TYPES
    account = TYPES["ReviewAccount"]
    assert isinstance(account, GraphQLObjectType)
    assert str(account.fields["position"].type).startswith("Position")


def test_documents_are_parsed_and_validated_once() -> None:
    documents = Documents(SCHEMA._schema)
    assert documents.get("{__typename}") is documents.get("{__typename}")
    assert documents.get("{nothing}").errors
    assert documents.get("{").node is None
