"""Documents that ask for everything: all that something is, and all that its neighbours are."""

from collections.abc import Iterator
from functools import cache

from graphql import GraphQLNonNull, GraphQLObjectType, get_named_type, is_leaf_type

from api.entity import NODES
from api.query import Query
from api.root import ROOT, Every
from projections import cursor
from projections.ordering import ordering
from projections.table import TABLES
from tests.api.asked import Asked
from tests.api.both_ways import COMPILED
from tests.api.filters import ROWS
from tests.api.hostile import ROWS as MOST
from tests.api.hostile import identity, rows
from tests.api.selections import IN_NO_ROW

_SCHEMA = COMPILED._schema


def nodes() -> Iterator[tuple[str, Asked]]:
    """Ask for everything by the ids of each kind of thing, known and unknown."""
    for noun, entity in NODES.items():
        table = entity.row.TABLE.name
        name = entity.served.__name__
        ids = [identity(table, number) for number in range(MOST + 1)]
        one = "\n".join(
            f'n{place}: node(id: "{id}") {{__typename}}' for place, id in enumerate(ids)
        )
        text = f"query($ids: [ID!]!) {{{one} nodes(ids: $ids) {{id ... on {name} {_whole(name)}}}}}"
        yield noun, Asked(text, {"ids": ids})


def lists() -> Iterator[tuple[str, Asked]]:
    """Ask each list for its pages, from both ends and from the cursor of each row."""
    for field in vars(Query)["__strawberry_definition__"].fields:
        root = field.metadata.get(ROOT)
        if not isinstance(root, Every):
            continue
        row = ROWS[root.table]
        order = ordering(row, root.order)
        places = [cursor.write(TABLES[root.table], order, order.place(each)) for each in rows(row)]
        name = next(
            shown
            for shown in _SCHEMA.query_type.fields  # type: ignore[union-attr]
            if shown.lower() == field.python_name.replace("_", "")
        )
        shown = "{totalCount pageInfo {hasNextPage hasPreviousPage startCursor endCursor}"
        shown += " edges {cursor} nodes {__typename}}"
        pages = [f"all: {name} {shown}", f"first: {name}(first: 2) {shown}"]
        pages += [f"last: {name}(last: 2) {shown}"]
        for number, place in enumerate(places):
            pages.append(f'a{number}: {name}(first: 2, after: "{place}") {shown}')
            pages.append(f'b{number}: {name}(last: 2, before: "{place}") {shown}')
        yield name, Asked(f"{{{' '.join(pages)}}}")


@cache
def _whole(name: str) -> str:
    type = _SCHEMA.type_map[name]
    assert isinstance(type, GraphQLObjectType)
    parts = []
    for field_name, field in type.fields.items():
        if field_name in IN_NO_ROW:
            continue
        target = get_named_type(field.type)
        if is_leaf_type(target):
            parts.append(field_name)
        elif isinstance(target, GraphQLObjectType) and "nodes" in target.fields:
            inner = get_named_type(target.fields["nodes"].type)
            parts.append(f"{field_name} {{totalCount nodes {_own(inner.name)}}}")
        elif isinstance(target, GraphQLObjectType) and not any(
            isinstance(argument.type, GraphQLNonNull) for argument in field.args.values()
        ):
            parts.append(f"{field_name} {_own(target.name)}")
    return f"{{{' '.join(parts)}}}"


@cache
def _own(name: str) -> str:
    type = _SCHEMA.type_map[name]
    assert isinstance(type, GraphQLObjectType)
    own = [each for each, field in type.fields.items() if is_leaf_type(get_named_type(field.type))]
    return f"{{__typename {' '.join(own)}}}"
