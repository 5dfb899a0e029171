"""Files that are no good: each is refused in a sentence that says what to do."""

import zipfile
from pathlib import Path

import pytest
from openpyxl import Workbook

from domain.identity import Id
from infra.sheets.grid import read_grids
from infra.sheets.importing import read_sheets
from infra.sheets.layout import OWN, PLATFORM
from infra.sheets.problem import BrokenSheet, UnfitFile
from tests.infra.sheets import own, platform, written_csv, xlsx

PLAN = Id("ali_" + 32 * "1")
ROW = {"title": "Former", "status": "en cours"}

MIMETYPE = "application/vnd.oasis.opendocument.spreadsheet"
MANIFEST = f"""<?xml version="1.0" encoding="UTF-8"?>
<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">
<manifest:file-entry manifest:full-path="/" manifest:media-type="{MIMETYPE}"/>
<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/>
</manifest:manifest>"""
ODS = """<?xml version="1.0" encoding="UTF-8"?>
<office:document-content
  xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
  xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
  xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0">
<office:body><office:spreadsheet><table:table table:name="Plan">{rows}</table:table>
</office:spreadsheet></office:body></office:document-content>"""


def problems(path: Path, sheet: str | None = None) -> list[str]:
    with pytest.raises(BrokenSheet) as broken:
        read_sheets(path, PLAN, sheet)
    return [str(problem) for problem in broken.value.problems]


def unfit(path: Path) -> str:
    with pytest.raises(UnfitFile) as refused:
        read_sheets(path, PLAN)
    return str(refused.value)


def titles(path: Path, sheet: str | None = None) -> list[str]:
    return [found.says["title"] for found in read_sheets(path, PLAN, sheet)[1]]


def ods(folder: Path, rows: list[list[str]], extra: str = "") -> Path:
    cells = [
        "".join(
            f'<table:table-cell office:value-type="string"><text:p>{value}</text:p>'
            "</table:table-cell>"
            if value
            else "<table:table-cell/>"
            for value in row
        )
        for row in rows
    ]
    text = "".join(f"<table:table-row>{row}</table:table-row>" for row in cells) + extra
    path = folder / "plan.ods"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        # As the format wants it: first, and not compressed.
        archive.writestr("mimetype", MIMETYPE, zipfile.ZIP_STORED)
        archive.writestr("META-INF/manifest.xml", MANIFEST)
        archive.writestr("content.xml", ODS.format(rows=text))
    return path


def test_the_layouts_are_told_apart_by_their_headers(tmp_path: Path) -> None:
    assert read_sheets(xlsx(tmp_path, own(ROW)), PLAN)[0].layout is OWN
    assert read_sheets(xlsx(tmp_path, platform(ROW)), PLAN)[0].layout is PLATFORM


def test_the_platform_has_28_columns() -> None:
    assert len(PLATFORM.columns) == 28


def test_under_headers_in_the_second_row_the_platform_explains_them(tmp_path: Path) -> None:
    headers, row = platform(ROW)
    table = [["Plan"], headers, ["(à remplir)" for _ in headers], row]
    assert titles(xlsx(tmp_path, table)) == ["Former"]


