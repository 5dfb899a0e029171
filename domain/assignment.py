"""Assignments: who carries an action, and in which role."""

from dataclasses import dataclass, replace
from typing import Self
from uuid import UUID

from domain import text
from domain.label import Label
from domain.refusal import Refusal


class SteeringRole(Label):
    """The parts that organisations and people play for an action."""

    HOLDER = "HOLDER", "porteur", "holder"
    PILOT = "PILOT", "pilote", "pilot"
    CO_PILOT = "CO_PILOT", "copilote", "co-pilot"
    PILOT_DEPARTMENT = "PILOT_DEPARTMENT", "direction ou service pilote", "pilot department"
    PILOT_PERSON = "PILOT_PERSON", "personne pilote", "pilot person"
    CONTRIBUTOR = "CONTRIBUTOR", "contributeur", "contributor"
    PARTNER = "PARTNER", "partenaire", "partner"
    ELECTED_REFERENT = "ELECTED_REFERENT", "élu référent ou élue référente", "elected referent"
    GOVERNING_BODY = "GOVERNING_BODY", "instance de gouvernance", "governing body"


class PartyMissing(Refusal):
    """Nobody is named. Name an organisation by its id, or say in words who it is."""

    FRENCH = (
        "Personne n’est nommé. Nommez une organisation par son identifiant, "
        "ou dites en mots de qui il s’agit."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """A party to an action in a role: an organisation, or in words a body or a person's role.

    Who a person is by name is the person's own: only that there is a name is known here.
    """

    role: SteeringRole
    organisation: UUID | None = None
    designation: str | None = None
    person: bool = False

    def cleaned(self) -> Self:
        """Check each field, and give it as it is stored."""
        if self.organisation is None and self.designation is None and not self.person:
            raise PartyMissing("organisation")
        return replace(self, designation=text.optional_name(self.designation, "designation"))

    def same_as(self, other: "Assignment", identities: tuple[UUID, ...]) -> bool:
        """Whether another one says the same of an organisation with these ids, or of none.

        Two people may have the same role: with a name, no assignment is the same as another.
        """
        return (
            not (self.person or other.person)
            and self.role is other.role
            and (self.organisation == other.organisation or other.organisation in identities)
            and text.folded(self.designation or "") == text.folded(other.designation or "")
        )
