"""Given released batches, when footprints are asked for, then whole releases answer."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest

from api.facets import Offered
from api.footprint_batches import FOOTPRINTS
from api.where import read
from domain.challenge import ParticipantAudience
from domain.footprint import FootprintDomain
from infra.reads import Reads
from projections import footprints
from projections.disclosure import IN_ALL, Rule, Withholding
from projections.footprints import Asked, Bound, Group
from projections.plan import Grouping
from tests.generations import FIRST
from tests.projections.challenge_year import STAFF, ChallengeYear, ReadModel
from tests.projections.footprints import people

EXACT = Rule(dominance=0, count_step=1, mean_step=0)


@dataclass
class Told:
    """What is told of a challenge."""

    reads: Reads

    async def groups(self, *by: str, where: dict[str, Any] | None = None) -> list[Group]:
        """Ask for groups."""
        asked = self.asked(*by, where=where)
        return footprints.read_groups(asked, await self.rows(footprints.groups(asked)))

    async def rows(self, bound: Bound) -> Any:
        """Ask for rows."""
        return await self.reads.rows(*bound)

    def asked(self, *by: str, where: dict[str, Any] | None = None) -> Asked:
        """Say what is meant."""
        groupings = tuple(_grouping(FOOTPRINTS.facets[each]) for each in by)
        return Asked(read(FOOTPRINTS, where, 1), groupings)


def _grouping(offered: Offered) -> Grouping:
    return Grouping(offered.column, offered.facet)


@pytest.fixture
async def told(prepared: str) -> AsyncIterator[Told]:
    """Whoever asks, of a read model that a test fills."""
    reads = await Reads.open(prepared, FIRST, pool_size=1)
    yield Told(reads)
    await reads.close()


@pytest.fixture
def year() -> ChallengeYear:
    """A challenge with two workshops for citizens and one for the staff of an employer."""
    year = ChallengeYear()
    first, second = year.held(), year.held(day="2026-04-12")
    staff = year.held(STAFF, host=year.employer("Verrerie du Havre"))
    year.batch(first, people(12), food=6)
    year.batch(second, people(13, seed=1))
    year.batch(staff, people(10, seed=2))
    return year


async def test_nothing_recorded_is_told_as_such(prepared: str, told: Told) -> None:
    await ReadModel(prepared, Rule()).follow(ChallengeYear().events)
    (total,) = await told.groups()
    assert (total.recorded, total.people) == (0, 0)
    assert total.withheld is Withholding.NOTHING_RECORDED
    assert await told.groups("audience") == []


async def test_all_releases_together_are_the_total(
    prepared: str, told: Told, year: ChallengeYear
) -> None:
    await ReadModel(prepared, EXACT).follow(year.events)
    (total,) = await told.groups()
    everybody = [*people(12), *people(13, seed=1), *people(10, seed=2)]
    assert (total.recorded, total.people, total.releases) == (35, 35, 3)
    assert total.withheld is None
    assert sum(start.before for start in total.starts) == sum(
        each.before.total() for each in everybody
    )
    assert [(start.year, start.people) for start in total.starts] == [(2025, 22), (2026, 13)]


@pytest.mark.parametrize(
    ("facet", "sizes"),
    [
        ("audience", {25, 10}),
        ("workshop", {12, 13, 10}),
        ("host", {25, 10}),
        ("year", {22, 13}),
        ("challenge", {35}),
        ("territory", {35}),
        ("method", {35}),
    ],
)
async def test_groups_are_made_of_what_is_known_of_batches(
    prepared: str, told: Told, year: ChallengeYear, facet: str, sizes: set[int]
) -> None:
    await ReadModel(prepared, Rule()).follow(year.events)
    assert {group.people for group in await told.groups(facet)} == sizes


async def test_a_filter_chooses_batches_of_any_kind(
    prepared: str, told: Told, year: ChallengeYear
) -> None:
    await ReadModel(prepared, Rule()).follow(year.events)
    asked: list[tuple[dict[str, Any], int]] = [
        ({"audience": {"eq": ParticipantAudience.STAFF}}, 10),
        ({"audience": {"ne": ParticipantAudience.STAFF}}, 25),
        ({"year": {"eq": 2026}}, 13),
        ({"territory": {"eq": "epci:200023414"}}, 35),
        ({"not": {"host": {"eq": year.host}}}, 10),
    ]
    for where, size in asked:
        (total,) = await told.groups(where=where)
        assert total.people == size, where


async def test_what_is_recorded_and_not_released_is_counted_and_not_told(
    prepared: str, told: Told, year: ChallengeYear
) -> None:
    workshop = year.held()
    year.withdraw(year.batch(workshop, people(12, seed=7)))
    year.batch(workshop, people(13, seed=7))
    await ReadModel(prepared, Rule()).follow(year.events)
    (total,) = await told.groups()
    assert (total.recorded, total.people) == (48, 35)
    (held_back,) = await told.groups(where={"workshop": {"eq": workshop}})
    assert (held_back.recorded, held_back.people) == (13, 0)
    assert held_back.withheld is Withholding.TOO_CLOSE


async def test_a_total_does_not_tell_of_a_group_that_waits(
    prepared: str, told: Told, year: ChallengeYear
) -> None:
    await ReadModel(prepared, Rule(threshold=20)).follow(year.events)
    (total,) = await told.groups()
    assert (total.recorded, total.people, total.threshold) == (35, 25, 20)
    citizens, staff = await told.groups("audience")
    assert (citizens.people, citizens.withheld) == (25, None)
    assert (staff.people, staff.withheld) == (0, Withholding.TOO_FEW)


async def test_what_was_released_together_is_told_of_where_all_of_it_is_meant(
    prepared: str, told: Told, year: ChallengeYear
) -> None:
    await ReadModel(prepared, Rule(threshold=20)).follow(year.events)
    for group in await told.groups("workshop", where={"audience": {"ne": STAFF}}):
        assert group.withheld is Withholding.NOT_APART
    for group in await told.groups("year", where={"audience": {"ne": STAFF}}):
        assert group.withheld is Withholding.NOT_APART
    (total,) = await told.groups(where={"year": {"eq": 2025}})
    assert (total.recorded, total.people) == (22, 0)


async def test_sums_by_domain_and_distributions_are_those_of_releases(
    prepared: str, told: Told, year: ChallengeYear
) -> None:
    await ReadModel(prepared, EXACT).follow(year.events)
    asked = told.asked("audience")
    sums = footprints.read_domains(asked, await told.rows(footprints.domains(asked)))
    staff = people(10, seed=2)
    assert sums["STAFF",][FootprintDomain.FOOD].before == sum(each.before.food for each in staff)
    assert sums["CITIZENS",][FootprintDomain.FOOD].committed == 6
    assert sums["CITIZENS",][FootprintDomain.FOOD].asked == 12
    cells = footprints.read_cells(asked, await told.rows(footprints.cells(asked)))
    in_all = [cell for (domain, _), cell in cells["STAFF",].items() if domain == IN_ALL]
    assert sum(cell.before for cell in in_all) == sum(cell.in_2050 for cell in in_all) == 10
    assert Decimal(0) <= min(cell.floor for cell in in_all)
