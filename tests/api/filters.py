"""Filters of every shape that make sense, over what the hostile read model holds."""

import random
from collections.abc import Mapping
from enum import Enum
from typing import Any

from api.facets import Facets, Offered
from api.naming import camel
from api.query import Query
from api.root import ROOT, Every, Stats
from projections.catalogue import PROJECTIONS
from projections.table import Row
from tests.api.asked import Asked
from tests.api.hostile import rows

_FIGURES = "asked answered sum min max average __typename"
ROWS: Mapping[str, type[Row]] = {
    kind.TABLE.name: kind for projection in PROJECTIONS for kind in projection.rows
}

ROOTS: Mapping[str, Every | Stats] = {
    camel(field.python_name): root
    for field in vars(Query)["__strawberry_definition__"].fields
    if isinstance(root := field.metadata.get(ROOT), Every | Stats)
}
"""The root fields that take a filter."""


class Word(str):
    """A value of an enumeration: it stands without quotes in a document."""

    __slots__ = ()


def asked(name: str, chance: random.Random) -> Asked:
    """Ask a root field for all that it can say of what a filter chooses."""
    facets = ROOTS[name].facets
    variables: dict[str, Any] = {"where": where(facets, chance)}
    if isinstance(ROOTS[name], Every):
        text = (
            f"query($where: {facets.type}Where) {{{name}(where: $where, first: 3)"
            " {totalCount pageInfo {hasNextPage endCursor} nodes {__typename} edges {cursor}}}"
        )
        return Asked(text, variables)
    variables["by"] = group_by(facets, chance)
    given = f"$where: {facets.type}Where, $by: [{facets.type}GroupBy!]"
    figures = " ".join(f"{camel(each)} {{{_FIGURES}}}" for each in facets.measures)
    shown = " ".join(
        camel(each.name) + (" {__typename}" if each.shows else "")
        for each in facets.facets.values()
        if each.grouped
    )
    text = (
        f"query({given}) {{{name}(where: $where, groupBy: $by)"
        f" {{total {{count {figures}}} groups {{{shown} count {figures}}} groupCount}}}}"
    )
    return Asked(text, variables)


def counted(data: Any) -> int:
    """Give how many rows an answer is about."""
    (found,) = data.values()
    return int(found["totalCount"] if "totalCount" in found else found["total"]["count"])


def where(facets: Facets, chance: random.Random, depth: int = 0) -> dict[str, Any]:
    """Make a filter."""
    offered = chance.sample(sorted(facets.facets), k=chance.choice((0, 1, 1, 2)))
    found: dict[str, Any] = {camel(name): _filter(facets.facets[name], chance) for name in offered}
    if depth < 2:
        for join in ("and", "or", "not"):
            if chance.random() < 0.25:
                inner = [where(facets, chance, depth + 1) for _ in range(chance.choice((1, 2)))]
                found[join] = inner[0] if join == "not" else inner
    return found


def order_by(facets: Facets, chance: random.Random) -> dict[str, Word] | None:
    """Choose in which order rows come, the usual one now and then."""
    if chance.random() < 0.4:
        return None
    name = chance.choice(sorted(facets.orders))
    return {camel(name): Word(chance.choice(("ASC", "DESC")))}


def group_by(facets: Facets, chance: random.Random) -> list[Word]:
    """Choose by what rows are grouped."""
    names = sorted(name for name, offered in facets.facets.items() if offered.grouped)
    return [Word(name.upper()) for name in chance.sample(names, k=chance.choice((0, 1, 2, 2, 3)))]


def values(offered: Offered) -> list[Any]:
    """Give the values of a facet that some rows have."""
    row = ROWS[offered.facet.path.end.name]
    name = offered.facet.column.name
    told = [value for each in rows(row) if (value := getattr(each, name)) is not None]
    return [value.year for value in told] if offered.facet.by_year else told


def _filter(offered: Offered, chance: random.Random) -> dict[str, Any]:
    if chance.random() < 0.2:
        return {"isNull": chance.random() < 0.5}
    known = values(offered) or _anything(offered)
    if not known:
        return {"isNull": True}
    value = _written(offered, chance.choice(known))
    names = ["eq"]
    if offered.type is not bool:
        names += ["ne", "in"]
    if offered.facet.kind.sql in ("bigint", "numeric", "date", "timestamptz"):
        names += ["lt", "lte", "gt", "gte"]
    if isinstance(value, str) and offered.facet.kind.sql == "text" and not _is_id(offered):
        names += [] if isinstance(value, Word) else ["contains"]
    match chance.choice(names):
        case "in":
            return {"in": [value, _written(offered, chance.choice(known))]}
        case "contains":
            return {"contains": value[1:-1]}
        case name:
            return {name: value}


def _anything(offered: Offered) -> list[Any]:
    return list(offered.type) if isinstance(offered.type, type(Enum)) else []


def _is_id(offered: Offered) -> bool:
    return getattr(offered.type, "__name__", "") == "Id"


def _written(offered: Offered, value: Any) -> Any:
    if isinstance(value, Enum):
        return Word(value)
    return offered.facet.kind.outside(value)
