"""Builds one generation as a process of its own: `python -m infra.projector.building NAME NUMBER`.

`cordee serve` and `cordee work` start it where too much is left to be folded row by row; a worker
goes on from where it ends. What it says goes where theirs goes.
"""

import sys

import structlog
import typer

from infra.projector.building.setting import setting
from infra.projector.choice import named
from infra.projector.generation import Generation
from infra.settings import Settings
from infra.terminal import run

log = structlog.get_logger()


async def _build(settings: Settings, name: str, number: int) -> None:
    async with setting(settings) as opened, opened.builder() as building:
        generation = Generation(named(name, opened.projections), number)
        outcome = await building.go_on(generation, ready=False)
    log.info(
        "projection.built",
        projection=name,
        generation=number,
        position=outcome.position,
        events=outcome.built.events,
        spills=outcome.built.spills,
        peak_bytes=outcome.built.peak,
    )


if __name__ == "__main__":
    _, wanted, counted = sys.argv
    try:
        run(lambda settings: _build(settings, wanted, int(counted)))
    except typer.Exit as ended:  # uncaught, it would quote what it comes from
        sys.exit(ended.exit_code)
