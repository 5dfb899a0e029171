"""An action sheet: what it says of an action, and where it is classified."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Self

from domain import territory as reference
from domain import text
from domain.command import value
from domain.label import Label
from domain.refusal import ControlCharacters, Refusal, TextTooLong
from domain.theme import Theme

TITLE_LIMIT = 500
"""Plans give whole sentences as titles, longer than a name may be."""

TERRITORIES = 50
"""How many territories an action may name."""


class ActionCategory(Label):
    """What an action does for jobs and skills (the four categories of the SGPE's framework)."""

    KNOWLEDGE = (
        "KNOWLEDGE",
        "connaissance des enjeux emplois-compétences",
        "knowledge of jobs and skills",
    )
    SUPPORT_AND_AWARENESS = (
        "SUPPORT_AND_AWARENESS",
        "accompagnement et sensibilisation",
        "support and awareness",
    )
    ATTRACTIVENESS = "ATTRACTIVENESS", "attractivité des métiers", "attractiveness"
    TRAINING_SUPPLY = "TRAINING_SUPPLY", "offre de formation", "training supply"


class Audience(Label):
    """For whom an action is."""

    COMPANIES = "COMPANIES", "entreprises", "companies"
    EMPLOYEES_AND_JOB_SEEKERS = (
        "EMPLOYEES_AND_JOB_SEEKERS",
        "salariés et demandeurs d’emploi",
        "employees and job seekers",
    )
    YOUNG_PEOPLE = "YOUNG_PEOPLE", "jeunes et éducation", "young people and education"
    PROFESSIONALS = (
        "PROFESSIONALS",
        "professionnels de l’emploi et de la formation",
        "employment and training professionals",
    )
    CITIZENS = "CITIZENS", "citoyens", "citizens"


class ParticipationLevel(Label):
    """How far citizens have a part in an action."""

    NONE = "NONE", "pas de participation citoyenne", "no citizen participation"
    INFORMATION = "INFORMATION", "information", "information"
    CONSULTATION = "CONSULTATION", "consultation", "consultation"
    DIALOGUE = "DIALOGUE", "concertation", "dialogue"
    CO_CONSTRUCTION = "CO_CONSTRUCTION", "co-construction", "co-construction"


class ActionPriority(Label):
    """How much an action matters among those of its plan."""

    HIGH = "HIGH", "élevée", "high"
    MEDIUM = "MEDIUM", "moyenne", "medium"
    LOW = "LOW", "basse", "low"


class AxisMissing(Refusal):
    """A part of an axis is named without the axis itself. Name the broader level, too."""

    FRENCH = (
        "Un sous-axe est nommé sans l’axe dont il fait partie. Nommez aussi le niveau supérieur."
    )


@value
class Wording:
    """What a sheet says in words."""

    title: Annotated[str, "What is to be done, on one line of 1 to 500 characters."]
    description: Annotated[str | None, "What it consists of."] = None
    objectives: Annotated[str | None, "What it is to reach."] = None
    expected_effects: Annotated[str | None, "What it is expected to change."] = None
    means: Annotated[str | None, "With what people and things it is done."] = None
    indicators: Annotated[str | None, "By what it is to be followed."] = None

    def cleaned(self) -> Self:
        """Check each field, and give it as it is stored."""
        return replace(
            self,
            title=title(self.title, "title"),
            description=text.optional_text(self.description, "description"),
            objectives=text.optional_text(self.objectives, "objectives"),
            expected_effects=text.optional_text(self.expected_effects, "expected_effects"),
            means=text.optional_text(self.means, "means"),
            indicators=text.optional_text(self.indicators, "indicators"),
        )


@value
class Axis:
    """The place of an action in its plan, from the broad to the narrow, as the plan writes it."""

    axis: Annotated[str | None, "The axis of the plan."] = None
    sub_axis: Annotated[str | None, "The part of that axis."] = None
    sub_sub_axis: Annotated[str | None, "The part of that part."] = None

    def cleaned(self) -> Self:
        """Check each level: none without the one above it."""
        if self.sub_axis is not None and self.axis is None:
            raise AxisMissing("axis")
        if self.sub_sub_axis is not None and self.sub_axis is None:
            raise AxisMissing("sub_axis")
        return replace(
            self,
            axis=None if self.axis is None else title(self.axis, "axis"),
            sub_axis=None if self.sub_axis is None else title(self.sub_axis, "sub_axis"),
            sub_sub_axis=(
                None if self.sub_sub_axis is None else title(self.sub_sub_axis, "sub_sub_axis")
            ),
        )


@value
class Classification:
    """Under what an action is counted; what is None or empty was not stated."""

    category: Annotated[ActionCategory | None, "What it does for jobs and skills."] = None
    themes: Annotated[tuple[Theme, ...], "The themes that it serves."] = ()
    audiences: Annotated[tuple[Audience, ...], "For whom it is."] = ()
    territories: Annotated[tuple[str, ...], "Where it takes place."] = ()
    participation: Annotated[ParticipationLevel | None, "What part citizens have in it."] = None
    priority: Annotated[ActionPriority | None, "How much it matters."] = None

    def cleaned(self) -> Self:
        """Check each field; what is named twice counts once."""
        return replace(
            self,
            themes=themes(self.themes),
            audiences=audiences(self.audiences),
            territories=territories(self.territories),
        )


def title(value: str, path: str) -> str:
    """A title on one line: 1 to 500 characters, NFC, outer white space removed."""
    clean = text.text(value, path)
    for index, character in enumerate(clean):
        if character in "\n\t":
            raise ControlCharacters(path, index=index)
    if len(clean) > TITLE_LIMIT:
        raise TextTooLong(path, length=len(clean), limit=TITLE_LIMIT)
    return clean


def themes(given: Sequence[Theme]) -> tuple[Theme, ...]:
    """Themes in the order in which they were given, each once."""
    return tuple(dict.fromkeys(text.at_most(given, 2 * len(Theme), "themes")))


def audiences(given: Sequence[Audience]) -> tuple[Audience, ...]:
    """Audiences in the order in which they were given, each once."""
    return tuple(dict.fromkeys(text.at_most(given, 2 * len(Audience), "audiences")))


def territories(given: Sequence[str]) -> tuple[str, ...]:
    """Territories of reference in the order in which they were given, each once."""
    known = [
        reference.known(key, f"territories.{index}")
        for index, key in enumerate(text.at_most(given, TERRITORIES, "territories"))
    ]
    return tuple(dict.fromkeys(known))
