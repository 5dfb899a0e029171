"""Delegations: who stands for an organisation in a cohort, and who came to a session."""

from collections.abc import Collection, Sequence
from typing import Annotated
from uuid import UUID

from domain import identity, text
from domain.command import value
from domain.identity import Id
from domain.label import Label
from domain.refusal import NotFound, Refusal

DELEGATES = 20
"""How many may stand for one organisation."""

ORGANISATIONS = 1_000
"""How many organisations one attendance may name."""


class DelegateRole(Label):
    """The parts that people play in a delegation."""

    LEADER = "LEADER", "dirigeant ou dirigeante", "leader"
    PLANET_CHAMPION = "PLANET_CHAMPION", "Planet Champion", "planet champion"


class LeaderMissing(Refusal):
    """A delegation needs a leader. Name one with the role LEADER."""

    FRENCH = "Une délégation comprend au moins un dirigeant. Nommez-en un, au rôle LEADER."


class NobodyNamed(Refusal):
    """Nobody is named. Name at least one person by role and function."""

    FRENCH = "Personne n’est nommé. Nommez au moins une personne, par son rôle et sa fonction."


class NamedTwice(Refusal):
    """The organisation {organisation} is named twice. Name it once."""

    FRENCH = "L’organisation {organisation} est nommée deux fois. Nommez-la une seule fois."


@value
class Delegate:
    """One who stands for an organisation, by role and function."""

    role: Annotated[DelegateRole, "The part that this person plays."]
    function: Annotated[str, "The function in the organisation."]
    contact: Annotated[UUID | None, "The organisation's contact who it is, if known."] = None


@value
class Attendance:
    """Who came for one organisation."""

    organisation: Annotated[UUID, "The organisation."]
    delegates: Annotated[tuple[Delegate, ...], "Those who came."]


@value
class DelegateEntry:
    """One who stands for an organisation, by role and function."""

    role: Annotated[DelegateRole, "The part that this person plays."]
    function: Annotated[str, "The function in the organisation, such as directrice."]
    contact: Annotated[Id | None, "The contact of the organisation who it is, if known."] = None

    def resolved(self) -> Delegate:
        """The delegate whom a caller means."""
        contact = None if self.contact is None else identity.internal("contact", self.contact)
        return Delegate(role=self.role, function=self.function, contact=contact)


@value
class AttendanceEntry:
    """Who came for one organisation."""

    organisation: Annotated[Id, "The organisation."]
    delegates: Annotated[list[DelegateEntry], "Those who came, 1 to 20."]

    def resolved(self) -> Attendance:
        """The attendance that a caller means."""
        return Attendance(
            organisation=identity.internal("organisation", self.organisation),
            delegates=tuple(entry.resolved() for entry in self.delegates),
        )


def delegates(given: Sequence[Delegate], path: str) -> tuple[Delegate, ...]:
    """Check those who stand for an organisation: 1 to 20, each with a function."""
    if not given:
        raise NobodyNamed(path)
    return tuple(
        Delegate(
            role=one.role,
            function=text.name(one.function, f"{path}.{index}.function"),
            contact=one.contact,
        )
        for index, one in enumerate(text.at_most(given, DELEGATES, path))
    )


def delegation(given: Sequence[Delegate], path: str) -> tuple[Delegate, ...]:
    """Check a delegation: those who stand for an organisation, a leader among them."""
    checked = delegates(given, path)
    if not any(one.role is DelegateRole.LEADER for one in checked):
        raise LeaderMissing(path)
    return checked


def check_contacts(given: Sequence[Delegate], contacts: Collection[UUID], path: str) -> None:
    """Refuse a delegate whose contact is not one of the organisation's."""
    for index, one in enumerate(given):
        if one.contact is not None and one.contact not in contacts:
            contact = identity.external("contact", one.contact)
            raise NotFound(f"{path}.{index}.contact", id=contact, noun="contact")


def attendance(given: Sequence[Attendance], path: str) -> tuple[Attendance, ...]:
    """Check who came: each organisation once, with at least one delegate."""
    came: dict[UUID, Attendance] = {}
    for index, one in enumerate(text.at_most(given, ORGANISATIONS, path)):
        place = f"{path}.{index}"
        if one.organisation in came:
            organisation = identity.external("organisation", one.organisation)
            raise NamedTwice(f"{place}.organisation", organisation=organisation)
        people = delegates(one.delegates, f"{place}.delegates")
        came[one.organisation] = Attendance(organisation=one.organisation, delegates=people)
    return tuple(came.values())
