"""Impacts of an action: what it was found to have changed."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Annotated, Self

from domain import sheet, text
from domain import unit as units
from domain.command import value
from domain.quantity import quantity


@value
class Impact:
    """What was measured, how much of it, in which unit, when and by whom."""

    what: Annotated[str, "What was measured."]
    value: Annotated[Decimal, "How much of it, in the unit."]
    unit: Annotated[str, "The unit of the value."]
    measured_on: Annotated[date | None, "The day of which the value speaks."] = None
    source: Annotated[str | None, "Who measured it, or where the value comes from."] = None
    note: Annotated[str | None, "What one should know about it."] = None

    def cleaned(self) -> Self:
        """Check each field, and give it as it is stored."""
        return replace(
            self,
            what=sheet.title(self.what, "what"),
            value=quantity(self.value, "value"),
            unit=units.unit(self.unit, "unit"),
            source=text.optional_name(self.source, "source"),
            note=text.optional_text(self.note, "note"),
        )
