"""Given who registered for a workshop, when it is folded, then this can be read."""

from domain.hosting import NoteAttendance
from domain.registration import SeatStanding
from projections.registrations import RegistrationRow, SeatRow
from tests.domain.challenges import AFTER
from tests.history import AT
from tests.projections.folding import shown
from tests.projections.test_workshops import Told


def test_registrations_stand_in_the_order_in_which_they_came() -> None:
    told = Told(seats=1)
    came = [told.register(name) for name in ("awa", "ben", "clé")]
    rows = shown(told.rows(), RegistrationRow, "place")
    assert [row.id for row in rows] == came
    assert [row.name for row in rows] == ["awa", "ben", "clé"]
    assert rows[0].email == "awa@exemple.fr"
    seated, waiting = SeatStanding.SEATED, SeatStanding.WAITING
    assert [row.standing for row in rows] == [seated, waiting, waiting]


def test_who_moves_up_and_who_leaves_can_be_seen() -> None:
    told = Told(seats=1)
    came = [told.register(name) for name in ("awa", "ben")]
    told.release(came[0])
    gone, up = shown(told.rows(), RegistrationRow, "place")
    assert (gone.standing, gone.released_at) == (SeatStanding.RELEASED, AT)
    assert (up.standing, up.moved_up_at) == (SeatStanding.SEATED, AT)


def test_a_seat_says_how_a_registration_stands_and_nothing_of_the_person() -> None:
    told = Told(seats=1)
    came = [told.register(name) for name in ("awa", "ben", "clé")]
    told.release(came[0])
    standing = {row.id: row.standing for row in told.rows().all(SeatRow)}
    assert standing == dict(
        zip(came, (SeatStanding.RELEASED, SeatStanding.SEATED, SeatStanding.WAITING), strict=True)
    )
    assert SeatRow.TABLE.columns == ("id", "workshop_id", "standing")


def test_who_came_can_be_seen() -> None:
    told = Told()
    awa, ben = told.register("awa"), told.register("ben")
    told.now = AFTER
    told.do(NoteAttendance(workshop=told.workshop, came=[awa], absent=[ben]))
    assert [row.came for row in shown(told.rows(), RegistrationRow, "place")] == [True, False]
