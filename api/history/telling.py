"""Telling: what is found out about some facts of one thing, each kind of it in one statement.

It is found out for all entries of a page together, the first time that one of them is asked.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias, TypeVar, cast
from uuid import UUID

from api.context import Operation
from api.hearing import Heard
from api.history.actors import Acting, acting_at
from api.history.changes import Change, changes_at
from api.history.sentence import Named
from api.history.sentences import SENTENCES
from api.past import gathered, now
from domain.identity import PREFIXES, Id, external
from projections.changes import ValueKind
from projections.inside import asked
from projections.names import NAMES, called
from projections.table import Row

T = TypeVar("T")
Thing: TypeAlias = tuple[str, Id, int]
"""A noun, an id and a position."""


@dataclass(slots=True, eq=False)
class Telling:
    """What is told of facts about one thing."""

    noun: str
    subject: Row
    operation: Operation
    heard: Sequence[Heard]
    _found: dict[str, "asyncio.Future[Any]"] = field(default_factory=dict)

    async def changes(self) -> Mapping[int, Sequence[Change]]:
        """Give for each position what changed."""
        return await self._once("changes", self._changes)

    async def acting(self) -> Mapping[int, Acting]:
        """Give for each position as what somebody did it, where by a role."""
        return await self._once("acting", self._acting)

    async def names(self) -> Mapping[Thing, str]:
        """Give what things are called that sentences name, as far as the caller may know."""
        return await self._once("names", self._names)

    async def values(self) -> Mapping[Thing, str]:
        """Give what the things are called whose ids fields said."""
        return await self._once("values", self._values)

    async def places(self) -> Mapping[Thing, str]:
        """Give what the places are called in which somebody acted."""
        return await self._once("places", self._places)

    async def inside(self) -> bool:
        """Tell whether the caller is an insider of the thing today."""
        return await self._once("inside", self._inside)

    async def _inside(self) -> bool:
        id: Id = cast(Any, self.subject).id  # as the row of every thing has it
        wanted = asked(self.noun, id, self.operation.eyes)
        if wanted is None:
            return False
        ((found,),) = await now(self.operation).rows(*wanted)
        return bool(found)

    async def _changes(self) -> Mapping[int, Sequence[Change]]:
        positions = [each.recorded.position for each in self.heard]
        id: Id = cast(Any, self.subject).id  # as the row of every thing has it
        return await changes_at(self.noun, id, positions, self.operation)

    async def _acting(self) -> Mapping[int, Acting]:
        facts = [each.recorded for each in self.heard]
        return await acting_at(facts, self.subject, self.operation)

    async def _names(self) -> Mapping[Thing, str]:
        return await self._called(
            {
                (noun, external(noun, id), each.recorded.position)
                for each in self.heard
                for noun, id in SENTENCES[type(each.recorded.event)].things(each.recorded.event)
                if noun in NAMES
            }
        )

    async def _values(self) -> Mapping[Thing, str]:
        found = {
            thing_of(value, position)
            for position, changes in (await self.changes()).items()
            for change in changes
            for value in (change.before, change.after)
            if change.field.kind is ValueKind.ID and value is not None
        }
        return await self._called({each for each in found if each is not None})

    async def _places(self) -> Mapping[Thing, str]:
        found = {
            thing_of(acting.place, position) for position, acting in (await self.acting()).items()
        }
        return await self._called({each for each in found if each is not None})

    async def _called(self, things: set[Thing]) -> Mapping[Thing, str]:
        if not things:
            return {}
        wanted = sorted(things)
        await gathered(max(position for *_, position in wanted), self.operation)
        rows = await now(self.operation).rows(*called(wanted, self.operation.eyes))
        return {wanted[place]: name for place, name in rows if name is not None}

    async def _once(self, kind: str, find: Callable[[], Awaitable[T]]) -> T:
        """Find something out once, for all who ask meanwhile."""
        found = self._found.get(kind)
        if found is None:
            found = self._found[kind] = asyncio.ensure_future(find())
        known: T = await found
        return known


def thing_of(id: str, position: int) -> Thing | None:
    """Give what bears an id as something that is called by a name, None where it is not."""
    noun = _NOUNS.get(id.partition("_")[0])
    return None if noun is None else (noun, Id(id), position)


_NOUNS: Final = {PREFIXES[noun]: noun for noun in NAMES}


def called_at(position: int, names: Mapping[Thing, str]) -> Named:
    """Give what says in a sentence how things were called at a position."""

    def named(noun: str, uuid: UUID) -> str | None:
        return names.get((noun, external(noun, uuid), position)) if noun in NAMES else None

    return named
