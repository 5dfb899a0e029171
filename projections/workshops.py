"""Workshops of challenges as they are now: their hours, their place, and how their seats stand."""

from collections.abc import Iterable
from datetime import date, datetime

from domain.aggregate import AggregateEvent
from domain.challenge import ParticipantAudience
from domain.hours import Hours
from domain.identity import Id, external
from domain.label import Label
from domain.organisation import Organisation
from domain.record import Recorded
from domain.registration import SeatStanding
from domain.workshop import Turnout, Workshop
from projections import registrations
from projections.access import EVERYONE
from projections.mergers import IN_WORKSHOPS, WORKSHOP_DDL, WorkshopMergerRow, concerned, follow
from projections.projection import Projection
from projections.registrations import RegistrationRow
from projections.rows import Need, Rows
from projections.table import Relation, Row, row

DDL = """
create table workshop (
    id text collate "C" primary key,
    version integer not null,
    scheduled_at timestamptz not null,
    updated_at timestamptz not null,
    challenge_id text collate "C" not null,
    day date not null,
    starts text collate "C" not null,
    ends text collate "C" not null,
    time_zone text not null,
    starts_at timestamptz not null,
    ends_at timestamptz not null,
    place text not null,
    audience text not null,
    status text not null,
    seats integer not null,
    taken integer not null,
    free integer not null,
    waiting integer not null,
    came integer,
    absent integer,
    host_id text collate "C",
    payer_id text collate "C",
    moved_because text,
    cancelled_because text,
    corrected_because text,
    revision integer not null
);
create index workshop_by_start on workshop (starts_at, id);
create index workshop_by_room on workshop (free, id);
create index workshop_by_challenge on workshop (challenge_id, starts_at, id);
create index workshop_by_host on workshop (host_id, starts_at, id);
create index workshop_by_payer on workshop (payer_id);
"""


class WorkshopStatus(Label):
    """Whether a workshop has taken place."""

    SCHEDULED = "SCHEDULED", "programmé", "scheduled"
    HELD = "HELD", "tenu", "held"
    CANCELLED = "CANCELLED", "annulé", "cancelled"


@row(
    "workshop",
    seen=EVERYONE,
    owner=("workshop", "id"),
    indexes=("host_id", "payer_id"),
    relations={
        "challenge": Relation("challenge", on=(("challenge_id", "id"),)),
        "host": Relation("organisation", on=(("host_id", "id"),)),
        "payer": Relation("organisation", on=(("payer_id", "id"),)),
        "registrations": Relation(
            "registration", on=(("id", "workshop_id"),), many=True, order=("place", "id")
        ),
    },
)
class WorkshopRow(Row):
    """A workshop of a challenge."""

    id: Id
    version: int
    scheduled_at: datetime
    updated_at: datetime
    challenge_id: Id
    day: date
    starts: str
    ends: str
    time_zone: str
    starts_at: datetime
    ends_at: datetime
    place: str
    audience: ParticipantAudience
    status: WorkshopStatus
    seats: int
    taken: int
    free: int
    waiting: int
    came: int | None
    absent: int | None
    host_id: Id | None
    payer_id: Id | None
    moved_because: str | None
    cancelled_because: str | None
    corrected_because: str | None
    revision: int
    """How often its hours or its place changed, or it was cancelled."""


def fold(rows: Rows, recorded: Recorded[AggregateEvent]) -> None:
    """Take one fact about a workshop into the read model, or that two organisations became one."""
    event, at = recorded.event, recorded.recorded_at
    if isinstance(event, Organisation.Merged):
        merged = external("organisation", event.originator_id)
        survivor = external("organisation", event.into)
        IN_WORKSHOPS.follow_merger(rows, merged, survivor)
        for party in ("host_id", "payer_id"):
            follow(rows, WorkshopRow, merged, survivor, (party,))
        return
    if isinstance(event, Workshop.Scheduled):
        rows.put(_scheduled(rows, event, at))
        return
    workshop = rows.change(WorkshopRow, external("workshop", event.originator_id))
    workshop.version, workshop.updated_at = event.originator_version, at
    _seat(rows, workshop, event)
    _fold_own(workshop, event)
    registrations.fold(rows, recorded)


