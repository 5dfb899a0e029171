"""What may be told of footprints: who is enough, what differs enough, and how it is rounded."""

from collections import Counter
from decimal import Decimal
from fractions import Fraction
from itertools import combinations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.footprint import Footprint, FootprintDomain
from projections.disclosure import IN_ALL, Gathering, Rule, bands
from projections.footprint_versions import fingerprint
from tests.projections.footprints import people, with_

RULE = Rule()
EXACT = Rule(threshold=1, dominance=0, count_step=1, mean_step=0)
MOBILITY = FootprintDomain.MOBILITY


def gathering(footprints: list[Footprint], **committed: int) -> Gathering:
    return Gathering(
        footprints=tuple(footprints),
        committed={FootprintDomain[name]: number for name, number in committed.items()},
    )


@pytest.mark.parametrize(("number", "enough"), [(9, False), (10, True), (11, True)])
def test_a_release_speaks_of_ten_people_at_least(number: int, enough: bool) -> None:
    assert RULE.suffices([gathering(people(number))]) is enough


def test_batches_that_are_too_small_for_a_higher_threshold_suffice_together() -> None:
    rule = Rule(threshold=20)
    one, other = gathering(people(12)), gathering(people(11, seed=1))
    assert not rule.suffices([one])
    assert rule.suffices([one, other])


def test_who_stands_out_so_far_that_a_sum_is_theirs_alone_is_not_told_of() -> None:
    modest = [with_(each, mobility="0.2") for each in people(11)]
    assert RULE.suffices([gathering([*modest, with_(modest[0], mobility="15")])])
    assert not RULE.suffices([gathering([*modest, with_(modest[0], mobility="25")])])
    two = [with_(modest[0], mobility="25"), with_(modest[0], mobility="24")]
    assert not RULE.suffices([gathering([*modest, *two])]), "one knows herself, and the other one"
    assert RULE.suffices([gathering([*modest, *two, two[1]])])


def test_a_domain_in_which_nobody_emits_anything_hides_nobody() -> None:
    assert RULE.suffices([gathering([with_(each, mobility="0") for each in people(10)])])


def separate(*versions: str) -> bool:
    return Rule(threshold=3).separates([list(version) for version in versions])


def test_versions_differ_by_a_threshold_of_footprints_or_not_at_all() -> None:
    assert separate("abcd", "abcd")
    assert separate("abcd", "efg")
    assert separate("abcd", "abcdefg")
    assert separate("abcdef", "defghi")
    assert not separate("abcd", "abcde"), "a late entry"
    assert not separate("abcd", "abc"), "an entry that was taken out"
    assert not separate("abcd", "abce"), "an entry that was corrected"
    assert not separate("abcdef", "abcdxyz"), "two that were taken out, three that are new"


def test_equal_footprints_are_as_many_people() -> None:
    assert separate("aaa", "aaaaaa")
    assert not separate("aaa", "aaaa")


def test_versions_are_compared_all_together_not_two_by_two() -> None:
    versions = ["abcdef", "abcghi", "adgjkl"]
    pairs = (set(one) & set(other) for one, other in combinations(versions[:2], 2))
    assert all(len(pair) >= 3 for pair in pairs)
    assert separate(*versions[:2])
    assert not separate(*versions), "the three of them have one in common"


@given(
    st.lists(st.lists(st.sampled_from("abcdefghijklmnop"), unique=True), min_size=1, max_size=4),
    st.integers(2, 4),
)
def test_no_sum_of_separate_versions_isolates_fewer_people_than_the_threshold(
    versions: list[list[str]], threshold: int
) -> None:
    if not Rule(threshold=threshold).separates(versions):
        return
    # Whatever the factors, people who are in the same versions come with the same factor.
    for factors in product((-2, -1, 0, 1, 2), repeat=len(versions)):
        weight: Counter[str] = Counter()
        for factor, version in zip(factors, versions, strict=True):
            for each in version:
                weight[each] += factor
        for found in set(weight.values()) - {0}:
            assert sum(value == found for value in weight.values()) >= threshold


