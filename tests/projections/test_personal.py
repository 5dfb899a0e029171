"""What people are called stands in columns that say so and in no others, and can be cleared."""

from collections.abc import Iterable
from random import Random
from uuid import UUID

import msgspec
import pytest

from domain.aggregate import AggregateEvent
from domain.person import Person
from domain.personal import Personal
from projections.catalogue import PROJECTIONS
from projections.projection import Projection
from projections.rows import Rows
from projections.table import Row
from tests.domain.work import NOW, personal_in
from tests.history import news
from tests.projections.folding import folded_in_batches, of_interest, tables
from tests.projections.stories import story

CANARY = "Canari"


def told(event: AggregateEvent) -> AggregateEvent:
    """An event in which everybody is called the same."""
    plain = msgspec.json.encode(event, enc_hook=lambda named: [str(named.subject), CANARY])
    return msgspec.json.decode(
        plain, type=type(event), dec_hook=lambda _, pair: Personal(UUID(pair[0]), CANARY)
    )


@pytest.fixture(scope="module")
def events() -> list[AggregateEvent]:
    """What a number of random commands have made happen."""
    chance = Random(3)  # noqa: S311
    history = story([chance.randrange(2**32) for _ in range(1500)])
    return [told(event) for event in history]


def forgotten(events: Iterable[AggregateEvent]) -> list[AggregateEvent]:
    """Everybody is forgotten who is named."""
    people = {
        named.subject: event.originator_id for event in events for named in personal_in(event)
    }
    return [
        event
        for subject, stream in people.items()
        for event in news(Person.forget(subject, named_in=stream, now=NOW))
    ]


def columns_with(rows: Iterable[Row], text: str) -> set[str]:
    return {name for row in rows for name in row.TABLE.columns if text in repr(getattr(row, name))}


def in_memory(projection: Projection, events: list[AggregateEvent]) -> Rows:
    rows = Rows()
    for each in of_interest(projection, events):
        projection.take(rows, each)
    return rows


@pytest.mark.parametrize("projection", PROJECTIONS, ids=lambda projection: projection.name)
def test_it_stands_in_no_other_column_and_is_cleared(
    projection: Projection, events: list[AggregateEvent]
) -> None:
    rows = in_memory(projection, events)
    for kind in projection.rows:
        assert columns_with(rows.all(kind), CANARY) <= kind.TABLE.personal.keys()

    ended = [*events, *forgotten(events)]
    rows = in_memory(projection, ended)
    for kind in projection.rows:
        assert columns_with(rows.all(kind), CANARY) == set()


def test_there_is_somebody_to_forget(events: list[AggregateEvent]) -> None:
    shown = {
        kind.TABLE.name: columns_with(in_memory(projection, events).all(kind), CANARY)
        for projection in PROJECTIONS
        for kind in projection.personal
    }
    assert shown["contact"] == {"name", "email", "telephone"}
    assert shown["registration"] == {"name", "email"}


@pytest.mark.parametrize("projection", PROJECTIONS, ids=lambda projection: projection.name)
def test_what_is_cleared_is_not_loaded_and_what_is_loaded_is_cleared(
    projection: Projection, events: list[AggregateEvent]
) -> None:
    ended = [*events, *forgotten(events)]
    stored = folded_in_batches(projection, ended, len(ended))
    assert stored == tables(projection, in_memory(projection, ended))
