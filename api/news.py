"""News: what happened beyond a caller's bookmark, for whoever looks now and then.

The oldest comes first. A bookmark is one position: only whoever reads in the order of the log can
put it behind what they have read and before all that they have not; in the other order the first
page that counts as read would take along what nobody saw.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Annotated, Any, Final
from uuid import UUID

import strawberry
from strawberry import UNSET

from api.bookmarks import Bookmark, own, shown
from api.context import Info
from api.entity import After, First
from api.events import Asked
from api.interests import EVERYTHING, EventWhere, Interests
from api.news_entries import NewsConnection, Start
from api.prices import GROUPS, NEWS, PRICE, Price
from api.publication.asked import NotPublished
from api.publication.catalogue import BY_EVENT, topics_of
from api.publication.look import MOST, Look, look
from domain import text
from domain.aggregate import AggregateEvent
from domain.refusal import Language
from projections.column import Position

_TYPES: Final = topics_of(EVERYTHING)
_NOUNS: Final = frozenset(topic.partition(".")[0] for topic in _TYPES)


@strawberry.type(description="How often something happened.")
class NewsCount:
    """How often something happened."""

    type: str = strawberry.field(description="What happened, such as action.proposed.")
    noun: str = strawberry.field(description="The kind of thing to which it happened.")
    title: str = strawberry.field(
        description="What happened, in a sentence, in French or English by Accept-Language."
    )
    count: int = strawberry.field(description="How often.")
    things: int = strawberry.field(description="To how many different things.")


@strawberry.type(description="What the news come to.")
class NewsSummary:
    """What the news come to."""

    counts: list[NewsCount] = strawberry.field(
        description="By what happened; what happened most often comes first.",
        metadata={PRICE: Price(items=GROUPS)},
    )
    total: int = strawberry.field(description="How much happened in all.")
    scanned: Position = strawberry.field(description="The position up to which it was counted.")
    complete: bool = strawberry.field(
        description="Whether that is all; false where there is more than is looked through at once."
    )


@strawberry.type(description="What happened beyond a bookmark of the caller.")
class News:
    """What happened beyond a bookmark of the caller."""

    wanted: strawberry.Private[Interests]
    filters: strawberry.Private[Sequence[str]]
    bookmark: Bookmark | None = strawberry.field(
        description="The bookmark; null where it was never put anywhere: all is news then."
    )
    since: Position = strawberry.field(description="The position beyond which they are.")

    @strawberry.field(
        description="What they come to, by what happened: as far as is looked through at once.",
        metadata={PRICE: Price(once=NEWS)},
    )
    async def summary(self, info: Info) -> NewsSummary:
        """Count them."""
        found = await look(info.context, self.wanted, self.since, MOST)
        return _summary(found, info.context.caller.language)

    @strawberry.field(
        description="They themselves, page by page, the oldest first.",
        metadata={PRICE: Price(once=NEWS)},
    )
    async def entries(
        self, info: Info, first: First = UNSET, after: After = UNSET
    ) -> NewsConnection:
        """Give a page of them."""
        size = None if first is UNSET else first
        place = None if after is UNSET else after
        start = Start.read(size, place, self.since, info.context.cursors, self.filters)
        found = await look(info.context, self.wanted, start.position, start.size + 1)
        return start.page(found, info.context.caller.language)


def news(description: str) -> Any:
    """Make the question for what happened beyond a bookmark."""

    async def resolve(
        info: Info,
        bookmark: Annotated[
            str,
            strawberry.argument(
                description="The name of the bookmark, which the caller chooses; one for each "
                "filter, for what another one leaves out counts as read."
            ),
        ],
        where: Annotated[
            EventWhere | None,
            strawberry.argument(
                description="What is meant; all that is published and that the caller may see "
                "unless given."
            ),
        ] = UNSET,
    ) -> News | None:
        bookmarks, owner = own(info.context)
        asked = Asked.of(None, None, where or None)
        _published(asked.wanted)
        found = await bookmarks.find(owner, text.name(bookmark, "bookmark"))
        return News(
            wanted=asked.wanted,
            filters=asked.filters,
            bookmark=None if found is None else shown(found),
            since=Position(0 if found is None else found.position),
        )

    return strawberry.field(resolver=resolve, description=description)


def _published(wanted: Interests) -> None:
    """Refuse what is meant and never published (`NotPublished`)."""
    for path, named, public in (
        ("where.types", wanted.types, _TYPES),
        ("where.nouns", wanted.nouns, _NOUNS),
    ):
        for name in named or ():
            if name not in public:
                raise NotPublished(path, name=name)


def _summary(found: Look, language: Language) -> NewsSummary:
    things = defaultdict[type[AggregateEvent], list[UUID]](list)
    for heard in found.heard:
        event = heard.recorded.event
        things[type(event)].append(event.originator_id)
    counts = [
        NewsCount(
            type=kind.TOPIC,
            noun=BY_EVENT[kind].noun,
            title=BY_EVENT[kind].title[language],
            count=len(streams),
            things=len(set(streams)),
        )
        for kind, streams in things.items()
    ]
    return NewsSummary(
        counts=sorted(counts, key=lambda each: (-each.count, each.type)),
        total=len(found.heard),
        scanned=Position(found.scanned),
        complete=found.complete,
    )
