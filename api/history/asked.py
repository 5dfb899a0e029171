"""What is meant of a history: facts by what they are, by whom, when, and by what they changed."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

import strawberry
from strawberry import UNSET

from api.history.actors import Acting
from api.history.changes import Change
from api.history.tracks import traced
from api.interests import MOST, UnknownEventType
from api.where import EmptyList
from domain.calendar import today
from domain.catalogue import AGGREGATES
from domain.identity import Id, external, internal
from domain.record import Recorded
from domain.refusal import Refusal, TooManyItems
from domain.role import Role
from projections.projection import events_of


class UnknownPart(Refusal):
    """Nothing that is told of it is called {name}. There are {known}."""

    FRENCH = "Rien de ce qui en est raconté ne s’appelle {name}. Il y a {known}."


class UnknownField(Refusal):
    """Nothing that is told of it has a field {name}. Write a name such as title or status."""

    FRENCH = "Rien de ce qui en est raconté n’a de champ {name}. Écrivez un nom comme title."


class PeriodReversed(Refusal):
    """This period ends before it begins. Give its beginning first."""

    FRENCH = "Cette période finit avant de commencer. Donnez d’abord son début."


def _some(of: Any, description: str) -> Any:
    return strawberry.field(description=description, graphql_type=list[of] | None, default=UNSET)


@strawberry.input(
    description="Which facts are meant: all of it must hold, and of each list one that fits."
)
class HistoryWhere:
    """Which facts are meant."""

    recorded_from: datetime | None = strawberry.field(
        default=UNSET, description="Recorded at this instant or after it."
    )
    recorded_before: datetime | None = strawberry.field(
        default=UNSET, description="Recorded before this instant."
    )
    effective_from: date | None = strawberry.field(
        default=UNSET, description="That took effect on this day or after it."
    )
    effective_until: date | None = strawberry.field(
        default=UNSET, description="That took effect on this day or before it."
    )
    types: Any = _some(str, "What happened, such as roadmap.lever_reworded.")
    commands: Any = _some(str, "By which commands, such as RewordLever.")
    parts: Any = _some(
        str, "That changed a part of this kind, such as lever; as far as the caller sees it."
    )
    fields: Any = _some(
        str, "That changed a field of this name, such as title; as far as the caller sees it."
    )
    roles: Any = _some(Role, "By somebody who acted in one of these roles.")
    actors: Any = _some(Id, "By one of these principals, as far as the caller may know by whom.")
    on_behalf_of: Any = _some(Id, "On behalf of one of these organisations.")
    corrections: bool | None = strawberry.field(
        default=UNSET, description="Only what puts something right, or only what does not."
    )
    late: bool | None = strawberry.field(
        default=UNSET,
        description="Only what was recorded on a later day than it took effect, or only what was "
        "not.",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which facts are meant; what was not given is None."""

    recorded_from: datetime | None = None
    recorded_before: datetime | None = None
    effective_from: date | None = None
    effective_until: date | None = None
    types: Collection[str] | None = None
    commands: Collection[str] | None = None
    parts: Collection[str] | None = None
    fields: Collection[str] | None = None
    roles: Collection[Role] | None = None
    actors: Collection[str] | None = None
    on_behalf_of: Collection[str] | None = None
    corrections: bool | None = None
    late: bool | None = None

    def may_mean(self, recorded: Recorded[Any]) -> bool:
        """Tell by what a fact is whether it can be meant."""
        metadata, topic = recorded.metadata, type(recorded.event).TOPIC
        day = today(recorded.recorded_at)
        effective = metadata.effective_on or day
        behalf = metadata.on_behalf_of
        return (
            (self.recorded_from is None or recorded.recorded_at >= self.recorded_from)
            and (self.recorded_before is None or recorded.recorded_at < self.recorded_before)
            and (self.effective_from is None or effective >= self.effective_from)
            and (self.effective_until is None or effective <= self.effective_until)
            and (self.types is None or topic in self.types)
            and (self.commands is None or metadata.command in self.commands)
            and (self.corrections is None or corrects(topic) == self.corrections)
            and (self.late is None or (effective < day) == self.late)
            and (self.actors is None or metadata.actor in self.actors)
            and (
                self.on_behalf_of is None
                or (behalf is not None and external("organisation", behalf) in self.on_behalf_of)
            )
        )

    @property
    def by_change(self) -> bool:
        """Whether it takes the changes to tell what is meant."""
        return self.parts is not None or self.fields is not None

    def means_change(self, changes: Collection[Change]) -> bool:
        """Tell by what a fact changed whether it is meant."""
        return any(
            (self.parts is None or each.part.noun in self.parts)
            and (self.fields is None or each.field.name in self.fields)
            for each in changes
        )

    def means_role(self, acting: Acting | None) -> bool:
        """Tell by the role in which somebody acted whether it is meant."""
        return self.roles is None or (acting is not None and acting.role in self.roles)


def corrects(topic: str) -> bool:
    """Tell whether facts of a kind put right what had been recorded before."""
    return topic.endswith(("_corrected", ".erratum_noted"))


EVERYTHING = Wanted()


def wanted(noun: str, where: HistoryWhere | None) -> Wanted:
    """Read what is meant of the history of a thing.

    Raises:
        UnknownEventType, UnknownPart, UnknownField, PeriodReversed, EmptyList, TooManyItems,
        domain.refusal.WrongKindOfId, domain.refusal.NotFound: it makes no sense.
    """
    if where is None:
        return EVERYTHING
    given = {
        name: value
        for name, value in vars(where).items()
        if value is not None and value is not UNSET
    }
    for name, value in given.items():
        if isinstance(value, list):
            given[name] = _few(value, f"where.{name}")
    _check(noun, given)
    if "roles" in given:
        given["roles"] = frozenset(Role[role] for role in given["roles"])
    return Wanted(**given)


def _check(noun: str, given: Mapping[str, Any]) -> None:
    for name in given.get("types", ()):
        if name not in _types(noun):
            raise UnknownEventType("where.types", name=name[:80])
    known = [each.noun for each in traced(noun)]
    for name in given.get("parts", ()):
        if name not in known:
            raise UnknownPart("where.parts", name=name[:80], known=", ".join(known))
    fields = {field.name for each in traced(noun) for field in each.fields}
    for name in given.get("fields", ()):
        if name not in fields:
            raise UnknownField("where.fields", name=name[:80])
    for path, named in (("actors", "principal"), ("on_behalf_of", "organisation")):
        for id in given.get(path, ()):
            _known(named, id, f"where.{path}")
    for path, first, last in (
        ("recorded_before", "recorded_from", "recorded_before"),
        ("effective_until", "effective_from", "effective_until"),
    ):
        if first in given and last in given and given[last] < given[first]:
            raise PeriodReversed(f"where.{path}")


def _few(listed: list[Any], path: str) -> frozenset[Any]:
    if not listed:
        raise EmptyList(path)
    if len(listed) > MOST:
        raise TooManyItems(path, length=len(listed), limit=MOST)
    return frozenset(listed)


def _known(noun: str, id: str, path: str) -> None:
    try:
        internal(noun, Id(id))
    except Refusal as refusal:
        refusal.path = path
        raise


@cache
def _types(noun: str) -> frozenset[str]:
    (aggregate,) = (each for each in AGGREGATES if noun == each.TOPIC)
    return frozenset(event.TOPIC for event in events_of(aggregate))
