"""Registrations for workshops: who has a seat, who waits, and who came."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from domain.aggregate import AggregateEvent
from domain.identity import Id, external
from domain.record import Recorded
from domain.registration import SeatStanding
from domain.workshop import Workshop
from projections.access import EVERYONE, Among, Through, any_of
from projections.circle import KEEPERS
from projections.rows import Need, Rows
from projections.table import Relation, Row, row

DDL = """
create table registration (
    id text collate "C" primary key,
    workshop_id text collate "C" not null,
    place integer not null,
    name text,
    email text,
    standing text not null,
    came boolean,
    registered_at timestamptz not null,
    moved_up_at timestamptz,
    released_at timestamptz
);
create index registration_by_workshop on registration (workshop_id, place, id);

create table seat (
    id text collate "C" primary key,
    workshop_id text collate "C" not null,
    standing text not null
);
create index seat_by_workshop on seat (workshop_id);
"""


HOSTS: Final = any_of(
    Through("workshop", Among(("host_id",), KEEPERS)),
    Through("workshop", Through("challenge", Among(("host_id", "territory_key"), KEEPERS))),
    who="the people of the workshop's and of the challenge's host, administrators of its territory",
)
"""Those who host the workshop or run its challenge, and administrators of the territory.

Whoever knows the id of a registration may release it: an auditor sees how many there are, by the
workshop, and not which.
"""


@row(
    "registration",
    seen=HOSTS,
    shown=dict.fromkeys(("name", "email"), HOSTS),
    personal=dict.fromkeys(("name", "email"), "id"),
    owner=("workshop", "workshop_id"),
    relations={"workshop": Relation("workshop", on=(("workshop_id", "id"),))},
)
class RegistrationRow(Row):
    """Somebody who registered for a workshop. A forgotten person's name and e-mail are null."""

    id: Id
    workshop_id: Id
    place: int
    """The version of the workshop at which they came: first come, first served."""
    name: str | None
    email: str | None
    standing: SeatStanding
    came: bool | None
    registered_at: datetime
    moved_up_at: datetime | None
    released_at: datetime | None


@row(
    "seat",
    seen=EVERYONE,
    owner=("workshop", "workshop_id"),
    relations={"workshop": Relation("workshop", on=(("workshop_id", "id"),))},
)
class SeatRow(Row):
    """How a registration stands, for whoever knows its id. Nothing leads to it from elsewhere."""

    id: Id
    """That of the registration."""
    workshop_id: Id
    standing: SeatStanding


ROWS: tuple[type[Row], ...] = (RegistrationRow, SeatRow)


def fold(rows: Rows, recorded: Recorded[AggregateEvent]) -> None:
    """Take one fact about the registrations for a workshop into the read model."""
    match recorded.event:
        case Workshop.Registered() as event:
            row = _registered(event, recorded.recorded_at)
            rows.put(row)
            _seat(rows, row)
        case Workshop.MovedUp(registration=registration):
            row = rows.change(RegistrationRow, external("registration", registration))
            row.standing, row.moved_up_at = SeatStanding.SEATED, recorded.recorded_at
            _seat(rows, row)
        case Workshop.Released(registration=registration):
            row = rows.change(RegistrationRow, external("registration", registration))
            row.standing, row.released_at = SeatStanding.RELEASED, recorded.recorded_at
            _seat(rows, row)
        case Workshop.AttendanceNoted(came=came, absent=absent):
            for registration in came:
                rows.change(RegistrationRow, external("registration", registration)).came = True
            for registration in absent:
                rows.change(RegistrationRow, external("registration", registration)).came = False


def needs(recorded: Recorded[AggregateEvent]) -> Iterable[Need]:
    """Name the registrations that change."""
    match recorded.event:
        case Workshop.MovedUp(registration=one) | Workshop.Released(registration=one):
            yield Need(RegistrationRow, "id", external("registration", one))
        case Workshop.AttendanceNoted(came=came, absent=absent):
            for one in (*came, *absent):
                yield Need(RegistrationRow, "id", external("registration", one))


def _seat(rows: Rows, row: RegistrationRow) -> None:
    rows.put(SeatRow(id=row.id, workshop_id=row.workshop_id, standing=row.standing))


def _registered(event: Workshop.Registered, at: datetime) -> RegistrationRow:
    return RegistrationRow(
        id=external("registration", event.registration),
        workshop_id=external("workshop", event.originator_id),
        place=event.originator_version,
        name=event.name.text,
        email=event.email.text,
        standing=SeatStanding.SEATED if event.seated else SeatStanding.WAITING,
        came=None,
        registered_at=at,
        moved_up_at=None,
        released_at=None,
    )
