"""Given what was recorded of footprints, when it is folded, then this is told, and no more."""

from decimal import Decimal
from uuid import UUID

import pytest

from domain.challenge import ParticipantAudience
from domain.footprint import Footprint, FootprintDomain
from domain.identity import Id, external
from projections.disclosure import Rule
from projections.footprint_batches import (
    FOOTPRINT_BATCHES,
    FootprintBatchRow,
    Publication,
    projection,
)
from projections.footprint_releases import (
    FootprintCellRow,
    FootprintFigureRow,
    FootprintReleaseRow,
)
from projections.projection import Projection
from projections.rows import Rows
from tests.projections.folding import folded, only
from tests.projections.footprints import CHALLENGE, WORKSHOP, Batches, people, with_

TWENTY = projection(Rule(threshold=20))
OTHER = UUID(int=3 << 100)
STAFF = ParticipantAudience.STAFF


def batch(rows: Rows, id: UUID) -> FootprintBatchRow:
    """Give the row of a batch."""
    found = rows.get(FootprintBatchRow, external("footprint_batch", id))
    assert found is not None
    return found


def publications(rows: Rows, *batches: UUID) -> str:
    """Give how batches are published, in their order: a letter for each, a dash for none."""
    letters = {
        Publication.WAITING: "W",
        Publication.RELEASED: "R",
        Publication.HELD_BACK: "H",
        Publication.WITHDRAWN: "-",
    }
    return "".join(letters[batch(rows, each).publication] for each in batches)


def releases(rows: Rows) -> dict[Id, int]:
    """Give the releases there are, each with its people."""
    return {each.id: each.people for each in rows.all(FootprintReleaseRow)}


def test_a_batch_of_ten_is_released_at_once_and_no_footprint_of_it_stays() -> None:
    history = Batches()
    id = history.record(people(10), committed={FootprintDomain.FOOD: 6})
    rows = folded(FOOTPRINT_BATCHES, *history.events)
    row = only(rows, FootprintBatchRow)
    assert (row.people, row.publication, row.version) == (10, Publication.RELEASED, 1)
    assert (row.workshop_id, row.challenge_id) == (
        external("workshop", WORKSHOP),
        external("challenge", CHALLENGE),
    )
    assert (row.waiting, row.waits_in, row.release_id) == (None, None, row.id)
    assert len(row.fingerprints) == 10
    release = only(rows, FootprintReleaseRow)
    assert (release.id, release.people) == (external("footprint_batch", id), 10)
    figures = list(rows.all(FootprintFigureRow))
    assert len(figures) == len(FootprintDomain)
    assert release.before == sum(each.before for each in figures)
    assert {each.domain: each.asked for each in figures}[FootprintDomain.FOOD] == 10
    assert all(cell.before or cell.in_2050 for cell in rows.all(FootprintCellRow))


def test_a_late_entry_is_held_back_and_yesterdays_figures_stay_away() -> None:
    history, found = Batches(), people(12)
    first = history.record(found)
    history.withdraw(first)
    second = history.record([*found, *people(1, seed=9)])
    rows = folded(FOOTPRINT_BATCHES, *history.events)
    assert publications(rows, first, second) == "-H"
    assert releases(rows) == {}


def corrected(found: list[Footprint]) -> list[Footprint]:
    """Correct one value of one footprint."""
    return [with_(found[0], mobility="3.7"), *found[1:]]


def test_a_correction_of_one_entry_is_held_back() -> None:
    history, found = Batches(), people(12)
    first = history.record(found)
    history.withdraw(first)
    second = history.record(corrected(found))
    assert publications(folded(FOOTPRINT_BATCHES, *history.events), first, second) == "-H"


def test_a_batch_that_was_withdrawn_by_mistake_is_released_again() -> None:
    history, found = Batches(), people(12)
    first = history.record(found)
    before = folded(FOOTPRINT_BATCHES, *history.events)
    history.withdraw(first)
    second = history.record(found)
    rows = folded(FOOTPRINT_BATCHES, *history.events)
    assert publications(rows, first, second) == "-R"
    assert only(rows, FootprintReleaseRow).before == only(before, FootprintReleaseRow).before


