"""What is wrong with a spreadsheet: where, and what to write instead."""

from collections.abc import Iterable
from dataclasses import dataclass

from openpyxl.utils import get_column_letter

from domain.refusal import Language


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong in a cell, in a whole row, or with the table."""

    en: str
    """What to write instead, in English."""
    fr: str
    row: int | None = None
    """1 is the first row of the sheet."""
    column: int | None = None
    """1 is the first column of the sheet."""
    header: str | None = None
    found: str | None = None
    """What stands there now, or how it begins."""

    @property
    def letters(self) -> str | None:
        """The column as spreadsheets name it: ``AB``."""
        return None if self.column is None else get_column_letter(self.column)

    def message(self, language: Language) -> str:
        """Give what to write instead."""
        return self.fr if language == "fr" else self.en

    def __str__(self) -> str:
        place = [] if self.row is None else [f"row {self.row}"]
        if self.letters is not None:
            place.append(f"column {self.letters}")
        if self.header is not None:
            place.append(f"“{self.header}”")
        return f"{', '.join(place)}: {self.en}" if place else self.en


class BrokenSheet(Exception):
    """A spreadsheet has errors, and nothing in it was carried out."""

    def __init__(self, source: object, problems: Iterable[Problem]) -> None:
        """``source`` is where it comes from, as it is named to people."""
        self.problems = sorted(problems, key=lambda found: (found.row or 0, found.column or 0))
        count = len(self.problems)
        errors = "one error" if count == 1 else f"{count} errors"
        listed = "\n".join(f"  {problem}" for problem in self.problems)
        super().__init__(f"{source} has {errors}, and nothing of it was carried out:\n{listed}")


class UnfitFile(Exception):
    """A file cannot be read as a spreadsheet at all; it says in both languages what to do."""

    def __init__(self, en: str, fr: str) -> None:
        super().__init__(en)
        self.en = en
        self.fr = fr

    @classmethod
    def damaged(cls, error: Exception) -> "UnfitFile":
        """Tell that a file is damaged, as its reader found."""
        return cls(
            f"The file is damaged ({error}): save it anew.",
            f"Le fichier est endommagé ({error}) : enregistrez-le à nouveau.",
        )

    def message(self, language: Language) -> str:
        """Give what to do."""
        return self.fr if language == "fr" else self.en
