"""Spreadsheets that callers send: taken in like those of the command line, one at a time."""

import asyncio
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from api.ports import Caller, Intake
from api.sheets import BrokenSheet, IntakeBusy, IntakeTooSlow, UnfitFile
from domain.alliance import AllianceClosed, CloseAlliance
from domain.command import Command
from domain.identity import Id
from domain.refusal import CommandReused, Forbidden, NotFound, NotSignedIn, Refusal
from infra.command_bus import CommandBus
from infra.sheets import difference, importing, intake, reading
from infra.sheets.entry import EnterSheets
from infra.sheets.intake import SheetIntake
from infra.store import EventStore
from tests.infra.sheets import IMPORTER, alliance, own, platform, written_csv, xlsx

GOOD = {"code": "1_112", "title": "Former", "status": "en cours"}
SENT = UUID("0190f1a2-0000-7000-8000-000000000001")


class Unread(BytesIO):
    """A file that must not be looked at."""

    def read(self, *_arguments: Any) -> bytes:
        raise AssertionError("it was read")


@pytest.fixture
async def plan(bus: CommandBus) -> Id:
    """An alliance without any action."""
    return await alliance(bus)


@pytest.fixture
def sheets(bus: CommandBus, store: EventStore) -> SheetIntake:
    return SheetIntake(bus, store)


def sent(path: Path, plan: Id, **said: Any) -> Intake:
    given: dict[str, Any] = {"sheet": None, "dry_run": False, "command_id": None}
    content = BytesIO(path.read_bytes())
    return Intake(alliance=plan, name=path.name, content=content, **given | said)


async def test_what_is_sent_is_taken_in_and_can_be_seen_from_its_position_on(
    sheets: SheetIntake, store: EventStore, plan: Id, tmp_path: Path
) -> None:
    path = xlsx(tmp_path, own(GOOD, {"title": "Planter"}))
    taken = await sheets.take_in(sent(path, plan), IMPORTER)
    assert (taken.new, taken.changed, taken.unchanged) == (2, 0, 0)
    assert taken.position == await store.head()
    again = await sheets.take_in(sent(path, plan), IMPORTER)
    assert (again.new, again.changed, again.unchanged) == (0, 0, 2)
    assert again.position == taken.position


async def test_a_dry_run_does_nothing_whatever_its_id(
    sheets: SheetIntake, store: EventStore, plan: Id, tmp_path: Path
) -> None:
    head = await store.head()
    path = xlsx(tmp_path, platform({"axis": "Habiter", "title": "Rénover"}))
    for _ in range(2):
        taken = await sheets.take_in(sent(path, plan, dry_run=True, command_id=SENT), IMPORTER)
        assert (taken.new, taken.position) == (1, head)
    assert await store.head() == head


