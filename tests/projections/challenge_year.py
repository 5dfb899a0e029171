"""A challenge with workshops for citizens and for staff, and the read model of what happened."""

from collections.abc import Sequence
from typing import Any

import asyncpg
from asyncpg import Record

from domain.aggregate import AggregateEvent
from domain.challenge import ParticipantAudience
from domain.footprint import Footprint
from domain.footprint_batch import WithdrawFootprints
from domain.hosting import HoldWorkshop
from domain.identity import Id
from domain.organisation import OrganisationKind, RegisterOrganisation
from infra.projector.generation import schema_of
from infra.projector.tables import write
from projections.challenges import CHALLENGES
from projections.disclosure import Rule
from projections.footprint_batches import projection
from projections.organisations import ORGANISATIONS
from projections.participations import PARTICIPATIONS
from projections.projection import Projection
from projections.rows import Rows
from projections.workshops import WORKSHOPS
from tests.domain.challenges import AFTER, BEFORE, Pavilion, a_batch, committed
from tests.domain.work import Memory
from tests.projections.folding import of_interest

CITIZENS, STAFF = ParticipantAudience


class ChallengeYear(Pavilion):
    """A challenge in the making, told by commands."""

    def __init__(self) -> None:
        self.events: list[AggregateEvent] = []
        super().__init__(seats=40)

    def do(self, command: object, *arguments: Any, **options: Any) -> Memory.Decided:
        """Send a command, and remember what came of it."""
        decided = super().do(command, *arguments, **options)
        self.events += decided.events
        return decided

    def employer(self, name: str) -> Id:
        """Register a company."""
        return self.do(
            RegisterOrganisation(
                name=name, kind=OrganisationKind.COMPANY, territory="departement:76"
            )
        ).id

    def held(
        self,
        audience: ParticipantAudience = CITIZENS,
        *,
        host: Id | None = None,
        day: str = "2025-03-30",
    ) -> Id:
        """Hold another workshop, to which forty people came."""
        self.now = BEFORE
        starts, ends = f"{day}T14:00", f"{day}T17:00"
        workshop = self.scheduled(
            audience=audience, host=host or self.host, starts=starts, ends=ends, seats=40
        )
        self.now = AFTER.replace(year=int(day[:4]) + 1)
        self.do(HoldWorkshop(workshop=workshop, came=40))
        return workshop

    def batch(self, workshop: Id, footprints: Sequence[Footprint], **commitments: int) -> Id:
        """Record a batch."""
        command = a_batch(
            workshop, footprints=list(footprints), commitments=committed(**commitments)
        )
        return self.do(command).id

    def withdraw(self, batch: Id) -> None:
        """Withdraw a batch."""
        self.do(WithdrawFootprints(footprint_batch=batch, reason="Fichier inexact"))


class ReadModel:
    """The tables of a challenge, kept up with what happens under a rule of disclosure."""

    def __init__(self, dsn: str, rule: Rule) -> None:
        self._dsn = dsn
        batches = projection(rule)
        made = Rows()
        for row in batches.reference:
            made.put(row)
        self._models: list[tuple[Projection, Rows]] = [
            (ORGANISATIONS, Rows()),
            (CHALLENGES, Rows()),
            (WORKSHOPS, Rows()),
            (PARTICIPATIONS, Rows()),
            (batches, made),
        ]
        self._told = 0

    async def follow(self, events: Sequence[AggregateEvent]) -> None:
        """Take in all that has happened since the last time."""
        for each, rows in self._models:
            for one in of_interest(each, events[self._told :]):
                each.take(rows, one)
        self._told = len(events)
        connection: asyncpg.Connection[Record] = await asyncpg.connect(self._dsn)
        async with connection.transaction():
            for each, rows in self._models:
                await write(connection, schema_of(each.name, 1), each.rows, rows)
        await connection.close()