def test_a_late_commitment_of_the_same_people_is_held_back() -> None:
    history, found = Batches(), people(12)
    first = history.record(found, committed={FootprintDomain.FOOD: 6})
    history.withdraw(first)
    for workshop in (WORKSHOP, OTHER):
        late = history.record(found, workshop=workshop, committed={FootprintDomain.FOOD: 7})
        assert publications(folded(FOOTPRINT_BATCHES, *history.events), late) == "H"
    same = history.record(found, committed={FootprintDomain.FOOD: 6})
    assert publications(folded(FOOTPRINT_BATCHES, *history.events), same) == "R"


def test_a_wrong_file_is_replaced_by_the_right_one() -> None:
    history = Batches()
    first = history.record(people(12))
    history.withdraw(first)
    second = history.record(people(11, seed=5))
    rows = folded(FOOTPRINT_BATCHES, *history.events)
    assert publications(rows, first, second) == "-R"
    assert list(releases(rows).values()) == [11]


def test_ten_late_entries_of_a_workshop_are_released_beside_the_others() -> None:
    history = Batches()
    first = history.record(people(12))
    second = history.record(people(10, seed=5))
    rows = folded(FOOTPRINT_BATCHES, *history.events)
    assert publications(rows, first, second) == "RR"


def test_a_batch_that_repeats_another_with_one_entry_more_is_held_back() -> None:
    history, found = Batches(), people(12)
    first = history.record(found)
    second = history.record([*found, *people(1, seed=9)])
    rows = folded(FOOTPRINT_BATCHES, *history.events)
    assert publications(rows, first, second) == "RH"
    assert list(releases(rows).values()) == [12]


def test_all_that_was_ever_released_of_a_workshop_counts_however_often_it_was_corrected() -> None:
    history, found = Batches(), people(12)
    for version in (found, people(12, seed=5)):
        history.withdraw(history.record(version))
    last = history.record(corrected(found))
    assert publications(folded(FOOTPRINT_BATCHES, *history.events), last) == "H"


def test_what_was_recorded_for_the_wrong_workshop_comes_again_whole_or_not_at_all() -> None:
    history, found = Batches(), people(12)
    mistaken = history.record(found)
    history.withdraw(mistaken)
    more = history.record([*found, *people(1, seed=9)], workshop=OTHER)
    rows = folded(FOOTPRINT_BATCHES, *history.events)
    assert publications(rows, mistaken, more) == "-H"
    same = history.record(found, workshop=OTHER)
    rows = folded(FOOTPRINT_BATCHES, *history.events)
    assert publications(rows, mistaken, more, same) == "-HR"


def test_a_batch_that_is_recorded_for_another_workshop_too_has_nobody_more_there() -> None:
    history, found = Batches(), people(12)
    first = history.record(found)
    more = history.record([*found, *people(1, seed=9)], workshop=OTHER)
    fewer = history.record([*found[1:], *people(14, seed=4)], workshop=OTHER)
    rows = folded(FOOTPRINT_BATCHES, *history.events)
    assert publications(rows, first, more, fewer) == "RHH"
    history.withdraw(more)
    again = history.record(found, workshop=OTHER)
    assert publications(folded(FOOTPRINT_BATCHES, *history.events), first, again) == "RR"


def test_who_has_the_footprint_of_somebody_elsewhere_is_somebody_else() -> None:
    history, found = Batches(), people(12)
    history.withdraw(history.record(found))
    other = history.record([*found[:3], *people(9, seed=4)], workshop=OTHER)
    assert publications(folded(FOOTPRINT_BATCHES, *history.events), other) == "R"


def test_other_workshops_have_nothing_to_do_with_it() -> None:
    history, found = Batches(), people(12)
    first = history.record(found)
    second = history.record(people(12, seed=4), workshop=OTHER)
    assert publications(folded(FOOTPRINT_BATCHES, *history.events), first, second) == "RR"


