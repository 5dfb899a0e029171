"""Sentences for every kind of fact there is."""

from collections.abc import Mapping
from typing import Final

from api.history.sentence import Sentence, by_event
from api.history.sentences import (
    access,
    actions,
    alliances,
    budgets,
    challenges,
    cohorts,
    deliberations,
    indicators,
    organisations,
    reviews,
    roadmaps,
    workshops,
)
from domain.aggregate import AggregateEvent

SENTENCES: Final[Mapping[type[AggregateEvent], Sentence]] = by_event(
    organisations.SENTENCES,
    cohorts.SENTENCES,
    roadmaps.SENTENCES,
    alliances.SENTENCES,
    deliberations.SENTENCES,
    indicators.SENTENCES,
    reviews.SENTENCES,
    actions.SENTENCES,
    budgets.SENTENCES,
    challenges.SENTENCES,
    workshops.SENTENCES,
    access.SENTENCES,
)
"""How the facts of each kind are told."""
