"""Reading a table: every row a sheet, and every error of every cell at once."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any, Final

from domain.budget import BudgetBasis, BudgetLine
from domain.identity import Id, internal
from domain.refusal import Refusal
from infra.sheets import cell
from infra.sheets.cell import Unreadable
from infra.sheets.content import READERS
from infra.sheets.grid import Cell, Grid, place
from infra.sheets.layout import PLATFORM, Table, recognised
from infra.sheets.problem import Problem
from infra.sheets.sheet import Sheet, Target, key_of

_PAIRS: Final = (("funder_1", "amount_1"), ("funder_2", "amount_2"), ("funder_3", "amount_3"))

_PEOPLE: Final = ("role:PILOT_PERSON", "role:ELECTED_REFERENT")
"""The columns of the platform that hold people's names."""

ENOUGH: Final = 1_000
"""Errors after which what stands further down is not read."""
_UNREAD: Final = (
    "this row and those below were not read; mend what stands above first.",
    "cette ligne et les suivantes n’ont pas été lues ; corrigez d’abord ce qui précède.",
)
_UNTITLED: Final = (
    "an action needs a title; write it.",
    "il faut un titre à une action ; écrivez-le.",
)

Tell = Callable[[str | None, str, str], None]
"""Notes what is wrong in a column, by its key, in English and French."""


def table_of(
    grids: Sequence[Grid], wanted: str | None = None
) -> tuple[Table | None, list[Problem]]:
    """Find the one sheet of a file that holds a plan; ``wanted`` names it where there are two."""
    grids = [grid for grid in grids if wanted in (None, grid.name)]
    if not grids:
        missing = f"there is no sheet “{wanted}”.", f"il n’y a pas de feuille « {wanted} »."
        return None, [Problem(*missing)]
    found = [recognised(grid) for grid in grids]
    tables = [table for table, _ in found if table is not None]
    if len(tables) > 1:
        names = ", ".join(f"“{table.grid.name}”" for table in tables)
        several = Problem(
            f"several sheets hold a plan, {names}: name one of them, as `sheet`.",
            f"plusieurs feuilles contiennent un plan, {names} : nommez l’une d’elles, par `sheet`.",
        )
        return None, [several]
    if tables:
        return tables[0], _unfit(tables[0])
    problems = [problem for _, listed in found for problem in listed]
    nothing = Problem(
        "no row has the headers of a plan; start from an export of cordée, or from the 28 columns"
        " of the state's platform.",
        "aucune ligne n’a les en-têtes d’un plan ; partez d’un export de cordée, ou des 28 colonnes"
        " de la plateforme de l’État.",
    )
    return None, problems or [nothing]


def _unfit(table: Table) -> list[Problem]:
    """Name the formulas and the merged cells in a table: what they mean cannot be known."""
    marks, name = table.grid.marks, table.layout.columns
    header = {table.places[column.key]: column.header for column in name}
    formulas = [
        Problem(
            "this is a formula; paste its value in its place.",
            "c’est une formule ; collez sa valeur à sa place.",
            row,
            column,
            header[column],
            table.grid.shown(row, column),
        )
        for row, column in marks.formulas
        if row >= table.header_row and column in header
    ]
    merges = [
        Problem(
            f"cells are merged from {place(row, column)} on; split them, and fill each.",
            f"des cellules sont fusionnées à partir de {place(row, column)} ; séparez-les, et"
            " remplissez chacune.",
            row,
            column,
            header.get(column),
            table.grid.shown(row, column),
        )
        for row, column, last in marks.merges
        if last >= table.header_row
    ]
    return formulas + merges


