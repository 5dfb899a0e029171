"""Hearing: which facts a caller is told, as they come.

A fact is told to those who may see today that to which it happened: the aggregate, and where only
some may see a part of it, that part. Who gave the command and why is told to those who may see who
that is. What has no row of its own, such as a claim, is for those who see everything.

It is decided for many facts together, by one statement for each kind of thing to which they
happened: the rights of a thousand are looked up in the time of a few.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator, AsyncIterator, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from time import monotonic
from typing import Any, Final, Protocol
from uuid import UUID

from api.consistency import PATIENCE
from api.entity import NODES
from api.fan_out import FRESH
from api.interests import EVERYTHING, Interests
from api.ports import Positions, Reads
from domain.aggregate import AggregateEvent
from domain.catalogue import AGGREGATES
from domain.identity import PREFIXES, Id, external
from domain.organisation import Organisation
from domain.record import Recorded
from domain.roadmap import Roadmap
from domain.workshop import Workshop
from projections import guard, lookup
from projections.circle import INSIDERS
from projections.condition import Filter
from projections.dependence import tables
from projections.guard import Eyes
from projections.levers import LeverRow
from projections.organisations import ContactRow
from projections.registrations import RegistrationRow
from projections.roadmaps import CommentRow
from projections.statement import Statement
from projections.table import Row

PARTS: Final[Mapping[type[AggregateEvent], type[Row]]] = {
    **dict.fromkeys((Organisation.ContactDesignated, Organisation.ContactReleased), ContactRow),
    Roadmap.Commented: CommentRow,
    **dict.fromkeys(
        (
            Roadmap.TurningPointTold,
            Roadmap.GenerativeQuestionAsked,
            Roadmap.NewCourseSet,
            Roadmap.LeverAdded,
            Roadmap.LeverReworded,
            Roadmap.LeversReordered,
            Roadmap.LeverDropped,
            Roadmap.ObjectiveAdded,
            Roadmap.ObjectiveReworded,
            Roadmap.ObjectiveDropped,
            Roadmap.ObjectiveMeasured,
            Roadmap.PlanItemAdded,
            Roadmap.PlanItemReworded,
            Roadmap.PlanItemTurnedIntoAction,
            Roadmap.PlanItemDropped,
            Roadmap.EcosystemMobilisationAdded,
            Roadmap.EcosystemMobilisationDropped,
        ),
        LeverRow,
    ),
    **dict.fromkeys(
        (Workshop.Registered, Workshop.Released, Workshop.MovedUp, Workshop.AttendanceNoted),
        RegistrationRow,
    ),
}
"""What is about a part that fewer may see than the aggregate, and a row whose rule says who."""


HELD_UP: Final = 1.0
"""Seconds after which it is looked again whether a read model that has stopped goes on."""


@dataclass(slots=True)  # not frozen: those are four times as slow to make
class Heard:
    """A fact that a caller is told."""

    recorded: Recorded[AggregateEvent]
    noun: str
    subject: Id | None
    """The id of that to which it happened, where it has one."""
    named: bool
    """Whether the caller may know who did it, and why."""


class Listener(Protocol):
    """Somebody who is told facts, and what it takes to find out which."""

    @property
    def eyes(self) -> Eyes:
        """Through whose eyes they look at the read model."""

    @property
    def positions(self) -> Positions:
        """How far the read model is."""

    @property
    def reads(self) -> Reads:
        """The read model."""


async def follow(
    facts: AsyncIterator[Sequence[Recorded[AggregateEvent]]],
    listener: Listener,
    wanted: Interests = EVERYTHING,
) -> AsyncGenerator[Heard, None]:
    """Give what a caller is told of facts as they come, one after the other.

    What came together is decided together; of a caller who takes their time the rest is decided
    anew, for they may see less by now.
    """
    async for batch in facts:
        left = batch
        while left:
            heard, at = await hear_in_turn(left, listener, wanted), monotonic()
            left = ()
            for each in heard:
                if monotonic() - at > FRESH:
                    left = [late for late in batch if late.position >= each.recorded.position]
                    break
                yield each


async def hear(
    facts: Iterable[Recorded[AggregateEvent]], listener: Listener, wanted: Interests = EVERYTHING
) -> list[Heard]:
    """Give what a caller is told of some facts, in their order: those they may see, and mean.

    It waits until the read model is there, as far as it decides that: what a fact made hidden is
    not told to those from whom it hides it, and what it made visible is. One that has stopped is
    not waited for.
    """
    assert NODES, "whoever tells facts imports api.schema, without which nothing is known to be"
    trusted = listener.eyes.trusted
    meant = list(_meant(facts, wanted, named=trusted))
    at = meant[-1].recorded.position if meant else 0
    if meant and (not trusted or wanted.places):
        meant = await _for_them(meant, listener, wanted, at)
    if meant and listener.eyes.known:
        actors = {heard.recorded.metadata.actor for heard in meant}
        known = await _seen(NODES["principal"].row, actors, listener, at)
        for heard in meant:
            heard.named = heard.recorded.metadata.actor in known
    return meant


async def hear_in_turn(
    facts: Sequence[Recorded[AggregateEvent]], listener: Listener, wanted: Interests = EVERYTHING
) -> list[Heard]:
    """Give what a caller is told of facts to which they never come back, as `hear` does.

    Where a read model has stopped it waits until that was mended: what it does not show would be
    passed over for good.
    """
    while held_up(facts, listener, wanted) is not None:
        deciding = {table for recorded in facts for table in _tables(type(recorded.event))}
        reached = await listener.positions.reached(facts[-1].position, PATIENCE, deciding)
        if reached and held_up(facts, listener, wanted) is not None:  # somebody has to mend it
            await asyncio.sleep(HELD_UP)
    return await hear(facts, listener, wanted)


def held_up(
    facts: Sequence[Recorded[AggregateEvent]], listener: Listener, wanted: Interests
) -> int | None:
    """Give the position of the first fact that the read model cannot say yet for whom it is.

    The one that would say so has stopped before it. None where it can be said of all.
    """
    if not facts or (listener.eyes.trusted and not wanted.places):
        return None
    shown = listener.positions.shown
    if shown(_deciding()) >= facts[-1].position:
        return None
    for recorded in facts:
        deciding = _tables(type(recorded.event))
        if deciding and shown(deciding) < recorded.position:
            return recorded.position
    return None


@cache
def _tables(kind: type[AggregateEvent]) -> tuple[str, ...]:
    """Name the tables by which it is decided who is told of the facts of a kind."""
    noun = _noun(kind.TOPIC)
    rows = [NODES[noun].row] if noun in NODES else []
    rows += [PARTS[kind]] if kind in PARTS else []
    return tuple(row.TABLE.name for row in rows)


@cache
def _deciding() -> frozenset[str]:
    """Name all tables by which that is decided."""
    subjects = [NODES[each.TOPIC].row for each in AGGREGATES if each.TOPIC in NODES]
    return frozenset(row.TABLE.name for row in (*subjects, *PARTS.values()))


def _meant(
    facts: Iterable[Recorded[AggregateEvent]], wanted: Interests, *, named: bool
) -> Iterable[Heard]:
    """Give the facts that can be meant, by what they are."""
    everything = wanted == EVERYTHING
    subjects: dict[UUID, Id | None] = {}
    for recorded in facts:
        topic, stream = type(recorded.event).TOPIC, recorded.event.originator_id
        noun = _noun(topic)
        if stream not in subjects:
            subjects[stream] = external(noun, stream) if noun in PREFIXES else None
        subject = subjects[stream]
        if everything or wanted.may_mean(topic, subject):
            yield Heard(recorded, noun, subject, named)


@cache
def _noun(topic: str) -> str:
    """Tell to what kind of thing a fact of ours happens."""
    return topic.partition(".")[0]


async def _for_them(
    meant: Sequence[Heard], listener: Listener, wanted: Interests, at: int
) -> list[Heard]:
    """Give the facts that happened to what a caller may see, and means."""
    subjects, owners = defaultdict[str, set[Id]](set), defaultdict[type[Row], set[Id]](set)
    for heard in meant:
        if heard.subject is not None and heard.noun in NODES:
            subjects[heard.noun].add(heard.subject)
            if (part := PARTS.get(type(heard.recorded.event))) is not None:
                owners[part].add(heard.subject)
    seen = set[str]()
    for noun, ids in subjects.items():
        seen |= await _seen(NODES[noun].row, ids, listener, at, wanted.filter(noun, 2))
    hidden = {
        part: ids - await _with_part(part, ids, listener, at)
        for part, among in owners.items()
        if (ids := among & seen)
    }
    of_others = any(heard.subject is None or heard.noun not in NODES for heard in meant)
    everything = of_others and not wanted.places and await sees_everything(listener, at)
    return [
        heard
        for heard in meant
        if (everything if heard.noun not in NODES else heard.subject in seen)
        and heard.subject not in hidden.get(PARTS.get(type(heard.recorded.event), Row), ())
    ]


async def _seen(
    row: type[Row],
    ids: Collection[str],
    listener: Listener,
    at: int,
    where: Filter | None = None,
) -> set[str]:
    """Give those ids of which a caller may see the row, and means it."""
    found = await _read(lookup.seen(row, list(ids), listener.eyes, where), listener, at)
    return {id for (id,) in found}


async def _with_part(
    row: type[Row], owners: Collection[Id], listener: Listener, at: int
) -> set[str]:
    """Give those owners of which a caller may see the rows of a part, if there are any."""
    found = await _read(guard.seen_of(row.TABLE, list(owners), listener.eyes), listener, at)
    return {id for (id,) in found}


async def sees_everything(listener: Listener, at: int = 0) -> bool:
    """Tell whether a caller belongs to the insiders of every place, once a position is shown."""
    if not listener.eyes.known:
        return False
    found = await _read(guard.everywhere(INSIDERS, listener.eyes), listener, at)
    return bool(found[0][0])


async def _read(bound: lookup.Bound, listener: Listener, at: int) -> Sequence[Sequence[Any]]:
    """Run a statement once all that it reads shows the log up to a position."""
    statement, arguments = bound
    while not await listener.positions.reached(at, PATIENCE, _tables_of(statement)):
        pass
    return await listener.reads.rows(statement, arguments)


@lru_cache(maxsize=1_000)
def _tables_of(statement: Statement) -> tuple[str, ...] | None:
    """Name the tables that a statement reads, once for all who run it; None for any of them."""
    return tables(statement)
