"""The planner: what an operation asks of the read model, as one plan.

Fields that do not come from rows are left to resolvers.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from graphql import GraphQLField, GraphQLObjectType
from graphql.execution.collect_fields import GroupedFieldSet
from graphql.execution.values import VariableValues

from api.binding import Binding, Slots
from api.entity import ENTITIES, NODES, Entity
from api.figures import figures
from api.node import known, noun_of
from api.question import Fields, Question, definition_of, name_of, object_of
from api.root import ROOT, Asking, ById, ByIds, Every, Find, Stats, few
from api.selections import NotFromRows, Selections
from api.statistics import groupings
from domain.identity import PREFIXES
from projections.column import TEXT, TEXTS
from projections.dependence import tables
from projections.guard import Eyes
from projections.plan import (
    Answer,
    Choice,
    Connection,
    Match,
    One,
    Outer,
    Plan,
    Source,
    Statistics,
)
from projections.render import render
from projections.slot import Slot
from projections.statement import Statement


@dataclass(frozen=True, slots=True)
class Compiled:
    """What one statement answers, and how its slots get their values, that of the caller aside."""

    statement: Statement | None
    """None where nothing has to be read."""
    bindings: tuple[Binding, ...]
    tables: tuple[str, ...] | None
    """The tables without whose change it gives the same again; None where that is not all."""

    def arguments(self, variables: VariableValues) -> list[object]:
        """Give the values of the slots. Raises `api.binding.ArgumentRefused`."""
        return [value for binding in self.bindings for value in binding.values(variables)]


class Planner:
    """Plans what an operation asks of rows; all of it becomes one statement."""

    def __init__(self, question: Question, eyes: Eyes, *, reserved: int = 0) -> None:
        """``reserved`` slots come first and are bound by the caller; then who is asking."""
        self._question = question
        self._viewer = eyes.viewer(reserved + 1)
        self._slots = Slots(reserved + len(eyes.arguments))
        self._selections = Selections(question, self._slots)
        self._answers: list[Answer] = []

    def roots(self, root: GraphQLObjectType, fields: GroupedFieldSet) -> dict[str, int | None]:
        """Plan those of some root fields that come from rows.

        Gives for the key of each its column in the answer, None for what is null.

        Raises:
            api.binding.ArgumentRefused, api.selections.TooManyFields: it cannot be answered.
        """
        answered: dict[str, int | None] = {}
        for key, details in fields.items():
            mark = self._slots.mark
            try:
                answer = self._root(root, details)
            except NotFromRows:
                self._slots.release(mark)
                continue
            answered[key] = None if answer is None else self._add(answer)
        return answered

    def entity(self, noun: str, id: Slot, details: Fields) -> int:
        """Plan a row by its id, and give its column in the answer."""
        return self._add(self._node(noun, id, details))

    def found(self, find: Find, field: GraphQLField, details: Fields) -> int:
        """Plan a row by a column that is unique, and give its column in the answer."""
        return self._add(self._find(find, field, details))

    def choice(self, ids: Slot, tables: Iterable[tuple[str, str]], details: Fields) -> int:
        """Plan rows of some tables, each by a column that is unique, and give their column.

        Several tables are told from each other by the prefixes of their ids.
        """
        named = {entity.row.TABLE.name: PREFIXES[noun] for noun, entity in NODES.items()}
        options = [
            (named.get(table), self._row(ENTITIES[table], Match(column, Outer("id")), details))
            for table, column in tables
        ]
        return self._add(Choice(ids, tuple(options)))

    def compiled(self) -> Compiled:
        """Give what was planned."""
        if not self._answers:
            return Compiled(None, self._slots.bindings, ())
        statement = render(Plan(tuple(self._answers), self._viewer, self._slots.given))
        return Compiled(statement, self._slots.bindings, tables(statement))

    def _add(self, answer: Answer) -> int:
        self._answers.append(answer)
        return len(self._answers) - 1

    def _root(self, root: GraphQLObjectType, details: Fields) -> Answer | None:
        field = root.fields.get(name_of(details))
        if field is None:
            raise NotFromRows
        match definition_of(field).metadata.get(ROOT):
            case Find() as find:
                return self._find(find, field, details)
            case Every() as every:
                return self._every(every, field, details)
            case Asking(table):
                return self._asking(table, field, details)
            case Stats() as stats:
                return self._stats(stats, field, details)
            case ById():
                return self._by_id(field, details)
            case ByIds():
                return self._by_ids(field, details)
            case _:
                raise NotFromRows

    def _every(self, every: Every, field: GraphQLField, details: Fields) -> Connection:
        usual = ENTITIES[every.table].ordering(every.order)
        source = Source(every.facets.table)
        return self._selections.connection(source, usual, every.facets, field, details)

    def _stats(self, stats: Stats, field: GraphQLField, details: Fields) -> Statistics:
        facets = stats.facets
        where = self._selections.where(facets, field, details)
        source = Source(facets.table, where=where)
        binding = Binding(field, details[0], lambda given: groupings(facets, given.get("groupBy")))
        binding.values(self._question.variables)  # what makes no sense is refused here
        asked = binding.arguments(self._question.variables)
        by = groupings(facets, asked.get("groupBy"))
        return figures(self._selections, source, by, object_of(field), details)

    def _find(self, find: Find, field: GraphQLField, details: Fields) -> One:
        binding = Binding(field, details[0], lambda given: (find.read(given[find.argument]),))
        (slot,) = self._slots.take(binding, TEXT.sql)
        source = Source(ENTITIES[find.table].row.TABLE, (Match(find.column, slot),))
        return One(source, self._selections.selection(object_of(field), details))

    def _asking(self, table: str, field: GraphQLField, details: Fields) -> One | None:
        caller = self._viewer.principal
        if caller is None:
            return None
        source = Source(ENTITIES[table].row.TABLE, (Match("id", caller),))
        return One(source, self._selections.selection(object_of(field), details))

    def _by_id(self, field: GraphQLField, details: Fields) -> One | None:
        asked = Binding(field, details[0], lambda _: ()).arguments(self._question.variables)
        noun = noun_of(asked["id"])
        if noun not in NODES:
            return None
        binding = Binding(field, details[0], lambda given: (known(given["id"], noun),))
        (slot,) = self._slots.take(binding, TEXT.sql)
        return self._node(noun, slot, details)

    def _by_ids(self, field: GraphQLField, details: Fields) -> Choice:
        binding = Binding(field, details[0], lambda given: (few(given["ids"]),))
        asked = {noun_of(id) for id in binding.arguments(self._question.variables)["ids"]}
        (slot,) = self._slots.take(binding, TEXTS.sql)
        wanted = [noun for noun in NODES if noun in asked]
        options = [(PREFIXES[noun], self._node(noun, Outer("id"), details)) for noun in wanted]
        return Choice(slot, tuple(options))

    def _node(self, noun: str, id: Slot | Outer, details: Fields) -> One:
        return self._row(NODES[noun], Match("id", id), details)

    def _row(self, entity: Entity, match: Match, details: Fields) -> One:
        type = self._question.type(entity.served.__name__)
        selection = self._selections.selection(type, details)
        return One(Source(entity.row.TABLE, (match,)), selection)
