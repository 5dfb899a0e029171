"""`cordee projections rebuild`, `verify` and `diff`: make anew, and see before it is read."""

import asyncio
from typing import Annotated, Final

import typer

from infra.progress import progress
from infra.projector.building import report
from infra.projector.building.builder import Builder, BuildFailed, Outcome, connections
from infra.projector.building.difference import difference
from infra.projector.building.estimate import estimated
from infra.projector.building.setting import Setting, setting
from infra.projector.building.verification import Verification
from infra.projector.choice import chosen, known
from infra.projector.generation import Generation, State
from infra.projector.refusals import NotPossible, NotReady
from infra.projector.switching import switch as let_read
from infra.settings import Settings
from infra.terminal import console, errors, run, say
from projections.projection import Projection

WRONG: Final = 1
"""The exit code where something is not as it should be."""

_NAME = typer.Argument(help="A read model, such as actions.", show_default=False)
_ALL = typer.Option("--all", help="Each of them, one after the other.")


def rebuild(
    name: Annotated[str | None, _NAME] = None,
    every: Annotated[bool, _ALL] = False,
    switch: Annotated[bool, typer.Option("--switch", help="Let it be read once it is ready.")] = (
        False
    ),
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Tell events, time and space, and do nothing.")
    ] = False,
) -> None:
    """Make a read model anew from the events, beside the one that is read.

    Ctrl-C stores what is done and lets it wait, until the same command goes on with it. `diff`
    shows what switching would change, `switch` does it, `back` goes back. Works while servers run.
    """
    if dry_run:
        run(lambda settings: _estimate(settings, name, every=every))
    else:
        run(lambda settings: _rebuild(settings, name, every=every, switch=switch))


def verify(
    name: Annotated[str | None, _NAME] = None,
    every: Annotated[bool, _ALL] = False,
    generation: Annotated[
        int | None, typer.Option(help="Which one; that which is read, unless you say another.")
    ] = None,
) -> None:
    """Hold a read model against a fresh fold of the events, at the same position.

    Counts and digests of all tables, and some aggregates folded by themselves; ends with 1 where
    something differs, and says which rows. Works while servers run.
    """
    run(lambda settings: _verify(settings, name, generation, every=every))


def diff(
    name: Annotated[str, _NAME],
    generation: Annotated[
        int | None, typer.Option(help="Which one; the newest other, unless you say another.")
    ] = None,
) -> None:
    """Show what switching would change: rows that come, go or change, with samples."""
    run(lambda settings: _diff(settings, name, generation))


async def _rebuild(settings: Settings, name: str | None, *, every: bool, switch: bool) -> None:
    failed = 0
    async with setting(settings) as opened, opened.builder() as building:
        for projection in opened.chosen(name, every=every):
            if every and (number := await _waiting(opened, projection)) is not None:
                # Of a run that was stopped; whoever wants another one names the read model.
                say(report.waiting(projection.name, number))
                if switch:
                    await _switch(opened, projection, number)
                continue
            try:
                outcome = await _built(opened, building, projection)
            except asyncio.CancelledError:
                errors.print(report.stopped(projection.name), soft_wrap=True, markup=False)
                raise
            except BuildFailed as failure:
                if not every:
                    raise
                errors.print(str(failure), soft_wrap=True, markup=False)
                failed += 1
                continue
            say(report.built(outcome))
            if switch:
                await _switch(opened, projection, outcome.generation.number)
    if failed:
        raise typer.Exit(WRONG)


async def _built(opened: Setting, building: Builder, projection: Projection) -> Outcome:
    """Go on with a generation that was begun, or begin one."""
    own = (await opened.census(projection)).own(projection)
    begun = [entry for entry in own if entry.state is State.BUILDING]
    with progress(console, projection.name, "events") as tell:
        if begun:
            generation = Generation(projection, begun[-1].number)
            return await building.go_on(generation, tell, ready=True)
        return await building.anew(projection, tell)


async def _waiting(opened: Setting, projection: Projection) -> int | None:
    """Name the newest generation, if it is ready and newer than the one that is read."""
    own = (await opened.census(projection)).own(projection)
    read = next((entry.number for entry in own if entry.serves), None)
    newest = own[-1] if own else None
    if read is None or newest is None or newest.number <= read or newest.state is not State.READY:
        return None
    return newest.number


async def _switch(opened: Setting, projection: Projection, number: int) -> None:
    async with connections(opened.dsn, 1) as (connection,):
        switched = await let_read(connection, projection, number)
    say(report.switched(projection.name, switched))


async def _estimate(settings: Settings, name: str | None, *, every: bool) -> None:
    async with setting(settings) as opened, connections(opened.dsn, 2) as (reading, writing):
        for projection in opened.chosen(name, every=every):
            served = (await opened.census(projection)).served(projection)
            estimate = await estimated(
                reading,
                writing,
                opened.mapper,
                projection,
                memory=opened.memory,
                number=None if served is None else served.number,
            )
            say(report.estimate(projection.name, estimate))


async def _verify(settings: Settings, name: str | None, number: int | None, *, every: bool) -> None:
    right = True
    async with setting(settings) as opened, connections(opened.dsn, 2) as (reading, writing):
        for projection in opened.chosen(name, every=every):
            generation = await chosen(reading, projection, number)
            with progress(console, projection.name, "events") as tell:
                verified = await Verification(
                    generation,
                    reading=reading,
                    writing=writing,
                    mapper=opened.mapper,
                    memory=opened.memory,
                    told=tell,
                ).run()
            for line in report.verified(verified):
                say(line)
            right = right and verified.right
    if not right:
        raise typer.Exit(WRONG)


async def _diff(settings: Settings, name: str, number: int | None) -> None:
    async with setting(settings) as opened, connections(opened.dsn, 1) as (connection,):
        (projection,) = opened.chosen(name, every=False)
        census = await opened.census(projection)
        served = census.served(projection)
        if number is not None:
            entry = known(census, projection, number)
            if entry.state is not State.READY and (refusal := NotReady.as_it_is(entry)):
                raise refusal
        others = [
            entry
            for entry in census.entries.get(projection.name, ())
            if entry.state is State.READY
            and (served is None or entry.number != served.number)
            and number in (None, entry.number)
        ]
        if served is None or not others:
            raise NotPossible(
                f"There are no two generations of {projection.name} to compare that are ready:"
                f" `cordee projections rebuild {projection.name}` makes another."
            )
        after = others[-1].number
        found = await difference(connection, projection, served.number, after)
    for line in report.difference(projection.name, served.number, after, found):
        say(line)
