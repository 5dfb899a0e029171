"""`cordee report`: an audit report, written to a file."""

import asyncio
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from api.ports import Caller
from api.purse import BOTTOMLESS
from api.report.content import Report
from api.report.media import Medium
from domain.identity import Id
from domain.refusal import Language
from infra.keeping.damage import FileTaken, KeepingError
from infra.moment_option import MomentOption, SaidMoment
from infra.report.press import Press
from infra.settings import Settings
from infra.system import reachable, system
from infra.terminal import run, say

if TYPE_CHECKING:
    from api.report.gathering import Gathering
    from api.report.serving import Reports

CATCHING_UP: Final = 60.0
"""Seconds for which it is waited until the read models show what was recorded."""


class Spoken(StrEnum):
    """The languages of reports."""

    FR = "fr"
    EN = "en"


class NoSuchForm(KeepingError):
    """A report is asked for in a form that it does not have."""

    def __init__(self, file: Path) -> None:
        super().__init__(f"{file}: a report is a page or a PDF, so write to .html or .pdf.")


class NotReported(KeepingError):
    """What a report asks of the interface is refused; the message is its own."""


def report(
    roadmap: Annotated[str, typer.Argument(help="The roadmap, as map_….")],
    file: Annotated[
        Path, typer.Option("--output", "-o", help="Where to write it: report.html or report.pdf.")
    ],
    at: MomentOption = None,
    language: Annotated[Spoken, typer.Option(help="In which language.")] = Spoken.FR,
    force: Annotated[bool, typer.Option(help="Write over a file that is there.")] = False,
) -> None:
    """Write the audit report of a roadmap: what it says, how it came to, who changed what and why.

    It brings its proof along, and the program that checks it. Of the same moment it says the same.
    Works while a server runs.
    """
    said: Language = "fr" if language is Spoken.FR else "en"
    run(lambda settings: _report(settings, Id(roadmap), file, at, said, force=force))


async def _report(
    settings: Settings,
    roadmap: Id,
    file: Path,
    at: SaidMoment | None,
    language: Language,
    *,
    force: bool,
) -> None:
    _, medium = Medium.named(file.name)
    if medium is None:
        raise NoSuchForm(file)
    if not force and await asyncio.to_thread(file.exists):
        raise FileTaken(file)
    async with reachable(settings, say) as dsn, system(settings, dsn) as running:
        await running.positions.reached(await running.store.head(), CATCHING_UP)
        reports: Reports = running.app.state.reports
        caller = Caller(actor="command line", language=language, trusted=True)
        gathered = await _gathered(reports.gathering(caller, BOTTOMLESS), roadmap, at)
        printed = await Press().print(gathered, medium)
    await asyncio.to_thread(_keep, file, printed.body, "wb" if force else "xb")
    say(f"{file} is written: position {gathered.position}, {len(gathered.entries)} facts.")


async def _gathered(gathering: "Gathering", roadmap: Id, at: SaidMoment | None) -> Report:
    # Whatever answers questions is there by now, and nothing else has to wait for its import.
    from api.report.asking import NoReport

    try:
        return await gathering.roadmap(roadmap, _asked(at))
    except NoReport as none:
        raise NotReported(str(none)) from none


def _keep(file: Path, content: bytes, mode: str) -> None:
    with file.open(mode) as opened:
        opened.write(content)


def _asked(at: SaidMoment | None) -> dict[str, str] | None:
    """Give a moment as the interface takes it."""
    if at is None:
        return None
    if isinstance(at.moment, int):
        return {"position": str(at.moment)}
    return {"time": at.moment.isoformat()}
