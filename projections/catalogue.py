"""Every projection there is."""

from collections.abc import Iterable

from projections.actions import ACTIONS
from projections.alliances import ALLIANCES
from projections.challenges import CHALLENGES
from projections.cohorts import COHORTS
from projections.disclosure import Rule
from projections.footprint_batches import FOOTPRINT_BATCHES, projection
from projections.organisations import ORGANISATIONS
from projections.participations import PARTICIPATIONS
from projections.passages import PASSAGES
from projections.past import Past, past_of
from projections.persons import PERSONS
from projections.principals import PRINCIPALS
from projections.projection import Projection
from projections.roadmaps import ROADMAPS
from projections.territories import TERRITORIES
from projections.workshops import WORKSHOPS

PROJECTIONS: tuple[Projection, ...] = (
    TERRITORIES,
    ORGANISATIONS,
    COHORTS,
    ROADMAPS,
    ALLIANCES,
    ACTIONS,
    CHALLENGES,
    WORKSHOPS,
    FOOTPRINT_BATCHES,
    PARTICIPATIONS,
    PASSAGES,
    PERSONS,
    PRINCIPALS,
)
"""All projections; each is led by one worker, and each stands for itself."""


PASTS: tuple[Past, ...] = tuple(past_of(each) for each in PROJECTIONS)
"""The past of each."""


def under(threshold: int) -> tuple[Projection, ...]:
    """Give all projections, where footprints are told of so many people at least together."""
    told = projection(Rule(threshold=threshold))
    return tuple(told if each is FOOTPRINT_BATCHES else each for each in PROJECTIONS)


def kept(threshold: int) -> tuple[Projection, ...]:
    """Give everything that is kept up with the log: what `under` gives, and the past of each."""
    return with_pasts(under(threshold))


def with_pasts(projections: Iterable[Projection]) -> tuple[Projection, ...]:
    """Give some projections, and the past of each."""
    present = tuple(projections)
    usual = {past.of.name: past for past in PASTS}
    return (
        *present,
        *(
            past if (past := usual.get(each.name)) and past.of is each else past_of(each)
            for each in present
        ),
    )
