"""Types made from rows: the columns that are served, each described, and the relations.

    @entity(id="Its id.", name="The name that it bears.")
    class Organisation(OrganisationRow, Node):
        \"\"\"An organisation that takes part.\"\"\"

        territory = one("The territory where it is at home.")
        contacts = many("Those who answer for it.")
        enrolments = connection("The cohorts in which it takes part.")

A column that is not described is not served: foreign keys and sorting keys never leave. A
relation bears the name that it has in the row's table, from which its type follows. To-one
relations are nullable, whatever the column says: the row on the other side may belong to
another read model, which is a moment behind.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Annotated, Any, TypeVar

import strawberry
from strawberry import UNSET
from strawberry.annotation import StrawberryAnnotation
from strawberry.types.base import StrawberryObjectDefinition
from strawberry.types.field import StrawberryField
from strawberry.types.private import StrawberryPrivate

import api.enumerations  # noqa: F401 - before any type that has one
from api.choice import choose
from api.connection import Connection, Slice
from api.context import Info
from api.facets import FACETS
from api.naming import class_name
from api.node import Node
from api.paging import window
from projections.column import Column, columns
from projections.lookup import Lookup
from projections.ordering import Ordering, ordering
from projections.table import Relation, Row

R = TypeVar("R", bound=Row)
T = TypeVar("T")

FORM = "form"
"""Where a field's metadata says in which form its rows are given."""
REFERS = "refers"
"""Where a field's metadata says which entities its type is made of, by name."""


class Form(Enum):
    """How the rows of a relation are given."""

    ONE = auto()
    MANY = auto()
    CONNECTION = auto()


@dataclass(frozen=True, slots=True)
class Entity:
    """A type of the interface and the row from which it is made."""

    served: type[Any]
    row: type[Row]

    @property
    def columns(self) -> Mapping[str, Column]:
        """The columns of its table by their names, those that are not served included."""
        return columns(self.row)

    def ordering(self, names: tuple[str, ...]) -> Ordering:
        """Give an order by some columns."""
        return ordering(self.row, names)


ENTITIES: dict[str, Entity] = {}
"""Every entity by the name of its table."""

_HIDDEN: Any = Annotated[object, StrawberryPrivate()]

NODES: dict[str, Entity] = {}
"""What has an id of its own, by the noun that its ids name."""

_TYPES: dict[str, Any] = {"Connection": Connection}
"""What the annotations of relations refer to; complete when all entities are imported."""

First = Annotated[
    int | None, strawberry.argument(description="So many items from the start, 100 at most.")
]
After = Annotated[
    str | None, strawberry.argument(description="Only what follows the item with this cursor.")
]
Last = Annotated[
    int | None, strawberry.argument(description="So many items from the end, 100 at most.")
]
Before = Annotated[
    str | None, strawberry.argument(description="Only what precedes the item with this cursor.")
]


def entity(noun: str | None = None, /, **served: str) -> Callable[[type[R]], type[R]]:
    """Make a class that extends a row a type of the interface.

    ``served`` names the columns that leave, each with its description. ``noun`` is what its ids
    name, where that is not the name of its table.
    """

    def decorate(cls: Any) -> Any:
        row = cls.__mro__[1]
        assert issubclass(row, Row), f"{cls.__name__} extends its row first"
        hidden = columns(row).keys() - served.keys() - vars(cls).keys()
        cls.__annotations__ = dict.fromkeys(hidden, _HIDDEN)
        for name, description in served.items():
            _serve(cls, columns(row)[name], row, description)
        # Resolvers give plain rows; where a type can be one of several, the row tells.
        cls.is_type_of = staticmethod(lambda found, _info: isinstance(found, row))
        made = strawberry.type(cls, description=cls.__doc__)
        found = ENTITIES[row.TABLE.name] = Entity(made, row)
        if issubclass(made, Node):
            NODES[noun or row.TABLE.name] = found
        _TYPES[cls.__name__] = made
        return linked(made)

    return decorate


def one(description: str) -> Any:
    """Serve a to-one relation: a row, or null."""

    async def resolve(self: Row, info: Info) -> Any:
        lookup, key = _lookup(self, info.python_name)
        if None in key:
            return None
        return await info.context.loaders.one(lookup, key)

    return _relation(Form.ONE, resolve, description)


def many(description: str) -> Any:
    """Serve a to-many relation as a plain list: for what is bounded and owned."""

    async def resolve(self: Row, info: Info) -> Any:
        return await info.context.loaders.rows(*_lookup(self, info.python_name))

    return _relation(Form.MANY, resolve, description)


def connection(description: str) -> Any:
    """Serve a to-many relation page by page."""

    async def resolve(
        self: Row,
        info: Info,
        *,
        first: First = UNSET,
        after: After = UNSET,
        last: Last = UNSET,
        before: Before = UNSET,
        **chosen: Any,
    ) -> Any:
        lookup, key = _lookup(self, info.python_name)
        lookup = choose(lookup, FACETS[lookup.row.TABLE.name], chosen)
        asked = {"first": first, "after": after, "last": last, "before": before}
        page = window(asked, lookup.row.TABLE, lookup.order)
        return Slice(info.context.loaders, lookup, key, page)

    return _relation(Form.CONNECTION, resolve, description)


def linked(made: type[T]) -> type[T]:
    """Let the fields of a type refer to entities by name: they may not be imported yet."""
    definition: StrawberryObjectDefinition = vars(made)["__strawberry_definition__"]
    for field in definition.fields:
        annotation = field.metadata.get(REFERS)
        if FORM in field.metadata:
            assert issubclass(made, Row), "only what is made from rows has relations"
            annotation = _annotation(field, made.TABLE.relations[field.python_name])
        if annotation is not None:
            field.type_annotation = StrawberryAnnotation(annotation, namespace=_TYPES)
    return made


def _relation(form: Form, resolve: Callable[..., Any], description: str) -> Any:
    return strawberry.field(
        resolver=resolve, graphql_type=Any, description=description, metadata={FORM: form}
    )


def _annotation(field: StrawberryField, relation: Relation) -> str:
    target = class_name(relation.target)
    match field.metadata[FORM]:
        case Form.ONE:
            return f"{target} | None"
        case Form.MANY:
            return f"list[{target}]"
        case _:
            return f"Connection[{target}]"


def _serve(cls: type[Any], column: Column, row: type[Row], description: str) -> None:
    hint = row.__annotations__[column.name]
    if column.name in row.TABLE.shown:
        hint |= None  # for those who may not see it
    cls.__annotations__[column.name] = hint
    setattr(cls, column.name, strawberry.field(description=description))


def _lookup(row: Row, name: str) -> tuple[Lookup, tuple[Any, ...]]:
    relation = row.TABLE.relations[name]
    target = ENTITIES[relation.target].row
    by = tuple(there for _, there in relation.on)
    key = tuple(getattr(row, here) for here, _ in relation.on)
    return Lookup(target, by, ordering(target, relation.order)), key
