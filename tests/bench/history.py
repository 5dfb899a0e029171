"""A long log for benchmarks: the same year in many towns, each with ids of its own.

One town is told by commands, as callers send them. The others are copies of its events in which
every id is another one, and which come in turns, as the facts of many towns do; they are written
with COPY, for no rule is to be measured here.
"""

import asyncio
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID, uuid5

import asyncpg
import msgspec
from asyncpg import Record

from domain.action import ProposeAction
from domain.aggregate import AggregateEvent
from domain.alliance import LaunchAlliance
from domain.allies import JoinAlliance
from domain.budget import BudgetBasis
from domain.challenge import OpenChallenge, ParticipantAudience
from domain.cohort import OpenCohort
from domain.enrolment import AdmitOrganisation, ApplyToCohort, EnrolOrganisation
from domain.execution import ChangeActionStatus, FinishAction, ReportProgress
from domain.follow_up import AddStep, CompleteStep
from domain.funding import StateBudget
from domain.hosting import HoldWorkshop, ScheduleWorkshop
from domain.lever import AddLever, AddObjective
from domain.organisation import OrganisationKind, RegisterOrganisation
from domain.personal import Personal
from domain.progress import ExecutionStatus
from domain.record import Metadata
from domain.roadmap import AskGenerativeQuestion, DraftRoadmap, SetNewCourse
from domain.seating import RegisterForWorkshop
from domain.upkeep import ScheduleAction
from infra.mapper import EventMapper
from tests.domain.work import IDS, Memory

FIRST: Final = datetime(2026, 1, 23, 10, 0, tzinfo=UTC)
TURNS: Final = 100
"""Towns whose facts come in turns."""

_ID: Final = re.compile(rb"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_COLUMNS: Final = (
    "position",
    "stream_id",
    "version",
    "topic",
    "class_version",
    "state",
    "meta",
    "command_id",
    "recorded_at",
)


def town() -> list[AggregateEvent]:
    """Tell of one town: two organisations, a roadmap, an alliance of twelve actions, a workshop."""
    memory = Memory()
    told: list[AggregateEvent] = []

    def tell(command: object) -> Memory.Decided:
        decided = memory.do(command)
        told.extend(decided.events)
        return decided

    kind = OrganisationKind.ASSOCIATION
    first, second = (tell(RegisterOrganisation(name=n, kind=kind)).id for n in ("Atmo", "Ligair"))
    cohort = tell(OpenCohort(name="CEC", territories=["region:28"])).id
    for step in (ApplyToCohort, AdmitOrganisation, EnrolOrganisation):
        tell(step(cohort=cohort, organisation=first))
    roadmap = tell(DraftRoadmap(organisation=first, cohort=cohort, horizon=2030)).id
    tell(AskGenerativeQuestion(roadmap=roadmap, text="Comment aller ensemble plus loin ?"))
    tell(SetNewCourse(roadmap=roadmap, text="L’air comme un commun du territoire"))
    for title in ("Mesurer", "Former"):
        lever = tell(AddLever(roadmap=roadmap, title=title)).part("lever")
        for wording in ("Un bilan carbone complet chaque année", "La moitié des déplacements"):
            tell(AddObjective(roadmap=roadmap, lever=lever, wording=wording))
    alliance = tell(LaunchAlliance(name="Alliance", territory="region:28")).id
    for organisation in (first, second):
        tell(JoinAlliance(alliance=alliance, organisation=organisation))
    for number in range(12):
        _act(tell, alliance, number)
    challenge = tell(
        OpenChallenge(
            name="2 tonnes",
            territory="region:28",
            starts_on=date(2025, 1, 1),
            ends_on=date(2026, 12, 31),
        )
    ).id
    workshop = tell(
        ScheduleWorkshop(
            challenge=challenge,
            starts="2026-01-24T14:00",
            ends="2026-01-24T17:00",
            place="Pavillon des transitions",
            seats=12,
            audience=ParticipantAudience.CITIZENS,
        )
    ).id
    for number in range(14):
        email = f"personne-{number}@exemple.fr"
        tell(RegisterForWorkshop(workshop=workshop, name=f"Personne {number}", email=email))
    memory.now += timedelta(days=2)
    tell(HoldWorkshop(workshop=workshop, came=11))
    return told


def _act(tell: Any, alliance: Any, number: int) -> None:
    """Let an alliance set out to do something, and do it."""
    action = tell(
        ProposeAction(
            alliance=alliance,
            title=f"Mettre en place une animation sur la géothermie {number}",
            description="Trois réunions par an avec les communes et les bailleurs." * 2,
            territories=["region:28"],
        )
    ).id
    tell(ScheduleAction(action=action, starts_on=date(2025, 2, 1), ends_on=date(2026, 6, 30)))
    tell(StateBudget(action=action, amount=Decimal("12500.00"), basis=BudgetBasis.WITH_TAX))
    tell(ChangeActionStatus(action=action, status=ExecutionStatus.UNDER_WAY))
    for title in ("Trouver un pilote", "Choisir les sites", "Ouvrir le chantier"):
        step = tell(AddStep(action=action, title=title)).part("step")
        tell(CompleteStep(action=action, step=step))
    for month, percent in enumerate((10, 30, 60, 100), 1):
        reported = date(2025, 2 * month, 1)
        tell(ReportProgress(action=action, percent=percent, reported_on=reported))
    tell(FinishAction(action=action, finished_on=date(2026, 1, 20)))


async def write(dsn: str, mapper: EventMapper, events: int) -> int:
    """Write a log of at least so many events into an empty one, and give how many there are."""
    told = town()
    connection: asyncpg.Connection[Record] = await asyncpg.connect(dsn)
    position = 0
    try:
        for start in range(0, -(-events // len(told)), TURNS):
            records = await _together(told, range(start, start + TURNS), mapper, position)
            await connection.copy_records_to_table(
                "event", schema_name="log", columns=_COLUMNS, records=records
            )
            position += len(records)
            await asyncio.sleep(0)
        await connection.execute("vacuum (freeze, analyze) log.event")
    finally:
        await connection.close()
    return position


async def _together(
    told: Sequence[AggregateEvent], towns: range, mapper: EventMapper, after: int
) -> list[tuple[Any, ...]]:
    """Give the records of some towns, whose facts come in turns."""
    meta = msgspec.json.encode(Metadata(actor="bench", command="Given"))
    copies = [await mapper.encode(list(_copied(told, number))) for number in towns]
    records = []
    for place, event in enumerate(told):
        for number, encoded in zip(towns, copies, strict=True):
            after += 1
            records.append(
                (
                    after,
                    _other(event.originator_id, number),
                    event.originator_version,
                    *encoded[place],
                    meta,
                    uuid5(IDS, str(after)),
                    FIRST + timedelta(milliseconds=after),
                )
            )
    return records


def _copied(told: Sequence[AggregateEvent], number: int) -> Iterator[AggregateEvent]:
    """Give the events of one town with the ids of another."""

    def other(found: re.Match[bytes]) -> bytes:
        return str(_other(UUID(found[0].decode()), number)).encode()

    for event in told:
        plain = msgspec.json.encode(event, enc_hook=lambda named: [named.subject, named.text])
        yield msgspec.json.decode(
            _ID.sub(other, plain),
            type=type(event),
            dec_hook=lambda _, pair: Personal(UUID(pair[0]), pair[1]),
        )


def _other(id: UUID, number: int) -> UUID:
    return UUID(int=id.int ^ number)
