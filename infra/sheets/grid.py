"""A grid of cells, as a spreadsheet file holds it."""

import csv
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from io import BytesIO, StringIO
from typing import IO, Final, Literal, Protocol, TypeAlias

from openpyxl.utils import get_column_letter
from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetVisibleEnum,
)

from infra.sheets.package import COLUMNS, ROWS, Marks, look_through
from infra.sheets.problem import UnfitFile

Cell: TypeAlias = str | float | bool | date | datetime | time | timedelta
"""What a cell holds; an empty one holds an empty text. Whole numbers may come as floats."""

SIZE: Final = 50_000_000
"""Bytes that a file may have."""

_OLD_EXCEL: Final = b"\xd0\xcf\x11\xe0"
_DELIMITERS: Final = ";,\t"
_SHOWN: Final = 80
"""Characters of a cell that are shown to whoever has to mend it."""


class Source(Protocol):
    """Where a file comes from: a path, or what stands for one."""

    @property
    def stem(self) -> str:
        """Its name, without what the name ends in."""

    def open(self, mode: Literal["rb"], /) -> AbstractContextManager[IO[bytes]]:
        """Open it from its start."""


@dataclass(frozen=True, slots=True)
class Grid:
    """The cells of one sheet; the first row is row 1 of the sheet."""

    name: str
    rows: Sequence[Sequence[Cell]]
    marks: Marks = field(default_factory=Marks)
    escaped: bool = False
    """Whether a text that a program could take for a formula has an apostrophe before it."""

    def shown(self, row: int, column: int) -> str | None:
        """Give how the text of a cell begins; None where it is empty."""
        cells = self.rows[row - 1] if row <= len(self.rows) else ()
        return str(cells[column - 1])[:_SHOWN] or None if column <= len(cells) else None


def read_grids(source: Source) -> list[Grid]:
    """Read every visible sheet of an xlsx, ods or csv file.

    Raises:
        UnfitFile: it is none of these, damaged, protected, or too large.
        OSError: it cannot be read.
    """
    with source.open("rb") as file:
        content = file.read(SIZE + 1)
    if len(content) > SIZE:
        raise UnfitFile(
            f"The file has more than {SIZE / 1e6:.0f} MB. Split it.",
            f"Le fichier compte plus de {SIZE / 1e6:.0f} Mo. Scindez-le.",
        )
    if content.startswith(b"PK"):
        return _workbook(content)
    if content.startswith(_OLD_EXCEL):
        raise UnfitFile(
            "The file is protected, or of an old Excel: save it anew, as xlsx.",
            "Le fichier est protégé, ou d’un ancien Excel : enregistrez-le à nouveau, en xlsx.",
        )
    return [_delimited(source.stem, content)]


def place(row: int, column: int) -> str:
    """Name a cell as spreadsheets do: ``B7``."""
    return f"{get_column_letter(column)}{row}"


def _workbook(content: bytes) -> list[Grid]:
    marks = look_through(content)
    try:
        workbook = CalamineWorkbook.from_filelike(BytesIO(content))
        return [
            Grid(
                sheet.name,
                _rows(workbook.get_sheet_by_name(sheet.name)),
                marks.get(sheet.name, Marks()),
            )
            for sheet in workbook.sheets_metadata
            if sheet.visible is SheetVisibleEnum.Visible
        ]
    except PasswordError as error:
        raise UnfitFile(
            "The file is protected by a password: save it without one.",
            "Le fichier est protégé par un mot de passe : enregistrez-le sans.",
        ) from error
    except CalamineError as error:
        raise UnfitFile.damaged(error) from error


def _rows(sheet: CalamineSheet) -> list[list[Cell]]:
    """Give the rows of a sheet from the first one on, each from the first column on.

    They are taken one after the other, so that other threads get their turn; its reader begins
    each with the first column in which there is anything.
    """
    _, left = sheet.start or (0, 0)
    return [[""] * left + row for row in sheet.iter_rows()]


def _delimited(name: str, content: bytes) -> Grid:
    text = _decoded(content)
    if "\0" in text:
        raise UnfitFile(
            "This is no text and no spreadsheet: save the sheet as xlsx, ods or csv.",
            "Ce n’est ni un texte ni un tableur : enregistrez la feuille en xlsx, ods ou csv.",
        )
    first = text.lstrip("\r\n").partition("\n")[0]
    delimiter = max(_DELIMITERS, key=first.count)
    try:
        rows = []
        for row in csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True):
            rows.append(row)
            if len(rows) > ROWS or len(row) > COLUMNS:
                raise UnfitFile(
                    f"{ROWS} rows and {COLUMNS} columns are accepted. Split the file.",
                    f"{ROWS} lignes et {COLUMNS} colonnes sont acceptées. Scindez le fichier.",
                )
    except csv.Error as error:
        raise UnfitFile(
            f"The csv cannot be taken apart ({error}): check its quotes.",
            f"Le csv ne peut être lu ({error}) : vérifiez ses guillemets.",
        ) from error
    return Grid(name, rows, escaped=True)


def _decoded(content: bytes) -> str:
    """Read UTF-8, or what older programs write in France: UTF-16 with its mark, Windows-1252."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ("utf-16",)
    else:
        encodings = ("utf-8-sig", "cp1252")  # type: ignore[assignment]
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnfitFile(
        "The csv is neither UTF-8 nor Windows-1252: save it as UTF-8.",
        "Le csv n’est ni en UTF-8 ni en Windows-1252 : enregistrez-le en UTF-8.",
    )
