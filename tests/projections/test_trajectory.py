"""The collective trajectory: straight from each workshop to 2050, the mean of all heads."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from projections.trajectory import LAST, Start, trajectory

sums = st.decimals(0, 1000, places=1)
starts = st.lists(
    st.builds(
        Start, year=st.integers(2020, 2060), people=st.integers(10, 50), before=sums, in_2050=sums
    ),
    min_size=1,
    max_size=4,
)


def test_it_goes_in_equal_steps_from_the_workshop_to_2050() -> None:
    points = list(trajectory([Start(2025, 10, Decimal(90), Decimal(15))]))
    assert [point.year for point in points] == list(range(2025, 2051))
    assert [point.tonnes for point in points[:3]] == [Decimal(9), Decimal("8.7"), Decimal("8.4")]
    assert points[-1].tonnes == Decimal("1.5")


def test_who_comes_later_emits_until_then_what_was_found() -> None:
    points = {
        point.year: point.tonnes
        for point in trajectory(
            [Start(2025, 10, Decimal(100), Decimal(0)), Start(2045, 30, Decimal(300), Decimal(0))]
        )
    }
    assert points[2025] == Decimal(10)
    assert points[2045] == (20 + 300) / Decimal(40)
    assert points[2050] == 0


def test_without_people_there_is_none() -> None:
    assert list(trajectory([])) == []


@given(starts)
def test_it_ends_in_2050_with_the_mean_of_2050(starts: list[Start]) -> None:
    points = list(trajectory(starts))
    people = sum(start.people for start in starts)
    assert points[-1].year == LAST
    assert points[-1].tonnes == sum(start.in_2050 for start in starts) / people


@given(starts)
def test_it_never_leaves_what_lies_between_before_and_2050(starts: list[Start]) -> None:
    people = sum(start.people for start in starts)
    low = sum((min(start.before, start.in_2050) for start in starts), Decimal(0)) / people
    high = sum((max(start.before, start.in_2050) for start in starts), Decimal(0)) / people
    slack = Decimal("1e-20")
    assert all(low - slack <= point.tonnes <= high + slack for point in trajectory(starts))
