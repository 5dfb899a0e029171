"""Compositions: of which fields and parts a thing consists, when its states are compared.

Its parts are the rows that its own events make, as far as the interface lists them under it: what
is served to nobody but those who know an id, such as a seat, is none. What tells of the recording
alone (versions, instants of entry, places in an order) is no field, and what is a copy is no part.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from strawberry.types.field import StrawberryField

from api.entity import ENTITIES, FORM, NODES, Entity, Form
from projections.access import EVERYONE
from projections.column import INSTANT, INTEGER, POSITION, Column
from projections.plan import Guarded, Match, One, Outer, Selection, Source, Value
from projections.table import TABLES, Relation, Table

COPIES: Final = frozenset({"submission", "dropped_part"})
"""Parts that repeat what others said: versions that were submitted, and what was given up."""

_RECORDING: Final = frozenset({"id", "version", "revision"})
_ORDERS: Final = ("position", "place")
_TITLES: Final = ("title", "name", "wording", "text", "what", "designation")


@dataclass(frozen=True, slots=True)
class Field:
    """A value by which states are compared."""

    name: str
    """What it is called in Python: the name of a column, or of a relation to one thing."""
    column: str
    """The column of the row that says it."""
    is_text: bool
    """Whether it holds words of somebody's."""
    leads_to: Table | None
    """Where it names another thing that fewer may see, the table of that."""

    def value(self, table: Table, column: Column) -> Value:
        """Give it as a value of a plan, null for those who may not see it."""
        if self.leads_to is not None:
            (key,) = self.leads_to.key
            shown = ENTITIES[self.leads_to.name].columns[key]
            source = Source(self.leads_to, (Match(key, Outer(self.column)),))
            return One(source, (("key", shown),))
        return Guarded(table, column) if column.name in table.shown else column


@dataclass(frozen=True, slots=True)
class Composed:
    """A thing, or a kind of part of it, and by what its states are compared."""

    entity: Entity
    fields: Mapping[str, Field]
    order: tuple[str, ...]
    """The columns that say in which order its rows come, and tell any two of them apart."""
    in_order: bool = False
    """Whether somebody chose that order."""

    @property
    def table(self) -> Table:
        """The table of its rows."""
        return self.entity.row.TABLE

    @property
    def identity(self) -> tuple[str, ...]:
        """The columns that tell its rows from each other within one thing."""
        owner = self.table.owner
        return tuple(name for name in self.table.key if owner is None or name != owner[1])

    @property
    def title(self) -> str | None:
        """The field by which people would call it."""
        return next((name for name in _TITLES if name in self.fields), None)

    @property
    def texts(self) -> frozenset[str]:
        """The fields that hold words of somebody's."""
        return frozenset(name for name, field in self.fields.items() if field.is_text)

    def selection(self) -> Selection:
        """Give its fields as values of a plan."""
        columns = self.entity.columns
        return tuple(
            (name, field.value(self.table, columns[field.column]))
            for name, field in self.fields.items()
        )


@dataclass(frozen=True, slots=True)
class Composition:
    """Of what a kind of thing consists."""

    noun: str
    whole: Composed
    parts: Mapping[str, Composed]
    """By the names of their tables, in the order in which the interface lists them."""


@cache
def composition(noun: str) -> Composition:
    """Tell of what things of a noun consist, once all entities are known."""
    root = NODES[noun]
    assert root.row.TABLE.owner == (noun, "id"), f"{noun} is made by its own events"
    parts: dict[str, Composed] = {}
    around, further_down = [root], False
    while around:
        further = [each for entity in around for each in _lists(noun, entity)]
        around = []
        for entity, order in further:
            table = entity.row.TABLE
            if table.name not in parts:
                whole_order = tuple(dict.fromkeys((*order, *table.key)))
                in_order = not further_down and order[0] in _ORDERS
                parts[table.name] = Composed(entity, _fields(entity), whole_order, in_order)
                around.append(entity)
        further_down = True
    return Composition(noun, Composed(root, _fields(root), ()), parts)


def _lists(noun: str, entity: Entity) -> Iterator[tuple[Entity, tuple[str, ...]]]:
    """Give what the interface lists under a thing and its own events make, and in which order."""
    for field in _served(entity):
        if field.metadata.get(FORM) in (Form.MANY, Form.CONNECTION):
            relation = entity.row.TABLE.relations[field.python_name]
            target = ENTITIES[relation.target]
            owner = target.row.TABLE.owner
            is_part = owner is not None and owner[0] == noun and (owner[1],) != target.row.TABLE.key
            if is_part and relation.target not in COPIES:
                yield target, relation.order


def _fields(entity: Entity) -> Mapping[str, Field]:
    """Give by what the rows of an entity are compared: its columns, then what they lead to."""
    table = entity.row.TABLE
    found: dict[str, Field] = {}
    for field in _served(entity):
        column = entity.columns.get(field.python_name)
        if column is not None and FORM not in field.metadata and not _tells_of_recording(column):
            found[column.name] = Field(column.name, column.name, _is_text(field), None)
    told = {each.column for each in found.values()}
    for field in _served(entity):
        if field.metadata.get(FORM) is Form.ONE:
            relation = table.relations[field.python_name]
            column_name = _by_id(table, relation)
            if column_name is not None and column_name not in told:
                apart = _apart(table, relation)
                found[field.python_name] = Field(field.python_name, column_name, False, apart)
    return found


def _by_id(table: Table, relation: Relation) -> str | None:
    """Name the column that names another thing; None where it is what the row belongs to."""
    ((ours, theirs), *others) = relation.on
    owner = None if table.owner is None else table.owner[1]
    if others or ours == owner or ours in table.key[:1] or (theirs,) != TABLES[relation.target].key:
        return None
    return ours


def _apart(table: Table, relation: Relation) -> Table | None:
    """Give the table to which a relation leads where fewer may see its rows."""
    target = TABLES[relation.target]
    # Parts of one thing, seen by the same rule of it; two things of a kind are not alike.
    same = target.owner == table.owner is not None and table.owner != (table.name, "id")
    if target.seen == EVERYONE or (same and target.seen == table.seen):
        return None
    return target


def _tells_of_recording(column: Column) -> bool:
    if column.kind in (INSTANT, POSITION):
        return not column.nullable or column.kind is POSITION
    is_place = column.kind is INTEGER and column.name in _ORDERS
    return is_place or column.name in _RECORDING


def _is_text(field: StrawberryField) -> bool:
    type: Any = field.type
    return getattr(type, "of_type", type) is str


def _served(entity: Entity) -> Iterator[StrawberryField]:
    definition = vars(entity.served)["__strawberry_definition__"]
    return iter(definition.fields)
