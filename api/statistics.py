"""Statistics: what rows come to, as a whole and by groups, each figure beside its denominator.

    organisation_stats = stats(ORGANISATIONS, "Organisations, counted by groups.")

gives `organisationStats(where, groupBy) { total { … } groups { … } groupCount }`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any, Final, cast

import strawberry
from strawberry import UNSET

from api.context import Info
from api.entity import ENTITIES, REFERS, linked
from api.facets import Facets, Offered
from api.filters import by_of, plain
from api.naming import camel, class_name
from api.past import AsOfArgument
from api.prices import GROUPS, PRICE, STATISTIC, Price
from api.root import ROOT, Stats, where_argument
from api.sources import sources
from api.where import read
from domain.refusal import Refusal
from projections import grouping, guard
from projections.column import Column
from projections.condition import Filter
from projections.guard import Viewer
from projections.lookup import Lookup
from projections.plan import (
    Aggregate,
    Count,
    Function,
    GroupCount,
    Grouping,
    Groups,
    Source,
    Statistics,
    Tallies,
    Whole,
)
from projections.sources import Counted

FIGURE: Final = "figure"
"""Where a field's metadata says which figure it gives."""

MOST_FACETS: Final = 4
MOST_GROUPS: Final = 1_000


class TooManyFacets(Refusal):
    """{count} facets are too many: group by {limit} at most."""

    FRENCH = "{count} critères sont trop : regroupez par {limit} au plus."


class GroupedTwice(Refusal):
    """The rows are already grouped by {name}. Name each facet once."""

    FRENCH = "Les lignes sont déjà regroupées par {name}. Nommez chaque critère une fois."


@dataclass(frozen=True, slots=True)
class Asked:
    """A statistic as resolvers see it."""

    facets: Facets
    where: Filter | None
    by: tuple[Grouping, ...]

    async def figures(self, info: Info, part: type[Whole] | type[Groups]) -> list[dict[str, Any]]:
        """Read the groups, or the one of all rows, with every figure there is."""
        tallies = _every_figure(self.facets)
        viewer = self._viewer(info)
        whole = part is Whole
        statistics = self._statistics(() if whole else self.by, Groups(tallies))
        inner = grouping.groups(statistics, "t", viewer)
        names = [] if whole else [each.column.name for each in self.by]
        names += [grouping.ROWS, *(each.name for each in grouping.aggregates(tallies))]
        text = f"with g as ({inner}) {grouping.first(statistics, 'g')}"
        return [dict(zip(names, row, strict=True)) for row in await self._read(info, text)]

    async def group_count(self, info: Info) -> int:
        """Count the groups."""
        inner = grouping.groups(self._statistics(self.by, Groups(())), "t", self._viewer(info))
        text = f"select count(*) from ({inner}) g"  # noqa: S608 - rendered, with bound values
        ((count,),) = await self._read(info, text)
        return cast(int, count)

    def _statistics(self, by: tuple[Grouping, ...], part: Groups) -> Statistics:
        condition = None if self.where is None else self.where.condition
        source = Source(self.facets.table, where=condition)
        return Statistics(source, by, MOST_GROUPS, (("", part),))

    @property
    def _values(self) -> tuple[object, ...]:
        return () if self.where is None else self.where.values

    def _viewer(self, info: Info) -> Viewer:
        return info.context.eyes.viewer(len(self._values) + 1)

    async def _read(self, info: Info, text: str) -> Sequence[Sequence[Any]]:
        statement = guard.complete(text, self._viewer(info))
        values = (*self._values, *info.context.eyes.arguments)
        return await info.context.reads.rows(statement, values)


@dataclass(frozen=True, slots=True)
class Group:
    """A group as resolvers see it: its values and every figure, by column."""

    figures: Mapping[str, Any]
    facets: Facets
    where: Filter | None
    by: tuple[Grouping, ...]

    def counted(self, measure: Column | None = None) -> Counted:
        """Give the rows that it counts, or those that answer a measure."""
        row = ENTITIES[self.facets.table.name].row
        group = tuple(self.figures[each.column.name] for each in self.by)
        return Counted(row, self.where, self.by, group, measure)


@dataclass(frozen=True, slots=True)
class Answers:
    """The answers to one question within a group, as resolvers see them."""

    column: Column
    group: Group

    @property
    def figures(self) -> Mapping[str, Any]:
        """Every figure of the group, by column."""
        return self.group.figures


def _counted(description: str) -> Any:
    def resolve(self: Group | Answers) -> int:
        return cast(int, self.figures[grouping.ROWS])

    return strawberry.field(resolver=resolve, description=description, metadata={FIGURE: Count()})


def _figure(function: Function, type: Any, description: str) -> Any:
    def resolve(self: Answers) -> Any:
        return self.figures[Aggregate(self.column, function).name]

    return strawberry.field(
        resolver=resolve, graphql_type=type, description=description, metadata={FIGURE: function}
    )


@strawberry.type(description="What the answers come to, beside how many were asked for.")
class Figures:
    """What the answers come to."""

    asked = _counted("How many there are, whether they answered or not.")
    answered = _figure(Function.ANSWERED, int, "How many of them answered.")
    sum = _figure(Function.SUM, Decimal | None, "The sum of the answers; null without any.")
    min = _figure(Function.MIN, Decimal | None, "The smallest answer; null without any.")
    max = _figure(Function.MAX, Decimal | None, "The largest answer; null without any.")
    average = _figure(
        Function.AVERAGE,
        Decimal | None,
        "The sum by the number of answers, to two decimals; null without any.",
    )
    sources = sources(
        "The answers one by one, each with the event that gave it, in the order of what answers.",
        lambda answers: answers.group.counted(answers.column),
    )


