"""Prioritisations: options held against criteria, argued for and against, scored, decided."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Annotated, Self
from uuid import UUID

from domain import identity, text
from domain.command import value
from domain.identity import Id
from domain.label import Label
from domain.party import Party
from domain.refusal import NotFound, Refusal
from domain.theme import Theme

OPTIONS = 100
CRITERIA = 20
ARGUMENTS = 1_000
"""How many of each a prioritisation may have."""

SCORES = (0, 100)
"""Between which numbers a scale may lie."""


class Side(Label):
    """Which way an argument speaks."""

    FOR = "FOR", "pour", "for"
    AGAINST = "AGAINST", "contre", "against"


# refusals


class PrioritiesAreDecided(Refusal):
    """The priorities were decided on {day} already. Open another prioritisation."""

    FRENCH = "Les priorités ont déjà été arrêtées le {day}. Ouvrez une autre priorisation."


class OptionNotOpen(Refusal):
    """{option} is no open option: it never was, or it was withdrawn. Choose among {options}."""

    FRENCH = (
        "{option} n’est pas une option ouverte : elle ne l’a jamais été, ou a été retirée. "
        "Choisissez parmi {options}."
    )


class NothingChosen(Refusal):
    """A decision names at least one option. Name those chosen, the most important one first."""

    FRENCH = (
        "Une décision retient au moins une option. "
        "Indiquez les options retenues, la plus importante d’abord."
    )


class CriterionMissing(Refusal):
    """Priorities are set against criteria. Name at least one."""

    FRENCH = "On priorise selon des critères. Indiquez-en au moins un."


@value
class CriterionEntry:
    """Something against which options are held."""

    name: Annotated[str, "What it is called, 1 to 200 characters."]
    description: Annotated[str | None, "What it means."] = None

    def checked(self, place: str = "") -> "CriterionEntry":
        """Itself with clean texts; ``place`` is where it stands in a list, with a dot."""
        return CriterionEntry(
            name=text.name(self.name, f"{place}name"),
            description=text.optional_text(self.description, f"{place}description"),
        )


@value
class OptionEntry:
    """Something that may be chosen."""

    title: Annotated[str, "What would be chosen, 1 to 200 characters."]
    theme: Annotated[Theme | None, "The theme that it stands for, if it is one."] = None
    description: Annotated[str | None, "What choosing it would mean."] = None

    def checked(self, place: str = "") -> "OptionEntry":
        """Itself with clean texts; ``place`` is where it stands in a list, with a dot."""
        return OptionEntry(
            title=text.name(self.title, f"{place}title"),
            theme=self.theme,
            description=text.optional_text(self.description, f"{place}description"),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Argument:
    """What speaks for or against an option, or the whole question where none is named."""

    side: Side
    text: str
    option: UUID | None = None
    criterion: UUID | None = None
    party: Party | None = None

    def cleaned(self) -> Self:
        """Check each field, and give it as it is stored."""
        party = self.party.cleaned() if self.party else None
        return replace(self, text=text.text(self.text, "text"), party=party)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What was chosen in order, among what, on which day and why."""

    chosen: tuple[UUID, ...]
    among: tuple[UUID, ...]
    """The options that were open at that moment, those chosen included."""
    rationale: str
    decided_on: date


@dataclass(slots=True, kw_only=True)
class Prioritisation:
    """What the rules know of a prioritisation: what is open, what was said and scored."""

    least: int
    most: int
    criteria: set[UUID] = field(default_factory=set)
    options: dict[UUID, bool] = field(default_factory=dict)
    """Each option there ever was, and whether it is open still."""
    arguments: set[Argument] = field(default_factory=set)
    scores: dict[tuple[UUID, UUID, UUID], int] = field(default_factory=dict)
    """By option, criterion and member."""
    decision: Decision | None = None

    @property
    def open_options(self) -> tuple[UUID, ...]:
        """The options that can be chosen, in the order in which they were added."""
        return tuple(option for option, open in self.options.items() if open)

    def require_undecided(self) -> None:
        """Refuse what comes after the decision."""
        if self.decision is not None:
            raise PrioritiesAreDecided("prioritisation", day=self.decision.decided_on)

    def check_option(self, option: UUID, path: str = "option") -> None:
        """Refuse an option that is not open."""
        if not self.options.get(option, False):
            raise OptionNotOpen(
                path,
                option=_shown(option),
                options=", ".join(map(_shown, self.open_options)) or "—",
            )

    def check_criterion(self, criterion: UUID) -> None:
        """Refuse a criterion against which nothing is held here."""
        if criterion not in self.criteria:
            shown = identity.external("criterion", criterion)
            raise NotFound("criterion", id=shown, noun="criterion")

    def check_chosen(self, options: Sequence[UUID]) -> tuple[UUID, ...]:
        """Those chosen, each once, in order; every one of them is open."""
        if not options:
            raise NothingChosen("options")
        chosen = tuple(dict.fromkeys(text.at_most(options, OPTIONS, "options")))
        for index, option in enumerate(chosen):
            self.check_option(option, f"options.{index}")
        return chosen


def _shown(option: UUID) -> Id:
    return identity.external("option", option)
