"""Indicators: what is measured, in which unit, where it started, where it is to go."""

from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Annotated, Self
from uuid import UUID

from domain import text
from domain import unit as units
from domain.command import value
from domain.label import Label
from domain.quantity import optional_quantity, quantity
from domain.refusal import Refusal
from domain.theme import Theme

YEARS = (1900, 2200)
"""The first and the last year that a baseline or a target may name."""


class Direction(Label):
    """Which way an indicator is meant to go."""

    RISING = "RISING", "à la hausse", "rising"
    FALLING = "FALLING", "à la baisse", "falling"


# refusals


class IndicatorExists(Refusal):
    """There is an indicator of this name already: {indicator}. Measure that one, or rename."""

    FRENCH = (
        "Un indicateur porte déjà ce nom : {indicator}. "
        "Utilisez-le, ou donnez un autre nom à celui-ci."
    )


class IndicatorNotInUse(Refusal):
    """This indicator was dropped and is not measured any more. Define it anew if it is wanted."""

    FRENCH = (
        "Cet indicateur a été abandonné et n’est plus mesuré. "
        "Définissez-le de nouveau s’il est souhaité."
    )


class BoundsReversed(Refusal):
    """The least value, {least}, is above the most, {most}. Swap or correct them."""

    FRENCH = "Le minimum, {least}, dépasse le maximum, {most}. Inversez ou corrigez les bornes."


class ValueOutOfBounds(Refusal):
    """{value} {unit} is out of the bounds of this indicator, {least} to {most}. Check the value."""

    FRENCH = (
        "{value} {unit} sort des bornes de cet indicateur, {least} à {most}. Vérifiez la valeur."
    )


class MeasurementExists(Refusal):
    """This source measured {value} for the same period already. Correct it, with a reason."""

    FRENCH = "Cette source a déjà mesuré {value} pour la même période. Corrigez-la, avec un motif."


class MeasurementVoid(Refusal):
    """This measurement was withdrawn: there is nothing to correct. Report it anew."""

    FRENCH = "Cette mesure a été retirée : il n’y a rien à corriger. Déclarez-en une nouvelle."


class NothingToCorrect(Refusal):
    """It says {value} already: this would correct nothing. Give what it should say instead."""

    FRENCH = (
        "La valeur est déjà {value} : cela ne corrigerait rien. Donnez ce qui devrait y figurer."
    )


@value
class Source:
    """Where a value comes from."""

    producer: Annotated[str, "Who produced it, such as the observatory of the region."]
    method: Annotated[str | None, "By which method."] = None
    edition: Annotated[str | None, "In which edition of that source."] = None

    def checked(self) -> "Source":
        """Itself with clean texts."""
        return Source(
            producer=text.name(self.producer, "source.producer"),
            method=text.optional_text(self.method, "source.method"),
            edition=text.optional_name(self.edition, "source.edition"),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A value in the unit of its indicator, beside the value and unit in which it was given."""

    value: Decimal
    stated_value: Decimal
    stated_unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """What an indicator measures, as it is worded."""

    name: str
    unit: str
    direction: Direction
    precision: int | None = None
    least: Decimal | None = None
    most: Decimal | None = None
    theme: Theme | None = None
    code: str | None = None
    description: str | None = None

    def cleaned(self) -> Self:
        """Check each field, and give it as it is stored."""
        if self.precision is not None:
            text.within(self.precision, 0, units.DECIMALS, "precision")
        least = optional_quantity(self.least, "least")
        most = optional_quantity(self.most, "most")
        if least is not None and most is not None and most < least:
            raise BoundsReversed("most", least=least, most=most)
        return replace(
            self,
            name=text.name(self.name, "name"),
            unit=units.unit(self.unit, "unit"),
            least=least,
            most=most,
            code=text.optional_name(self.code, "code"),
            description=text.optional_text(self.description, "description"),
        )

    def check_bounds(self, found: Decimal) -> None:
        """Refuse a value that the indicator cannot have."""
        low = self.least is not None and found < self.least
        high = self.most is not None and found > self.most
        if low or high:
            least = "−∞" if self.least is None else self.least
            most = "∞" if self.most is None else self.most
            raise ValueOutOfBounds("value", value=found, unit=self.unit, least=least, most=most)


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """Where an indicator stood at the start, in which year, and who found it."""

    year: int
    reading: Reading
    source: Source | None = None


@dataclass(slots=True, kw_only=True)
class Indicator:
    """What the rules know of an indicator: how it is read, and where it was and is to be.

    A baseline and a target are a member's, or the whole alliance's where no member is named.
    """

    definition: Definition
    dropped: bool = False
    baselines: dict[UUID | None, Baseline] = field(default_factory=dict)
    targets: dict[tuple[UUID | None, int], Reading] = field(default_factory=dict)

    def read(self, value: Decimal, unit: str | None) -> Reading:
        """Convert a value from its unit, round it to the precision, and hold it to the bounds."""
        wanted, precision = self.definition.unit, self.definition.precision
        stated = quantity(value, "value")
        given = wanted if unit is None else units.unit(unit, "unit")
        found = units.converted(stated, given, wanted, "unit")
        if precision is not None:
            found = quantity(units.rounded(found, precision), "value")
        self.definition.check_bounds(found)
        return Reading(value=found, stated_value=stated, stated_unit=given)


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasurementSubject:
    """Of what a measurement speaks: an indicator, a period and a source.

    It is a member's, or the whole alliance's where no member is named.
    """

    indicator: UUID
    organisation: UUID | None
    starts_on: date
    ends_on: date
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """A measurement as it stands after its corrections."""

    subject: MeasurementSubject
    reading: Reading
    reason: str | None = None
    """Why it was corrected the last time, if ever."""
    withdrawn: bool = False
