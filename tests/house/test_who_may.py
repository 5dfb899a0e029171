"""The README says who may give each command and see each type: it says what the code does."""

from pathlib import Path

from graphql import GraphQLNamedType, GraphQLObjectType, get_named_type

from api.entity import ENTITIES
from api.rules import BESIDE, who_sees
from api.schema import create
from domain.catalogue import COMMANDS
from domain.rules import who_grants, who_may

README = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
BEGIN = "<!-- who may: written by python -m domain.rules -->"
END = "<!-- who may: end -->"


def test_the_readme_has_the_table_that_the_code_gives() -> None:
    told = README.partition(BEGIN)[2].partition(END)[0]
    assert told.strip() == f"{who_may()}\n\n{who_grants()}"


def test_the_readme_has_the_table_of_types_that_the_code_gives() -> None:
    begin = "<!-- who sees: written by python -m api.rules -->"
    told = README.partition(begin)[2].partition("<!-- who sees: end -->")[0]
    assert told.strip() == who_sees()


def test_every_type_and_every_question_has_a_rule() -> None:
    ruled = {entity.served.__name__ for entity in ENTITIES.values()} | BESIDE.keys()

    def has_a_rule(kind: GraphQLNamedType) -> bool:
        refuses = isinstance(kind, GraphQLObjectType) and "Refusal" in map(str, kind.interfaces)
        alike = any(kind.name.endswith(name[1:]) for name in BESIDE if name.startswith("…"))
        return kind.name in ruled or refuses or alike

    graphql = create()._schema
    roots = {str(graphql.query_type), str(graphql.mutation_type), str(graphql.subscription_type)}
    for name, kind in graphql.type_map.items():
        if isinstance(kind, GraphQLObjectType) and name not in roots and name[:2] != "__":
            assert has_a_rule(kind), name
    for root in (graphql.query_type, graphql.subscription_type):
        assert root is not None
        for field, asked in root.fields.items():
            kind = get_named_type(asked.type)
            by_its_object = kind.name == "Node"
            assert f"{root}.{field}" in ruled or by_its_object or has_a_rule(kind), field


def test_every_type_that_is_made_from_rows_stands_in_the_table_once() -> None:
    table = who_sees()
    for entity in ENTITIES.values():
        assert table.count(f"`{entity.served.__name__}`") == 1


def test_every_command_stands_in_the_table_once() -> None:
    table = who_may()
    for name in COMMANDS:
        assert table.count(f"`{name[0].lower()}{name[1:]}`") == 1
