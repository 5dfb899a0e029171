"""Interests: which facts somebody who follows what happens wants to be told.

What a fact is says the fact itself; where its subject belongs says the read model, as it is when
the fact is told: an action that has moved to another alliance is of that one, its past included.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

import strawberry
from strawberry import UNSET

from api.entity import NODES
from api.facets import FACETS
from api.where import EmptyList
from domain import territory as reference
from domain.catalogue import AGGREGATES
from domain.identity import Id, internal
from domain.refusal import Refusal, TooManyItems
from projections.column import columns
from projections.condition import All, AnyOf, Comparison, Condition, Filter, Has, Operator
from projections.facet import Facet, Path
from projections.projection import events_of
from projections.slot import Slot

MOST: Final = 100
"""Items of one list."""

_TYPES: Final = frozenset(event.TOPIC for each in AGGREGATES for event in events_of(each))
_NOUNS: Final = frozenset(topic.partition(".")[0] for topic in _TYPES)
_PLACES: Final = {
    "territories": "territory",
    "networks": "network",
    "alliances": "alliance",
    "cohorts": "cohort",
    "organisations": "organisation",
}


class UnknownEventType(Refusal):
    """Nothing is called {name}. The types of facts are such as action.proposed."""

    FRENCH = "Rien ne s’appelle {name}. Les types de faits s’écrivent comme action.proposed."


class UnknownNoun(Refusal):
    """Nothing happens to what is called {name}. Write a noun such as roadmap or alliance."""

    FRENCH = "Rien n’arrive à ce qui s’appelle {name}. Écrivez un nom comme roadmap ou alliance."


def _some(of: Any, description: str) -> Any:
    return strawberry.field(description=description, graphql_type=list[of] | None, default=UNSET)


@strawberry.input(
    description="Which facts are meant: each list that is given must hold one that fits."
)
class EventWhere:
    """Which facts are meant."""

    types: Any = _some(str, "What happened, such as action.proposed.")
    nouns: Any = _some(str, "To what kind of thing, such as roadmap.")
    subjects: Any = _some(Id, "To which things.")
    territories: Any = _some(
        str, "Where that is, such as region:28; what lies in a territory counts with it."
    )
    networks: Any = _some(Id, "Of a member of which networks.")
    alliances: Any = _some(Id, "In which alliances, or to these themselves.")
    cohorts: Any = _some(Id, "In which cohorts, or to these themselves.")
    organisations: Any = _some(Id, "Of which organisations, or to these themselves.")


@dataclass(frozen=True, slots=True)
class Interests:
    """What is meant; a list that was not given is None."""

    types: frozenset[str] | None = None
    nouns: frozenset[str] | None = None
    subjects: frozenset[str] | None = None
    places: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """For each kind of place the ids, or keys, one of which must be that of the subject."""

    def may_mean(self, type: str, subject: str | None) -> bool:
        """Tell by what a fact is whether it can be meant."""
        noun = type.partition(".")[0]
        return (
            (self.types is None or type in self.types)
            and (self.nouns is None or noun in self.nouns)
            and (self.subjects is None or subject in self.subjects)
            and all(subject is not None and _leading(noun, kind) for kind in self.places)
        )

    @property
    def topics(self) -> frozenset[str]:
        """The types of all facts that can be meant."""
        return frozenset(
            type
            for type in _TYPES
            if (self.types is None or type in self.types)
            and (self.nouns is None or type.partition(".")[0] in self.nouns)
            and all(_leading(type.partition(".")[0], kind) for kind in self.places)
        )

    def filter(self, noun: str, first: int) -> Filter | None:
        """Write what must hold of the row of what is of a noun, None where nothing must.

        ``first`` is the number of its first slot.
        """
        if not self.places:
            return None
        conditions, values = list[Condition](), list[object]()
        for place, (kind, wanted) in enumerate(self.places.items(), first):
            slot = Slot(place, "text[]")
            meant = tuple(
                Has(facet, (Comparison(Operator.AMONG, slot),)) for facet in _leading(noun, kind)
            )
            conditions.append(AnyOf(meant))
            values.append(list(wanted))
        return Filter(All(tuple(conditions)), tuple(values), ("text[]",) * len(values))


EVERYTHING: Final = Interests()


def interests(where: EventWhere | None) -> Interests:
    """Read what is meant.

    Raises:
        UnknownEventType, UnknownNoun, EmptyList, TooManyItems, domain.refusal.WrongKindOfId,
        domain.refusal.NotFound, domain.territory.UnknownTerritory: it makes no sense.
    """
    if where is None:
        return EVERYTHING
    given = {
        name: _few(listed, f"where.{name}")
        for name, listed in vars(where).items()
        if listed is not None and listed is not UNSET
    }
    for name in given.get("types", ()):
        if name not in _TYPES:
            raise UnknownEventType("where.types", name=name[:80])
    for name in given.get("nouns", ()):
        if name not in _NOUNS:
            raise UnknownNoun("where.nouns", name=name[:80])
    places = dict[str, Sequence[str]]()
    for name, kind in _PLACES.items():
        if name in given:
            read = _land if kind == "territory" else _ids
            places[kind] = read(given[name], kind, f"where.{name}")
    types, nouns, subjects = (_set(given, name) for name in ("types", "nouns", "subjects"))
    return Interests(types, nouns, subjects, places)


def _few(listed: Sequence[str], path: str) -> Sequence[str]:
    if not listed:
        raise EmptyList(path)
    if len(listed) > MOST:
        raise TooManyItems(path, length=len(listed), limit=MOST)
    return listed


def _set(given: Mapping[str, Sequence[str]], name: str) -> frozenset[str] | None:
    return frozenset(given[name]) if name in given else None


def _ids(listed: Sequence[str], noun: str, path: str) -> Sequence[str]:
    for id in listed:
        try:
            internal(noun, Id(id))
        except Refusal as refusal:
            refusal.path = path
            raise
    return listed


def _land(listed: Sequence[str], _kind: str, path: str) -> Sequence[str]:
    """Give territories with all that lie in them."""
    found = {reference.known(key, path) for key in listed}
    grown = True
    while grown:
        inner = {each.key for each in reference.TERRITORIES.values() if each.parent in found}
        grown = not inner <= found
        found |= inner
    return sorted(found)


@cache
def _leading(noun: str, kind: str) -> tuple[Facet, ...]:
    """Give the facets by which what is of a noun belongs to a kind of place."""
    if noun not in NODES:
        return ()
    row = NODES[noun].row
    found = [Facet(Path(row.TABLE), columns(row)["id"])] if noun == kind else []
    if row.TABLE.name in FACETS and kind in FACETS[row.TABLE.name].facets:
        found.append(FACETS[row.TABLE.name].facets[kind].facet)
    return tuple(found)
