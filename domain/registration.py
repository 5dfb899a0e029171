"""Registrations for a workshop: who has a seat, who waits for one, and who gave it back."""

import re
import unicodedata
from dataclasses import dataclass
from uuid import UUID

from domain import text
from domain.label import Label
from domain.personal import Personal
from domain.refusal import Refusal

WAITING = 5_000
"""How many may wait for a seat."""


class SeatStanding(Label):
    """Where a registration stands."""

    SEATED = "SEATED", "place réservée", "seated"
    WAITING = "WAITING", "en liste d’attente", "on the waiting list"
    RELEASED = "RELEASED", "désistement", "released"


# refusals


class InvalidEmail(Refusal):
    """This is no e-mail address. Write it whole, such as prenom.nom@exemple.fr."""

    FRENCH = "Ce n’est pas une adresse électronique. Écrivez-la entière : prenom.nom@exemple.fr."


class AlreadyRegistered(Refusal):
    """This e-mail address is registered for this workshop already: one seat for each person."""

    FRENCH = "Cette adresse est déjà inscrite à cet atelier : une place par personne."


class RegistrationReleased(Refusal):
    """The registration {registration} was released. Name one that still stands."""

    FRENCH = "L’inscription {registration} a été annulée. Nommez-en une qui tient toujours."


class CameAndDidNot(Refusal):
    """The registration {registration} is said to have come and not to have. Say one of the two."""

    FRENCH = "L’inscription {registration} est dite à la fois venue et absente. Choisissez."


class WaitingListFull(Refusal):
    """{waiting} people wait for a seat in this workshop: choose another one."""

    FRENCH = "{waiting} personnes attendent une place dans cet atelier : choisissez-en un autre."


@dataclass(slots=True)
class Registration:
    """What the rules know of a registration. The person's address is theirs, and can go."""

    email: Personal
    standing: SeatStanding
    came: bool | None = None

    @property
    def stands(self) -> bool:
        """Whether it was not released."""
        return self.standing is not SeatStanding.RELEASED


def person(registration: UUID, name: str, email: str) -> tuple[Personal, Personal]:
    """The name and the e-mail address of who registers, as they are stored."""
    return (
        Personal(registration, text.name(name, "name")),
        Personal(registration, _mailbox(text.name(email, "email"))),
    )


def _mailbox(email: str) -> str:
    """The one way of writing an address that the many ways of writing it come to.

    Case and width of letters tell no mailbox from another, and a host is what the name service
    knows it by. What does not show, such as a joiner of width zero, has no place in an address.
    """
    plain = unicodedata.normalize("NFKC", email).lower()
    written = re.fullmatch(r"([^@\s\"(),:;<>\[\\\]]{1,64})@([^@\s]+)", plain)
    if written is None or not plain.isprintable():
        raise InvalidEmail("email")
    try:
        host = written[2].encode("idna").decode("ascii")
    except UnicodeError:
        raise InvalidEmail("email") from None
    if not re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)+", host):
        raise InvalidEmail("email")
    return f"{written[1]}@{host}"
