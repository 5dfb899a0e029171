"""Yearly reviews: where each action stands, how far each theme is, and the account of it."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Annotated, Self
from uuid import UUID

from domain import text
from domain.command import value
from domain.label import Label
from domain.quantity import quantity
from domain.refusal import InvalidNumber, Refusal
from domain.theme import Theme

WHOLE = 100
"""Percent of an action that is done."""


class ActionStanding(Label):
    """Where a yearly review leaves an action. How far its execution is, is another thing."""

    NEW = "NEW", "nouvelle", "new"
    RENEWED = "RENEWED", "reconduite", "renewed"
    REFOCUSED = "REFOCUSED", "recentrée", "refocused"
    FINISHED = "FINISHED", "achevée", "finished"


# refusals


class ReviewExists(Refusal):
    """The year {year} has a review already: {review}. Go on with that one."""

    FRENCH = "L’année {year} a déjà un bilan : {review}. Poursuivez celui-ci."


class ReviewIsPublished(Refusal):
    """This review is published and its figures are frozen. Reopen it, with a reason."""

    FRENCH = "Ce bilan est publié et ses chiffres sont figés. Rouvrez-le, avec un motif."


class ReviewNotPublished(Refusal):
    """This review is not published: it can be changed as it is. Publish it when it is ready."""

    FRENCH = (
        "Ce bilan n’est pas publié : il peut être modifié tel quel. Publiez-le quand il est prêt."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Where a review found an action: its standing, for which theme, how far in percent."""

    standing: ActionStanding
    theme: Theme | None = None
    progress: int | None = None
    note: str | None = None

    def cleaned(self) -> Self:
        """Check each field, and give it as it is stored."""
        if self.progress is not None:
            text.within(self.progress, 0, WHOLE, "progress")
        return replace(self, note=text.optional_text(self.note, "note"))


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedProgress:
    """The average progress of a theme where only that was told, in percent."""

    progress: Decimal
    note: str | None = None

    def cleaned(self) -> Self:
        """Check each field, and give it as it is stored."""
        progress = quantity(self.progress, "progress")
        if not 0 <= progress <= WHOLE:
            raise InvalidNumber("progress", value=progress, least=0, most=WHOLE)
        return replace(self, progress=progress, note=text.optional_text(self.note, "note"))


@value
class Figures:
    """What the findings of a review come to. Averages are in percent, to two decimals."""

    actions: Annotated[int, "How many actions there are."]
    new: Annotated[int, "How many of them are new."]
    renewed: Annotated[int, "How many are renewed."]
    refocused: Annotated[int, "How many are refocused."]
    finished: Annotated[int, "How many are finished."]
    answered: Annotated[int, "For how many progress is known: not answered is not zero."]
    average_progress: Annotated[Decimal | None, "The average over those for which it is."] = None

    @classmethod
    def of(cls, findings: Iterable[Finding]) -> "Figures":
        """Count what was found, and take the average of the progress that is known."""
        entries = list(findings)
        known = [entry.progress for entry in entries if entry.progress is not None]
        counted = dict.fromkeys(ActionStanding, 0)
        for entry in entries:
            counted[entry.standing] += 1
        return cls(
            actions=len(entries),
            new=counted[ActionStanding.NEW],
            renewed=counted[ActionStanding.RENEWED],
            refocused=counted[ActionStanding.REFOCUSED],
            finished=counted[ActionStanding.FINISHED],
            answered=len(known),
            average_progress=_average(known),
        )


@value
class ThemeFigures:
    """What a review comes to for one theme, computed beside what was only stated."""

    theme: Annotated[Theme | None, "The theme; none for actions that were set under no theme."]
    figures: Annotated[Figures, "What its actions come to."]
    stated_progress: Annotated[Decimal | None, "Its average progress as it was stated."] = None


@dataclass(slots=True, kw_only=True)
class Review:
    """What the rules know of a review: where actions stand, and what was stated of themes."""

    year: int
    published: bool = False
    findings: dict[UUID, Finding] = field(default_factory=dict)
    stated: dict[Theme, StatedProgress] = field(default_factory=dict)

    def require_unpublished(self) -> None:
        """Refuse what would move figures that are frozen."""
        if self.published:
            raise ReviewIsPublished("review")

    def figures(self) -> Figures:
        """What all actions come to."""
        return Figures.of(self.findings.values())

    def by_theme(self) -> tuple[ThemeFigures, ...]:
        """What each theme comes to of which anything is known, in the order of the vocabulary."""
        found = []
        for theme in (*Theme, None):
            entries = [entry for entry in self.findings.values() if entry.theme is theme]
            stated = None if theme is None else self.stated.get(theme)
            if entries or stated:
                found.append(
                    ThemeFigures(
                        theme=theme,
                        figures=Figures.of(entries),
                        stated_progress=stated.progress if stated else None,
                    )
                )
        return tuple(found)


def _average(percents: list[int]) -> Decimal | None:
    if not percents:
        return None
    average = Decimal(sum(percents)) / len(percents)
    return average.quantize(Decimal("0.01"), ROUND_HALF_EVEN)
