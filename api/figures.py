"""Figures: what is asked of a statistic, as values of a plan."""

from typing import Any

from graphql import GraphQLObjectType

from api.entity import ENTITIES
from api.facets import Measure, Offered
from api.question import Fields, definition_of, name_of, object_of
from api.selections import NotFromRows, Selections
from api.statistics import FIGURE, MOST_GROUPS
from projections.column import Column
from projections.plan import (
    Aggregate,
    Constant,
    Count,
    Figure,
    Function,
    GroupCount,
    Grouping,
    Groups,
    Match,
    Measured,
    One,
    Outer,
    Source,
    Statistics,
    Tallies,
    Tally,
    Whole,
)

By = tuple[Grouping, ...]


def figures(
    selections: Selections, source: Source, by: By, type: GraphQLObjectType, details: Fields
) -> Statistics:
    """Give what is asked of a statistic.

    Raises:
        api.selections.TooManyFields: that is too much.
        api.selections.NotFromRows: something of it is no figure.
    """
    asking = _Asking(selections, {each.column.name for each in by})
    parts = tuple(
        (key, asking.part(type, inner)) for key, inner in selections.inner(type, details).items()
    )
    return Statistics(source, by, MOST_GROUPS, parts)


class _Asking:
    def __init__(self, selections: Selections, grouped: set[str]) -> None:
        self._selections = selections
        self._grouped = grouped

    def part(
        self, type: GraphQLObjectType, details: Fields
    ) -> Whole | Groups | GroupCount | Constant:
        figure = _figure_of(type, details)
        if figure is None:
            return Constant(type.name)
        if figure is GroupCount:
            return GroupCount()
        group = object_of(type.fields[name_of(details)])
        part: Whole | Groups = figure(self._tallies(group, details))
        return part

    def _tallies(self, type: GraphQLObjectType, details: Fields) -> Tallies:
        return tuple(
            (key, self._tally(type, inner))
            for key, inner in self._selections.inner(type, details).items()
        )

    def _tally(self, type: GraphQLObjectType, details: Fields) -> Column | One | Tally:
        match _figure_of(type, details):
            case Offered() as offered:
                return self._shown(offered, type, details)
            case Measure(column=column):
                return self._measured(column, type, details)
            case Count():
                return Count()
            case _:
                return Constant(type.name)

    def _shown(
        self, offered: Offered, type: GraphQLObjectType, details: Fields
    ) -> Column | One | Constant:
        if offered.name not in self._grouped:
            return Constant(None)
        if offered.shows is None:
            return offered.column
        ((_, there),) = offered.shows.on
        target = ENTITIES[offered.shows.target].row.TABLE
        source = Source(target, (Match(there, Outer(offered.name)),))
        shown = object_of(type.fields[name_of(details)])
        return One(source, self._selections.selection(shown, details))

    def _measured(self, column: Column, type: GraphQLObjectType, details: Fields) -> Measured:
        answers = object_of(type.fields[name_of(details)])
        return Measured(
            tuple(
                (key, _figure(column, answers, inner))
                for key, inner in self._selections.inner(answers, details).items()
            )
        )


def _figure(column: Column, type: GraphQLObjectType, details: Fields) -> Figure:
    match _figure_of(type, details):
        case Function() as function:
            return Aggregate(column, function)
        case Count():
            return Count()
        case _:
            return Constant(type.name)


def _figure_of(type: GraphQLObjectType, details: Fields) -> Any:
    """Give what a field says of itself, None for the name of a type."""
    field = type.fields.get(name_of(details))
    if field is None:
        return None
    figure = definition_of(field).metadata.get(FIGURE)
    if figure is None:
        raise NotFromRows
    return figure
