"""What is now known to have been true: facts in the order in which they took effect, and folded.

What was believed on a day is told by the past of a read model. What is known of that day by now is
told here, by the fold of the same read model: over what took effect by then, whenever it was
recorded.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final, TypeAlias
from uuid import UUID

import msgspec

from domain.aggregate import AggregateEvent
from domain.calendar import today
from domain.effect import effect_of, mentioned
from domain.identity import Id
from domain.record import Recorded
from projections.actions import ACTIONS, ActionRow
from projections.mergers import MergerRow
from projections.projection import Projection
from projections.reach import Reach
from projections.roadmaps import ROADMAPS, RoadmapRow
from projections.rows import Rows
from projections.statement import Statement
from projections.table import Row

Fact: TypeAlias = Recorded[AggregateEvent]

RETOLD: Final[Mapping[str, Projection]] = {"action": ACTIONS, "roadmap": ROADMAPS}
"""The read models of what can be retold, by its noun: what `domain.effect` says all about."""


@dataclass(frozen=True, slots=True)
class Effective:
    """A fact, and when it took effect."""

    fact: Fact
    day: date
    corrects: Fact | None
    """The fact that it puts right."""
    order: tuple[Any, ...]
    """Facts take effect in the order of this."""


def in_effect(history: Sequence[Fact]) -> list[Effective]:
    """Give all facts of one thing, as they were recorded, in the order of their effect."""
    needs = _needs(history)
    firm = _firm_days(history, needs)
    found: list[Effective] = []
    for at, fact in enumerate(history):
        wrong = _corrected(history, at)
        if wrong is not None:
            before = found[wrong]
            order = (*before.order, fact.position)
            found.append(Effective(fact, before.day, before.fact, order))
            continue
        day = firm.get(at)
        if day is None:
            day = max((_day(fact), *(found[each].day for each in needs[at])))
        found.append(Effective(fact, day, None, (day, fact.position)))
    return sorted(found, key=lambda each: each.order)


def counting(known: Iterable[Effective], day: date) -> Iterator[Effective]:
    """Give those that count on a day, of facts in the order of their effect.

    What speaks of a part that is gone by then counts no more; from a list such a part is left out.
    """
    gone: set[UUID | None] = set()
    for each in known:
        if each.day > day:
            continue
        event = each.fact.event
        effect = effect_of(event)
        begun, ended = effect.begun(event), effect.ended(event)
        lost = {id for id in mentioned(event) if id in gone and id != begun}
        if lost and not effect.outlives:
            left = _without(lost, event)
            if left is None:
                gone.add(begun)
                continue
            yield replace(each, fact=replace(each.fact, event=left))
        else:
            yield each
        gone.discard(begun)
        gone.add(ended)


def mergers(
    facts: Iterable[Fact], projection: Projection
) -> tuple[Statement, type[MergerRow], Sequence[Id]]:
    """Ask what became of the organisations of which facts speak.

    The statement gives the values of such rows; the ids of the organisations are bound to slot 1.
    """
    (kind,) = (kind for kind in projection.rows if issubclass(kind, MergerRow))
    needs = (need for fact in facts for need in projection.needs(fact))
    organisations = {need.value for need in needs if need.kind is kind}
    text = (
        f"select organisation_id, survivor_id from {kind.TABLE.name}"  # noqa: S608 - a name of ours
        " where organisation_id = any($1::text[])"
    )
    return Statement(text), kind, sorted(organisations)


def rows_of(facts: Sequence[Fact], projection: Projection, beside: Iterable[Row]) -> Rows:
    """Fold facts of one thing, and ``beside`` them what the fold reads of others.

    What comes of it is for insiders, whatever was open then: in the order of their effect a text
    may stand under a version that was published without it.
    """
    rows = Rows()
    for row in beside:
        rows.put(row)
    for fact in facts:
        projection.take(rows, fact)
    for kind in projection.rows:
        for row in rows.all(kind):
            for column in kind.TABLE.columns:
                if isinstance(getattr(row, column), Reach):
                    setattr(row, column, Reach.INSIDERS)
            if isinstance(row, ActionRow | RoadmapRow):
                # The fold has left those of the fact that took effect last.
                row.version = max(each.event.originator_version for each in facts)
                row.updated_at = max(each.recorded_at for each in facts)
    return rows


def _day(fact: Fact) -> date:
    """Give the day that a fact states, else that of its recording."""
    stated = effect_of(fact.event).stated(fact.event) or fact.metadata.effective_on
    return stated or today(fact.recorded_at)


def _latest_day(fact: Fact, settled: date) -> date | None:
    """Give by when a fact took effect for certain, which it states or was ``settled``, if any."""
    effect = effect_of(fact.event)
    if effect.stated(fact.event) is not None:
        return None if effect.observes else _day(fact)
    if fact.metadata.effective_on is not None:
        return _day(fact)
    return None if settled == date.max else min(_day(fact), settled)


def _needs(history: Sequence[Fact]) -> list[list[int]]:
    """Tell of each fact which ones it presupposes: what began the thing and what it speaks of."""
    begun: dict[UUID | None, int] = {}
    needs: list[list[int]] = []
    for at, fact in enumerate(history):
        effect = effect_of(fact.event)
        needed = [begun[id] for id in mentioned(fact.event) if id in begun]
        if effect.follows:
            before = (i for i in reversed(range(at)) if type(history[i].event) in effect.follows)
            needed.append(next(before))
        needs.append([*needed, 0] if at else [])
        begun[effect.begun(fact.event)] = at
    return needs


def _firm_days(history: Sequence[Fact], needs: Sequence[Sequence[int]]) -> Mapping[int, date]:
    """Give the days that are certain: those stated, and the latest for what these presuppose."""
    firm: dict[int, date] = {}
    latest: dict[int, date] = {}
    settled = date.max
    for at in reversed(range(len(history))):
        fact = history[at]
        if effect_of(fact.event).corrects:
            continue
        days = [each for each in (_latest_day(fact, settled), latest.get(at)) if each is not None]
        if not days:
            continue
        day = firm[at] = min(_day(fact), *days)
        for needed in needs[at]:
            latest[needed] = min(latest.get(needed, date.max), day)
        if effect_of(fact.event).settles:
            settled = min(settled, day)
    return firm


def _corrected(history: Sequence[Fact], at: int) -> int | None:
    """Give the place of the fact that one puts right, None where it puts none right."""
    event = history[at].event
    effect = effect_of(event)
    if not effect.corrects:
        return None
    before = (each for each in reversed(range(at)) if effect.is_of(event, history[each].event))
    return next(before, None)


def _without(lost: set[UUID], event: AggregateEvent) -> AggregateEvent | None:
    """Leave parts out of the lists of a fact; None where it speaks of one by itself."""
    values = {name: getattr(event, name) for name in event.__struct_fields__}
    if any(isinstance(value, UUID) and value in lost for value in values.values()):
        return None
    lists = {name: value for name, value in values.items() if isinstance(value, tuple)}
    kept = {name: tuple(x for x in each if x not in lost) for name, each in lists.items()}
    left: AggregateEvent = msgspec.structs.replace(event, **kept)
    return left
