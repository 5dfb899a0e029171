"""Membership of an alliance: who belongs to it, and what each member gives to a theme."""

from collections.abc import Collection, Sequence
from typing import Annotated

from domain import text
from domain.command import value
from domain.label import Label
from domain.refusal import Refusal
from domain.theme import Theme

MEMBERS = 100_000
"""How many members an alliance may count."""


class MembershipKind(Label):
    """How an organisation belongs to an alliance."""

    FOUNDER = "FOUNDER", "membre fondateur", "founder"
    MEMBER = "MEMBER", "membre", "member"
    PARTNER = "PARTNER", "partenaire", "partner"
    CONTRIBUTOR = "CONTRIBUTOR", "contributeur", "contributor"


class Contribution(Label):
    """What a member can give to a theme."""

    KNOWLEDGE = "KNOWLEDGE", "amélioration de la connaissance", "knowledge"
    STRATEGY = "STRATEGY", "définition d’une stratégie", "strategy"
    ACTION = "ACTION", "élaboration des actions", "action"
    MEASUREMENT = "MEASUREMENT", "mesure de l’impact", "measurement"


# refusals


class NotAMember(Refusal):
    """{organisation} is no member of this alliance. Let it join first."""

    FRENCH = "{organisation} n’est pas membre de cette alliance. Faites-la d’abord adhérer."


class AlreadyMember(Refusal):
    """{organisation} belongs to this alliance already, as {kind}. Change its membership instead."""

    FRENCH = (
        "{organisation} est déjà dans cette alliance, comme {kind_in_french}. "
        "Changez plutôt son adhésion."
    )


class ContributionMissing(Refusal):
    """A commitment says what the member gives. Name a contribution, such as KNOWLEDGE."""

    FRENCH = (
        "Un engagement dit ce que le membre apporte. "
        "Indiquez au moins un apport, par exemple KNOWLEDGE."
    )


class ThemeNotOpen(Refusal):
    """This alliance does not work on “{theme}”. Open the theme first, or name another one."""

    FRENCH = (
        "Cette alliance ne travaille pas sur « {theme_in_french} ». "
        "Ouvrez d’abord cette thématique, ou choisissez-en une autre."
    )


@value
class MemberCount:
    """How many members of a kind there are beside those known by name."""

    count: Annotated[int, "How many they are, 0 for none."]
    approximate: Annotated[bool, "Whether that is a round number, such as about forty."] = False
    note: Annotated[str | None, "Who they are, or where the number comes from."] = None

    def checked(self) -> "MemberCount":
        """Itself with a clean text."""
        return MemberCount(
            count=text.within(self.count, 0, MEMBERS, "count"),
            approximate=self.approximate,
            note=text.optional_text(self.note, "note"),
        )


def contributions(given: Sequence[Contribution], path: str) -> tuple[Contribution, ...]:
    """What a member gives, each once, in the order of the vocabulary; at least one."""
    if not given:
        raise ContributionMissing(path)
    return tuple(one for one in Contribution if one in given)


def check_theme(theme: Theme | None, opened: Collection[Theme], path: str = "theme") -> None:
    """Refuse a theme on which an alliance does not work; none at all is welcome."""
    if theme is not None and theme not in opened:
        raise ThemeNotOpen(path, theme=theme.en, theme_in_french=theme.fr)
