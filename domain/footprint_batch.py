"""Batches of footprints: those of one workshop, recorded together once it is over.

A batch is all that there is of them. It names the workshop and no registration, no person and no
order: footprints lie in the order of their values, commitments are counts. Who takes part in a
workshop stands in another stream, which knows of a batch only how many it counts.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from domain import text
from domain.aggregate import Aggregate, AggregateCreated, AggregateEvent
from domain.challenge import ParticipantAudience
from domain.command import Command, Work, command, places_of
from domain.footprint import (
    THRESHOLD,
    CalculationMethod,
    Commitments,
    DomainTwice,
    Footprint,
    InvalidFootprint,
    TooFewPeople,
    checked_commitments,
    in_order_of_value,
)
from domain.identity import Id
from domain.role import Place
from domain.workshop import HOSTS, SEATS, MoreThanCame, Workshop, WorkshopNotHeld


class FootprintBatch(Aggregate):
    """The footprints and commitments of some people who came to a workshop, all at once.

    A batch never changes. One that was wrong is withdrawn with a reason, and recorded anew whole.
    """

    TOPIC = "footprint_batch"

    class Event(AggregateEvent, frozen=True):
        """A fact about a batch of footprints."""

    class Recorded(Event, AggregateCreated, frozen=True, kw_only=True):
        """It was recorded, after the workshop."""

        TOPIC = "footprint_batch.recorded"
        workshop: UUID
        challenge: UUID
        audience: ParticipantAudience
        method: CalculationMethod
        method_version: str
        footprints: tuple[Footprint, ...]
        commitments: tuple[Commitments, ...]

    class Withdrawn(Event, frozen=True, kw_only=True):
        """It was wrong, and counts no more."""

        TOPIC = "footprint_batch.withdrawn"
        reason: str

        def apply(self, batch: "FootprintBatch") -> None:
            batch.withdrawn = True

    # decisions

    @classmethod
    def gather(
        cls,
        id: UUID,
        workshop: Workshop,
        *,
        now: datetime,
        method: CalculationMethod,
        method_version: str,
        footprints: Sequence[Footprint],
        commitments: Sequence[Commitments] = (),
    ) -> Self:
        """Record the footprints of people who came to a workshop, as soon as they are enough."""
        people = len(text.at_most(footprints, SEATS, "footprints"))
        if people < THRESHOLD:
            raise TooFewPeople("footprints", people=people, least=THRESHOLD)
        clean = [one.checked("footprints") for one in footprints]
        batch = cls._create(
            cls.Recorded,
            id=id,
            timestamp=now,
            workshop=workshop.id,
            challenge=workshop.challenge,
            audience=workshop.audience,
            method=method,
            method_version=text.name(method_version, "method_version"),
            footprints=in_order_of_value(clean),
            commitments=checked_commitments(commitments, people),
        ).at(now)
        workshop.count_footprints(id, people)
        return batch

    def withdraw(self, workshop: Workshop, reason: str) -> None:
        """Let it count no more."""
        reason = text.text(reason, "reason")
        if not self.withdrawn:
            self.record(self.Withdrawn, reason=reason)
            workshop.discount_footprints(self.id)

    # access

    def places(self) -> Sequence[Place]:
        """None of its own: it lies where its workshop does."""
        return ()

    async def beyond(self, work: Work) -> Sequence[Place]:
        """Where its workshop lies."""
        return await places_of(Workshop, self.workshop, work)

    # evolution

    def __init__(self, workshop: UUID, challenge: UUID) -> None:
        self.workshop = workshop
        self.challenge = challenge
        self.withdrawn = False


# commands


@command(
    by=HOSTS,
    refuses=(TooFewPeople, InvalidFootprint, DomainTwice, WorkshopNotHeld, MoreThanCame),
    creates="footprint_batch",
)
class RecordFootprints(Command):
    """Record footprints and commitments of people who came to a workshop, all in one batch.

    Nothing is kept that leads back to a person: whatever their order here, footprints are
    recorded in the order of their values, and commitments are counts.
    """

    UNORDERED = frozenset({"footprints"})

    workshop: Annotated[Id, "The workshop, which was held."]
    method: Annotated[CalculationMethod, "How the footprints were calculated."]
    method_version: Annotated[str, "The version of the method, such as 2025.1."]
    footprints: Annotated[list[Footprint], "The footprints of at least 10 people."]
    commitments: Annotated[
        list[Commitments] | None, "How many people committed themselves, by domain."
    ] = None

    def __post_init__(self) -> None:
        # What is kept to recognise a repeated command must not tell the order that was given.
        object.__setattr__(self, "footprints", sorted(self.footprints, key=repr))

    async def decide(self, work: Work) -> FootprintBatch:
        workshop = await work.get(Workshop, self.workshop)
        return work.add(
            FootprintBatch.gather(
                work.new_id(),
                workshop,
                now=work.now,
                method=self.method,
                method_version=self.method_version,
                footprints=self.footprints,
                commitments=self.commitments or (),
            )
        )

    async def ground(self, work: Work) -> Workshop:
        """The workshop."""
        return await work.get(Workshop, self.workshop)


@command(by=HOSTS)
class WithdrawFootprints(Command):
    """Let a batch count no more because it was wrong; the right one is recorded anew, whole."""

    footprint_batch: Annotated[Id, "The batch."]
    reason: Annotated[str, "What was wrong with it."]

    async def decide(self, work: Work) -> FootprintBatch:
        batch = await work.get(FootprintBatch, self.footprint_batch)
        batch.withdraw(await work.load(Workshop, batch.workshop), self.reason)
        return batch
