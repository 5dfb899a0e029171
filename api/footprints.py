"""Footprints: what they come to, as a whole and by groups, or why nothing is told.

`footprintStats(where, groupBy) { total { … } groups { … } }` is made of whole releases alone, so
that no question, nor several together, lead to a person (`projections.disclosure`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

import strawberry
from strawberry import UNSET

from api.context import Info
from api.entity import REFERS, linked
from api.facets import Offered
from api.filters import by_of, plain
from api.footprint_batches import FOOTPRINTS
from api.footprint_figures import Answer, Footprints, Part, Silent, Told, Withheld, given
from api.leads import Lead
from api.past import AsOfArgument
from api.prices import GROUPS, PRICE, STATISTIC, Price
from api.root import where_argument
from api.statistics import MOST_FACETS, MOST_GROUPS, groupings
from api.where import read
from domain.challenge import ParticipantAudience
from domain.footprint import CalculationMethod
from projections.footprints import Asked


def _valued(name: str, type: Any, read: Callable[[str], Any]) -> Any:
    def give(part: Part) -> Any:
        value = part.value(name)
        return None if value is None else read(value)

    return given(_described(FOOTPRINTS.facets[name]), type | None, give)


def _led(name: str, type: str) -> Any:
    offered = FOOTPRINTS.facets[name]
    assert offered.shows is not None
    relation = offered.shows

    def resolve(self: Part) -> Any:
        key = self.value(name)
        if key is None:
            return None
        ((_, there),) = relation.on
        return Lead(relation.target, there, key)

    return strawberry.field(
        resolver=resolve,
        graphql_type=Any,
        description=_described(offered),
        metadata={REFERS: f"{type} | None"},
    )


def _described(offered: Offered) -> str:
    return f"{offered.description} Null where it is not told, or not grouped by."


def _figures(self: Part) -> Told | Silent:
    kind = Told if self.group.withheld is None else Silent
    return kind(self.group, self.answer)


@linked
@strawberry.type(description="A group of footprints.")
class FootprintGroup:
    """A group of footprints."""

    challenge = _led("challenge", "Challenge")
    workshop = _led("workshop", "Workshop")
    audience = _valued("audience", ParticipantAudience, lambda name: ParticipantAudience[name])
    territory = _led("territory", "Territory")
    host = _led("host", "Organisation")
    year = _valued("year", int, int)
    method = _valued("method", CalculationMethod, lambda name: CalculationMethod[name])
    recorded = given(
        "Of how many people footprints are recorded, told of or not.",
        int,
        lambda part: part.group.recorded,
    )
    figures = strawberry.field(
        resolver=_figures,
        graphql_type=Annotated[
            Footprints | Withheld,
            strawberry.union(
                "FootprintFigures", description="What footprints come to, or why it is withheld."
            ),
        ],
        description="What they come to, or why that is withheld.",
    )


@dataclass(frozen=True, slots=True)
class Statistics:
    """What is asked of footprints, as resolvers see it."""

    whole: Answer
    grouped: Answer


async def _total(self: Statistics) -> Part:
    (group,) = await self.whole.groups()
    return Part(group, self.whole)


async def _groups(self: Statistics) -> list[Part]:
    return [Part(group, self.grouped) for group in (await self.grouped.groups())[:MOST_GROUPS]]


async def _group_count(self: Statistics) -> int:
    return len(await self.grouped.groups())


@strawberry.type(description="What footprints come to, as a whole and by groups.")
class FootprintStats:
    """What footprints come to."""

    total = strawberry.field(
        resolver=_total,
        graphql_type=FootprintGroup,
        description="All that are meant; it may tell of people whose groups are withheld.",
    )
    groups = strawberry.field(
        resolver=_groups,
        graphql_type=list[FootprintGroup],
        description=f"The groups, in the order of their values; the first {MOST_GROUPS} of them.",
        metadata={PRICE: Price(items=GROUPS)},
    )
    group_count = strawberry.field(
        resolver=_group_count,
        graphql_type=int,
        description="How many groups there are, also where not all are given.",
    )


def footprint_stats(description: str) -> Any:
    """Serve what footprints come to."""

    async def resolve(info: Info, *, where: Any = UNSET, group_by: Any = UNSET) -> Statistics:
        meant = read(FOOTPRINTS, None if where is UNSET else plain(where), 1)
        by = groupings(FOOTPRINTS, group_by or ())
        reads = info.context.reads
        return Statistics(Answer(Asked(meant, ()), reads), Answer(Asked(meant, by), reads))

    resolve.__annotations__ |= {
        "where": where_argument(FOOTPRINTS),
        "group_by": Annotated[
            list[by_of(FOOTPRINTS)] | None,  # type: ignore[misc]
            strawberry.argument(description=f"By what, {MOST_FACETS} facets at most."),
        ],
    }
    return strawberry.field(
        resolver=resolve,
        graphql_type=FootprintStats,
        description=description,
        metadata={PRICE: Price(once=STATISTIC)},
        extensions=[AsOfArgument()],
    )
