"""The zip archive that an xlsx or ods file is, looked through before anything reads it.

A small archive can hold a mountain of zeros, or one cell in the last corner of a sheet for which
a reader would make room for all the others. Both are found here, in bounded memory, together
with what a table of values must not hold: formulas and merged cells.
"""

import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from itertools import islice
from typing import Final
from xml.parsers import expat

from openpyxl.utils import column_index_from_string

from infra.sheets.problem import UnfitFile

UNPACKED: Final = 80_000_000
"""Bytes that an archive may take up when it is unpacked."""
ROWS: Final = 50_000
COLUMNS: Final = 200
"""How far a sheet may extend."""
CELLS: Final = 4_000_000
"""Cells in all the rectangles from A1 to the last cell of a sheet: a reader makes room for each."""
MARKS: Final = 1_000
"""Formulas, and merged cells, that are told of."""

_SHEET: Final = re.compile(rb"<(?:\w+:)?sheet\s[^>]*>")
_RELATION: Final = re.compile(rb"<(?:\w+:)?Relationship\s[^>]*>")
_CELL: Final = re.compile(
    rb'<(?:\w+:)?c\s[^>]*?\br="([A-Z]{1,3})([0-9]{1,7})"(?:[^>]*><(?:\w+:)?(f)\b)?'
)
_MERGE: Final = re.compile(
    rb'<(?:\w+:)?mergeCell\s[^>]*?\bref="([A-Z]{1,3})([0-9]{1,7}):[A-Z]+([0-9]+)"'
)


@dataclass(slots=True)
class Marks:
    """What a sheet holds beside values; places are (row, column), from 1."""

    formulas: list[tuple[int, int]] = field(default_factory=list)
    merges: list[tuple[int, int, int]] = field(default_factory=list)
    """Row and column where merged cells begin, and the row in which they end."""
    rows: int = 0
    columns: int = 0
    """How far the sheet extends."""

    def reach(self, name: str, row: int, column: int) -> None:
        """Note that there is something in a cell of the sheet of that name.

        Raises:
            UnfitFile: it lies too far out.
        """
        if row > ROWS or column > COLUMNS:
            raise UnfitFile(
                f"The sheet “{name}” has something in row {row}, column {column};"
                f" {ROWS} rows and {COLUMNS} columns are accepted. Delete what stands beyond.",
                f"La feuille « {name} » contient quelque chose en ligne {row}, colonne {column} ;"
                f" {ROWS} lignes et {COLUMNS} colonnes sont acceptées. Effacez ce qui est au-delà.",
            )
        self.rows, self.columns = max(self.rows, row), max(self.columns, column)


def look_through(content: bytes) -> Mapping[str, Marks]:
    """Check an xlsx or ods archive, and give the marks of each sheet by its name.

    Raises:
        UnfitFile: it is damaged, too large, or no spreadsheet.
    """
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            parts = dict(_unpacked(archive))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise UnfitFile.damaged(error) from error
    if "xl/workbook.xml" in parts:
        return _marks_of_xlsx(parts)
    if "content.xml" in parts:
        return _marks_of_ods(parts["content.xml"])
    raise UnfitFile(
        "The archive holds no spreadsheet: save the sheet as xlsx, ods or csv.",
        "L’archive ne contient pas de tableur : enregistrez la feuille en xlsx, ods ou csv.",
    )


def _unpacked(archive: zipfile.ZipFile) -> Iterator[tuple[str, bytes]]:
    """Unpack the parts with text in them; reading checks that their sizes are what they claim."""
    entries = archive.infolist()
    size = sum(entry.file_size for entry in entries)
    if size > UNPACKED:
        raise UnfitFile(
            f"Unpacked, the file takes {size / 1e6:.0f} MB; {UNPACKED / 1e6:.0f} are accepted."
            " Take out images and empty rows, or split it.",
            f"Décompressé, le fichier occupe {size / 1e6:.0f} Mo ; {UNPACKED / 1e6:.0f} sont"
            " acceptés. Retirez les images et les lignes vides, ou scindez-le.",
        )
    for entry in entries:
        unpacked = archive.read(entry)
        if entry.filename.endswith((".xml", ".rels")):
            yield entry.filename, unpacked


