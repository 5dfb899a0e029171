"""Taking a spreadsheet of action sheets into the plan of an alliance."""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final
from uuid import UUID

from api.ports import Caller
from domain.claim import Claim
from domain.identity import Id, internal
from domain.refusal import Refusal
from infra.command_bus import CommandBus
from infra.sheets.entry import EnterSheets, Gate, NothingNew, SheetsRefused, Tally, code_key
from infra.sheets.grid import read_grids
from infra.sheets.layout import Table
from infra.sheets.problem import BrokenSheet, Problem
from infra.sheets.reading import Reading, table_of
from infra.sheets.sheet import Sheet, Target
from infra.store import EventStore

BUNCH: Final = 400
"""Sheets that reach the log in one append, give or take a family: an ordinary plan as a whole."""
_ASKED: Final = 2_000
"""Streams that are looked for at a time."""

Told = Callable[[int, int], None]


def read_sheets(path: Path, alliance: Id, sheet: str | None = None) -> tuple[Table, list[Sheet]]:
    """Read a spreadsheet; ``sheet`` names the one that counts where several hold a plan.

    Raises:
        BrokenSheet: with everything that is wrong in it.
        UnfitFile: it is no spreadsheet, or one that is damaged or too large.
        OSError: it cannot be read.
    """
    table, problems = table_of(read_grids(path), sheet)
    if table is None:
        raise BrokenSheet(path, problems)
    reading = Reading(table, alliance)
    sheets = reading.sheets()
    if problems or reading.problems:
        raise BrokenSheet(path, [*problems, *reading.problems])
    if not sheets:
        raise BrokenSheet(path, [Problem("below the headers there is nothing; add a row.")])
    return table, sheets


async def take_in(
    path: Path,
    alliance: Id,
    bus: CommandBus,
    store: EventStore,
    caller: Caller,
    *,
    progress: Told,
    sheet: str | None = None,
    dry_run: bool = False,
) -> Tally:
    """Let the plan of an alliance be what a spreadsheet says, and count what that changes.

    All is decided before anything is stored: where one cell is refused, nothing is done. What the
    plan says already is not done again, so that a file taken in twice changes nothing the second
    time, and one that was interrupted goes on where it stopped. ``progress`` is told how many
    sheets are done, of how many.

    Raises:
        BrokenSheet: with everything that is wrong or would be refused.
        UnfitFile: it is no spreadsheet, or one that is damaged or too large.
        Refusal: there is no such alliance, or somebody else changed the plan meanwhile.
    """
    table, sheets = await asyncio.to_thread(read_sheets, path, alliance, sheet)
    absent = await _absent(sheets, internal("alliance", alliance), store)
    commands = _commands(alliance, sheets, absent, rehearsed=dry_run)
    if dry_run:
        refusals = (await bus.rehearse(commands, caller)).values()
        _require_accepted(path, table, refusals)
        progress(len(sheets), len(sheets))
    else:
        try:
            await _carry_out(commands, bus, caller, progress)
        except SheetsRefused as refused:
            _require_accepted(path, table, [refused])
    tally = Tally()
    for command in commands:
        tally.add(command.tally)
    return tally


def _commands(
    alliance: Id, sheets: Sequence[Sheet], absent: frozenset[UUID], *, rehearsed: bool
) -> list[EnterSheets]:
    """Make a command of every bunch; those that are only rehearsed come one after the other."""
    bunches = list(_bunches(sheets))
    gate = Gate(len(bunches))
    return [
        EnterSheets(
            alliance=alliance,
            sheets=bunch,
            absent=absent,
            gate=Gate(1) if rehearsed else gate,
        )
        for bunch in bunches
    ]


async def _carry_out(
    commands: Sequence[EnterSheets], bus: CommandBus, caller: Caller, progress: Told
) -> None:
    total, done = sum(len(command.sheets) for command in commands), 0

    async def carry_out(command: EnterSheets) -> None:
        nonlocal done
        with suppress(NothingNew):
            await bus.execute(command, caller)
        done += len(command.sheets)
        progress(done, total)

    try:
        async with asyncio.TaskGroup() as group:
            for command in commands:
                group.create_task(carry_out(command))
    except BaseExceptionGroup as failed:
        raise failed.exceptions[0] from None


def _bunches(sheets: Sequence[Sheet]) -> Iterator[tuple[Sheet, ...]]:
    """Cut the sheets into bunches; a part is in the bunch of its whole, and comes after it."""
    families: dict[Target, list[Sheet]] = {}
    roots: dict[Target, Target] = {}
    for sheet in sheets:  # wholes come first
        above = sheet.whole
        root = sheet.target if above is None else roots.get(above, above)
        roots[sheet.target] = root
        families.setdefault(root, []).append(sheet)
    bunch: list[Sheet] = []
    for family in families.values():
        bunch += family
        if len(bunch) >= BUNCH:
            yield tuple(bunch)
            bunch = []
    if bunch:
        yield tuple(bunch)


async def _absent(sheets: Sequence[Sheet], alliance: UUID, store: EventStore) -> frozenset[UUID]:
    """Tell which of the actions and codes that sheets speak of are not there, a lot at a time."""
    wanted = []
    for target in (target for sheet in sheets for target in (sheet.target, sheet.whole) if target):
        wanted.append(target.key)
        if target.code is not None:
            wanted.append(Claim.id_of(*code_key(alliance, target.code)))
    absent: set[UUID] = set()
    for start in range(0, len(wanted), _ASKED):
        found = await store.streams(dict.fromkeys(wanted[start : start + _ASKED], 0))
        absent.update(stream for stream, events in found.items() if not events)
    return frozenset(absent)


def _require_accepted(path: Path, table: Table, refusals: Iterable[Refusal]) -> None:
    problems = []
    for refusal in refusals:
        if isinstance(refusal, NothingNew):
            continue
        if not isinstance(refusal, SheetsRefused):
            raise refusal
        problems += [
            table.problem(sheet.row, column, str(told)) for sheet, column, told in refusal.refused
        ]
    if problems:
        raise BrokenSheet(path, problems)
