"""A grid of cells, as a spreadsheet file holds it."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from io import BytesIO, StringIO
from pathlib import Path
from typing import Final, TypeAlias

from openpyxl.utils import get_column_letter
from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetVisibleEnum

from infra.sheets.package import COLUMNS, ROWS, Marks, look_through
from infra.sheets.problem import UnfitFile

Cell: TypeAlias = str | float | bool | date | datetime | time | timedelta
"""What a cell holds; an empty one holds an empty text. Whole numbers may come as floats."""

SIZE: Final = 50_000_000
"""Bytes that a file may have."""

_OLD_EXCEL: Final = b"\xd0\xcf\x11\xe0"
_DELIMITERS: Final = ";,\t"


@dataclass(frozen=True, slots=True)
class Grid:
    """The cells of one sheet; the first row is row 1 of the sheet."""

    name: str
    rows: Sequence[Sequence[Cell]]
    marks: Marks = field(default_factory=Marks)
    escaped: bool = False
    """Whether a text that a program could take for a formula has an apostrophe before it."""


def read_grids(path: Path) -> list[Grid]:
    """Read every visible sheet of an xlsx, ods or csv file.

    Raises:
        UnfitFile: it is none of these, damaged, protected, or too large.
        OSError: it cannot be read.
    """
    if (size := path.stat().st_size) > SIZE:
        raise UnfitFile(
            f"The file has {size / 1e6:.0f} MB; {SIZE / 1e6:.0f} are accepted. Split it."
        )
    content = path.read_bytes()
    if content.startswith(b"PK"):
        return _workbook(content)
    if content.startswith(_OLD_EXCEL):
        raise UnfitFile("The file is protected, or of an old Excel: save it anew, as xlsx.")
    return [_delimited(path.stem, content)]


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
                workbook.get_sheet_by_name(sheet.name).to_python(skip_empty_area=False),
                marks.get(sheet.name, Marks()),
            )
            for sheet in workbook.sheets_metadata
            if sheet.visible is SheetVisibleEnum.Visible
        ]
    except PasswordError as error:
        raise UnfitFile("The file is protected by a password: save it without one.") from error
    except CalamineError as error:
        raise UnfitFile(f"The file is damaged ({error}): save it anew.") from error


def _delimited(name: str, content: bytes) -> Grid:
    text = _decoded(content)
    if "\0" in text:
        raise UnfitFile("This is no text and no spreadsheet: save the sheet as xlsx, ods or csv.")
    first = text.lstrip("\r\n").partition("\n")[0]
    delimiter = max(_DELIMITERS, key=first.count)
    try:
        rows = list(csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise UnfitFile(f"The csv cannot be taken apart ({error}): check its quotes.") from error
    if len(rows) > ROWS or any(len(row) > COLUMNS for row in rows):
        raise UnfitFile(f"{ROWS} rows and {COLUMNS} columns are accepted. Split the file.")
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
    raise UnfitFile("The csv is neither UTF-8 nor Windows-1252: save it as UTF-8.")
