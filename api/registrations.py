"""Registrations for workshops, seen by those who host them, and seats by whoever holds one."""

from api.entity import entity, one
from api.node import Node
from projections.registrations import RegistrationRow, SeatRow


@entity(
    id="Its id; whoever knows it may release it.",
    place="Who has a smaller number came first.",
    name="The person's name; null once the person was forgotten.",
    email="The person's e-mail address; null once the person was forgotten.",
    standing="Whether there is a seat, a place on the waiting list, or neither any more.",
    came="Whether the person came, where that was noted.",
    registered_at="When it was made.",
    moved_up_at="When a seat was found for who waited.",
    released_at="When it was given up.",
)
class Registration(RegistrationRow, Node):
    """Somebody who registered for a workshop."""

    workshop = one("The workshop.")


@entity(
    id="The id of the registration.",
    standing="Whether there is a seat, a place on the waiting list, or neither any more.",
)
class Seat(SeatRow):
    """How a registration stands; it says nothing of the person."""

    workshop = one("The workshop.")
