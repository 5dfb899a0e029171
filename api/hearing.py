"""Hearing: which facts a caller is told, as they come.

A fact is told to those who may see today that to which it happened: the aggregate, and where only
some may see a part of it, that part. Who gave the command and why is told to those who may see who
that is. What has no row of its own, such as a claim, is for those
who see everything.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from api.consistency import PATIENCE
from api.context import Operation
from api.entity import NODES
from domain.aggregate import AggregateEvent
from domain.identity import PREFIXES, Id, external
from domain.organisation import Organisation
from domain.record import Recorded
from domain.roadmap import Roadmap
from domain.workshop import Workshop
from projections import guard, lookup
from projections.circle import INSIDERS
from projections.levers import LeverRow
from projections.lookup import Lookup
from projections.organisations import ContactRow
from projections.registrations import RegistrationRow
from projections.roadmaps import CommentRow
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


@dataclass(frozen=True, slots=True)
class Heard:
    """A fact that a caller is told."""

    recorded: Recorded[AggregateEvent]
    subject: Id | None
    """The id of that to which it happened, where it has one."""
    named: bool
    """Whether the caller may know who did it, and why."""


async def hear(recorded: Recorded[AggregateEvent], operation: Operation) -> Heard | None:
    """Give what a caller is told of a fact, None where that is nothing.

    It waits until the read model is there: what a fact made hidden is not told to those from
    whom it hides it, and what it made visible is.
    """
    noun = type(recorded.event).TOPIC.partition(".")[0]
    subject = external(noun, recorded.stream_id) if noun in PREFIXES else None
    if operation.eyes.trusted:
        return Heard(recorded, subject, named=True)
    while not await operation.positions.reached(recorded.position, PATIENCE):
        pass
    if subject is None or noun not in NODES:
        if not await _sees_everything(operation):
            return None
    elif not await _sees(NODES[noun].row, subject, operation):
        return None
    part = PARTS.get(type(recorded.event))
    if part is not None and subject is not None and not await _sees_part(part, subject, operation):
        return None
    return Heard(recorded, subject, await _knows(recorded.metadata.actor, operation))


async def _knows(actor: str, operation: Operation) -> bool:
    """Tell whether a caller may know of a principal."""
    return operation.eyes.known and await _sees(NODES["principal"].row, actor, operation)


async def _sees(row: type[Row], id: str, operation: Operation) -> bool:
    found = await _read(lookup.counts(Lookup(row, ("id",)), [(id,)], operation.eyes), operation)
    return bool(found[0][1])


async def _sees_part(row: type[Row], subject: Id, operation: Operation) -> bool:
    found = await _read(guard.seen_of(row.TABLE, subject, operation.eyes), operation)
    return bool(found[0][0])


async def _sees_everything(operation: Operation) -> bool:
    if not operation.eyes.known:
        return False
    found = await _read(guard.everywhere(INSIDERS, operation.eyes), operation)
    return bool(found[0][0])


async def _read(bound: lookup.Bound, operation: Operation) -> Sequence[Sequence[Any]]:
    return await operation.reads.rows(*bound)
