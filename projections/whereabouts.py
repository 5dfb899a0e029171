"""Whereabouts: the values of a facet, row by row, for things that are known by their ids."""

# Tables and columns are names of ours; every value is bound.
# ruff: noqa: S608

from collections.abc import Sequence

from domain.identity import Id
from projections import guard
from projections.facet import Facet, joined
from projections.guard import Around, Eyes
from projections.lookup import Bound
from projections.statement import Statement
from projections.table import TABLES


def whereabouts(facet: Facet, ids: Sequence[Id], eyes: Eyes) -> Bound:
    """Ask for an id and a value in each row, as far as values may be seen; null is none.

    The rows themselves are not asked whether they may be seen: whoever asks knows of them.
    """
    viewer = eyes.viewer(2)
    table, here = facet.path.table, "t"
    sources, conditions = f"{table.name} t", ["t.id = any($1::text[])"]
    for place, step in enumerate(facet.path.steps, 1):
        target, there = TABLES[step.relation.target], f"t_{place}"
        conditions += [
            joined(step.relation, here, there),
            *guard.seen(target, there, viewer, Around.along(step.relation, table, here)),
        ]
        sources += f", {target.name} {there}"
        table, here = target, there
    text = f"select t.id, {facet.sql(here, viewer)} from {sources} where {' and '.join(conditions)}"
    statement: Statement = guard.complete(text, viewer)
    return statement, [ids, *eyes.arguments]
