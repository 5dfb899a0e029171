"""Spreadsheets to take in, written the way people write them."""

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from openpyxl import Workbook

from api.ports import Caller
from domain.alliance import AllianceKind, LaunchAlliance
from domain.identity import Id
from infra.command_bus import CommandBus
from infra.sheets.layout import OWN, PLATFORM, Layout

IMPORTER = Caller(actor="importer", language="en", trusted=True)


def rows_of(layout: Layout, *sheets: Mapping[str, Any]) -> list[list[Any]]:
    """Headers and rows; what a sheet does not say is an empty cell."""
    headers = [column.header for column in layout.columns]
    return [headers, *([s.get(column.key, "") for column in layout.columns] for s in sheets)]


def own(*sheets: Mapping[str, Any]) -> list[list[Any]]:
    return rows_of(OWN, *sheets)


def platform(*sheets: Mapping[str, Any]) -> list[list[Any]]:
    return rows_of(PLATFORM, *sheets)


def xlsx(folder: Path, *tables: Sequence[Sequence[Any]], merged: str | None = None) -> Path:
    workbook = Workbook()
    workbook.remove(workbook.active)
    for number, table in enumerate(tables, start=1):
        worksheet = workbook.create_sheet(f"Plan {number}")
        for row in table:
            worksheet.append(list(row))
        if merged is not None:
            worksheet.merge_cells(merged)
    path = folder / "plan.xlsx"
    workbook.save(path)
    return path


def written_csv(folder: Path, table: Sequence[Sequence[Any]], encoding: str = "utf-8") -> Path:
    text = io.StringIO()
    csv.writer(text, delimiter=";").writerows(table)
    path = folder / "plan.csv"
    path.write_bytes(text.getvalue().encode(encoding))
    return path


async def alliance(bus: CommandBus) -> Id:
    launched = LaunchAlliance(
        name="COP Normandie", kind=AllianceKind.REGIONAL_COP, territory="region:28"
    )
    return Id((await bus.execute(launched, IMPORTER)).id)


def nothing(done: int, total: int) -> None:
    """Whoever does not watch."""