def test_means_are_told_by_the_hundred_kilograms_and_counts_by_threes() -> None:
    published = RULE.published([gathering(people(12), FOOD=7)])
    assert published.people == 12
    for figure in published.figures.values():
        assert figure.before % (12 * Decimal("0.1")) == 0
        assert figure.in_2050 % (12 * Decimal("0.1")) == 0
        assert figure.committed % 3 == 0
    for cell in published.cells.values():
        assert cell.before % 3 == cell.in_2050 % 3 == 0
        assert cell.before or cell.in_2050


def test_what_is_rounded_stays_within_a_step_of_the_truth() -> None:
    for seed in range(20):
        found = [gathering(people(13, seed), FOOD=seed % 14)]
        told, true = RULE.published(found), EXACT.published(found)
        for domain in FootprintDomain:
            assert abs(told.figures[domain].before - true.figures[domain].before) < Decimal("1.3")
            assert abs(told.figures[domain].committed - true.figures[domain].committed) < 3
        for key in told.cells.keys() | true.cells.keys():
            shown = told.cells[key].before if key in told.cells else 0
            assert abs(shown - (true.cells[key].before if key in true.cells else 0)) < 3


def test_domains_add_up_to_all_of_them() -> None:
    published = RULE.published([gathering(people(12))])
    assert published.before == sum(each.before for each in published.figures.values())
    assert published.in_2050 == sum(each.in_2050 for each in published.figures.values())


def test_rounding_is_true_on_average() -> None:
    told, true = Decimal(0), Decimal(0)
    shown, counted = 0, 0
    for seed in range(400):
        found = [gathering(people(12, seed))]
        told += RULE.published(found).in_2050
        true += EXACT.published(found).in_2050
        shown += sum(cell.before for cell in RULE.published(found).cells.values())
        counted += sum(cell.before for cell in EXACT.published(found).cells.values())
    assert abs(told / true - 1) < Decimal("0.01")
    assert abs(Fraction(shown, counted) - 1) < Fraction(1, 50)


def test_the_same_footprints_are_told_of_in_the_same_figures_whatever_their_order() -> None:
    found = people(12)
    assert RULE.published([gathering(found)]) == RULE.published([gathering(found[::-1])])
    halves = [gathering(found[:5]), gathering(found[5:])]
    assert RULE.published(halves).cells == RULE.published([gathering(found)]).cells


def test_the_chance_of_a_rounding_changes_with_a_single_gram_of_one_person() -> None:
    found = people(12)
    other = [*found[1:], with_(found[0], food="1.001")]
    assert RULE.published([gathering(found)]).cells != RULE.published([gathering(other)]).cells


def test_without_the_protection_every_figure_is_exact() -> None:
    found = people(12)
    published = EXACT.published([gathering(found, FOOD=7)])
    assert published.figures[MOBILITY].before == sum(each.before.mobility for each in found)
    assert published.in_2050 == sum(each.in_2050.total() for each in found)
    assert published.figures[FootprintDomain.FOOD].committed == 7
    in_all = [cell for (domain, _), cell in published.cells.items() if domain == IN_ALL]
    assert sum(cell.before for cell in in_all) == sum(cell.in_2050 for cell in in_all) == 12


def test_it_is_told_of_how_many_people_it_is_known_whether_they_committed_themselves() -> None:
    some = gathering(people(12), FOOD=6)
    others = gathering(people(10, seed=1))
    figures = RULE.published([some, others]).figures
    assert figures[FootprintDomain.FOOD].asked == 12
    assert figures[MOBILITY].asked == figures[MOBILITY].committed == 0


@pytest.mark.parametrize("domain", [IN_ALL, *FootprintDomain])
def test_bands_lie_side_by_side_and_the_last_one_is_open(domain: str) -> None:
    found = bands(domain)
    assert found[0].floor == 0
    assert [band.ceiling for band in found] == [*(band.floor for band in found[1:]), None]


def test_a_fingerprint_tells_values_apart_and_nothing_else() -> None:
    one, other = people(2)
    assert fingerprint(one) == fingerprint(one) != fingerprint(other)
    assert str(one.before.food) not in fingerprint(one)
