"""The catalogue: every public event there is, and every kind of fact that is none."""

from collections.abc import Mapping
from typing import Final

from api.interests import Interests
from api.publication import (
    access,
    actions,
    alliances,
    challenges,
    cohorts,
    footprint_batches,
    organisations,
    roadmaps,
    workshops,
)
from api.publication.published import Published
from domain.aggregate import AggregateEvent

PUBLISHED: Final[tuple[Published, ...]] = (
    *organisations.PUBLISHED,
    *cohorts.PUBLISHED,
    *roadmaps.PUBLISHED,
    *alliances.PUBLISHED,
    *actions.PUBLISHED,
    *challenges.PUBLISHED,
    *workshops.PUBLISHED,
    *footprint_batches.PUBLISHED,
)
"""All public events, noun by noun."""

INTERNAL: Final[Mapping[type[AggregateEvent], str]] = {
    **organisations.INTERNAL,
    **workshops.INTERNAL,
    **access.INTERNAL,
}
"""The facts that are not published, each kind with the reason."""

BY_EVENT: Final[Mapping[type[AggregateEvent], Published]] = {each.event: each for each in PUBLISHED}
"""As what the facts of a kind are published."""

BY_TYPE: Final[Mapping[str, Published]] = {each.type: each for each in PUBLISHED}
"""The public events by their types."""


def topics_of(wanted: Interests) -> frozenset[str]:
    """Give the topics of the public events that can be meant, by what they are."""
    return frozenset(
        each.event.TOPIC
        for each in PUBLISHED
        if (wanted.types is None or each.event.TOPIC in wanted.types)
        and (wanted.nouns is None or each.noun in wanted.nouns)
    )
