"""Tracks: which fields of a thing and of its parts are told as changes, and what they are called.

What is told are the columns that a type of the interface serves, and the ids to which its to-one
relations lead. Left out is what says nothing of the thing: which row it is and to what it belongs,
how often it changed, and the instant of the very event that made it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, Final, Union, get_args, get_origin, get_type_hints

from strawberry.types.base import StrawberryObjectDefinition
from strawberry.types.field import StrawberryField

from api.entity import ENTITIES, FORM, Entity, Form
from api.labels.fields import words_of
from api.labels.words import Words
from api.naming import camel
from domain.identity import Id
from domain.label import Label
from projections.access import EVERYONE
from projections.changes import ValueKind
from projections.column import BOOLEAN, DATE, DECIMAL, INSTANT, INTEGER, POSITION, Column
from projections.table import TABLES, Table
from projections.tracks import Field, Track

LEFT_OUT: Final[Mapping[str, str]] = {
    "action_year": "it follows from the reports of progress, which are told",
    "dropped_part": "that a part was given up is told of the part itself",
    "footprint_batch": "what footprints come to is told by statistics alone",
    "seat": "it is for whoever knows the id of the registration",
    "submitted_lever": "it is a copy of what stands in the roadmap",
    "submitted_mobilisation": "it is a copy of what stands in the roadmap",
    "submitted_objective": "it is a copy of what stands in the roadmap",
    "submitted_plan_item": "it is a copy of what stands in the roadmap",
}
"""The tables whose rows are not told as changes, and why."""

_BOOKKEEPING: Final = frozenset({"id", "version", "revision"})
_COUNTED: Final = frozenset({"objective", "plan_item", "ecosystem_mobilisation"})
"""Parts whose position is the version with which they were added: nobody has chosen it."""


@dataclass(frozen=True, slots=True)
class Told:
    """A field as it is told."""

    name: str
    """What the interface calls it."""
    words: Words
    kind: ValueKind
    vocabulary: type[Label] | None
    leads_to: str | None
    """The table of what it names, where fewer may see that."""


@dataclass(frozen=True, slots=True, eq=False)
class Traced:
    """A table whose rows are told, and its fields in the order of the track."""

    noun: str
    track: Track
    fields: tuple[Told, ...]

    @property
    def has_id(self) -> bool:
        """Whether its rows have ids of their own."""
        return self.track.table.key == ("id",)


@cache
def traced(noun: str) -> tuple[Traced, ...]:
    """Give what is told of a thing by its noun: of itself first, then of its parts."""
    found = [
        _traced(name, entity)
        for name, entity in ENTITIES.items()
        if entity.row.TABLE.owner is not None
        and entity.row.TABLE.owner[0] == noun
        and name not in LEFT_OUT
    ]
    return tuple(sorted(found, key=lambda each: each.noun != noun))


def _traced(name: str, entity: Entity) -> Traced:
    given = list(_fields(entity))
    hints = get_type_hints(entity.row, include_extras=True)
    told = tuple(
        Told(
            camel(each.name),
            words_of(name, each.name),
            *_kind(each, hints[each.column.name]),
            each.leads_to,
        )
        for each in given
    )
    return Traced(name, Track(entity.row.TABLE, tuple(given)), told)


def _fields(entity: Entity) -> Iterator[Field]:
    """Give the columns and relations of a type that are told."""
    table = entity.row.TABLE
    assert table.owner is not None, f"{table.name} belongs to an aggregate"
    definition: StrawberryObjectDefinition = vars(entity.served)["__strawberry_definition__"]
    taken = {table.owner[1]}
    for field in definition.fields:
        column = entity.columns.get(field.python_name)
        if column is not None and field.base_resolver is None:
            taken.add(column.name)
            if not _is_bookkeeping(column, table.name):
                yield Field(field.python_name, column)
    for field in definition.fields:
        if (led := _leads_by(field, entity)) is not None and led.name not in taken:
            taken.add(led.name)
            target = TABLES[table.relations[field.python_name].target]
            yield Field(field.python_name, led, None if _is_as_open(target, table) else target.name)


def _is_as_open(target: Table, table: Table) -> bool:
    """Tell whether whoever sees a row of a table sees what it names in another one."""
    if target.seen == EVERYONE:
        return True
    # Parts of one thing, seen by the same rule of it; two things of a kind are not alike.
    together = target.owner == table.owner and table.owner != (table.name, "id")
    return together and target.seen == table.seen


def _is_bookkeeping(column: Column, table: str) -> bool:
    if column.name == "position":
        return table in _COUNTED or column.kind is POSITION
    return column.name in _BOOKKEEPING or (column.kind == INSTANT and not column.nullable)


def _leads_by(field: StrawberryField, entity: Entity) -> Column | None:
    """Give the column by which a to-one relation leads to something else."""
    if field.metadata.get(FORM) is not Form.ONE:
        return None
    table = entity.row.TABLE
    on = table.relations[field.python_name].on
    return entity.columns[on[0][0]] if len(on) == 1 and on[0][0] != "id" else None


def _kind(field: Field, hint: Any) -> tuple[ValueKind, type[Label] | None]:
    if get_origin(hint) in (Union, type(int | None)):
        hint = next(each for each in get_args(hint) if each is not type(None))
    if get_origin(hint) is Annotated:
        hint = get_args(hint)[0]
    if isinstance(hint, type) and issubclass(hint, Label):
        return ValueKind.WORD, hint
    if hint is Id:
        return ValueKind.ID, None
    return _KINDS.get(field.column.kind.sql, ValueKind.TEXT), None


_KINDS: Final = {
    INTEGER.sql: ValueKind.INTEGER,
    POSITION.sql: ValueKind.INTEGER,
    DECIMAL.sql: ValueKind.DECIMAL,
    BOOLEAN.sql: ValueKind.BOOLEAN,
    DATE.sql: ValueKind.DATE,
    INSTANT.sql: ValueKind.INSTANT,
    "text[]": ValueKind.LIST,
}
