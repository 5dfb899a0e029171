"""Selections: what is asked of rows, as values of a plan.

What depends on nothing but the document and the *shape* of its variables (which are null,
what `@skip` and `@include` say, which kinds of id) is decided here, once; everything else is
bound each time.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from graphql import GraphQLField, GraphQLObjectType
from graphql.execution.collect_fields import GroupedFieldSet

from api.binding import Arguments, Binding, Slots, Values
from api.entity import ENTITIES, FORM, Entity, Form
from api.facets import FACETS, Facets
from api.ordering import ordered
from api.paging import window
from api.question import Fields, Question, definition_of, name_of, object_of
from api.where import read
from domain.refusal import Refusal
from projections.column import INTEGER
from projections.condition import Condition, Filter
from projections.ordering import Ordering
from projections.plan import (
    Connection,
    Constant,
    Cursor,
    EdgePart,
    Edges,
    FirstCursor,
    Guarded,
    HasNext,
    HasPrevious,
    LastCursor,
    Many,
    Match,
    Node,
    Nodes,
    One,
    Outer,
    Page,
    PageInfo,
    PagePart,
    Part,
    Selection,
    Source,
    Total,
    Value,
)

MOST_VALUES: Final = 4_000
"""Values in a plan. Fragments can make a short document ask for very much."""

_SHOW_ROWS: Final = frozenset({"nodes", "edges", "pageInfo"})
"""The parts of a connection that depend on its page."""


class TooManyFields(Refusal):
    """This asks for more than {limit} fields. Ask for less at once."""

    FRENCH = "La requête demande plus de {limit} champs. Demandez-en moins à la fois."


class NotFromRows(Exception):
    """A field is not read from rows: resolvers answer that with which the operation begins."""


class Selections:
    """Turns what a question asks of rows into values, and takes slots for their arguments."""

    def __init__(self, question: Question, slots: Slots) -> None:
        self._question = question
        self._slots = slots
        self._size = 0

    def selection(self, type: GraphQLObjectType, details: Fields) -> Selection:
        """Give what is asked of each row of a type.

        Raises:
            api.binding.ArgumentRefused, TooManyFields: it cannot be answered.
            NotFromRows: something of it is in no row.
        """
        entity = ENTITIES[definition_of(type).origin.TABLE.name]
        return tuple(
            (key, self._value(entity, type, inner))
            for key, inner in self.inner(type, details).items()
        )

    def connection(
        self, source: Source, usual: Ordering, facets: Facets, field: GraphQLField, details: Fields
    ) -> Connection:
        """Give what is asked of a page of the rows that were chosen, and about it."""
        source = replace(source, where=self.where(facets, field, details))
        by = self._order(facets, usual, field, details)
        type = object_of(field)
        asked = self.inner(type, details)
        shown = not _SHOW_ROWS.isdisjoint(map(name_of, asked.values()))
        page = self._page(source, by, field, details, shown)
        parts = tuple((key, self._part(type, inner)) for key, inner in asked.items())
        return Connection(source, by, page, parts)

    def _value(self, entity: Entity, type: GraphQLObjectType, details: Fields) -> Value:
        name = name_of(details)
        if name == "__typename":
            return Constant(type.name)
        field = type.fields[name]
        definition = definition_of(field)
        form: Form | None = definition.metadata.get(FORM)
        table = entity.row.TABLE
        if form is None:
            column = entity.columns.get(definition.python_name)
            if column is None:
                raise NotFromRows
            return Guarded(table, column) if column.name in table.shown else column
        relation = table.relations[definition.python_name]
        target = ENTITIES[relation.target]
        matches = tuple(Match(there, Outer(here)) for here, there in relation.on)
        source = Source(target.row.TABLE, matches, around=table)
        match form:
            case Form.ONE:
                return One(source, self.selection(object_of(field), details))
            case Form.MANY:
                order = target.ordering(relation.order)
                return Many(source, order, self.selection(object_of(field), details))
            case Form.CONNECTION:
                usual = target.ordering(relation.order)
                return self.connection(source, usual, FACETS[relation.target], field, details)

    def where(self, facets: Facets, field: GraphQLField, details: Fields) -> Condition | None:
        """Give which rows are meant, None where all are. Raises `api.binding.ArgumentRefused`."""
        if not details[0].node.arguments:
            return None
        first = self._slots.first

        def filtered(given: Arguments) -> Filter | None:
            return read(facets, given.get("where"), first)

        def values(given: Arguments) -> Values:
            found = filtered(given)
            return () if found is None else found.values

        binding = Binding(field, details[0], values)
        binding.values(self._question.variables)  # what makes no sense is refused here
        shape = filtered(binding.arguments(self._question.variables))
        self._slots.take(binding, *(() if shape is None else shape.types))
        return None if shape is None else shape.condition

    def _order(
        self, facets: Facets, usual: Ordering, field: GraphQLField, details: Fields
    ) -> Ordering:
        if not details[0].node.arguments:
            return usual
        asked = Binding(field, details[0], lambda _: ()).arguments(self._question.variables)
        return ordered(facets, asked.get("orderBy"), usual)

    def _page(
        self,
        source: Source,
        order: Ordering,
        field: GraphQLField,
        details: Fields,
        shown: bool,
    ) -> Page | None:
        def read(given: Arguments) -> Values:
            asked = window(given, source.table, order)
            values = asked.limit, *(asked.after or ()), *(asked.before or ())
            return values if shown else ()

        binding = Binding(field, details[0], read)
        binding.values(self._question.variables)
        if not shown:
            self._slots.take(binding)
            return None
        shape = window(binding.arguments(self._question.variables), source.table, order)
        place = tuple(column.kind.sql for column in order.columns)
        after, before = shape.after is not None, shape.before is not None
        limit, *places = self._slots.take(binding, INTEGER.sql, *place * after, *place * before)
        here = len(place) * after
        return Page(limit, shape.backward, tuple(places[:here]), tuple(places[here:]))

    def _part(self, type: GraphQLObjectType, details: Fields) -> Part:
        match name_of(details):
            case "nodes":
                return Nodes(self.selection(object_of(type.fields["nodes"]), details))
            case "edges":
                edge = object_of(type.fields["edges"])
                asked = self.inner(edge, details)
                return Edges(tuple((key, self._edge(edge, inner)) for key, inner in asked.items()))
            case "pageInfo":
                info = object_of(type.fields["pageInfo"])
                asked = self.inner(info, details)
                return PageInfo(tuple((key, _about(info, inner)) for key, inner in asked.items()))
            case "totalCount":
                return Total()
            case _:
                return Constant(type.name)

    def _edge(self, type: GraphQLObjectType, details: Fields) -> EdgePart:
        match name_of(details):
            case "node":
                return Node(self.selection(object_of(type.fields["node"]), details))
            case "cursor":
                return Cursor()
            case _:
                return Constant(type.name)

    def inner(self, type: GraphQLObjectType, details: Fields) -> GroupedFieldSet:
        """Give what is asked of a field. Raises TooManyFields."""
        asked = self._question.inner(type, details)
        self._size += len(asked)
        if self._size > MOST_VALUES:
            raise TooManyFields(limit=MOST_VALUES)
        return asked


_PAGE_PARTS: Final[Mapping[str, PagePart]] = {
    "hasNextPage": HasNext(),
    "hasPreviousPage": HasPrevious(),
    "startCursor": FirstCursor(),
    "endCursor": LastCursor(),
}


def _about(type: GraphQLObjectType, details: Fields) -> PagePart:
    return _PAGE_PARTS.get(name_of(details)) or Constant(type.name)
