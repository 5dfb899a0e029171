"""`cordee projections`: the generations of read models, for whoever runs them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Annotated, Final
from uuid import UUID

import asyncpg
import typer
from asyncpg import Record
from rich.table import Table

from infra.projector import parking, steering, switching
from infra.projector.building import command_line as building
from infra.projector.census import take_census
from infra.projector.choice import chosen, following, named, own, stream_id_of
from infra.projector.connection import Connection
from infra.projector.generation import Generation, State
from infra.projector.refusals import (
    NothingToGoBackTo,
    NotPrepared,
    StillParked,
    WhichStream,
)
from infra.projector.report import follow, report, show
from infra.projector.status import Role, generations
from infra.settings import Settings
from infra.system import reachable
from infra.terminal import run, say
from projections.catalogue import kept
from projections.projection import Projection

app = typer.Typer(
    name="projections",
    no_args_is_help=True,
    help="""
The read models: made from the events, made anew beside the ones that are read.

Each making is a generation, with tables of its own. One is read; others are being built, or were
read before and are kept, so that going back is a matter of a moment. All works while servers run.
""",
)

app.command()(building.rebuild)
app.command()(building.verify)
app.command()(building.diff)

TAKEN_IN: Final = 30.0
"""Seconds for which a command waits until a stream is folded that was set aside."""

_PREPARED: Final = "select to_regclass('log.generation') is not null"

Name = Annotated[str, typer.Argument(help="A read model, as `list` names it.")]
Number = Annotated[
    int | None,
    typer.Option("--generation", help="Its generation, if not the one that is read."),
]


@app.command("list")
def list_generations(
    name: Annotated[str | None, typer.Argument(help="One read model, if not all.")] = None,
) -> None:
    """List the generations of each read model, also those of other versions of the program."""

    async def work(settings: Settings) -> None:
        async with _connected(settings) as connection:
            found = await generations(connection, meant := _meant(settings, name))
        following_nothing = {each.name for each in meant if not each.topics}
        table = Table(
            "read model", "generation", "is", "state", "position", "behind", "parked", "made"
        )
        for each in found:
            stands = (each.state.value.lower(), str(each.position), str(each.lag))
            table.add_row(
                each.name,
                str(each.number),
                each.told,
                *(("follows no events", "", "") if each.name in following_nothing else stands),
                str(each.parked or ""),
                each.created_at.strftime("%Y-%m-%d %H:%M"),
            )
        show(table)

    run(work)


@app.command()
def status(
    name: Annotated[str | None, typer.Argument(help="One read model, if not all.")] = None,
    watch: Annotated[bool, typer.Option("--watch", help="Go on until Ctrl-C.")] = False,
) -> None:
    """Show how far each generation of this version is, who folds it, and what stops it."""

    async def work(settings: Settings) -> None:
        projections = [each for each in _meant(settings, name) if each.topics]
        async with _connected(settings) as connection:
            if watch:
                await follow(connection, projections)
            else:
                await report(connection, projections)

    run(work)


@app.command()
def switch(name: Name, generation: Number = None) -> None:
    """Let the newest generation be read that is ready, or another one; the one before is kept.

    Each process follows within a second; no query waits or fails, and no position ever goes back.
    """

    async def work(settings: Settings) -> None:
        async with _connected(settings) as connection:
            projection = _projection(settings, name)
            done = await switching.switch(connection, projection, generation)
        if done.number == done.before:
            say(f"Generation {done.number} of {name} is read already.")
        else:
            _tell_switched(name, done)

    run(work)


@app.command()
def back(name: Name) -> None:
    """Let the generation be read again that was read before; the one now is kept."""

    async def work(settings: Settings) -> None:
        projection = _projection(settings, name)
        async with _connected(settings) as connection:
            read = await generations(connection, [projection])
            active = [each.number for each in read if each.role is Role.ACTIVE]
            if not active:
                raise NothingToGoBackTo(name)
            _tell_switched(name, await switching.back(connection, projection, active[0]))

    run(work)


@app.command()
def drop(
    name: Name,
    generation: Annotated[int, typer.Argument(help="The number of the generation.")],
) -> None:
    """Take a generation away that nobody reads, and give back its space."""

    async def work(settings: Settings) -> None:
        async with _connected(settings) as connection:
            await steering.drop(connection, _projection(settings, name), generation)
        say(f"Generation {generation} of {name} is gone.")

    run(work)


@app.command()
def pause(name: Name, generation: Number = None) -> None:
    """Let nobody fold a read model for now: it stays as it is.

    `/health/ready` names it, and waiting for it is in vain, until it is resumed.
    """
    _on(
        name,
        generation,
        steering.pause,
        "{} is paused: `cordee projections resume` ends that.",
        "{} was paused already.",
    )


@app.command()
def resume(name: Name, generation: Number = None) -> None:
    """Let a paused read model be folded again."""
    _on(name, generation, steering.resume, "{} is folded again.", "{} was not paused.")


@app.command()
def retry(name: Name, generation: Number = None) -> None:
    """Let what has stopped at an event, or could not be built, be tried again."""
    _on(name, generation, steering.retry, "{} is tried again.", "Nothing has stopped {}.")


@app.command()
def park(
    name: Name,
    stream: Annotated[str | None, typer.Argument(help="An id, such as org_…, or a UUID.")] = None,
    failing: Annotated[
        bool, typer.Option("--failing", help="The stream of the event that has stopped it.")
    ] = False,
    generation: Number = None,
) -> None:
    """Set one stream aside, and all that comes of it, so that the rest is folded on."""
    if failing == (stream is not None):
        raise typer.BadParameter("Name a stream, or say --failing.")

    async def work(settings: Settings) -> None:
        async with _connected(settings) as connection:
            meant = await chosen(connection, _following(settings, name), generation)
            id = None if stream is None else stream_id_of(stream, meant)
            parked = await parking.park(connection, meant, id)
            entry = own(await take_census(connection, [name]), meant.projection, meant.number)
        say(
            f"The stream {parked.stream_id} is set aside of {meant} from position"
            f" {parked.position} on: `cordee projections unpark` takes it in again."
        )
        if entry.state is State.FAILED:
            say(f"`cordee projections retry {name} --generation {meant.number}` builds it so.")

    run(work)


@app.command()
def unpark(
    name: Name,
    stream: Annotated[
        str | None, typer.Argument(help="An id or a UUID; none where one stream is aside.")
    ] = None,
    generation: Number = None,
) -> None:
    """Take a stream in again: its events are folded in order, all of them or none."""

    async def work(settings: Settings) -> None:
        async with _connected(settings) as connection:
            meant = await chosen(connection, _following(settings, name), generation)
            if stream is None:
                aside = [each.stream_id for each in await parking.parked(connection, meant)]
                if len(aside) != 1:
                    raise WhichStream(meant, aside)
                (id,) = aside
            else:
                id = stream_id_of(stream, meant)
            await parking.release(connection, meant, id)
            say(
                f"The stream {id} is taken in again by {meant}."
                if await _taken_in(connection, meant, id)
                else f"The stream {id} will be taken in as soon as somebody folds {meant}, which"
                " nobody does now: start `cordee work`; or `resume` or `retry` it."
            )

    run(work)


async def _taken_in(connection: Connection, generation: Generation, stream_id: UUID) -> bool:
    """Wait until a stream is taken in; False if nobody does it.

    Raises:
        StillParked: it could not be folded.
    """
    deadline = asyncio.get_running_loop().time() + TAKEN_IN
    while asyncio.get_running_loop().time() < deadline:
        parked = {each.stream_id: each for each in await parking.parked(connection, generation)}
        if stream_id not in parked:
            return True
        if (left := parked[stream_id]).error is not None and not left.released:
            raise StillParked(generation, stream_id, left.error)
        await asyncio.sleep(0.1)
    return False


def _on(
    name: str,
    number: int | None,
    act: Callable[[Connection, Generation], Awaitable[bool]],
    done: str,
    nothing: str,
) -> None:
    """Do something to one generation, and say whether there was anything to do."""

    async def work(settings: Settings) -> None:
        async with _connected(settings) as connection:
            meant = await chosen(connection, _following(settings, name), number)
            acted = await act(connection, meant)
        sentence = (done if acted else nothing).format(meant)
        say(sentence[0].upper() + sentence[1:])

    run(work)


def _projection(settings: Settings, name: str) -> Projection:
    return named(name, kept(settings.disclosure_threshold))


def _following(settings: Settings, name: str) -> Projection:
    return following(name, kept(settings.disclosure_threshold))


def _meant(settings: Settings, name: str | None) -> list[Projection]:
    if name is None:
        return list(kept(settings.disclosure_threshold))
    return [_projection(settings, name)]


def _tell_switched(name: str, done: switching.Switched) -> None:
    if done.before is None:
        say(f"Generation {done.number} of {name} is read from now on.")
        return
    say(
        f"Generation {done.number} of {name} is read from now on. Generation {done.before} is kept:"
        f" `cordee projections back {name}` reads it again."
    )


@asynccontextmanager
async def _connected(settings: Settings) -> AsyncIterator[Connection]:
    """Connect to the database beside whoever uses it.

    Raises:
        NotPrepared: there are no read models in it yet.
    """
    async with reachable(settings, say) as dsn:
        connection: asyncpg.Connection[Record] = await asyncpg.connect(
            dsn, server_settings={"application_name": "cordee projections"}
        )
        try:
            if not await connection.fetchval(_PREPARED):
                raise NotPrepared
            yield connection
        finally:
            await connection.close()
