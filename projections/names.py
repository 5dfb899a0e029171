"""Names: what things were called at a position, as far as a caller could see that."""

# Tables and columns are names of ours; every value is bound.
# ruff: noqa: S608

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final

from domain.identity import Id
from projections import guard
from projections.guard import Eyes, Viewer
from projections.lookup import Bound
from projections.table import TABLES, Table
from projections.then import Then

NAMES: Final[Mapping[str, tuple[str, str]]] = {
    "organisation": ("organisation", "name"),
    "contact": ("contact", "function"),
    "mobilisation": ("mobilisation", "name"),
    "cohort": ("cohort", "name"),
    "session": ("session", "number"),
    "webinar": ("webinar", "title"),
    "camp": ("base_camp", "name"),
    "roadmap": ("roadmap", "title"),
    "lever": ("lever", "title"),
    "objective": ("objective", "wording"),
    "plan_item": ("plan_item", "title"),
    "ecosystem_mobilisation": ("ecosystem_mobilisation", "text"),
    "alliance": ("alliance", "name"),
    "working_group": ("working_group", "name"),
    "meeting": ("meeting", "title"),
    "survey": ("survey", "title"),
    "indicator": ("indicator", "name"),
    "prioritisation": ("prioritisation", "title"),
    "criterion": ("criterion", "name"),
    "option": ("option", "title"),
    "review": ("review", "year"),
    "action": ("action", "title"),
    "step": ("step", "title"),
    "document": ("document", "title"),
    "challenge": ("challenge", "name"),
    "network": ("network", "name"),
}
"""By which column of which table things are called, by the nouns of their ids."""

_LENGTH: Final = 300
"""Characters of a name that leave the database."""


def called(things: Sequence[tuple[str, Id, int]], eyes: Eyes) -> Bound:
    """Ask what things were called: the number of each, and its name where that may be seen.

    A thing is a noun of `NAMES`, an id and a position. What is gone at that position is called as
    it was right before.
    """
    viewer = eyes.viewer(4)
    nouns, ids, positions = zip(*things, strict=True)
    arguments = [list(nouns), list(ids), list(positions), *eyes.arguments]
    return guard.complete(_called(frozenset(nouns), viewer), viewer), arguments


@lru_cache(maxsize=1_024)
def _called(nouns: frozenset[str], viewer: Viewer) -> str:
    then = Then(viewer)
    branches = []
    for noun in sorted(nouns):
        table, column = NAMES[noun]
        asked = _name(TABLES[table], column, viewer)
        names = ", ".join(f"({then.at(moment, asked)})" for moment in ("w.at", "w.at - 1"))
        branches.append(
            f"select w.place - 1 as place, coalesce({names}) as name from wanted w"
            f" where w.noun = '{noun}'"
        )
    wanted = (
        "wanted as materialized (select * from"
        " unnest($1::text[], $2::text[], $3::bigint[]) with ordinality w(noun, id, at, place))"
    )
    return then.complete(" union all ".join(branches), [wanted])


def _name(table: Table, column: str, viewer: Viewer) -> str:
    """Ask what a thing is called."""
    conditions = ["t.id = w.id", *guard.seen(table, "t", viewer)]
    value = guard.value(table, column, "t", viewer)
    return (
        f"select left({value}::text, {_LENGTH}) from {table.name} t"
        f" where {' and '.join(conditions)}"
    )
