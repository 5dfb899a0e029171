"""The layouts of sheets that are known, told apart by their headers."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from domain import text
from domain.assignment import SteeringRole
from infra.sheets.grid import Cell, Grid
from infra.sheets.problem import Problem

_LOOKED_AT: Final = 10
"""In which rows a header may stand: titles and remarks may come before it."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: what it holds, and what stands above it."""

    key: str
    header: str


@dataclass(frozen=True)
class Layout:
    """The columns of a layout, in their order."""

    name: str
    columns: tuple[Column, ...]

    @cached_property
    def headers(self) -> Counter[str]:
        """The headers as they are compared, and how often each comes."""
        return Counter(_folded(column.header) for column in self.columns)


ROLES: Final = {f"role:{role.value}": role for role in SteeringRole}
"""The columns that hold parties, by the keys that both layouts give them."""


def _role(role: SteeringRole, header: str) -> Column:
    return Column(f"role:{role.value}", header)


OWN: Final = Layout(
    "cordée",
    (
        Column("id", "Identifiant"),
        Column("code", "Code"),
        Column("title", "Titre"),
        Column("part_of", "Partie de"),
        Column("axis", "Axe"),
        Column("sub_axis", "Sous-axe"),
        Column("sub_sub_axis", "Sous-sous-axe"),
        Column("description", "Description"),
        Column("objectives", "Objectifs"),
        Column("expected_effects", "Effets attendus"),
        Column("means", "Moyens"),
        Column("indicators", "Indicateurs"),
        Column("category", "Catégorie"),
        Column("themes", "Thèmes"),
        Column("audiences", "Publics"),
        Column("territories", "Territoires"),
        Column("participation", "Participation citoyenne"),
        Column("priority", "Priorité"),
        _role(SteeringRole.HOLDER, "Porteurs"),
        _role(SteeringRole.PILOT, "Pilotes"),
        _role(SteeringRole.CO_PILOT, "Copilotes"),
        _role(SteeringRole.PILOT_DEPARTMENT, "Services pilotes"),
        _role(SteeringRole.CONTRIBUTOR, "Contributeurs"),
        _role(SteeringRole.PARTNER, "Partenaires"),
        _role(SteeringRole.ELECTED_REFERENT, "Élus référents"),
        _role(SteeringRole.GOVERNING_BODY, "Instances de gouvernance"),
        Column("starts_on", "Début"),
        Column("ends_on", "Fin"),
        Column("planned", "Budget prévu (€)"),
        Column("planned_basis", "Base du budget prévu"),
        Column("spent", "Budget dépensé (€)"),
        Column("spent_basis", "Base du budget dépensé"),
        Column("lines", "Lignes de budget"),
        Column("funding", "Financement"),
        Column("percent", "Avancement (%)"),
        Column("reported_on", "Avancement au"),
        Column("status", "Statut"),
        Column("settled_on", "Achevée ou abandonnée le"),
    ),
)
"""cordée's own layout: all that a plan says, and what it calls each action."""

PLATFORM: Final = Layout(
    "plateforme de l’État",
    (
        Column("axis", "Axe (x)"),
        Column("sub_axis", "Sous-axe (x.x)"),
        Column("sub_sub_axis", "Sous-sous axe (x.x.x)"),
        Column("title", "Titre de l'action"),
        Column("sub_title", "Titre de la sous-action"),
        Column("description", "Descriptif"),
        _role(SteeringRole.GOVERNING_BODY, "Instances de gouvernance"),
        Column("objectives", "Objectifs"),
        Column("indicators", "Indicateurs liés"),
        _role(SteeringRole.PILOT, "Structure pilote"),
        Column("means", "Moyens humains et techniques"),
        _role(SteeringRole.PARTNER, "Partenaires"),
        _role(SteeringRole.PILOT_DEPARTMENT, "Direction ou service pilote"),
        _role(SteeringRole.PILOT_PERSON, "Personne pilote"),
        _role(SteeringRole.ELECTED_REFERENT, "Élu·e référent·e"),
        Column("participation", "Participation Citoyenne"),
        Column("funding", "Financements"),
        Column("funder_1", "Financeur 1"),
        Column("amount_1", "Montant € HT"),
        Column("funder_2", "Financeur 2"),
        Column("amount_2", "Montant € HT"),
        Column("funder_3", "Financeur 3"),
        Column("amount_3", "Montant € HT"),
        Column("planned", "Budget prévisionnel total € HT"),
        Column("status", "Statut"),
        Column("priority", "Niveau de priorité"),
        Column("starts_on", "Date de début"),
        Column("ends_on", "Date de fin"),
    ),
)
"""The 28 columns in which the state's platform for local authorities takes plans in."""

