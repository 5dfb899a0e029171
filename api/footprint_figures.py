"""Figures of footprints: means, distributions and the trajectory of a group, or why not."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from decimal import Decimal
from math import ceil, sqrt
from typing import Any, Final, TypeVar, cast

import strawberry

import api.enumerations  # noqa: F401 - before any type that has one
from api.context import Info
from api.ports import Reads
from api.sources import sources
from domain.footprint import FootprintDomain
from projections import footprints
from projections.disclosure import IN_ALL, Band, Withholding, bands
from projections.footprint_sources import Released
from projections.footprints import Asked, CellSums, DomainSums, Group, Key
from projections.trajectory import TARGET, Point, trajectory

T = TypeVar("T")

_CENT: Final = Decimal("0.01")


class Answer:
    """A way of grouping footprints; what is asked of groups is read for all of them at once."""

    def __init__(self, asked: Asked, reads: Reads) -> None:
        self.asked = asked
        self._reads = reads
        self._read: dict[str, asyncio.Future[Any]] = {}

    async def groups(self) -> list[Group]:
        """Give the groups, in the order of what they have in common."""
        return await self._once("groups", self._groups)

    async def domains(self, key: Key) -> Mapping[FootprintDomain, DomainSums]:
        """Give the sums of a group by domain."""
        return (await self._once("domains", self._domains)).get(key, {})

    async def cells(self, key: Key) -> Mapping[tuple[str, Decimal], CellSums]:
        """Give the distributions of a group."""
        return (await self._once("cells", self._cells)).get(key, {})

    async def _groups(self) -> list[Group]:
        rows = await self._reads.rows(*footprints.groups(self.asked))
        return footprints.read_groups(self.asked, rows)

    async def _domains(self) -> Mapping[Key, Mapping[FootprintDomain, DomainSums]]:
        rows = await self._reads.rows(*footprints.domains(self.asked))
        return footprints.read_domains(self.asked, rows)

    async def _cells(self) -> Mapping[Key, Mapping[tuple[str, Decimal], CellSums]]:
        rows = await self._reads.rows(*footprints.cells(self.asked))
        return footprints.read_cells(self.asked, rows)

    async def _once(self, name: str, read: Callable[[], Coroutine[Any, Any, T]]) -> T:
        if name not in self._read:
            self._read[name] = asyncio.ensure_future(read())
        return cast(T, await self._read[name])


@dataclass(frozen=True, slots=True)
class Part:
    """A group of footprints, as resolvers see it."""

    group: Group
    answer: Answer

    def value(self, name: str) -> Any:
        """Give the value of a facet, None where it is not grouped by."""
        for grouping, value in zip(self.answer.asked.by, self.group.key, strict=True):
            if grouping.column.name == name:
                return value
        return None


@dataclass(frozen=True, slots=True)
class Told(Part):
    """A group of which is told."""


@dataclass(frozen=True, slots=True)
class Silent(Part):
    """A group of which nothing is told."""


@dataclass(frozen=True, slots=True)
class Distribution:
    """How a group is distributed in a domain, or in all of them."""

    domain: str
    cells: Mapping[tuple[str, Decimal], CellSums]


def given(description: str, type: Any, give: Callable[[Any], Any]) -> Any:
    """Serve what follows from the object alone."""

    def resolve(self: Any) -> Any:
        return give(self)

    return strawberry.field(resolver=resolve, graphql_type=type, description=description)


def _mean(tonnes: Decimal, people: int) -> Decimal:
    return (tonnes / people).quantize(_CENT)


def _of(kind: type[object]) -> Any:
    return staticmethod(lambda found, _info: isinstance(found, kind))


@strawberry.type(description="A year of the collective trajectory.")
class TrajectoryYear:
    """A year of the collective trajectory."""

    year = given("The year.", int, lambda point: point.year)
    tonnes = given(
        "The mean footprint of a head, in t CO2e.",
        Decimal,
        lambda point: point.tonnes.quantize(_CENT),
    )
    gap = given(
        "How much more that is than the target of 2050, in t CO2e.",
        Decimal,
        lambda point: (point.tonnes - TARGET).quantize(_CENT),
    )


@strawberry.type(description="What a head emits in a domain, and how many commit themselves.")
class DomainFootprint:
    """What a head emits in a domain."""

    domain = given("The domain.", FootprintDomain, lambda sums: sums.domain)
    before = given(
        "Before the workshop, in t CO2e a year.",
        Decimal,
        lambda sums: _mean(sums.before, sums.people),
    )
    in2050 = given("In 2050, in t CO2e.", Decimal, lambda sums: _mean(sums.in_2050, sums.people))
    committed = given(
        "How many people committed themselves to change something in it; rounded to threes, up or "
        "down by chance, for each batch.",
        int,
        lambda sums: sums.committed,
    )
    asked = given(
        "Of how many people it is known whether they committed themselves.",
        int,
        lambda sums: sums.asked,
    )


@strawberry.type(description="A band of a distribution, and how many people are in it.")
class FootprintBand:
    """A band of a distribution."""

    floor = given("From where, in t CO2e a year.", Decimal, lambda found: found[0].floor)
    ceiling = given(
        "Up to below where; null for the last band, which is open.",
        Decimal | None,
        lambda found: found[0].ceiling,
    )
    before = given(
        "How many people before the workshop; rounded to threes, up or down by chance, for each "
        "batch.",
        int,
        lambda found: found[1].before if found[1] else 0,
    )
    in2050 = given(
        "How many people in 2050, rounded alike.",
        int,
        lambda found: found[1].in_2050 if found[1] else 0,
    )


def _shown_bands(found: Distribution) -> list[tuple[Band, CellSums | None]]:
    return [(band, found.cells.get((found.domain, band.floor))) for band in bands(found.domain)]


@strawberry.type(description="How people are distributed over bands of footprints.")
class FootprintDistribution:
    """How people are distributed over bands of footprints."""

    domain = given(
        "The domain; null for all of them together.",
        FootprintDomain | None,
        lambda found: None if found.domain == IN_ALL else FootprintDomain[found.domain],
    )
    bands = given("The bands, the lowest first.", list[FootprintBand], _shown_bands)


async def _by_domain(self: Told) -> Any:
    sums = await self.answer.domains(self.group.key)
    return [sums[domain] for domain in FootprintDomain if domain in sums]


async def _distributions(self: Told) -> Any:
    cells = await self.answer.cells(self.group.key)
    return [Distribution(domain, cells) for domain in (IN_ALL, *FootprintDomain)]


def _trajectory(self: Told) -> list[Point]:
    return list(trajectory(self.group.starts))


@strawberry.type(
    description="What the footprints of a group come to. Means are put together from those of "
    "batches, each rounded to a tenth of a tonne, up or down by chance; the smallest and the "
    "largest are never told."
)
class Footprints:
    """What the footprints of a group come to."""

    is_type_of = _of(Told)

    people = given("How many people are told of.", int, lambda told: told.group.people)
    before = given(
        "What a head emits before the workshop, in t CO2e a year.",
        Decimal,
        lambda told: _mean(sum(start.before for start in told.group.starts), told.group.people),
    )
    in2050 = given(
        "What a head emits in 2050, where the workshop ends, in t CO2e.",
        Decimal,
        lambda told: _mean(sum(start.in_2050 for start in told.group.starts), told.group.people),
    )
    target = given("What a head may emit in 2050, in t CO2e.", Decimal, lambda _: TARGET)
    trajectory = given(
        "The collective trajectory: year by year to 2050, in a straight line from the footprint "
        "in the year of each workshop to that in 2050.",
        list[TrajectoryYear],
        _trajectory,
    )
    by_domain = strawberry.field(
        resolver=_by_domain,
        graphql_type=list[DomainFootprint],
        description="Each domain, and what people commit themselves to.",
    )
    distributions = strawberry.field(
        resolver=_distributions,
        graphql_type=list[FootprintDistribution],
        description="How people are distributed: over all domains together, then in each.",
    )
    sources = sources(
        "The events with which was published what this is put together of, the first one first: "
        "whole batches of footprints, never one of them.",
        lambda told: Released(told.answer.asked, told.group.key),
    )
    margin = given(
        "By how many people a count in a band or of commitments may be off by its rounding, "
        "nineteen times out of twenty.",
        int,
        # Rounding to threes has a variance of 2 at most.
        lambda told: ceil(2 * sqrt(2 * told.group.releases)),
    )


def _message(self: Silent, info: Info) -> str:
    why = cast(Withholding, self.group.withheld)
    text = why.fr if info.context.caller.language == "fr" else why.en
    return f"{text[0].upper()}{text[1:]}."


@strawberry.type(description="Nothing is told of the footprints of a group, lest it tell of one.")
class Withheld:
    """Nothing is told of the footprints of a group."""

    is_type_of = _of(Silent)

    reason = given("Why.", Withholding, lambda silent: silent.group.withheld)
    message = strawberry.field(
        resolver=_message,
        graphql_type=str,
        description="Why, in French or English by Accept-Language.",
    )
    threshold = given(
        "Of how many people at least is told together.",
        int,
        lambda silent: silent.group.threshold,
    )