def test_an_ods_is_read_like_an_xlsx(tmp_path: Path) -> None:
    assert titles(ods(tmp_path, own(ROW))) == ["Former"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_a_csv_is_read_in_what_french_programs_write(tmp_path: Path, encoding: str) -> None:
    path = written_csv(tmp_path, own(ROW | {"title": "Élaguer – l’été"}), encoding)
    assert titles(path) == ["Élaguer – l’été"]


def test_dates_as_text_are_days(tmp_path: Path) -> None:
    rows = [ROW | {"title": day, "starts_on": day} for day in ("1/2/2026", "2026-02-01")]
    _, sheets = read_sheets(written_csv(tmp_path, own(*rows)), PLAN)
    assert {sheet.says["starts_on"].isoformat() for sheet in sheets} == {"2026-02-01"}


@pytest.mark.parametrize("day", ["31/02/2026", "demain", "2026", "01/01/26", "12/2026"])
def test_a_text_that_is_no_day_is_told(tmp_path: Path, day: str) -> None:
    (found,) = problems(written_csv(tmp_path, own(ROW | {"starts_on": day})))
    assert found.startswith("row 2, column AA, “Début”")


def test_merged_cells_are_refused_with_their_place(tmp_path: Path) -> None:
    (found,) = problems(xlsx(tmp_path, own(ROW, ROW | {"title": "B"}), merged="E2:E3"))
    assert found.startswith("row 2, column E, “Axe”: cells are merged from E2 on")


def test_merged_cells_of_an_ods_are_refused(tmp_path: Path) -> None:
    extra = '<table:table-row><table:table-cell table:number-rows-spanned="2"/></table:table-row>'
    (found,) = problems(ods(tmp_path, own(ROW), extra))
    assert "cells are merged from A3 on" in found


def test_a_formula_is_refused_with_its_place(tmp_path: Path) -> None:
    (found,) = problems(xlsx(tmp_path, own(ROW | {"planned": "=1+1", "planned_basis": "HT"})))
    assert found == (
        "row 2, column AC, “Budget prévu (€)”: this is a formula; paste its value in its place."
    )


def test_a_formula_of_an_ods_is_refused(tmp_path: Path) -> None:
    extra = '<table:table-row><table:table-cell table:formula="of:=1"/></table:table-row>'
    (found,) = problems(ods(tmp_path, own(ROW), extra))
    assert found.startswith("row 3, column A, “Identifiant”: this is a formula")


def test_missing_columns_are_all_named(tmp_path: Path) -> None:
    table = [row[:-2] for row in own(ROW)]
    (found,) = problems(xlsx(tmp_path, table))
    assert "add “Statut”, “Achevée ou abandonnée le”" in found


def test_a_column_of_no_layout_is_not_passed_over_in_silence(tmp_path: Path) -> None:
    headers, row = own(ROW)
    (found,) = problems(xlsx(tmp_path, [[*headers, "Couleur"], [*row, "vert"]]))
    assert "“Couleur”: take this column out" in found


def test_of_two_sheets_with_a_plan_one_has_to_be_named(tmp_path: Path) -> None:
    path = xlsx(tmp_path, own(ROW), own(ROW | {"title": "Autre"}))
    (found,) = problems(path)
    assert "“Plan 1”, “Plan 2”: name one of them, as `sheet`." in found
    assert titles(path, "Plan 2") == ["Autre"]
    assert problems(path, "Plan 3") == ["there is no sheet “Plan 3”."]


def test_a_plan_that_begins_far_from_the_corner_has_its_errors_where_they_stand(
    tmp_path: Path,
) -> None:
    table = [["", "", *row] for row in own(ROW | {"starts_on": "demain"})]
    (found,) = problems(xlsx(tmp_path, [[], [], *table]))
    assert found.startswith("row 4, column AC, “Début”")


def test_many_sheets_that_reach_far_are_refused_before_room_is_made(tmp_path: Path) -> None:
    workbook = Workbook()
    for _ in range(3):
        sheet = workbook.create_sheet()
        sheet["A1"] = sheet["GR10000"] = "x"
    workbook.save(tmp_path / "plan.xlsx")
    assert "The sheets reach over 6000000 cells; 4000000 are accepted" in unfit(
        tmp_path / "plan.xlsx"
    )


def test_a_sheet_beside_the_plan_does_not_matter(tmp_path: Path) -> None:
    assert titles(xlsx(tmp_path, [["Notice"], ["=1+1"]], own(ROW))) == ["Former"]


def test_a_mountain_of_zeros_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "plan.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"\0" * 100_000_000)
    assert path.stat().st_size < 200_000
    assert "Unpacked, the file takes 100 MB; 80 are accepted." in unfit(path)


def test_an_archive_that_lies_about_its_sizes_is_damaged(tmp_path: Path) -> None:
    path = tmp_path / "plan.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"\0" * 90_000_000)
    content = path.read_bytes().replace((90_000_000).to_bytes(4, "little"), b"\x10\0\0\0")
    path.write_bytes(content)
    assert "damaged" in unfit(path)


def test_a_cell_in_the_last_corner_is_refused_before_room_is_made(tmp_path: Path) -> None:
    workbook = Workbook()
    workbook.active["XFD1048576"] = "x"
    workbook.save(tmp_path / "plan.xlsx")
    assert "row 1048576, column 16384" in unfit(tmp_path / "plan.xlsx")


def test_a_cell_repeated_to_the_last_corner_is_refused(tmp_path: Path) -> None:
    extra = (
        '<table:table-row table:number-rows-repeated="1048576"><table:table-cell'
        ' table:number-columns-repeated="16384" office:value-type="float" office:value="1"/>'
        "</table:table-row>"
    )
    assert "are accepted" in unfit(ods(tmp_path, own(ROW), extra))


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"PK\x03\x04rubbish", "damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "save it anew, as xlsx"),
        (b"a;b\x81\xff", "save it as UTF-8"),
        (b"\0\0\0", "no spreadsheet"),
        (b'"a', "check its quotes"),
    ],
)
def test_what_is_no_spreadsheet_is_told(tmp_path: Path, content: bytes, told: str) -> None:
    path = tmp_path / "plan.xlsx"
    path.write_bytes(content)
    assert told in unfit(path)


@pytest.mark.parametrize("content", ["", "un;deux;trois\n1;2;3\n"])
def test_a_table_without_a_plan_is_told(tmp_path: Path, content: str) -> None:
    path = tmp_path / "plan.csv"
    path.write_text(content)
    assert "no row has the headers of a plan" in problems(path)[0]


def test_headers_alone_are_told(tmp_path: Path) -> None:
    assert problems(xlsx(tmp_path, own())) == ["below the headers there is nothing; add a row."]


def test_parts_of_each_other_are_told(tmp_path: Path) -> None:
    first = ROW | {"code": "1", "part_of": "2"}
    second = ROW | {"code": "2", "part_of": "1"}
    found = problems(xlsx(tmp_path, own(first, second)))
    assert all("take the circle apart" in problem for problem in found)


def test_a_code_that_came_as_a_whole_number_is_what_was_written(tmp_path: Path) -> None:
    _, (sheet,) = read_sheets(xlsx(tmp_path, own(ROW | {"code": 412})), PLAN)
    assert sheet.says["code"] == "412"
    assert "write the code as a text" in problems(xlsx(tmp_path, own(ROW | {"code": 4.5})))[0]


def test_hidden_sheets_are_not_read(tmp_path: Path) -> None:
    workbook = Workbook()
    workbook.create_sheet("secret").sheet_state = "hidden"
    workbook.save(tmp_path / "plan.xlsx")
    assert [grid.name for grid in read_grids(tmp_path / "plan.xlsx")] == ["Sheet"]
