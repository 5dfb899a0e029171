"""Selections of every shape: objects within objects, and what is of several types by interface."""

from random import Random

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    GraphQLUnionType,
    InlineFragmentNode,
    NamedTypeNode,
    NameNode,
    OperationDefinitionNode,
    OperationType,
    SelectionNode,
    SelectionSetNode,
    get_named_type,
    is_leaf_type,
)

from api.ways import WITHIN

IN_NO_ROW = frozenset(WITHIN)
"""Fields of things that are told from the log, or from what rows were: resolvers answer these."""
FIELDS = 60
"""After so many a document opens no more objects."""
DEPTH = 8


def document(schema: GraphQLSchema, chance: Random) -> DocumentNode:
    """Make a query without arguments."""
    query = schema.query_type
    assert query is not None
    operation = OperationDefinitionNode(
        operation=OperationType.QUERY,
        name=None,
        variable_definitions=(),
        directives=(),
        selection_set=_Selecting(schema, chance).within(query, 0, chance.randint(1, 4)),
    )
    return DocumentNode(definitions=(operation,))


class _Selecting:
    def __init__(self, schema: GraphQLSchema, chance: Random) -> None:
        self._schema = schema
        self._chance = chance
        self._left = FIELDS

    def within(self, type: GraphQLObjectType, depth: int, objects: int) -> SelectionSetNode:
        """Select some values of an object, and some of the objects that it leads to."""
        leaves = [name for name, each in type.fields.items() if _is_leaf(each.type)]
        others = [name for name in type.fields if name not in leaves and name not in IN_NO_ROW]
        chosen = [name for name in leaves if self._chance.random() < 0.35]
        if self._left > 0 and depth < DEPTH:
            chosen += self._chance.sample(others, min(objects, len(others)))
        if not chosen:
            chosen = [self._chance.choice([*leaves, "__typename"])]
        self._chance.shuffle(chosen)
        self._left -= len(chosen)
        return _set(*(self._field(type, name, depth) for name in chosen))

    def _field(self, type: GraphQLObjectType, name: str, depth: int) -> FieldNode:
        inner = None
        if name in type.fields:
            target = get_named_type(type.fields[name].type)
            if isinstance(target, GraphQLInterfaceType | GraphQLUnionType):
                inner = self._of_several(target, depth + 1)
            elif isinstance(target, GraphQLObjectType):
                # A way on from nearly all, else most documents would end at their first page.
                objects = self._chance.choice((0, 1, 1, 2))
                inner = self.within(target, depth + 1, objects)
        return _field(name, inner=inner)

    def _of_several(
        self, type: GraphQLInterfaceType | GraphQLUnionType, depth: int
    ) -> SelectionSetNode:
        """Select what all have, and what a few of the types have of their own."""
        fields = type.fields if isinstance(type, GraphQLInterfaceType) else {}
        shared = [_field(name) for name, each in fields.items() if _is_leaf(each.type)]
        shared.append(_field("__typename"))
        possible = self._schema.get_possible_types(type)
        chosen = self._chance.sample(possible, min(4, len(possible)))
        return _set(*shared, *(self._part(each, depth) for each in chosen))

    def _part(self, type: GraphQLObjectType, depth: int) -> InlineFragmentNode:
        own = self.within(type, depth, self._chance.choice((0, 1)))
        # Two types may mean something else by one name: each part answers under names of its own.
        renamed = [
            _field(
                field.name.value, alias=f"{type.name}_{field.name.value}", inner=field.selection_set
            )
            for field in own.selections
            if isinstance(field, FieldNode)
        ]
        condition = NamedTypeNode(name=NameNode(value=type.name))
        return InlineFragmentNode(
            type_condition=condition, directives=(), selection_set=_set(*renamed)
        )


def _is_leaf(type: GraphQLOutputType) -> bool:
    return is_leaf_type(get_named_type(type))


def _set(*selections: SelectionNode) -> SelectionSetNode:
    return SelectionSetNode(selections=selections)


def _field(
    name: str, *, alias: str | None = None, inner: SelectionSetNode | None = None
) -> FieldNode:
    return FieldNode(
        name=NameNode(value=name),
        alias=None if alias is None else NameNode(value=alias),
        arguments=(),
        directives=(),
        selection_set=inner,
    )
