"""The forms in which a report is handed over."""

from enum import Enum
from typing import Self


class Medium(Enum):
    """A form of a report."""

    HTML = "text/html; charset=utf-8"
    PDF = "application/pdf"

    @property
    def suffix(self) -> str:
        """How the names of such files end."""
        return f".{self.name.lower()}"

    @classmethod
    def named(cls, name: str) -> tuple[str, Self | None]:
        """Part the name of a file from its end; None where the end is that of no form."""
        for medium in cls:
            if name.lower().endswith(medium.suffix):
                return name[: -len(medium.suffix)], medium
        return name, None

    @classmethod
    def accepted(cls, accept: str) -> Self:
        """Choose what an `Accept` header wants most: a page, unless it names a PDF before one."""
        wanted = [each.partition(";")[0].strip().lower() for each in accept.split(",")]
        for each in wanted:
            if each == "application/pdf":
                return cls.PDF
            if each in ("text/html", "application/xhtml+xml"):
                break
        return cls.HTML
