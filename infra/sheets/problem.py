"""What is wrong with a spreadsheet: where, and what to write instead."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from openpyxl.utils import get_column_letter


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong in a cell, in a whole row, or with the table."""

    text: str
    row: int | None = None
    """1 is the first row of the sheet."""
    column: int | None = None
    """1 is the first column of the sheet."""
    header: str | None = None

    def __str__(self) -> str:
        place = [] if self.row is None else [f"row {self.row}"]
        if self.column is not None:
            place.append(f"column {get_column_letter(self.column)}")
        if self.header is not None:
            place.append(f"“{self.header}”")
        return f"{', '.join(place)}: {self.text}" if place else self.text


class BrokenSheet(Exception):
    """A spreadsheet has errors, and nothing in it was carried out."""

    def __init__(self, path: Path, problems: Iterable[Problem]) -> None:
        self.path = path
        self.problems = sorted(problems, key=lambda found: (found.row or 0, found.column or 0))
        count = len(self.problems)
        errors = "one error" if count == 1 else f"{count} errors"
        listed = "\n".join(f"  {problem}" for problem in self.problems)
        super().__init__(f"{path} has {errors}, and nothing of it was carried out:\n{listed}")


class UnfitFile(Exception):
    """A file cannot be read as a spreadsheet at all; the message says what to do."""
