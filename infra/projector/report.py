"""The report on the generations of this version: how far each is, how fast, and what stops it."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final, NamedTuple

from rich.console import Console
from rich.live import Live
from rich.table import Table

from infra.projector.connection import Connection
from infra.projector.status import GenerationStatus, ProjectionState, Role, generations
from infra.terminal import console, say
from projections.projection import Projection

SAMPLED: Final = 1.0
"""Seconds from one look to the next; from the two follows how fast a generation is."""

_PLAIN: Final = 2.0
"""Seconds between two reports where there is no terminal."""

_WHOLE: Final = 250
"""Columns in which a table fits without cutting what stands in it."""

_Key = tuple[str, int]


class Pace(NamedTuple):
    """How fast a generation goes on."""

    rate: float
    """Events of any kind per second."""
    left: float | None
    """Seconds until it is at the head of the log as it is now, None where it does not go on."""


def show(table: Table) -> None:
    """Print a table: as wide as the terminal, or whole where another program reads it."""
    if console.is_terminal:
        console.print(table)
    else:
        Console(width=max(_WHOLE, console.width), highlight=False).print(table)


async def report(connection: Connection, projections: Sequence[Projection]) -> None:
    """Print how the generations stand; where one is behind, it is looked at for a second."""
    found = await _own(connection, projections)
    paces: Mapping[_Key, Pace] = {}
    if any(each.lag for each in found):
        await asyncio.sleep(SAMPLED)
        before, found = found, await _own(connection, projections)
        paces = _paces(before, found, SAMPLED)
    show(_table(found, paces))


async def follow(connection: Connection, projections: Sequence[Projection]) -> None:
    """Show how the generations stand until it is cancelled."""
    loop = asyncio.get_running_loop()
    before, at = await _own(connection, projections), loop.time()
    if not console.is_terminal:
        while True:
            await asyncio.sleep(_PLAIN)
            found, now = await _own(connection, projections), loop.time()
            for line in _lines(found, _paces(before, found, now - at)):
                say(line)
            before, at = found, now
    with Live(_table(before, {}), console=console, auto_refresh=False) as live:
        while True:
            await asyncio.sleep(SAMPLED)
            found, now = await _own(connection, projections), loop.time()
            live.update(_table(found, _paces(before, found, now - at)), refresh=True)
            before, at = found, now


async def _own(connection: Connection, projections: Sequence[Projection]) -> list[GenerationStatus]:
    found = await generations(connection, projections)
    return [each for each in found if each.role is not Role.OTHER]


def _paces(
    before: Sequence[GenerationStatus], after: Sequence[GenerationStatus], seconds: float
) -> dict[_Key, Pace]:
    came_from = {(each.name, each.number): each.position for each in before}
    paces = {}
    for each in after:
        key = (each.name, each.number)
        rate = (each.position - came_from.get(key, each.position)) / seconds
        paces[key] = Pace(rate, each.lag / rate if rate > 0 else None)
    return paces


def _table(found: Sequence[GenerationStatus], paces: Mapping[_Key, Pace]) -> Table:
    head = max((each.head for each in found), default=0)
    table = Table(
        "read model",
        "is",
        "state",
        "position",
        "behind",
        "since",
        "rate",
        "left",
        "led by",
        "error",
    )
    table.title = f"head of the log: {head}, {datetime.now(UTC):%H:%M:%S} UTC"
    for each in found:
        pace = paces.get((each.name, each.number))
        table.add_row(
            f"{each.name} {each.number}",
            each.told,
            each.state.value.lower(),
            str(each.position),
            str(each.lag),
            f"{each.seconds:.0f} s" if each.seconds else "",
            f"{pace.rate:.0f}/s" if pace and each.lag else "",
            f"{pace.left:.0f} s" if pace and each.lag and pace.left is not None else "",
            each.owner,
            _trouble(each),
        )
    return table


def _lines(found: Sequence[GenerationStatus], paces: Mapping[_Key, Pace]) -> list[str]:
    """Give a line for each generation that is behind, or one for all."""
    lines = []
    for each in found:
        if each.lag or each.state in (ProjectionState.STOPPED, ProjectionState.FAILED):
            pace = paces[each.name, each.number]
            parts = [f"{each.position}/{each.head} events", f"{pace.rate:.0f} events/s"]
            if pace.left is not None:
                parts.append(f"{pace.left:.0f} s left")
            if trouble := _trouble(each):
                parts.append(trouble)
            state = each.state.value.lower()
            lines.append(f"{each.name} {each.number} ({state}): {', '.join(parts)}")
    return lines or [f"All {len(found)} generations show all there is."]


def _trouble(each: GenerationStatus) -> str:
    if each.error is None:
        return f"{each.parked} streams parked" if each.parked else ""
    if each.failing_position is None:
        return each.error
    return f"{each.failing_position}: {each.error}"
