"""Search: what is found by words, as a connection of hits."""

from typing import Annotated, Any, Final, cast

import strawberry
from strawberry import UNSET

import api.enumerations  # noqa: F401 - before any type that has one
from api import leads
from api.connection import Connection
from api.context import Info
from api.entity import After, First
from api.node import Node
from api.paging import window
from api.past import AsOfArgument
from api.prices import PRICE, SEARCH, Price
from domain import territory as reference
from domain import text as texts
from domain.refusal import Refusal
from projections import cursor
from projections.lookup import Window
from projections.passages import Findable, PassagePart, PassageRow
from projections.search import ORDER, Found, Hit, Search, ask, read

_TABLE: Final = PassageRow.TABLE


class NoKinds(Refusal):
    """Nothing can be found among no kinds at all. Name some, or leave the kinds out."""

    FRENCH = "Rien ne se trouve si aucun genre n’est admis. Nommez-en, ou n’en donnez pas la liste."


class Findings:
    """A page of hits, as the resolvers of a connection see it.

    Its total costs nothing further: to put the best first, all were gathered anyway.
    """

    def __init__(self, found: Found, page: Window) -> None:
        self._hits = found.hits[: page.limit]
        self._found = found

    async def rows(self) -> list[Hit]:
        """Give the hits of the page."""
        return list(self._hits)

    async def count(self) -> int:
        """Count everything that was found."""
        return self._found.total

    async def has_next(self) -> bool:
        """Tell whether hits follow the page."""
        return len(self._found.hits) > len(self._hits)

    async def has_previous(self) -> bool:
        """Tell whether hits precede the page."""
        return self._found.preceded

    def cursor(self, hit: Hit) -> str:
        """Give the cursor of a hit."""
        return cursor.write(_TABLE, ORDER, (hit.rank, hit.entity_id))


@strawberry.type(description="A piece of a passage. Its text is plain: show it as such.")
class PassagePiece:
    """A piece of a passage."""

    text: str = strawberry.field(description="What it says.")
    marked: bool = strawberry.field(description="Whether these words were looked for.")


@strawberry.type(description="Something that was found.")
class SearchHit:
    """Something that was found."""

    kind: Findable = strawberry.field(description="What it is.")
    part: PassagePart = strawberry.field(description="Which part of it says what was looked for.")
    passage: list[PassagePiece] = strawberry.field(
        description="The passage that says it: put together, the pieces are its text."
    )
    near: bool = strawberry.field(
        description="Whether nothing has these words, and its name only comes close to them."
    )

    @strawberry.field(
        graphql_type=Node | None, description="What was found; null while it is being entered."
    )
    def node(self) -> Any:
        """Give what was found."""
        return leads.node(cast(Hit, self).entity_id)

    @strawberry.field(
        graphql_type=Node | None,
        description="What bears the passage: what was found, or a part of it such as a lever.",
    )
    def about(self) -> Any:
        """Give what bears the passage."""
        return leads.node(cast(Hit, self).about_id)


async def search(
    info: Info,
    text: Annotated[
        str,
        strawberry.argument(
            description="Words in French, 200 characters at most. Their forms, case and accents do "
            'not matter; "quotes" make a phrase, a minus sign leaves out.'
        ),
    ],
    *,
    kinds: Annotated[
        list[Findable] | None, strawberry.argument(description="Only these kinds of things.")
    ] = UNSET,
    territory: Annotated[
        str | None,
        strawberry.argument(description="Only what is in this territory, such as region:28."),
    ] = UNSET,
    first: First = UNSET,
    after: After = UNSET,
) -> Any:
    """Search, and give a page of hits.

    Raises:
        Refusal: the text is blank, too long or has control characters; there is no such
            territory; no kinds are named; the page makes no sense.
    """
    wanted = Search(
        text=texts.name(" ".join(text.split()), "text"),
        kinds=_some(kinds),
        territory=_known(territory),
    )
    page = window({"first": first, "after": after}, _TABLE, ORDER)
    place = cast(tuple[int, str] | None, page.after)
    asked = ask(wanted, page.limit + 1, info.context.eyes, place)
    return Findings(read(await info.context.reads.rows(*asked)), page)


def searched(description: str) -> Any:
    """Serve what is found by words."""
    return strawberry.field(
        resolver=search,
        graphql_type=Connection[SearchHit],
        description=description,
        metadata={PRICE: Price(once=SEARCH)},
        extensions=[AsOfArgument()],
    )


def _some(kinds: list[Findable] | None) -> list[Findable] | None:
    if kinds is None or kinds is UNSET:
        return None
    if not kinds:
        raise NoKinds("kinds")
    return [Findable[kind] for kind in kinds]  # which arrive as names


def _known(territory: str | None) -> str | None:
    if territory is None or territory is UNSET:
        return None
    return reference.known(territory, "territory")
