"""Taking a spreadsheet of action sheets into the plan of an alliance."""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Final
from uuid import UUID, uuid5

from api.ports import Caller
from domain.claim import Claim
from domain.identity import Id, internal
from domain.refusal import Refusal
from infra.command_bus import CommandBus
from infra.sheets.entry import EnterSheets, NothingNew, Run, SheetsRefused, Tally, code_key
from infra.sheets.grid import Source, read_grids
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


def read_sheets(
    source: Source, alliance: Id, sheet: str | None = None
) -> tuple[Table, list[Sheet]]:
    """Read a spreadsheet; ``sheet`` names the one that counts where several hold a plan.

    Raises:
        BrokenSheet: with everything that is wrong in it.
        UnfitFile: it is no spreadsheet, or one that is damaged or too large.
        OSError: it cannot be read.
    """
    table, problems = table_of(read_grids(source), sheet)
    if table is None:
        raise BrokenSheet(source, problems)
    reading = Reading(table, alliance)
    sheets = reading.sheets()
    if problems or reading.problems:
        raise BrokenSheet(source, [*problems, *reading.problems])
    if not sheets:
        nothing = Problem(
            "below the headers there is nothing; add a row.",
            "il n’y a rien sous les en-têtes ; ajoutez une ligne.",
        )
        raise BrokenSheet(source, [nothing])
    return table, sheets


async def take_in(
    source: Source,
    alliance: Id,
    bus: CommandBus,
    store: EventStore,
    caller: Caller,
    *,
    progress: Told,
    sheet: str | None = None,
    dry_run: bool = False,
    command_id: UUID | None = None,
    decided: Callable[[], None] | None = None,
) -> Tally:
    """Let the plan of an alliance be what a spreadsheet says, and count what that changes.

    All is decided before anything is stored: where one cell is refused, nothing is done. What the
    plan says already is not done again, so that a file taken in twice changes nothing the second
    time, and one that was interrupted goes on where it stopped. ``progress`` is told how many
    sheets are done, of how many, and ``decided`` when the first of them goes to the log. Under a
    ``command_id`` a file is taken in once, even if the plan was changed since.

    Raises:
        BrokenSheet: with everything that is wrong or would be refused.
        UnfitFile: it is no spreadsheet, or one that is damaged or too large.
        Refusal: there is no such alliance, or somebody else changed the plan meanwhile.
    """
    table, sheets = await asyncio.to_thread(read_sheets, source, alliance, sheet)
    absent = await _absent(sheets, internal("alliance", alliance), store)
    bunches = list(_bunches(sheets))
    run = Run(len(bunches), absent, decided)
    commands = [
        EnterSheets(
            alliance=alliance,
            sheets=bunch,
            # Those that are rehearsed come one after the other, and do not wait for each other.
            run=Run(1, absent) if dry_run else run,
            command_id=None if command_id is None else uuid5(command_id, str(number)),
        )
        for number, bunch in enumerate(bunches, start=1)
    ]
    if dry_run:
        refusals = (await bus.rehearse(commands, caller)).values()
        _require_accepted(source, table, refusals)
        progress(len(sheets), len(sheets))
    else:
        try:
            await _carry_out(commands, bus, caller, progress)
        except SheetsRefused as refused:
            _require_accepted(source, table, [refused])
    tally = Tally()
    for command in commands:
        tally.add(command.tally)
    return tally


async def _carry_out(
    commands: Sequence[EnterSheets], bus: CommandBus, caller: Caller, progress: Told
) -> None:
    total, done = sum(len(command.sheets) for command in commands), 0

    async def carry_out(command: EnterSheets) -> None:
        nonlocal done
        with suppress(NothingNew):
            if (await bus.execute(command, caller)).duplicate:
                command.tally.nothing_done(len(command.sheets))
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
    wanted = await asyncio.to_thread(_spoken_of, sheets, alliance)
    absent: set[UUID] = set()
    for start in range(0, len(wanted), _ASKED):
        found = await store.streams(dict.fromkeys(wanted[start : start + _ASKED], 0))
        absent.update(stream for stream, events in found.items() if not events)
    return frozenset(absent)


def _spoken_of(sheets: Sequence[Sheet], alliance: UUID) -> list[UUID]:
    """Name the streams of the actions, and of the claims on codes, that sheets speak of."""
    streams = []
    for target in (target for sheet in sheets for target in (sheet.target, sheet.whole) if target):
        streams.append(target.key)
        if target.code is not None:
            streams.append(Claim.id_of(*code_key(alliance, target.code)))
    return streams


def _require_accepted(source: Source, table: Table, refusals: Iterable[Refusal]) -> None:
    problems = []
    for refusal in refusals:
        if isinstance(refusal, NothingNew):
            continue
        if not isinstance(refusal, SheetsRefused):
            raise refusal
        problems += [
            table.problem(sheet.row, column, told.message("en"), told.message("fr"))
            for sheet, column, told in refusal.refused
        ]
    if problems:
        raise BrokenSheet(source, problems)
