"""Root fields: where a question enters the read model."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Final, TypeAlias

import strawberry
from strawberry import UNSET

from api.choice import choose, offer
from api.connection import Slice
from api.context import Info
from api.entity import ENTITIES, NODES, REFERS, After, Before, First, Last
from api.facets import Facets
from api.filters import where_of
from api.node import Node, known, noun_of
from api.paging import window
from api.past import AsOfArgument
from domain import text
from domain.identity import Id
from domain.refusal import Refusal
from projections.lookup import Lookup
from projections.table import Row

ROOT: Final = "root"
"""Where a root field's metadata says which rows it gives."""

MOST_IDS: Final = 100


class TooManyIds(Refusal):
    """{count} ids are too many: ask for {limit} at most."""

    FRENCH = "{count} identifiants sont trop : demandez-en {limit} au plus."


@dataclass(frozen=True, slots=True)
class Find:
    """One row, by a column that is unique."""

    table: str
    column: str
    argument: str
    read: Callable[[str], str | None]
    """Gives the value of the column for that of the argument, None where no row can have it."""


@dataclass(frozen=True, slots=True)
class Every:
    """All rows of a table, or those that a filter chooses, page by page."""

    facets: Facets
    order: tuple[str, ...]
    """The columns of its usual order."""

    @property
    def table(self) -> str:
        """The name of the table."""
        return self.facets.table.name


@dataclass(frozen=True, slots=True)
class Asking:
    """Who is asking."""

    table: str


@dataclass(frozen=True, slots=True)
class ById:
    """A row of any kind by its id."""


@dataclass(frozen=True, slots=True)
class ByIds:
    """Rows of any kind by their ids."""


@dataclass(frozen=True, slots=True)
class Stats:
    """What rows come to."""

    facets: Facets


Root: TypeAlias = Find | Every | Asking | ById | ByIds | Stats


def by_id(table: str, type: str, description: str, *, noun: str | None = None) -> Any:
    """Serve a row by its id, which names a ``noun`` if not what its table is called."""
    root = Find(table, "id", "id", lambda given: known(given, noun or table))

    async def resolve(
        info: Info, id: Annotated[Id, strawberry.argument(description="Its id.")]
    ) -> Any:
        return await _find(root, id, info)

    return _field(root, f"{type} | None", resolve, description)


def by_name(table: str, type: str, description: str) -> Any:
    """Serve a row by its name, case and accents aside."""
    root = Find(table, "name_key", "name", lambda name: storable(text.folded(name)))

    async def resolve(
        info: Info,
        name: Annotated[
            str, strawberry.argument(description="Its name; case and accents do not matter.")
        ],
    ) -> Any:
        return await _find(root, name, info)

    return _field(root, f"{type} | None", resolve, description)


def by_key(table: str, type: str, description: str) -> Any:
    """Serve a row by its key."""
    root = Find(table, "key", "key", storable)

    async def resolve(
        info: Info, key: Annotated[str, strawberry.argument(description="Its key.")]
    ) -> Any:
        return await _find(root, key, info)

    return _field(root, f"{type} | None", resolve, description)


def asking(table: str, type: str, description: str) -> Any:
    """Serve the row of whoever is asking."""

    async def resolve(info: Info) -> Any:
        eyes = info.context.eyes
        if not eyes.known:
            return None
        lookup = Lookup(ENTITIES[table].row, ("id",))
        return await info.context.loaders.one(lookup, (eyes.principal,))

    return _field(Asking(table), f"{type} | None", resolve, description)


def matching(facets: Facets, order: tuple[str, ...], description: str) -> Any:
    """Serve rows page by page: those that a filter chooses, or all of them."""
    root = Every(facets, order)

    async def resolve(
        info: Info,
        *,
        first: First = UNSET,
        after: After = UNSET,
        last: Last = UNSET,
        before: Before = UNSET,
        **chosen: Any,
    ) -> Any:
        entity = ENTITIES[facets.table.name]
        lookup = choose(Lookup(entity.row, (), entity.ordering(order)), facets, chosen)
        asked = {"first": first, "after": after, "last": last, "before": before}
        page = window(asked, facets.table, lookup.order)
        return Slice(info.context.loaders, lookup, (), page)

    field = _field(root, f"Connection[{facets.type}]", resolve, description)
    offer(field, facets)
    return field


def where_argument(facets: Facets) -> Any:
    """Give the type of an argument that chooses among the rows of a noun."""
    description = "Which rows are meant; all of them unless given."
    return Annotated[where_of(facets) | None, strawberry.argument(description=description)]


def any_node(description: str) -> Any:
    """Serve a row of any kind by its id."""

    async def resolve(
        info: Info, id: Annotated[Id, strawberry.argument(description="Its id.")]
    ) -> Any:
        return await _node(id, info)

    return strawberry.field(
        resolver=resolve,
        graphql_type=Node | None,
        description=description,
        metadata={ROOT: ById()},  # and of no moment: Relay takes no `node` with more than an id
    )


def any_nodes(description: str) -> Any:
    """Serve rows of any kind by their ids."""

    async def resolve(
        info: Info,
        ids: Annotated[list[Id], strawberry.argument(description="Their ids, 100 at most.")],
    ) -> Any:
        return [None if id is None else await _node(id, info) for id in few(ids)]

    return strawberry.field(
        resolver=resolve,
        graphql_type=list[Node | None],
        description=description,
        metadata={ROOT: ByIds()},
        extensions=[AsOfArgument()],
    )


def storable(value: str) -> str | None:
    """Give a text that a column can hold, None for one that no row can have."""
    return None if "\0" in value else value


def few(ids: list[Id]) -> list[str | None]:
    """Give ids back that are not too many, None for what no row can bear.

    Raises:
        TooManyIds: they are.
    """
    if len(ids) > MOST_IDS:
        raise TooManyIds("ids", count=len(ids), limit=MOST_IDS)
    return [storable(id) for id in ids]


async def _find(root: Find, value: str, info: Info) -> Row | None:
    wanted = root.read(value)
    if wanted is None:
        return None
    lookup = Lookup(ENTITIES[root.table].row, (root.column,))
    return await info.context.loaders.one(lookup, (wanted,))


async def _node(id: str, info: Info) -> Row | None:
    noun = noun_of(id)
    if noun not in NODES or (wanted := known(id, noun)) is None:
        return None
    return await info.context.loaders.one(Lookup(NODES[noun].row, ("id",)), (wanted,))


def _field(root: Root, type: str, resolve: Callable[..., Any], description: str) -> Any:
    return strawberry.field(
        resolver=resolve,
        graphql_type=Any,
        description=description,
        metadata={ROOT: root, REFERS: type},
        extensions=[AsOfArgument()],
    )
