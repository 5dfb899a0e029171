"""Laws that hold for every projection, whatever happened."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.aggregate import AggregateEvent
from projections.catalogue import PROJECTIONS
from projections.projection import Projection
from projections.rows import Rows
from tests.projections.folding import folded_in_batches, of_interest, tables
from tests.projections.stories import stories

LIVE = [projection for projection in PROJECTIONS if projection.topics]


@pytest.mark.parametrize("projection", LIVE, ids=lambda projection: projection.name)
@given(events=stories(150), size=st.integers(1, 40))
@settings(max_examples=35, suppress_health_check=list(HealthCheck))
def test_batches_of_any_size_come_to_what_one_fold_over_all_comes_to(
    projection: Projection, events: list[AggregateEvent], size: int
) -> None:
    rows = Rows()
    for each in of_interest(projection, events):
        projection.take(rows, each)
    assert tables(projection, rows) == folded_in_batches(projection, events, size)


def test_no_two_projections_have_a_table_in_common() -> None:
    names = [kind.TABLE.name for projection in PROJECTIONS for kind in projection.rows]
    assert len(names) == len(set(names))