def also_needs(recorded: Recorded[AggregateEvent]) -> Iterable[Need]:
    """Name the registrations that change, and what became of host and payer."""
    yield from registrations.needs(recorded)
    yield from IN_WORKSHOPS.needs(recorded)
    for party in ("host_id", "payer_id"):
        yield from concerned(recorded, WorkshopRow, party)
    if isinstance(recorded.event, Workshop.Scheduled):
        yield from IN_WORKSHOPS.needs_of(recorded.event.host, recorded.event.payer)


def _fold_own(workshop: WorkshopRow, event: AggregateEvent) -> None:
    match event:
        case Workshop.Moved():
            _place(workshop, event.hours)
            workshop.place, workshop.moved_because = event.place, event.reason
            workshop.revision += 1
        case Workshop.Cancelled(reason=reason):
            workshop.status, workshop.cancelled_because = WorkshopStatus.CANCELLED, reason
            workshop.revision += 1
        case Workshop.SeatsChanged(seats=seats):
            workshop.seats = seats
            workshop.free = seats - workshop.taken
        case Workshop.Held(turnout=turnout):
            workshop.status = WorkshopStatus.HELD
            _turn_out(workshop, turnout)
        case Workshop.TurnoutCorrected(turnout=turnout, reason=reason):
            workshop.corrected_because = reason
            _turn_out(workshop, turnout)


def _seat(rows: Rows, workshop: WorkshopRow, event: AggregateEvent) -> None:
    """Count seats and the waiting list, before the registration itself is folded."""
    match event:
        case Workshop.Registered(seated=True):
            workshop.taken += 1
        case Workshop.Registered():
            workshop.waiting += 1
        case Workshop.MovedUp():
            workshop.taken += 1
            workshop.waiting -= 1
        case Workshop.Released(registration=registration):
            released = rows.get(RegistrationRow, external("registration", registration))
            assert released is not None, "who releases has registered"
            if released.standing is SeatStanding.SEATED:
                workshop.taken -= 1
            else:
                workshop.waiting -= 1
    workshop.free = workshop.seats - workshop.taken


def _turn_out(workshop: WorkshopRow, turnout: Turnout) -> None:
    workshop.came, workshop.absent = turnout.came, turnout.absent


def _place(workshop: WorkshopRow, hours: Hours) -> None:
    workshop.day = hours.day
    workshop.starts, workshop.ends, workshop.time_zone = hours.starts, hours.ends, hours.time_zone
    workshop.starts_at, workshop.ends_at = hours.starts_at, hours.ends_at


def _scheduled(rows: Rows, event: Workshop.Scheduled, at: datetime) -> WorkshopRow:
    hours = event.hours
    return WorkshopRow(
        id=external("workshop", event.originator_id),
        version=event.originator_version,
        scheduled_at=at,
        updated_at=at,
        challenge_id=external("challenge", event.challenge),
        day=hours.day,
        starts=hours.starts,
        ends=hours.ends,
        time_zone=hours.time_zone,
        starts_at=hours.starts_at,
        ends_at=hours.ends_at,
        place=event.place,
        audience=event.audience,
        status=WorkshopStatus.SCHEDULED,
        seats=event.seats,
        taken=0,
        free=event.seats,
        waiting=0,
        came=None,
        absent=None,
        host_id=IN_WORKSHOPS.survivor_of(rows, event.host),
        payer_id=IN_WORKSHOPS.survivor_of(rows, event.payer),
        moved_because=None,
        cancelled_because=None,
        corrected_because=None,
        revision=0,
    )


WORKSHOPS = Projection(
    name="workshops",
    ddl="".join((DDL, registrations.DDL, WORKSHOP_DDL)),
    rows=(WorkshopRow, *registrations.ROWS, WorkshopMergerRow),
    follows=(Workshop,),
    fold=fold,
    also_follows=(Organisation.Merged,),
    also_needs=also_needs,
)
