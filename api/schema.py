"""The schema: every type, question, command and subscription of the interface."""

from functools import cache
from pathlib import Path
from typing import Final

from strawberry.schema.config import StrawberryConfig

from api import (  # noqa: F401 - to import an entity is to make it known
    actions,
    alliances,
    allies,
    assignments,
    base_camps,
    budgets,
    challenges,
    classifications,
    cohorts,
    enrolments,
    follow_ups,
    footprint_batches,
    indicators,
    levers,
    lineages,
    lists,
    meetings,
    organisations,
    participations,
    persons,
    plan_items,
    principals,
    prioritisations,
    progress,
    registrations,
    reviews,
    roadmaps,
    sessions,
    submissions,
    surveys,
    territories,
    workshops,
)
from api.entity import ENTITIES
from api.events import Subscription
from api.executor import Schema
from api.limits import USUAL, Limits
from api.marking import mark_read, remove_bookmark
from api.mutations import mutation_type
from api.query import Query
from api.scalars import SCALARS
from api.sheets import import_actions
from api.webhooks.registering import MUTATIONS as WEBHOOKS

SDL: Final = Path(__file__).with_name("schema.graphql")
"""The schema as it was agreed upon; ``python -m api.schema`` writes it anew."""


def create(*, compiled: bool = True, limits: Limits = USUAL) -> Schema:
    """Give the schema; without ``compiled``, resolvers answer everything."""
    return _made(compiled, limits)


@cache
def _made(compiled: bool, limits: Limits) -> Schema:
    lists.complete()
    return Schema(
        compiled=compiled,
        limits=limits,
        query=Query,
        mutation=mutation_type(
            importActions=import_actions,
            markRead=mark_read,
            removeBookmark=remove_bookmark,
            **WEBHOOKS,
        ),
        subscription=Subscription,
        types=[entity.served for entity in ENTITIES.values()],
        config=StrawberryConfig(scalar_map=SCALARS, sort_schema=True),
    )


if __name__ == "__main__":
    SDL.write_text(create().as_str() + "\n", encoding="utf-8")
