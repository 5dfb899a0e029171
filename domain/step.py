"""Steps of an action: what is to be done, by when, and whether it was."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Self

from domain import sheet


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A step as it is worded, and the day on which it was done."""

    title: str
    due: date | None = None
    done_on: date | None = None

    def cleaned(self) -> Self:
        """Check each field, and give it as it is stored."""
        return replace(self, title=sheet.title(self.title, "title"))
