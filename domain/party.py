"""Parties: who takes part in something, an organisation or a person by role."""

from dataclasses import dataclass
from uuid import UUID

from domain import text
from domain.refusal import Refusal


class PartyUnclear(Refusal):
    """It is not clear who is meant. Name either an organisation or, in words, a person's role."""

    FRENCH = (
        "On ne sait pas de qui il s’agit. "
        "Nommez soit une organisation, soit, en mots, le rôle d’une personne."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """An organisation, or a person whose role is all that is recorded."""

    organisation: UUID | None = None
    role: str | None = None

    def cleaned(self) -> "Party":
        """Check that it is one of the two, and give it as it is stored."""
        if (self.organisation is None) == (self.role is None):
            raise PartyUnclear("organisation")
        return Party(organisation=self.organisation, role=text.optional_name(self.role, "role"))


def optional_party(organisation: UUID | None, role: str | None) -> Party | None:
    """A party, or nobody where neither is named."""
    if organisation is None and role is None:
        return None
    return Party(organisation=organisation, role=role).cleaned()