def stats(facets: Facets, description: str) -> Any:
    """Serve what the rows of a noun come to."""

    async def resolve(info: Info, *, where: Any = UNSET, group_by: Any = UNSET) -> Any:  # noqa: ARG001
        given = None if where is UNSET else plain(where)
        by = groupings(facets, group_by or ())
        return Asked(facets, read(facets, given, 1), by)

    resolve.__annotations__ |= {
        "where": where_argument(facets),
        "group_by": Annotated[
            list[by_of(facets)] | None,  # type: ignore[misc]
            strawberry.argument(description=f"By what, {MOST_FACETS} facets at most."),
        ],
    }
    return strawberry.field(
        resolver=resolve,
        graphql_type=_stats_type(facets),
        description=description,
        metadata={ROOT: Stats(facets), PRICE: Price(once=STATISTIC)},
        extensions=[AsOfArgument()],
    )


def groupings(facets: Facets, by: Sequence[str] | None) -> tuple[Grouping, ...]:
    """Read by what rows are grouped.

    Raises:
        TooManyFacets, GroupedTwice: it makes no sense.
    """
    asked = by or ()
    if len(asked) > MOST_FACETS:
        raise TooManyFacets("groupBy", count=len(asked), limit=MOST_FACETS)
    for place, each in enumerate(asked):
        if each in asked[:place]:
            raise GroupedTwice("groupBy", name=camel(each))
    return tuple(_grouping(facets.facets[each]) for each in asked)


def _grouping(offered: Offered) -> Grouping:
    return Grouping(offered.column, offered.facet)


def _stats_type(facets: Facets) -> type[Any]:
    name = facets.type
    figures = {"count": _counted("How many there are.")}
    figures["sources"] = sources(
        "What is counted, one by one and in the order of its keys, each with the event since which "
        "it is: the values by which it is chosen and grouped are what they are since then.",
        Group.counted,
    )
    figures |= {each: _measured(facets, each) for each in facets.measures}
    shown = {each.name: _shown(each) for each in facets.facets.values() if each.grouped}
    total = _made(f"{name}Total", figures, f"What {name} rows come to.")
    group = _made(f"{name}Group", {**shown, **figures}, f"What a group of {name} rows comes to.")

    async def whole(self: Asked, info: Info) -> Any:
        (row,) = await self.figures(info, Whole)
        return Group(row, self.facets, self.where, ())

    async def groups(self: Asked, info: Info) -> Any:
        rows = await self.figures(info, Groups)
        return [Group(row, self.facets, self.where, self.by) for row in rows]

    async def group_count(self: Asked, info: Info) -> int:
        return await self.group_count(info)

    parts = {
        "total": strawberry.field(
            resolver=whole,
            graphql_type=total,
            description="All that is meant, each counted once however many groups it is in.",
            metadata={FIGURE: Whole},
        ),
        "groups": strawberry.field(
            resolver=groups,
            graphql_type=list[group],  # type: ignore[valid-type]
            description="The groups, in the order of their values; "
            f"the first {MOST_GROUPS} of them. What has several values is in several groups.",
            metadata={FIGURE: Groups, PRICE: Price(items=GROUPS)},
        ),
        "group_count": strawberry.field(
            resolver=group_count,
            description="How many groups there are, also where not all are given.",
            metadata={FIGURE: GroupCount},
        ),
    }
    return _made(f"{name}Stats", parts, f"What {name} rows come to, as a whole and by groups.")


def _made(name: str, members: Mapping[str, Any], description: str) -> type[Any]:
    return linked(strawberry.type(type(name, (), dict(members)), description=description))


def _measured(facets: Facets, name: str) -> Any:
    measure = facets.measures[name]

    def resolve(self: Group) -> Any:
        return Answers(measure.column, self)

    return strawberry.field(
        resolver=resolve,
        graphql_type=Figures,
        description=measure.description,
        metadata={FIGURE: measure},
    )


def _shown(offered: Offered) -> Any:
    description = f"{offered.description} Null where it is not told, or not grouped by."
    if offered.shows is None:

        def value(self: Group) -> Any:
            return self.figures.get(offered.name)

        return strawberry.field(
            resolver=value,
            graphql_type=offered.type | None,
            description=description,
            metadata={FIGURE: offered},
        )
    relation = offered.shows

    async def shown(self: Group, info: Info) -> Any:
        key = self.figures.get(offered.name)
        if key is None:
            return None
        ((_, there),) = relation.on
        row = ENTITIES[relation.target].row
        return await info.context.loaders.one(Lookup(row, (there,)), (key,))

    return strawberry.field(
        resolver=shown,
        graphql_type=Any,
        description=description,
        metadata={FIGURE: offered, REFERS: f"{class_name(relation.target)} | None"},
    )


def _every_figure(facets: Facets) -> Tallies:
    return tuple(
        ("", Aggregate(measure.column, function))
        for measure in facets.measures.values()
        for function in Function
    )
