"""Questions of every shape: generated, then made to hit rows and to use all of the language.

Left alone a selection would ask for no row in particular. So arguments are set to what the read
model holds, and some fields get aliases, directives, variables and fragments.

Most selections are made by dice, in 4 ms each. hypothesis-graphql, which knows nothing of this
product and leans to what is of several types, takes 100 ms, six times as long as the answer does.
"""

import random
from typing import Any

import graphql
from graphql import (
    ArgumentNode,
    BooleanValueNode,
    DirectiveNode,
    DocumentNode,
    EnumValueNode,
    FieldDefinitionNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    NamedTypeNode,
    NameNode,
    ObjectFieldNode,
    ObjectValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    StringValueNode,
    TypeInfo,
    TypeInfoVisitor,
    VariableDefinitionNode,
    VariableNode,
    Visitor,
    get_named_type,
    visit,
)
from hypothesis import strategies as st
from hypothesis_graphql import queries

from api.entity import ENTITIES, FORM, NODES, Form
from api.facets import FACETS, Facets
from api.ordering import ordered
from api.root import ROOT, Every
from projections import cursor
from projections.organisations import NetworkRow
from tests.api import filters
from tests.api.asked import Asked
from tests.api.hostile import ROWS, identity, rows
from tests.api.selections import IN_NO_ROW, document

BACKREF = "strawberry-definition"

_NETWORKS = ("no such network", "\0", *(network.name_key for network in rows(NetworkRow)))

_SOUGHT = ("cordees", "ete oeuvre", '"drop table"', "le la", "-x", "שלום", "<script>", "nothing")


_NO_ROWS = (
    "exportPerson",
    "treeHead",
    "proof",
    "consistency",
    "moment",
    "trueOn",
    "news",
    "webhook",
    "bookmarks",
    "history",
)
"""What is asked of other ports than the read model."""

_DICE = st.randoms(use_true_random=True)


def questions(schema: GraphQLSchema) -> st.SearchStrategy[Asked]:
    """Make questions to a read model that `tests.api.hostile` has filled."""
    made = _DICE.map(lambda chance: ask(schema, document(schema, chance), chance))
    return made.filter(_is_about_rows)


def foreign_questions(schema: GraphQLSchema) -> st.SearchStrategy[Asked]:
    """Make such questions as hypothesis-graphql thinks of."""
    assert schema.query_type is not None
    left_out = {*_NO_ROWS, *IN_NO_ROW}
    about_rows = [name for name in schema.query_type.fields if name not in left_out]
    documents: st.SearchStrategy[Any] = queries(
        graphql.print_ast(visit(graphql.parse(graphql.print_schema(schema)), _OfRows())),
        fields=about_rows,
        print_ast=_as_it_is,
    )
    made = st.builds(lambda document, chance: ask(schema, document, chance), documents, _DICE)
    return made.filter(_is_about_rows)


class _OfRows(Visitor):
    """Takes out of a schema what no row has."""

    def enter_field_definition(self, node: FieldDefinitionNode, *_rest: Any) -> Any:
        return graphql.REMOVE if node.name.value in IN_NO_ROW else None


def _is_about_rows(asked: Asked) -> bool:
    return not any(name in asked.text for name in _NO_ROWS)


def _as_it_is(document: DocumentNode) -> Any:
    return document


def ask(schema: GraphQLSchema, document: DocumentNode, chance: random.Random) -> Asked:
    """Make a document hit rows."""
    info = TypeInfo(schema)
    taming = _Taming(info, chance)
    tamed = visit(document, TypeInfoVisitor(info, taming))
    operation = tamed.definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    named = OperationDefinitionNode(
        operation=operation.operation,
        name=NameNode(value="Generated"),
        variable_definitions=tuple(taming.definitions),
        directives=(),
        selection_set=operation.selection_set,
    )
    definitions = (named, *taming.fragments)
    return Asked(graphql.print_ast(DocumentNode(definitions=definitions)), taming.variables)