def _marks_of_xlsx(parts: Mapping[str, bytes]) -> Mapping[str, Marks]:
    found: dict[str, Marks] = {}
    targets = {}
    for relation in _RELATION.findall(parts.get("xl/_rels/workbook.xml.rels", b"")):
        target = _attribute(relation, "Target").removeprefix("/xl/").removeprefix("xl/")
        targets[_attribute(relation, "Id")] = f"xl/{target}"
    for sheet in _SHEET.findall(parts["xl/workbook.xml"]):
        name = _attribute(sheet, "name")
        text = parts.get(targets.get(_attribute(sheet, r"\w+:id"), ""), b"")
        marks = found[name] = Marks()
        # Found one after the other, so that other threads get their turn, and that the texts of
        # millions of cells do not lie beside each other.
        for cell in _CELL.finditer(text):
            row, column = int(cell[2]), column_index_from_string(cell[1].decode())
            if row > marks.rows or column > marks.columns:
                marks.reach(name, row, column)
            if cell[3] and len(marks.formulas) < MARKS:
                marks.formulas.append((row, column))
        for merged in islice(_MERGE.finditer(text, text.rfind(b"sheetData>") + 1), MARKS):
            column = column_index_from_string(merged[1].decode())
            marks.merges.append((int(merged[2]), column, int(merged[3])))
    _require_room(found)
    return found


def _attribute(element: bytes, name: str) -> str:
    value = re.search(rf'\s{name}="([^"]*)"'.encode(), element)
    if value is None:
        return ""
    text = value[1].decode(errors="replace")
    for escape, character in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&apos;", "'")):
        text = text.replace(escape, character)
    return text.replace("&amp;", "&")


class _OdsReader:
    """Follows the cells of an ods file, repeated ones counted, as its XML goes by."""

    def __init__(self) -> None:
        self.found: dict[str, Marks] = {}
        self._name = ""
        self._row = self._column = self._rows = 0

    def start(self, element: str, attributes: Mapping[str, str]) -> None:
        match element:
            case "table:table":
                self._name, self._row, self._rows = attributes.get("table:name", ""), 1, 0
                self.found[self._name] = Marks()
            case "table:table-row":
                self._row += self._rows
                self._rows = int(attributes.get("table:number-rows-repeated", 1))
                self._column = 1
            case "table:table-cell" | "table:covered-table-cell":
                self._cell(attributes)

    def _cell(self, attributes: Mapping[str, str]) -> None:
        marks = self.found[self._name]
        repeated = int(attributes.get("table:number-columns-repeated", 1))
        last = self._row + int(attributes.get("table:number-rows-spanned", 1)) - 1
        if "table:formula" in attributes and len(marks.formulas) < MARKS:
            marks.formulas.append((self._row, self._column))
        spanned = last > self._row or int(attributes.get("table:number-columns-spanned", 1)) > 1
        if spanned and len(marks.merges) < MARKS:
            marks.merges.append((self._row, self._column, last))
        if "office:value-type" in attributes:
            last_row, last_column = self._row + self._rows - 1, self._column + repeated - 1
            marks.reach(self._name, last_row, last_column)
        self._column += repeated


def _marks_of_ods(content: bytes) -> Mapping[str, Marks]:
    reader = _OdsReader()
    parser = expat.ParserCreate()
    parser.StartElementHandler = reader.start
    try:
        parser.Parse(content, True)
    except (expat.ExpatError, ValueError) as error:
        raise UnfitFile.damaged(error) from error
    _require_room(reader.found)
    return reader.found


def _require_room(found: Mapping[str, Marks]) -> None:
    cells = sum(marks.rows * marks.columns for marks in found.values())
    if cells > CELLS:
        raise UnfitFile(
            f"The sheets reach over {cells} cells; {CELLS} are accepted in all. Delete what stands"
            " far out, or split the file.",
            f"Les feuilles s’étendent sur {cells} cellules ; {CELLS} sont acceptées en tout."
            " Effacez ce qui est loin des autres, ou scindez le fichier.",
        )
