"""The parts of a roadmap: how they are worded, and how their wording is checked."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Self
from uuid import UUID

from domain import text
from domain import unit as units
from domain.label import Label
from domain.quantity import optional_quantity
from domain.refusal import Refusal

YEARS = (2000, 2100)
"""The first and the last year that a horizon or an objective may name."""


class ImpactScope(Label):
    """How far an impact is meant to reach."""

    LOCAL = "LOCAL", "local", "local"
    GLOBAL = "GLOBAL", "global", "global"


class RoadmapPart(Label):
    """What a comment can be about."""

    ROADMAP = "ROADMAP", "feuille de route", "roadmap"
    TURNING_POINT = "TURNING_POINT", "sursaut", "turning point"
    GENERATIVE_QUESTION = "GENERATIVE_QUESTION", "question générative", "generative question"
    NEW_COURSE = "NEW_COURSE", "nouveau cap", "new course"
    LEVER = "LEVER", "levier", "lever"
    OBJECTIVE = "OBJECTIVE", "objectif d’impact", "impact objective"
    PLAN_ITEM = "PLAN_ITEM", "ligne du plan d’actions", "plan item"
    ECOSYSTEM_MOBILISATION = (
        "ECOSYSTEM_MOBILISATION",
        "mobilisation des écosystèmes",
        "ecosystem mobilisation",
    )

    @property
    def noun(self) -> str | None:
        """The noun of the ids of such parts; there is only one of the other kinds."""
        return _NOUNS.get(self)


_NOUNS = {
    RoadmapPart.LEVER: "lever",
    RoadmapPart.OBJECTIVE: "objective",
    RoadmapPart.PLAN_ITEM: "plan_item",
    RoadmapPart.ECOSYSTEM_MOBILISATION: "ecosystem_mobilisation",
}


class PartDropped(Refusal):
    """{id} was dropped from this roadmap. Add it anew if it is wanted again."""

    FRENCH = "{id} a été retiré de cette feuille de route. Ajoutez-le de nouveau s’il est souhaité."


class PlanItemUnderWay(Refusal):
    """This plan item became the action {action}. Change the action instead."""

    FRENCH = "Cette ligne du plan est devenue l’action {action}. Modifiez plutôt l’action."


class WrongPart(Refusal):
    """Name by its id the lever, objective, plan item or mobilisation spoken of; else name none."""

    FRENCH = (
        "Désignez par son identifiant le levier, l’objectif, la ligne du plan ou la mobilisation "
        "dont il s’agit ; pour le reste, n’en donnez aucun."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Lever:
    """A lever as it is worded."""

    title: str
    description: str | None = None

    def cleaned(self) -> Self:
        """Check each field, and give it as it is stored."""
        return replace(
            self,
            title=text.name(self.title, "title"),
            description=text.optional_text(self.description, "description"),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Objective:
    """An impact objective as it is worded: often in words alone, sometimes with an indicator."""

    wording: str
    scope: ImpactScope | None = None
    indicator: str | None = None
    unit: str | None = None
    baseline: Decimal | None = None
    target: Decimal | None = None
    due_year: int | None = None

    def cleaned(self) -> Self:
        """Check each field, and give it as it is stored."""
        if self.due_year is not None:
            text.within(self.due_year, *YEARS, "due_year")
        return replace(
            self,
            wording=text.text(self.wording, "wording"),
            indicator=text.optional_text(self.indicator, "indicator"),
            unit=None if self.unit is None else units.unit(self.unit, "unit"),
            baseline=optional_quantity(self.baseline, "baseline"),
            target=optional_quantity(self.target, "target"),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanItem:
    """A line of the action plan as it is worded."""

    title: str
    lever: UUID | None = None
    due: date | None = None

    def cleaned(self) -> Self:
        """Check each field, and give it as it is stored."""
        return replace(self, title=text.name(self.title, "title"))
