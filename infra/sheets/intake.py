"""The intake of spreadsheets that callers send: one after the other, in bounded time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass
from pathlib import PurePath
from typing import IO, Final, Literal

from api import sheets
from api.ports import Caller, Intake, TakenIn
from domain.action import ProposeAction
from domain.identity import Id
from domain.refusal import Language
from infra.command_bus import CommandBus
from infra.sheets.importing import take_in
from infra.sheets.problem import BrokenSheet, Problem, UnfitFile
from infra.store import EventStore

WAITING: Final = 20.0
"""Seconds for which a file waits for its turn."""
DECIDING: Final = 60.0
"""Seconds in which a file has to be read and decided; what goes to the log then is not cut off."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A file that somebody sent, in the place of a path."""

    name: str
    content: IO[bytes]

    @property
    def stem(self) -> str:
        """Its name, without what the name ends in."""
        return PurePath(self.name).stem

    def open(self, _mode: Literal["rb"], /) -> AbstractContextManager[IO[bytes]]:
        """Go back to its start; it is closed by who received it."""
        self.content.seek(0)
        return nullcontext(self.content)

    def __str__(self) -> str:
        return self.name


class SheetIntake:
    """`api.ports.Sheets` over the commands: what `cordee import` does, for callers.

    One file is taken in at a time: unpacked it can take some hundred megabytes, and two large ones
    would only wait for the same processor.
    """

    def __init__(self, bus: CommandBus, store: EventStore) -> None:
        self._bus = bus
        self._store = store
        self._turn = asyncio.Lock()

    async def take_in(self, intake: Intake, caller: Caller) -> TakenIn:
        """Let a plan be what a spreadsheet says: all of it, or nothing.

        Raises:
            Refusal: one of `api.sheets.REFUSES`.
        """
        await self._require_allowed(intake.alliance, caller)
        async with self._taking_turns():
            try:
                return await self._take_in(intake, caller)
            except BrokenSheet as broken:
                problems = [_shown(problem, caller.language) for problem in broken.problems]
                raise sheets.BrokenSheet(problems) from None
            except UnfitFile as unfit:
                raise sheets.UnfitFile("file", told=unfit.message(caller.language)) from None
            except TimeoutError:
                raise sheets.IntakeTooSlow("file", limit=round(DECIDING)) from None

    async def _require_allowed(self, alliance: Id, caller: Caller) -> None:
        """Raise why a caller may not enter any action in a plan, before a file is looked at."""
        refused = await self._bus.rehearse([ProposeAction(alliance=alliance, title="…")], caller)
        for refusal in refused.values():
            raise refusal

    @asynccontextmanager
    async def _taking_turns(self) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(WAITING):
                await self._turn.acquire()
        except TimeoutError:
            raise sheets.IntakeBusy from None
        try:
            yield
        finally:
            self._turn.release()

    async def _take_in(self, intake: Intake, caller: Caller) -> TakenIn:
        async with asyncio.timeout(DECIDING) as limit:
            tally = await take_in(
                Sent(intake.name, intake.content),
                intake.alliance,
                self._bus,
                self._store,
                caller,
                progress=lambda _done, _total: None,
                sheet=intake.sheet,
                dry_run=intake.dry_run,
                command_id=None if intake.dry_run else intake.command_id,
                decided=lambda: limit.reschedule(None),
            )
            head = await self._store.head()
        return TakenIn(
            new=tally.new, changed=tally.changed, unchanged=tally.unchanged, position=head
        )


def _shown(problem: Problem, language: Language) -> sheets.SheetProblem:
    return sheets.SheetProblem(
        row=problem.row,
        column=problem.letters,
        header=problem.header,
        found=problem.found,
        message=problem.message(language),
    )
