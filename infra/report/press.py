"""The press: prints one report at a time, apart from the loop that serves."""

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from typing import Final

import msgspec

from api.ports import PressBusy, Printed
from api.report.content import Report
from api.report.media import Medium

WAITING: Final = 8
"""Reports that may wait to be printed, or are being printed."""
LONGEST: Final = 60.0
"""Seconds that a PDF may take; one of 2 000 facts takes two."""


class Unprintable(Exception):
    """A report could not be set as a PDF; the text is what Typst says."""


class Press:
    """Answers `api.ports.Press`."""

    def __init__(self) -> None:
        self._turn = asyncio.Lock()
        self._waiting = 0

    async def print(self, report: Report, medium: Medium) -> Printed:
        """Print a report as a page or as a PDF.

        Raises:
            PressBusy: too many wait for it already.
            Unprintable: it cannot be set, or not in the time that it has.
        """
        if self._waiting >= WAITING:
            raise PressBusy
        self._waiting += 1
        try:
            async with self._turn:
                return await _printed(report, medium)
        finally:
            self._waiting -= 1


async def _printed(report: Report, medium: Medium) -> Printed:
    # What prints is imported when the first report is: few processes ever print one.
    from infra.report.editing import edition

    edited = await asyncio.to_thread(edition, report)
    if medium is Medium.PDF:
        return Printed(await _apart(msgspec.json.encode(edited)))
    from infra.report.html import STYLE, html

    return Printed(await asyncio.to_thread(html, edited), STYLE)


async def _apart(edition: bytes) -> bytes:
    """Let a process of its own set a PDF: what that takes of memory goes with it."""
    module = [sys.executable, "-m", "infra.report.pdf"]
    process = await asyncio.create_subprocess_exec(*module, stdin=PIPE, stdout=PIPE, stderr=PIPE)
    try:
        async with asyncio.timeout(LONGEST):
            printed, errors = await process.communicate(edition)
    except TimeoutError:
        raise Unprintable(f"it takes longer than {LONGEST:.0f} s") from None
    finally:
        await _ended(process)
    if process.returncode:
        raise Unprintable(errors.decode(errors="replace").strip()[-2_000:])
    return printed


async def _ended(process: Process) -> None:
    if process.returncode is None:
        process.kill()
        await process.wait()