class Reading:
    """One pass over a table that gathers what is wrong instead of stopping at it."""

    def __init__(self, table: Table, alliance: Id) -> None:
        self.problems: list[Problem] = []
        self._table = table
        self._alliance = alliance
        self._sheets: dict[Target, Sheet] = {}
        self._named: dict[str, Target] = {}
        """Rows by what a part may call its whole: the id or the code; on the platform the title."""
        self._last: Target | None = None
        self._columns = [
            (column.key, table.places[column.key] - 1, READERS.get(column.key, cell.words))
            for column in table.layout.columns
        ]
        self._nothing = {key: read("") for key, _, read in self._columns}

    def sheets(self) -> list[Sheet]:
        """Read every row that is not empty; wholes come before their parts."""
        for number, row in self._rows():
            if len(self.problems) >= ENOUGH:
                self.problems.append(Problem(*_UNREAD, number))
                return []
            self._read(number, row)
        if self._table.layout is not PLATFORM:
            self._find_wholes()
        return sorted(self._sheets.values(), key=lambda sheet: (sheet.depth, sheet.row))

    def _rows(self) -> Iterator[tuple[int, Sequence[Cell]]]:
        grid, first = self._table.grid, self._table.first_row
        for number, row in enumerate(grid.rows[first - 1 :], first):
            if any(not isinstance(given, str) or given.strip() for given in row):
                yield number, [cell.unescaped(given) for given in row] if grid.escaped else row

    def _read(self, number: int, row: Sequence[Cell]) -> None:
        before = len(self.problems)

        def tell(key: str | None, en: str, fr: str) -> None:
            self.problems.append(self._table.problem(number, key, en, fr))

        said = self._said(row, tell)
        if self._table.layout is PLATFORM:
            target, whole = self._platform(said, tell)
        else:
            target, whole = self._own(said, tell), None
        if target in self._sheets:
            earlier = self._sheets[target].row
            tell(
                "title",
                f"row {earlier} is of the same action; take one out, or name it apart.",
                f"la ligne {earlier} est de la même action ; retirez-en une, ou nommez-la"
                " autrement.",
            )
        if len(self.problems) == before:
            depth = 0 if whole is None else 1
            self._sheets[target] = Sheet(
                row=number, target=target, whole=whole, depth=depth, says=said
            )

    def _said(self, row: Sequence[Cell], tell: Tell) -> dict[str, Any]:
        said: dict[str, Any] = self._nothing.copy()
        for key, index, read in self._columns:
            if index >= len(row) or row[index] == "":  # most cells are empty; a csv may end early
                continue
            try:
                said[key] = read(row[index])
            except Unreadable as error:
                tell(key, error.en, error.fr)
                said[key] = None
        return said

    def _own(self, said: dict[str, Any], tell: Tell) -> Target:
        named, code = said.pop("id"), said["code"]
        if said["title"] is None:
            tell("title", *_UNTITLED)
        for amount, basis in (("planned", "planned_basis"), ("spent", "spent_basis")):
            if isinstance(said[amount], Decimal) and said[basis] is None:
                tell(
                    basis,
                    "an amount has a basis; write HT, TTC or “non soumis à la TVA”.",
                    "un montant a une base ; écrivez HT, TTC ou « non soumis à la TVA ».",
                )
        if said["percent"] is not None and said["reported_on"] is None:
            tell(
                "reported_on",
                "of which day does the progress speak? Write it, as 31/12/2026.",
                "de quel jour parle l’avancement ? Écrivez-le, comme 31/12/2026.",
            )
        if named is not None:
            target = Target(key_of(self._alliance, "id", named), _action(named, "id", tell))
        elif code is not None:
            target = Target(key_of(self._alliance, "code", code), code=code)
        else:
            axis = (said["axis"], said["sub_axis"], said["sub_sub_axis"])
            target = Target(key_of(self._alliance, "title", *axis, said["part_of"], said["title"]))
        self._named.update((name, target) for name in (named, code) if name is not None)
        return target

    def _find_wholes(self) -> None:
        """Put the whole of each part in, and tell how deep it lies; wholes may stand below."""
        for target, sheet in list(self._sheets.items()):
            if (name := sheet.says["part_of"]) is None:
                continue

            def tell(key: str | None, en: str, fr: str, row: int = sheet.row) -> None:
                self.problems.append(self._table.problem(row, key, en, fr))

            whole = self._named.get(name)
            if whole is None and name.startswith("act_"):
                whole = Target(key_of(self._alliance, "id", name), _action(name, "part_of", tell))
            if whole is None:
                tell(
                    "part_of",
                    f"no row has the code or the id {name[:80]!r}; write one that is.",
                    f"aucune ligne n’a le code ou l’identifiant {name[:80]!r} ; écrivez-en un qui"
                    " existe.",
                )
            else:
                self._sheets[target] = replace(sheet, whole=whole)
        for target, sheet in self._sheets.items():
            self._sheets[target] = replace(sheet, depth=self._depth(sheet))

    def _depth(self, sheet: Sheet) -> int:
        depth, above = 0, sheet
        while above.whole is not None and above.whole in self._sheets:
            depth, above = depth + 1, self._sheets[above.whole]
            if depth > len(self._sheets):
                circle = (
                    "these actions are parts of each other; take the circle apart.",
                    "ces actions sont des parties les unes des autres ; défaites le cercle.",
                )
                self.problems.append(self._table.problem(sheet.row, "part_of", *circle))
                return 0
        return depth

    def _platform(self, said: dict[str, Any], tell: Tell) -> tuple[Target, Target | None]:
        said["lines"] = tuple(_payers(said, tell))
        for role in _PEOPLE:
            said[role] = tuple(replace(party, person=True) for party in said[role] or ())
        if isinstance(said["planned"], Decimal):
            said["planned_basis"] = BudgetBasis.BEFORE_TAX
        title, part = said["title"], said.pop("sub_title")
        if title is None and part is None:
            tell("title", *_UNTITLED)
        whole = None
        if part is not None:
            said["title"] = part
            whole = self._last if title is None else self._named.get(title)
            if whole is None:
                tell(
                    "sub_title",
                    "no row above is the action of which this is a part; add one.",
                    "aucune ligne au-dessus n’est l’action dont celle-ci est une partie ;"
                    " ajoutez-la.",
                )
            elif said["axis"] is None and whole in self._sheets:
                above = self._sheets[whole].says
                said.update({key: above[key] for key in ("axis", "sub_axis", "sub_sub_axis")})
        axis = (said["axis"], said["sub_axis"], said["sub_sub_axis"])
        of = "" if whole is None else whole.key.hex
        target = Target(key_of(self._alliance, "title", *axis, of, said["title"]))
        if part is None and title is not None:
            self._named[title] = self._last = target
        return target, whole


def _payers(said: dict[str, Any], tell: Tell) -> Iterator[BudgetLine]:
    """Make lines of a budget of the three pairs of payer and amount before tax."""
    for payer, amount in _PAIRS:
        name, given = said.pop(payer), said.pop(amount)
        if given is not None:
            yield BudgetLine(amount=given, basis=BudgetBasis.BEFORE_TAX, funder_name=name)
        elif name is not None:
            tell(
                amount,
                f"what does {name[:80]!r} pay? Write the amount, or take the name out.",
                f"que paie {name[:80]!r} ? Écrivez le montant, ou retirez le nom.",
            )


def _action(named: str, key: str, tell: Tell) -> Any:
    try:
        return internal("action", Id(named))
    except Refusal as refusal:
        tell(
            key,
            f"{refusal.message('en')} Leave the cell empty for an action that is new.",
            f"{refusal.message('fr')} Laissez la cellule vide pour une action nouvelle.",
        )
        return None
