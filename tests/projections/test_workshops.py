"""Given what happened to workshops, when it is folded, then this can be read."""

from datetime import UTC, date, datetime
from typing import Any

from domain.hosting import (
    CancelWorkshop,
    ChangeSeats,
    CorrectTurnout,
    HoldWorkshop,
    MoveWorkshop,
)
from domain.organisation import MergeOrganisation, OrganisationKind, RegisterOrganisation
from projections.projection import Projection
from projections.rows import Rows
from projections.workshops import WORKSHOPS, WorkshopRow, WorkshopStatus
from tests.domain.challenges import AFTER, Pavilion
from tests.projections.folding import folded, only


class Told(Pavilion):
    """A workshop whose whole story can be folded, in the order in which it happened."""

    def __init__(self, seats: int = 2) -> None:
        self.events: list[Any] = []
        super().__init__(seats)

    def do(self, command: Any, *rest: Any) -> Any:
        """Send a command, and remember what happened."""
        decided = super().do(command, *rest)
        self.events += decided.events
        return decided

    def rows(self, projection: Projection = WORKSHOPS) -> Rows:
        """What can be read after all that."""
        return folded(projection, *self.events)


def test_a_workshop_can_be_read_in_local_time_and_in_utc() -> None:
    told = Told()
    row = only(told.rows(), WorkshopRow)
    assert (row.id, row.challenge_id, row.host_id) == (told.workshop, told.challenge, told.host)
    assert (row.starts, row.ends) == ("2025-03-30T14:00", "2025-03-30T17:00")
    assert (row.day, row.time_zone) == (date(2025, 3, 30), "Europe/Paris")
    assert row.starts_at == datetime(2025, 3, 30, 12, tzinfo=UTC)
    assert (row.status, row.seats, row.free) == (WorkshopStatus.SCHEDULED, 2, 2)


def test_seats_and_the_waiting_list_are_counted() -> None:
    told = Told(seats=2)
    came = [told.register(name) for name in ("awa", "ben", "clé", "dan")]
    row = only(told.rows(), WorkshopRow)
    assert (row.taken, row.free, row.waiting) == (2, 0, 2)
    told.release(came[0])
    told.release(came[3])
    row = only(told.rows(), WorkshopRow)
    assert (row.taken, row.free, row.waiting) == (2, 0, 0)
    told.do(ChangeSeats(workshop=told.workshop, seats=5))
    row = only(told.rows(), WorkshopRow)
    assert (row.taken, row.free, row.waiting) == (2, 3, 0)


def test_who_waits_is_counted_as_seated_when_seats_are_added() -> None:
    told = Told(seats=1)
    for name in ("awa", "ben", "clé"):
        told.register(name)
    told.do(ChangeSeats(workshop=told.workshop, seats=2))
    row = only(told.rows(), WorkshopRow)
    assert (row.seats, row.taken, row.free, row.waiting) == (2, 2, 0, 1)


def test_each_change_of_hours_or_place_is_a_new_revision_and_a_registration_is_none() -> None:
    told = Told()
    told.register("awa")
    assert only(told.rows(), WorkshopRow).revision == 0
    told.do(MoveWorkshop(workshop=told.workshop, starts="2025-03-30T15:00", reason="Salle occupée"))
    row = only(told.rows(), WorkshopRow)
    assert (row.starts, row.ends) == ("2025-03-30T15:00", "2025-03-30T17:00")
    assert (row.moved_because, row.revision) == ("Salle occupée", 1)
    told.do(CancelWorkshop(workshop=told.workshop, reason="Crue"))
    row = only(told.rows(), WorkshopRow)
    assert (row.status, row.cancelled_because) == (WorkshopStatus.CANCELLED, "Crue")
    assert row.revision == 2


def test_a_held_workshop_shows_how_many_came_and_is_corrected() -> None:
    told = Told()
    told.now = AFTER
    told.do(HoldWorkshop(workshop=told.workshop, came=12, absent=3))
    row = only(told.rows(), WorkshopRow)
    assert (row.status, row.came, row.absent) == (WorkshopStatus.HELD, 12, 3)
    told.do(CorrectTurnout(workshop=told.workshop, came=13, absent=2, reason="Oubli"))
    row = only(told.rows(), WorkshopRow)
    assert (row.came, row.absent, row.corrected_because) == (13, 2, "Oubli")


def test_a_workshop_follows_the_organisation_in_which_host_and_payer_went_up() -> None:
    told = Told()
    other = told.scheduled(payer=told.host)
    kind = OrganisationKind.PUBLIC_AUTHORITY
    survivor = told.do(RegisterOrganisation(name="Nouvelle métropole", kind=kind)).id
    told.do(MergeOrganisation(organisation=told.host, into=survivor))
    rows = {row.id: row for row in told.rows().all(WorkshopRow)}
    assert rows[told.workshop].host_id == rows[other].host_id == survivor
    assert (rows[told.workshop].payer_id, rows[other].payer_id) == (None, survivor)
