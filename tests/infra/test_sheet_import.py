"""Spreadsheets of action sheets: taken in whole and once, or refused with every error."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from domain.action import Action
from domain.assignment import SteeringRole
from domain.budget import BudgetBasis, BudgetStage
from domain.identity import Id
from domain.progress import ExecutionStatus
from domain.refusal import NotFound
from domain.theme import Theme
from infra.command_bus import CommandBus
from infra.mapper import EventMapper
from infra.sheets import importing
from infra.sheets.entry import Tally
from infra.sheets.importing import take_in
from infra.sheets.problem import BrokenSheet
from infra.store import EventStore
from tests.infra.sheets import IMPORTER, alliance, nothing, own, platform, written_csv, xlsx

GOOD = {
    "code": "1_112",
    "title": "Animer la filière géothermie",
    "axis": "Mieux se loger",
    "category": "Offre de formation",
    "themes": "mieux se loger ; mieux produire",
    "territories": "region:28",
    "role:PILOT": "Région Normandie\nADEME",
    "starts_on": date(2025, 1, 1),
    "ends_on": "31/12/2026",
    "planned": "52 000,00 €",
    "planned_basis": "HT",
    "lines": "12000 ; HT ; fonctionnement ; prévu ; 2026 ; Région Normandie",
    "percent": 40,
    "reported_on": "2025-06-01",
    "status": "En cours",
}

FROM_PLATFORM = {
    "axis": "Habiter",
    "title": "Rénover les écoles",
    "role:PILOT": "Ville",
    "role:PILOT_PERSON": "Camille Exemple",
    "participation": "Concertation",
    "funder_1": "Département",
    "amount_1": 1000,
    "planned": "2 500,50",
    "status": "À venir",
    "priority": "Élevé",
    "starts_on": "01/03/2025",
}


@pytest.fixture
async def plan(bus: CommandBus) -> Id:
    """An alliance without any action."""
    return await alliance(bus)


async def actions(store: EventStore, mapper: EventMapper) -> list[Action]:
    """Every action, folded from the log, in the order of their proposals."""
    found: dict[Any, Any] = {}
    for recorded in await mapper.decode((await store.page(0, limit=100_000)).events):
        if type(recorded.event).TOPIC.startswith("action."):
            found[recorded.stream_id] = recorded.event.mutate(found.get(recorded.stream_id))
    return list(found.values())


async def problems(path: Path, plan: Id, bus: CommandBus, store: EventStore) -> list[str]:
    head = await store.head()
    with pytest.raises(BrokenSheet) as broken:
        await take_in(path, plan, bus, store, IMPORTER, progress=nothing)
    assert await store.head() == head
    return [str(problem) for problem in broken.value.problems]


async def test_a_row_becomes_an_action_with_all_that_it_says(
    bus: CommandBus, store: EventStore, mapper: EventMapper, plan: Id, tmp_path: Path
) -> None:
    path = xlsx(tmp_path, own(GOOD))
    tally = await take_in(path, plan, bus, store, IMPORTER, progress=nothing)
    (action,) = await actions(store, mapper)
    assert tally == Tally(new=1)
    assert (action.code, action.wording.title) == ("1_112", "Animer la filière géothermie")
    assert action.classification.themes == (Theme.HOUSING, Theme.PRODUCING)
    assert action.period == (date(2025, 1, 1), date(2026, 12, 31))
    assert [held.designation for held in action.assignments.values()] == [
        "Région Normandie",
        "ADEME",
    ]
    total = action.budget_totals[BudgetStage.PLANNED]
    assert (total.amount, total.basis) == (Decimal("52000.00"), BudgetBasis.BEFORE_TAX)
    (line,) = action.budget_lines.values()
    assert (line.year, line.funder_name) == (2026, "Région Normandie")
    assert action.progress[date(2025, 6, 1)].percent == 40
    assert action.status is ExecutionStatus.UNDER_WAY


async def test_a_row_of_the_platform_becomes_an_action_and_its_part(
    bus: CommandBus, store: EventStore, mapper: EventMapper, plan: Id, tmp_path: Path
) -> None:
    part = {"sub_title": "Isoler les toits", "status": "Réalisé", "role:PILOT": "Ville"}
    path = written_csv(tmp_path, platform(FROM_PLATFORM, part), "cp1252")
    await take_in(path, plan, bus, store, IMPORTER, progress=nothing)
    whole, isolated = await actions(store, mapper)
    assert [line.amount for line in whole.budget_lines.values()] == [Decimal("1000.00")]
    assert whole.budget_totals[BudgetStage.PLANNED].amount == Decimal("2500.50")
    people = [held for held in whole.assignments.values() if held.person]
    assert [held.role for held in people] == [SteeringRole.PILOT_PERSON]
    assert isolated.axis.axis == "Habiter"
    assert isolated.status is ExecutionStatus.DONE


@pytest.mark.parametrize(
    "table", [own(GOOD, GOOD | {"code": "", "part_of": "1_112"}), platform(FROM_PLATFORM)]
)
async def test_a_file_taken_in_twice_changes_nothing(
    bus: CommandBus, store: EventStore, plan: Id, tmp_path: Path, table: list[list[Any]]
) -> None:
    path = xlsx(tmp_path, table)
    first = await take_in(path, plan, bus, store, IMPORTER, progress=nothing)
    head = await store.head()
    again = await take_in(path, plan, bus, store, IMPORTER, progress=nothing)
    assert (again.new, again.changed, again.unchanged) == (0, 0, first.new)
    assert await store.head() == head


async def test_a_changed_cell_changes_that_and_nothing_else(
    bus: CommandBus, store: EventStore, plan: Id, tmp_path: Path
) -> None:
    rows = [GOOD, GOOD | {"code": "4_12", "title": "Autre"}]
    await take_in(xlsx(tmp_path, own(*rows)), plan, bus, store, IMPORTER, progress=nothing)
    head = await store.head()
    rows[1] |= {"status": "en pause"}
    path = xlsx(tmp_path, own(*rows))
    tally = await take_in(path, plan, bus, store, IMPORTER, progress=nothing)
    assert tally == Tally(changed=1, unchanged=1)
    (event,) = (await store.page(head)).events
    assert event.topic == "action.status_changed"


async def test_a_dry_run_tells_what_would_change_and_does_nothing(
    bus: CommandBus, store: EventStore, plan: Id, tmp_path: Path
) -> None:
    head = await store.head()
    path = xlsx(tmp_path, own(GOOD))
    tally = await take_in(path, plan, bus, store, IMPORTER, progress=nothing, dry_run=True)
    assert tally == Tally(new=1)
    assert await store.head() == head


async def test_all_errors_come_at_once_with_row_column_and_what_to_write(
    bus: CommandBus, store: EventStore, plan: Id, tmp_path: Path
) -> None:
    found = await problems(
        xlsx(
            tmp_path,
            own(
                GOOD,
                {"title": "B", "status": "presque", "starts_on": "demain", "planned": "beaucoup"},
                {"title": "C", "planned": 10},
                {"code": "7"},
                {"title": "D", "percent": "12,5", "lines": "12"},
            ),
        ),
        plan,
        bus,
        store,
    )
    assert [problem.partition(":")[0] for problem in found] == [
        "row 3, column AA, “Début”",
        "row 3, column AC, “Budget prévu (€)”",
        "row 3, column AK, “Statut”",
        "row 4, column AD, “Base du budget prévu”",
        "row 5, column C, “Titre”",
        "row 6, column AG, “Lignes de budget”",
        "row 6, column AI, “Avancement (%)”",
    ]
    assert "write one of: à discuter" in found[2]


async def test_what_the_domain_refuses_is_told_by_the_cell(
    bus: CommandBus, store: EventStore, plan: Id, tmp_path: Path
) -> None:
    tomorrow = {"title": "E", "percent": 101, "reported_on": "01/01/2025"}
    reversed_ = {"title": "F", "starts_on": "02/01/2026", "ends_on": "01/01/2026"}
    nowhere = {"title": "G", "territories": "region:99"}
    path = xlsx(tmp_path, own(GOOD, tomorrow, reversed_, nowhere))
    found = await problems(path, plan, bus, store)
    assert [problem.partition(":")[0] for problem in found] == [
        "row 3, column AI, “Avancement (%)”",
        "row 4, column AB, “Fin”",
        "row 5, column P, “Territoires”",
    ]


async def test_one_refused_row_keeps_every_bunch_out(
    bus: CommandBus,
    store: EventStore,
    plan: Id,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(importing, "BUNCH", 2)
    rows = [{"title": f"Action {number}"} for number in range(7)]
    bad = {"title": "Z", "territories": "region:99"}
    found = await problems(xlsx(tmp_path, own(*rows, bad)), plan, bus, store)
    assert len(found) == 1
    told: list[tuple[int, int]] = []
    tally = await take_in(
        xlsx(tmp_path, own(*rows)),
        plan,
        bus,
        store,
        IMPORTER,
        progress=lambda done, total: told.append((done, total)),
    )
    assert tally == Tally(new=7)
    assert [total for _, total in told] == [7, 7, 7, 7]
    assert told[-1] == (7, 7)


async def test_two_rows_of_the_same_action_are_an_error(
    bus: CommandBus, store: EventStore, plan: Id, tmp_path: Path
) -> None:
    (found,) = await problems(xlsx(tmp_path, own(GOOD, GOOD)), plan, bus, store)
    assert "row 2 is of the same action" in found


async def test_an_alliance_that_is_not_there_is_told(
    bus: CommandBus, store: EventStore, tmp_path: Path
) -> None:
    nobody = Id("ali_" + 32 * "0")
    path = xlsx(tmp_path, own(GOOD))
    with pytest.raises(NotFound):
        await take_in(path, nobody, bus, store, IMPORTER, progress=nothing)


async def test_an_unanswered_budget_is_not_zero(
    bus: CommandBus, store: EventStore, mapper: EventMapper, plan: Id, tmp_path: Path
) -> None:
    path = xlsx(tmp_path, own({"title": "A", "planned": "Non renseigné"}))
    await take_in(path, plan, bus, store, IMPORTER, progress=nothing)
    (action,) = await actions(store, mapper)
    assert action.budget_not_answered
    assert not action.budget_totals