def test_who_stands_out_waits_for_somebody_who_does_too() -> None:
    history = Batches()
    modest = [with_(each, mobility="0.1") for each in people(12)]
    first = history.record([*modest, with_(modest[0], mobility="60")])
    rows = folded(FOOTPRINT_BATCHES, *history.events)
    assert (publications(rows, first), releases(rows)) == ("W", {})
    kept = batch(rows, first).waiting
    assert kept is not None
    assert '"60.000"' in kept
    second = history.record(people(10, seed=2), workshop=OTHER)
    rows = folded(FOOTPRINT_BATCHES, *history.events)
    assert publications(rows, first, second) == "WR"
    third = history.record([*modest[1:], with_(modest[0], mobility="55")], workshop=UUID(int=9))
    rows = folded(FOOTPRINT_BATCHES, *history.events)
    assert publications(rows, first, second, third) == "WRW", "each would know the other"
    fourth = history.record([*modest[2:], with_(modest[1], mobility="50")], workshop=UUID(int=8))
    rows = folded(FOOTPRINT_BATCHES, *history.events)
    assert publications(rows, first, second, third, fourth) == "RRRR"
    assert sorted(releases(rows).values()) == [10, 36]
    assert {each.waiting for each in rows.all(FootprintBatchRow)} == {None}


def test_under_a_higher_threshold_batches_of_one_audience_are_released_together() -> None:
    history = Batches()
    first = history.record(people(12))
    other = history.record(people(12, seed=1), workshop=OTHER, audience=STAFF)
    rows = folded(TWENTY, *history.events)
    assert (publications(rows, first, other), releases(rows)) == ("WW", {})
    second = history.record(people(11, seed=2), workshop=UUID(int=9))
    rows = folded(TWENTY, *history.events)
    assert publications(rows, first, other, second) == "RWR"
    assert releases(rows) == {external("footprint_batch", second): 23}
    assert batch(rows, first).release_id == batch(rows, second).release_id
    large = history.record(people(20, seed=3), workshop=OTHER, audience=STAFF)
    rows = folded(TWENTY, *history.events)
    assert publications(rows, other, large) == "RR", "not alone: one of its workshop still waits"
    assert sorted(releases(rows).values()) == [23, 32]


def test_what_was_released_together_goes_together_and_does_not_come_back_in_parts() -> None:
    history, found = Batches(), people(12)
    first = history.record(found)
    second = history.record(people(11, seed=2), workshop=OTHER)
    history.withdraw(first)
    rows = folded(TWENTY, *history.events)
    assert releases(rows) == {}
    again = history.record([*found, *people(12, seed=3)])
    rows = folded(TWENTY, *history.events)
    assert publications(rows, first, second, again) == "-RH"
    assert releases(rows) == {}


@pytest.mark.parametrize("rule", [FOOTPRINT_BATCHES, TWENTY], ids=["ten", "twenty"])
def test_nothing_is_told_of_a_batch_that_was_withdrawn(rule: Projection) -> None:
    history = Batches()
    history.withdraw(history.record(people(12)))
    rows = folded(rule, *history.events)
    row = only(rows, FootprintBatchRow)
    assert (row.publication, row.version, row.waiting) == (Publication.WITHDRAWN, 2, None)
    for kind in (FootprintReleaseRow, FootprintFigureRow, FootprintCellRow):
        assert list(rows.all(kind)) == []


def test_another_threshold_folds_everything_anew() -> None:
    assert FOOTPRINT_BATCHES.code_hash != TWENTY.code_hash
    assert projection(Rule()).code_hash == FOOTPRINT_BATCHES.code_hash


def test_what_is_told_of_a_workshop_is_a_multiple_of_a_tenth_for_each_head() -> None:
    history = Batches()
    history.record(people(12))
    release = only(folded(FOOTPRINT_BATCHES, *history.events), FootprintReleaseRow)
    assert release.before / 12 % Decimal("0.1") == 0
