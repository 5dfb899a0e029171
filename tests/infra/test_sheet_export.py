"""What is given out: a plan that comes back in without a change, and open data."""

import csv
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from domain.identity import Id
from domain.organisation import OrganisationKind, RegisterOrganisation
from domain.upkeep import RestrictAction
from infra.command_bus import CommandBus
from infra.mapper import EventMapper
from infra.projector import Projector, prepare
from infra.sheets.entry import Tally
from infra.sheets.exporting import Export, give_out
from infra.sheets.importing import take_in
from infra.sheets.open_data import AUTHORITIES, PROJECTS
from infra.sheets.problem import UnfitFile
from infra.store import EventStore
from tests.generations import PATH
from tests.infra.sheets import IMPORTER, alliance, nothing, own, platform, xlsx

FORMULA = "=HYPERLINK(A1)"

Exported = Callable[[Export, Path, Id], Awaitable[Path]]


@pytest.fixture
async def projector(
    database: str, store: EventStore, mapper: EventMapper
) -> AsyncIterator[Projector]:
    """The read models of that database, kept up to date."""
    await prepare(database)
    projector = await Projector.start(database, store, mapper)
    yield projector
    await projector.stop()


async def registered(bus: CommandBus, name: str, territory: str, siren: str | None = None) -> Id:
    kind = OrganisationKind.PUBLIC_AUTHORITY
    command = RegisterOrganisation(name=name, kind=kind, territory=territory, siren=siren)
    return Id((await bus.execute(command, IMPORTER)).id)


@pytest.fixture
def exported(database: str, projector: Projector, store: EventStore) -> Exported:
    """Gives something of an alliance out, once the read models have come so far."""

    async def exported(what: Export, path: Path, plan: Id) -> Path:
        assert await projector.wait_until(await store.head(), 30)
        await give_out(what, path, database, schemas=PATH, alliance=plan, territory=None)
        return path

    return exported


def rows_of(path: Path, delimiter: str = ",") -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file, delimiter=delimiter))


def plan_sheets(organisation: Id) -> list[list[Any]]:
    whole = {
        "code": "1_112",
        "title": FORMULA,
        "description": "- une ligne\n- une autre",
        "axis": "Mieux se loger",
        "themes": "mieux se loger",
        "role:HOLDER": f"Métropole [{organisation}]",
        "role:PILOT": f"Direction de l’eau [{organisation}]\nADEME",
        "planned": 52_000,
        "planned_basis": "TTC",
        "lines": f"10,50 ; HT ; ; dépensé ; 2025 ; Métropole [{organisation}]\n1 ; HT ; ; ; ;",
        "percent": 100,
        "reported_on": "01/02/2025",
        "status": "réalisée",
        "settled_on": "01/02/2025",
    }
    part = {"title": "'=Partie", "part_of": "1_112", "planned": "non renseigné"}
    blocked = {"title": "Bloquée", "status": "bloquée", "code": "2.10"}
    return own(whole, part, blocked)


@pytest.mark.parametrize("name", ["plan.xlsx", "plan.csv"])
async def test_a_plan_comes_back_in_without_a_change(
    name: str, bus: CommandBus, store: EventStore, exported: Exported, tmp_path: Path
) -> None:
    plan = await alliance(bus)
    metropole = await registered(bus, "Métropole", "epci:200023414")
    given = xlsx(tmp_path, [["Plan"], *plan_sheets(metropole)])
    _make_texts(given)
    await take_in(given, plan, bus, store, IMPORTER, progress=nothing)
    platform_plan = {"title": "Agir", "role:PILOT": "Ville", "funder_1": "État", "amount_1": 5}
    given = xlsx(tmp_path, platform(platform_plan))
    await take_in(given, plan, bus, store, IMPORTER, progress=nothing)
    out = await exported(Export.PLAN, tmp_path / name, plan)
    head = await store.head()

    tally = await take_in(out, plan, bus, store, IMPORTER, progress=nothing)

    assert tally == Tally(unchanged=4)
    assert await store.head() == head