LAYOUTS: Final = (OWN, PLATFORM)

_HINTED_FROM: Final = 2
"""In the platform's own file the headers stand in row 2, and row 3 explains them."""


@dataclass(frozen=True, slots=True)
class Table:
    """A grid whose layout was recognised."""

    grid: Grid
    layout: Layout
    header_row: int
    places: dict[str, int]
    """In which column each key stands, from 1."""

    @property
    def first_row(self) -> int:
        """The row in which the sheets begin, from 1."""
        hinted = self.layout is PLATFORM and self.header_row == _HINTED_FROM
        return self.header_row + (2 if hinted else 1)

    def problem(self, row: int, key: str | None, en: str, fr: str) -> Problem:
        """Say what is wrong in a cell, or in its row where the layout has no such column."""
        for column in self.layout.columns:
            if column.key == key:
                place = self.places[column.key]
                return Problem(en, fr, row, place, column.header, self.grid.shown(row, place))
        return Problem(en, fr, row)


def recognised(grid: Grid) -> tuple[Table | None, list[Problem]]:
    """Recognise a layout by the row of headers that fits it best.

    Without a table, the problems say what is missing of the layout that comes nearest; there are
    none where nothing looks like a header at all.
    """
    best: tuple[int, int, Layout] | None = None
    for number, row in enumerate(grid.rows[:_LOOKED_AT], start=1):
        found = Counter(_folded(cell) for cell in row if isinstance(cell, str) and cell.strip())
        for layout in LAYOUTS:
            fitting = (found & layout.headers).total()
            if fitting >= 3 and (best is None or fitting > best[0]):
                best = (fitting, number, layout)
    if best is None:
        return None, []
    _, number, layout = best
    places, problems = _placed(grid.rows[number - 1], number, layout)
    return (None, problems) if problems else (Table(grid, layout, number, places), [])


def _placed(
    row: Sequence[Cell], number: int, layout: Layout
) -> tuple[dict[str, int], list[Problem]]:
    """Find the place of each column, be the order as it may; headers that repeat keep theirs."""
    waiting: dict[str, list[Column]] = {}
    for column in layout.columns:
        waiting.setdefault(_folded(column.header), []).append(column)
    places: dict[str, int] = {}
    problems = []
    for place, cell in enumerate(row, start=1):
        header = cell.strip() if isinstance(cell, str) else str(cell)
        if not header:
            continue
        if expected := waiting.get(_folded(header)):
            places[expected.pop(0).key] = place
        else:
            twice = _folded(header) in waiting
            known = "it stands twice" if twice else "nothing is known of it"
            connu = "elle y est deux fois" if twice else "elle n’est pas connue"
            problems.append(
                Problem(
                    f"take this column out: {known}.",
                    f"retirez cette colonne : {connu}.",
                    number,
                    place,
                    header[:80],
                    header[:80],
                )
            )
    missing = [column.header for column in layout.columns if column.key not in places]
    if missing:
        listed = ", ".join(f"“{header}”" for header in missing)
        problems.append(
            Problem(
                f"columns of the layout “{layout.name}” are missing: add {listed};"
                " they may be empty.",
                f"il manque des colonnes du modèle « {layout.name} » : ajoutez {listed} ;"
                " elles peuvent être vides.",
                number,
            )
        )
    return places, problems


def _folded(header: Cell) -> str:
    """A header without case, accents, punctuation, and the platform's “(x.x)”."""
    plain = re.sub(r"\(x[.x]*\)", "", text.folded(str(header)))
    return re.sub(r"[^a-z0-9€%]+", " ", plain).strip()