class _Taming(Visitor):
    def __init__(self, info: TypeInfo, chance: random.Random) -> None:
        super().__init__()
        self.definitions: list[VariableDefinitionNode] = []
        self.variables: dict[str, Any] = {}
        self.fragments: list[FragmentDefinitionNode] = []
        self._info = info
        self._chance = chance
        self._aliases = 0

    def leave_field(self, node: FieldNode, *_rest: Any) -> FieldNode:
        definition = self._info.get_field_def()
        assert definition is not None
        found = definition.extensions.get(BACKREF)
        directives: tuple[DirectiveNode, ...] = ()
        if self._chance.random() < 0.08:
            directives = (self._directive(),)
        self._aliases += 1
        alias = f"a{self._aliases}" + ("_" + "x" * 70 if self._chance.random() < 0.02 else "")
        return FieldNode(
            name=node.name,
            alias=NameNode(value=alias) if self._chance.random() < 0.3 else node.alias,
            arguments=tuple(self._arguments(found)),
            directives=directives,
            selection_set=node.selection_set and self._wrapped(definition, node.selection_set),
        )

    def _wrapped(
        self, definition: graphql.GraphQLField, selections: SelectionSetNode
    ) -> SelectionSetNode:
        on = NamedTypeNode(name=NameNode(value=get_named_type(definition.type).name))
        draw = self._chance.random()
        if draw < 0.1:
            inline = InlineFragmentNode(type_condition=on, selection_set=selections, directives=())
            return SelectionSetNode(selections=(inline,))
        if draw < 0.2:
            name = NameNode(value=f"F{len(self.fragments)}")
            self.fragments.append(
                FragmentDefinitionNode(
                    name=name,
                    type_condition=on,
                    selection_set=selections,
                    variable_definitions=(),
                    directives=(),
                )
            )
            return SelectionSetNode(selections=(FragmentSpreadNode(name=name, directives=()),))
        return selections

    def _directive(self) -> DirectiveNode:
        name = self._chance.choice(("include", "skip"))
        value = self._given("Boolean!", self._chance.random() < 0.5)
        argument = ArgumentNode(name=NameNode(value="if"), value=value)
        return DirectiveNode(name=NameNode(value=name), arguments=(argument,))

    def _arguments(self, found: Any) -> list[ArgumentNode]:
        metadata = {} if found is None else found.metadata
        names = set() if found is None else {given.python_name for given in found.arguments}
        chance, values = self._chance, dict[str, tuple[str, Any]]()
        nouns = sorted(NODES)
        if "text" in names:  # a search, whose pages go forward only
            words = self._given("String!", chance.choice(_SOUGHT))
            return [ArgumentNode(name=NameNode(value="text"), value=words)]
        if "id" in names:
            noun = getattr(metadata.get(ROOT), "table", None) or chance.choice(nouns)
            values["id"] = "ID!", identity(noun, chance.randrange(ROWS + 1))
        if "ids" in names:
            ids = [identity(chance.choice(nouns), chance.randrange(ROWS + 1)) for _ in range(4)]
            values["ids"] = "[ID!]!", chance.choice(([], ids, [*ids, "no id", "org_00"]))
        if "key" in names:
            values["key"] = "String!", identity("territory", chance.randrange(ROWS + 1))
        if "name" in names:
            values["name"] = "String!", chance.choice(_NETWORKS)
        facets = _facets(found)
        if "first" in names:
            orderly = facets is not None and "order_by" in names
            by = filters.order_by(facets, chance) if orderly else None
            if by is not None:
                values["orderBy"] = f"{facets.type}Order", by
            if chance.random() < 0.8:
                size = chance.choice((None, 0, 1, 2, 3))
                values[chance.choice(("first", "last"))] = "Int", size
            for name in ("after", "before"):
                if chance.random() < 0.3:
                    values[name] = "String", chance.choice((None, self._cursor(found, facets, by)))
        values |= self._chosen(facets, names)
        return [
            ArgumentNode(name=NameNode(value=name), value=self._given(type, value))
            for name, (type, value) in values.items()
        ]

    def _chosen(self, facets: Any, names: set[str]) -> dict[str, tuple[str, Any]]:
        values = dict[str, tuple[str, Any]]()
        if facets is None:
            return values
        if "where" in names and self._chance.random() < 0.6:
            values["where"] = f"{facets.type}Where", filters.where(facets, self._chance)
        if "group_by" in names:
            values["groupBy"] = f"[{facets.type}GroupBy!]", filters.group_by(facets, self._chance)
        return values

    def _cursor(self, found: Any, facets: Facets, by: dict[str, Any] | None) -> str:
        root = found.metadata.get(ROOT)
        if isinstance(root, Every):
            names = root.order
        else:
            if FORM not in found.metadata:  # it pages something else than rows
                return ""
            names = found.origin.TABLE.relations[found.python_name].order
        entity = ENTITIES[facets.table.name]
        order = ordered(facets, by, entity.ordering(names))
        row = self._chance.choice(list(rows(entity.row)))
        return cursor.write(row.TABLE, order, order.place(row))

    def _given(self, type: str, value: Any) -> Any:
        if self._chance.random() < 0.5:
            return _literal(value)
        name = f"v{len(self.definitions)}"
        self.variables[name] = value
        self.definitions.append(
            VariableDefinitionNode(
                variable=VariableNode(name=NameNode(value=name)),
                type=graphql.parse_type(type),
                directives=(),
            )
        )
        return VariableNode(name=NameNode(value=name))


def _facets(found: Any) -> Any:
    """Give what is offered for the rows of a field, None where it has none to choose from."""
    metadata = {} if found is None else found.metadata
    if metadata.get(FORM) is Form.CONNECTION:
        return FACETS[found.origin.TABLE.relations[found.python_name].target]
    return getattr(metadata.get(ROOT), "facets", None)


def _literal(value: Any) -> Any:  # noqa: PLR0911 - one for each kind of value
    match value:
        case None:
            return graphql.NullValueNode()
        case bool():
            return BooleanValueNode(value=value)
        case int():
            return IntValueNode(value=str(value))
        case filters.Word():
            return EnumValueNode(value=value)
        case str():
            return StringValueNode(value=value)
        case dict():
            fields = [
                ObjectFieldNode(name=NameNode(value=name), value=_literal(part))
                for name, part in value.items()
            ]
            return ObjectValueNode(fields=tuple(fields))
        case _:
            return ListValueNode(values=tuple(map(_literal, value)))
