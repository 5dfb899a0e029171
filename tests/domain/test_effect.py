"""What is to be known of facts beside what they say is said of every fact that asks for it."""

import pytest

from domain.action import Action
from domain.aggregate import AggregateEvent
from domain.effect import EFFECTS, Effect
from domain.roadmap import Roadmap
from projections.projection import events_of

EVENTS = [event for aggregate in (Action, Roadmap) for event in events_of(aggregate)]
_BEGINNINGS = ("Added", "Named", "Committed", "Linked", "ImpactMeasured")
_ENDINGS = ("Dropped", "Released", "Withdrawn", "Unlinked")


def effect_of(event: type[AggregateEvent]) -> Effect:
    """Give what is said of facts of a kind."""
    return EFFECTS.get(event, Effect())


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.TOPIC)
def test_a_fact_that_puts_something_right_says_what_that_is(event: type[AggregateEvent]) -> None:
    put_right = event.__name__.endswith("Corrected") or event.__name__ == "Reopened"
    assert bool(effect_of(event).corrects) is put_right


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.TOPIC)
def test_a_part_is_begun_and_ended_by_the_facts_that_say_so(event: type[AggregateEvent]) -> None:
    effect = effect_of(event)
    told_of_itself = event.__name__ == "NoteAdded"  # nothing is ever said of a note again
    begins = event.__name__.endswith(_BEGINNINGS) and not told_of_itself
    assert (effect.begins is not None) is begins
    assert (effect.ends is not None) is event.__name__.endswith(_ENDINGS)


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.TOPIC)
def test_a_fact_with_a_day_of_its_own_counts_from_that_day(event: type[AggregateEvent]) -> None:
    days = {name for name in event.__struct_fields__ if name.endswith("_on")}
    of_a_plan = {"starts_on", "ends_on"}  # what is planned speaks of days to come
    stated = effect_of(event).day
    if days - of_a_plan and not effect_of(event).corrects:
        assert stated in days
    assert stated is None or stated.partition(".")[0] in event.__struct_fields__
