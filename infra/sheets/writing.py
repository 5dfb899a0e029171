"""Writing tables so that no spreadsheet runs what is in them."""

import csv
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Final, TypeAlias

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from infra.sheets.cell import escaped
from infra.sheets.problem import UnfitFile

Value: TypeAlias = str | int | Decimal | date | None

_WIDTH: Final = 24


def write_table(
    path: Path, title: str, headers: Sequence[str], rows: Iterable[Sequence[Value]]
) -> int:
    """Write a table as xlsx or csv, as the name of the file says, and count its rows.

    Raises:
        UnfitFile: the name says neither.
        OSError: it cannot be written.
    """
    match path.suffix.lower():
        case ".xlsx":
            return _write_xlsx(path, title, headers, rows)
        case ".csv":
            # With its mark, and semicolons: what French spreadsheets take for UTF-8 and columns.
            return write_csv(path, headers, rows, encoding="utf-8-sig", delimiter=";")
        case _:
            raise UnfitFile(
                f"{path}: name the file .xlsx or .csv.",
                f"{path} : nommez le fichier .xlsx ou .csv.",
            )


def write_csv(
    path: Path,
    headers: Sequence[str],
    rows: Iterable[Sequence[Value]],
    *,
    encoding: str = "utf-8",
    delimiter: str = ",",
) -> int:
    """Write a table as csv; a text that a program would run gets an apostrophe before it."""
    count = 0
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file, delimiter=delimiter, lineterminator="\r\n")
        writer.writerow(headers)
        for row in rows:
            writer.writerow([escaped("" if value is None else str(value)) for value in row])
            count += 1
    return count


def _write_xlsx(
    path: Path, title: str, headers: Sequence[str], rows: Iterable[Sequence[Value]]
) -> int:
    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet(title[:31])
    sheet.freeze_panes = "A2"
    for column in range(1, len(headers) + 1):
        sheet.column_dimensions[get_column_letter(column)].width = _WIDTH

    def cell(value: Value, *, bold: bool = False) -> WriteOnlyCell:
        made = WriteOnlyCell(sheet, value)
        if isinstance(value, str):
            made.data_type = "s"  # never a formula, whatever it begins with
            made.alignment = Alignment(wrap_text=True, vertical="top")
            made.quotePrefix = True
        elif isinstance(value, date):
            made.number_format = "dd/mm/yyyy"
        elif isinstance(value, Decimal):
            made.number_format = "#,##0.00"
        if bold:
            made.font = Font(bold=True)
        return made

    sheet.append([cell(header, bold=True) for header in headers])
    count = 0
    for row in rows:
        sheet.append([None if value in (None, "") else cell(value) for value in row])
        count += 1
    workbook.save(path)
    return count
