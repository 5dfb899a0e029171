"""The collective trajectory: what a head emits, year by year, from the first workshop to 2050.

Everybody's footprint is known in two years: that of their workshop, and 2050, where the workshop
ends. In between it goes in equal steps, before it is what it was found to be; the trajectory is
the mean of all these lines. Straight lines say no more than the workshop does: it plays rounds of
some years each, whose footprints are not recorded.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

LAST: Final = 2050
"""The year in which the workshop ends."""

TARGET: Final = Decimal(2)
"""What a head may emit in 2050 under the Paris agreement, in t CO2e, as the challenge has it."""


@dataclass(frozen=True, slots=True)
class Start:
    """The people who took part in a year."""

    year: int
    people: int
    before: Decimal
    """The sum of their footprints in that year, in t CO2e."""
    in_2050: Decimal


@dataclass(frozen=True, slots=True)
class Point:
    """A year of a trajectory."""

    year: int
    tonnes: Decimal
    """The mean footprint of a head, in t CO2e."""


def trajectory(starts: Sequence[Start]) -> Iterator[Point]:
    """Give the years from the first start to 2050; nothing without people."""
    people = sum(start.people for start in starts)
    if not people:
        return
    for year in range(min(LAST, *(start.year for start in starts)), LAST + 1):
        yield Point(year, sum((_sum(start, year) for start in starts), Decimal(0)) / people)


def _sum(start: Start, year: int) -> Decimal:
    """Give what those who started in a year emit together in another one."""
    if year <= start.year and start.year < LAST:
        return start.before
    if start.year >= LAST:
        return start.in_2050
    passed = Decimal(year - start.year) / (LAST - start.year)
    return start.before + (start.in_2050 - start.before) * passed