def _make_texts(path: Path) -> None:
    """Write what begins with = as a text, as a person does who types an apostrophe first."""
    workbook = load_workbook(path)
    for row in workbook.active.iter_rows():
        for cell in row:
            if cell.data_type == "f":
                cell.data_type = "s"
    workbook.save(path)


async def test_no_program_runs_what_a_plan_says(
    bus: CommandBus, store: EventStore, exported: Exported, tmp_path: Path
) -> None:
    plan = await alliance(bus)
    given = xlsx(tmp_path, own({"title": FORMULA, "description": "@SUM(1)"}))
    _make_texts(given)
    await take_in(given, plan, bus, store, IMPORTER, progress=nothing)

    book = await exported(Export.PLAN, tmp_path / "a.xlsx", plan)
    cells = [cell for row in load_workbook(book).active.iter_rows(min_row=2) for cell in row]
    assert [cell.data_type for cell in cells if cell.value == FORMULA] == ["s"]

    table = await exported(Export.PLAN, tmp_path / "a.csv", plan)
    values = [value for row in rows_of(table, ";") for value in row]
    assert f"'{FORMULA}" in values
    assert "'@SUM(1)" in values
    assert not any(value.startswith(("=", "+", "-", "@")) for value in values)


async def test_public_actions_are_open_data_and_the_others_are_not(
    bus: CommandBus, store: EventStore, exported: Exported, tmp_path: Path
) -> None:
    plan = await alliance(bus)
    metropole = await registered(bus, "Métropole", "epci:200023414")
    public = {
        "title": "Planter",
        "status": "en retard",
        "starts_on": "01/03/2025",
        "planned": "450000,40",
        "planned_basis": "HT",
        "role:HOLDER": f"[{metropole}]",
    }
    path = xlsx(tmp_path, own(public, {"title": "Secret", "code": "S"}))
    await take_in(path, plan, bus, store, IMPORTER, progress=nothing)
    secret = (await store.page(0, topics=["action.proposed"])).events[1].stream_id
    await bus.execute(RestrictAction(action=Id(f"act_{secret.hex}")), IMPORTER)

    out = await exported(Export.ACTIONS, tmp_path / "a.csv", plan)
    header, row = rows_of(out)
    said = dict(zip(header, row, strict=True))
    assert tuple(header) == PROJECTS
    assert (said["nom"], said["phase"], said["phaseStatut"]) == (
        "Planter",
        "Opération",
        "En retard",
    )
    assert said["budgetPrevisionnel"] == "450000"
    assert said["dateDebutPrevisionnelle"] == "2025-03-01"
    assert said["createdAt"].endswith("Z")
    assert [entry.replace("-", "") for entry in json.loads(said["collectiviteIds"])] == [
        metropole.removeprefix("org_")
    ]


async def test_intercommunalities_are_open_data(
    database: str, bus: CommandBus, store: EventStore, projector: Projector, tmp_path: Path
) -> None:
    await registered(bus, "Métropole", "epci:200023414", "200023414")
    await registered(bus, "Région", "region:28")
    await registered(bus, "Golfe", "epci:200067932")
    assert await projector.wait_until(await store.head(), 30)
    path = tmp_path / "o.csv"
    normandy = "region:28"
    await give_out(
        Export.ORGANISATIONS, path, database, schemas=PATH, alliance=None, territory=normandy
    )
    header, row = rows_of(path)
    said = dict(zip(header, row, strict=True))
    assert tuple(header) == AUTHORITIES
    assert (said["nom"], said["type"], said["codeEpci"]) == ("Métropole", "EPCI", "200023414")
    assert (said["codeDepartements"], said["codeRegions"]) == ('["76"]', '["28"]')


async def test_a_file_of_another_name_is_not_written(database: str, tmp_path: Path) -> None:
    with pytest.raises(UnfitFile, match=r"name the file \.csv"):
        await give_out(
            Export.ACTIONS,
            tmp_path / "a.xlsx",
            database,
            schemas=PATH,
            alliance=None,
            territory=None,
        )
    with pytest.raises(UnfitFile, match="Name the alliance"):
        await give_out(
            Export.PLAN, tmp_path / "a.xlsx", database, schemas=PATH, alliance=None, territory=None
        )