async def test_under_one_id_a_file_is_taken_in_once_even_if_the_plan_was_changed_since(
    sheets: SheetIntake,
    store: EventStore,
    plan: Id,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(importing, "BUNCH", 2)
    rows = [GOOD, *({"title": f"Action {number}"} for number in range(4))]
    first = sent(xlsx(tmp_path, own(*rows)), plan, command_id=SENT)
    assert (await sheets.take_in(first, IMPORTER)).new == 5
    rows[0] = GOOD | {"status": "en pause"}
    await sheets.take_in(sent(xlsx(tmp_path, own(*rows)), plan), IMPORTER)
    head = await store.head()

    again = await sheets.take_in(first, IMPORTER)

    assert (again.new, again.changed, again.unchanged) == (0, 0, 5)
    assert await store.head() == head


async def test_an_id_stands_for_one_file(
    sheets: SheetIntake, store: EventStore, plan: Id, tmp_path: Path
) -> None:
    await sheets.take_in(sent(xlsx(tmp_path, own(GOOD)), plan, command_id=SENT), IMPORTER)
    head = await store.head()
    other = sent(xlsx(tmp_path, own(GOOD, {"title": "B"})), plan, command_id=SENT)
    with pytest.raises(CommandReused):
        await sheets.take_in(other, IMPORTER)
    assert await store.head() == head


async def test_errors_are_told_in_the_language_of_their_reader(
    sheets: SheetIntake, plan: Id, tmp_path: Path
) -> None:
    path = written_csv(tmp_path, own(GOOD | {"starts_on": "demain", "territories": "region:99"}))
    for language, message in (
        ("fr", "'demain' n’est pas une date ; écrivez-la comme 31/12/2026."),
        ("en", "'demain' is no date; write it as 31/12/2026."),
    ):
        with pytest.raises(BrokenSheet) as broken:
            await sheets.take_in(sent(path, plan), Caller("importer", language, trusted=True))  # type: ignore[arg-type]
        (problem,) = broken.value.problems
        assert (problem.row, problem.column, problem.header) == (2, "AA", "Début")
        assert (problem.found, problem.message) == ("demain", message)


async def test_what_the_domain_refuses_is_told_by_the_cell_in_french(
    sheets: SheetIntake, plan: Id, tmp_path: Path
) -> None:
    path = xlsx(tmp_path, own(GOOD | {"percent": 101, "reported_on": "01/01/2025"}))
    with pytest.raises(BrokenSheet) as broken:
        await sheets.take_in(sent(path, plan), Caller("importer", "fr", trusted=True))
    (problem,) = broken.value.problems
    assert (problem.column, problem.header, problem.found) == ("AI", "Avancement (%)", "101.0")
    assert problem.message.startswith("101 est hors limites")


async def test_no_file_has_more_errors_than_can_be_told(
    sheets: SheetIntake, plan: Id, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "ENOUGH", 3)
    path = xlsx(tmp_path, own(*({"starts_on": "demain"} for _ in range(9))))
    with pytest.raises(BrokenSheet) as broken:
        await sheets.take_in(sent(path, plan), IMPORTER)
    *_, last = broken.value.problems
    assert len(broken.value.problems) == 5
    assert (last.row, last.column) == (4, None)
    assert "mend what stands above first" in last.message


async def test_what_is_no_spreadsheet_is_told(
    sheets: SheetIntake, plan: Id, tmp_path: Path
) -> None:
    path = tmp_path / "plan.pdf"
    path.write_bytes(b"%PDF-1.7\n\0\0\0")
    with pytest.raises(UnfitFile, match="This is no text and no spreadsheet"):
        await sheets.take_in(sent(path, plan), IMPORTER)


async def test_a_plan_in_which_no_action_may_be_entered_is_told_before_a_file_is_read(
    sheets: SheetIntake, bus: CommandBus, plan: Id
) -> None:
    unread: dict[str, Any] = {"content": Unread(), "sheet": None, "command_id": None}
    nobody = Id("ali_" + 32 * "0")
    with pytest.raises(NotFound) as unknown:
        await sheets.take_in(Intake(alliance=nobody, name="a", dry_run=True, **unread), IMPORTER)
    assert unknown.value.path == "alliance"
    await bus.execute(CloseAlliance(alliance=plan, closed_on=date(2026, 1, 1)), IMPORTER)
    with pytest.raises(AllianceClosed):
        await sheets.take_in(Intake(alliance=plan, name="a", dry_run=True, **unread), IMPORTER)


def test_whoever_may_import_may_give_every_command_that_an_import_gives() -> None:
    given = [
        found
        for found in vars(difference).values()
        if isinstance(found, type) and issubclass(found, Command) and found is not Command
    ]
    assert len(given) > 20
    for command in given:
        assert command.RULE.by >= EnterSheets.RULE.by, command.__name__


@pytest.mark.parametrize("dry_run", [True, False])
@pytest.mark.parametrize(("principal", "refusal"), [(None, NotSignedIn), (UUID(int=7), Forbidden)])
async def test_whoever_may_not_enter_actions_is_told_so_before_a_file_is_read(
    sheets: SheetIntake,
    plan: Id,
    principal: UUID | None,
    refusal: type[Refusal],
    dry_run: bool,
) -> None:
    caller = Caller("somebody", "en", principal=principal)
    unread: dict[str, Any] = {"content": Unread(), "sheet": None, "command_id": None}
    with pytest.raises(refusal):
        await sheets.take_in(Intake(alliance=plan, name="a", dry_run=dry_run, **unread), caller)


async def test_one_file_is_taken_in_at_a_time(
    sheets: SheetIntake, plan: Id, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = xlsx(tmp_path, own(GOOD))
    both = [sheets.take_in(sent(path, plan), IMPORTER) for _ in range(2)]
    assert sorted(taken.new for taken in await asyncio.gather(*both)) == [0, 1]
    monkeypatch.setattr(intake, "WAITING", 0)
    async with sheets._turn:
        with pytest.raises(IntakeBusy):
            await sheets.take_in(sent(path, plan), IMPORTER)


async def test_a_file_that_takes_too_long_is_refused_and_leaves_nothing(
    sheets: SheetIntake,
    store: EventStore,
    plan: Id,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path, head = xlsx(tmp_path, own(GOOD)), await store.head()
    monkeypatch.setattr(intake, "DECIDING", 0)
    with pytest.raises(IntakeTooSlow):
        await sheets.take_in(sent(path, plan), IMPORTER)
    assert await store.head() == head
    monkeypatch.setattr(intake, "DECIDING", 60)
    assert (await sheets.take_in(sent(path, plan), IMPORTER)).new == 1


async def test_the_loop_goes_on_while_a_file_is_read(
    sheets: SheetIntake, plan: Id, tmp_path: Path
) -> None:
    path = xlsx(tmp_path, own(*({"title": f"Action {number}"} for number in range(1_000))))
    turns = 0
    taking = asyncio.ensure_future(sheets.take_in(sent(path, plan, dry_run=True), IMPORTER))
    while not taking.done():
        await asyncio.sleep(0.001)
        turns += 1
    assert taking.result().new == 1_000
    assert turns > 20
