"""The command line."""

import asyncio
import os
import signal
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Final

import typer
import uvloop
from rich.console import Console
from rich.table import Table

from api.ports import Caller
from domain.identity import Id
from domain.refusal import Refusal
from infra import command_file, server
from infra.command_bus import CommandBus
from infra.log import configure_logging
from infra.mapper import UnreadableEvent
from infra.migrate import MigrationChanged, MigrationImpossible, PostgresTooOld
from infra.migrate import migrate as migrate_database
from infra.postgres import EmbeddedPostgresError, dsn_of_running
from infra.progress import progress
from infra.projector import status as projection_status
from infra.settings import Settings, SettingsError
from infra.sheets.exporting import Export, give_out
from infra.sheets.importing import take_in
from infra.sheets.problem import BrokenSheet, UnfitFile
from infra.store import GapInLog, GapInStream, StoreUnavailable
from infra.summary import read_summary
from infra.system import DatabaseUnreachable, database, postgres_folder, system

app = typer.Typer(
    name="cordee",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    help="""
Lets organisations walk the road to 2030 together: cohorts, roadmaps, alliances, actions.

`cordee demo` starts everything with real data; `cordee serve` starts it with yours.

Settings come from the environment:

- `CORDEE_DATA_DIR`: the folder of the embedded PostgreSQL and of the master key;
- `DATABASE_URL`: a PostgreSQL 15 or newer to use in its place;
- `CORDEE_HOST`, `CORDEE_PORT`: where to listen, 127.0.0.1 and 8000 unless set;
- `CORDEE_MASTER_KEY`: 32 bytes in base64 that protect personal data, a file unless set;
- `CORDEE_POOL_SIZE`, `CORDEE_LOG_LEVEL`.
""",
)

CATCHING_UP: Final = 10.0
"""Seconds for which a start waits until the read models show all that was stored before."""

console = Console(highlight=False)
errors = Console(stderr=True, highlight=False)

_SENTENCES = (
    SettingsError,
    server.PortTaken,
    DatabaseUnreachable,
    EmbeddedPostgresError,
    PostgresTooOld,
    MigrationChanged,
    MigrationImpossible,
    StoreUnavailable,
    GapInLog,
    GapInStream,
    UnreadableEvent,
    command_file.BrokenFile,
    BrokenSheet,
    UnfitFile,
    Refusal,
)
"""What goes wrong outside of the program, each with a message that says what to do."""

TRY: Final = (
    "{ cohorts { nodes { name edition sessions { number town startsOn }"
    " launchedCohorts { nodes { name springsFromLever { title } } } } } }"
)


@app.command()
def serve() -> None:
    """Serve the GraphQL interface, and keep the read models up to date.

    Starts the embedded PostgreSQL unless `DATABASE_URL` names another, brings it to the newest
    migration, and serves until Ctrl-C: then the server, the workers and the database stop, in
    this order.
    """
    _run(lambda settings: _serve(settings, demo=False))


@app.command()
def demo() -> None:
    """Serve with the demo data: cohorts, a roadmap and alliances from public documents.

    The data are loaded once; started again, it goes on with what is there.
    """
    _run(lambda settings: _serve(settings, demo=True))


@app.command()
def migrate() -> None:
    """Bring the database to the newest migration. Safe to run twice, and by two at once."""
    _run(_migrate)


@app.command()
def load(
    file: Annotated[Path, typer.Argument(help="A file of commands, one JSON object a line.")],
) -> None:
    """Carry out a file of commands: all of it, or nothing and a list of its errors by line.

    Carried out twice, it does nothing the second time.
    """
    _run(lambda settings: _load(settings, file))


@app.command("import")
def import_sheets(
    file: Annotated[Path, typer.Argument(help="A plan of actions: xlsx, ods or csv.")],
    alliance: Annotated[str, typer.Option(help="The alliance whose plan it is, as ali_….")],
    sheet: Annotated[str | None, typer.Option(help="The sheet that counts, of several.")] = None,
    dry_run: Annotated[bool, typer.Option(help="Tell what would change, and do nothing.")] = False,
) -> None:
    """Take a spreadsheet of action sheets in: all of it, or nothing and a list of its errors.

    Two layouts are known by their headers: that of `cordee export plan`, and the 28 columns of the
    state's platform for local authorities. Taken in twice, a file does nothing the second time.
    """
    _run(lambda settings: _import(settings, file, Id(alliance), sheet, dry_run=dry_run))


@app.command()
def export(
    what: Annotated[Export, typer.Argument(help="A plan to work on, or open data.")],
    file: Annotated[Path, typer.Argument(help="Where to write it: xlsx for a plan, or csv.")],
    alliance: Annotated[str | None, typer.Option(help="The alliance, as ali_….")] = None,
    territory: Annotated[str | None, typer.Option(help="A territory, as region:28.")] = None,
) -> None:
    """Write a plan that `cordee import` takes in again, or open data as csv.

    `plan` and `actions` are those of an alliance; `organisations` are those of a territory. Open
    data follow the schemas projets-territoire and collectivites of schema.data.gouv.fr.
    """
    _run(lambda settings: _export(settings, what, file, alliance, territory))


@app.command()
def status() -> None:
    """Show the database, the events, and how far each read model has come."""
    _run(_status)


async def _serve(settings: Settings, *, demo: bool) -> None:
    started = time.monotonic()
    with server.listen(settings.host, settings.port) as listening:
        async with database(settings, _say) as dsn, system(settings, dsn) as running:
            if demo:
                await _carry_out("Demo data", running.commands, *command_file.DEMO)
            await running.positions.reached(await running.store.head(), CATCHING_UP)
            address = server.url(listening)
            hindrances = running.positions.hindrances()
            for hindrance in hindrances:
                _say(
                    f"The read model {hindrance.read_model} cannot be relied on: {hindrance.reason}"
                )
            state = "serves, but is not ready," if hindrances else "is ready"
            _say(f"cordée {state} after {time.monotonic() - started:.1f} s: {address}/graphql")
            if demo:
                _say(f"Try it:\n\n  {_curl(address)}\n\nCtrl-C stops it.")
            await server.serve(running.app, listening)
        _say("cordée has stopped.")


async def _migrate(settings: Settings) -> None:
    async with database(settings, _say) as dsn:
        done = await migrate_database(dsn)
    for name in done:
        _say(name)
    _say(f"{len(done)} migrations run." if done else "The database was up to date.")


async def _load(settings: Settings, file: Path) -> None:
    async with database(settings, _say) as dsn, system(settings, dsn) as running:
        await _carry_out(file.name, running.commands, file)


async def _import(
    settings: Settings, file: Path, alliance: Id, sheet: str | None, *, dry_run: bool
) -> None:
    caller = Caller(actor="command line", language="en")
    async with database(settings, _say) as dsn, system(settings, dsn) as running:
        with progress(console, file.name, "sheets") as tell:
            tally = await take_in(
                file,
                alliance,
                running.commands,
                running.store,
                caller,
                progress=tell,
                sheet=sheet,
                dry_run=dry_run,
            )
    would = "would be " if dry_run else ""
    _say(
        f"{file.name}: {tally.new} actions {would}new, {tally.changed} {would}changed,"
        f" {tally.unchanged} as they are."
    )


async def _export(
    settings: Settings, what: Export, file: Path, alliance: str | None, territory: str | None
) -> None:
    async with database(settings, _say) as dsn, system(settings, dsn) as running:
        await running.positions.reached(await running.store.head(), 60)
        named = None if alliance is None else Id(alliance)
        rows = await give_out(what, file, dsn, alliance=named, territory=territory)
    _say(f"{file}: {rows} rows.")


async def _status(settings: Settings) -> None:
    dsn = None
    if settings.database_url is None:
        dsn = dsn_of_running(postgres_folder(settings))
    if dsn is not None:
        await _show(dsn)
        return
    async with database(settings, _say) as dsn:
        await _show(dsn)


async def _carry_out(title: str, commands: CommandBus, *files: Path) -> None:
    caller = Caller(actor="command line", language="en")
    new, names = 0, dict[str, Id]()
    for file in files:
        with progress(console, title, "commands") as tell:
            new += await command_file.carry_out(file, commands, caller, tell, names)
    _say(f"{title}: {new} commands carried out." if new else f"{title}: nothing new.")


def _curl(address: str) -> str:
    return (
        f"curl -s {address}/graphql -H 'content-type: application/json'"
        f' -d \'{{"query": "{TRY}"}}\''
    )


async def _show(dsn: str) -> None:
    summary = await read_summary(dsn)
    _say(f"{summary.database}, {summary.events} events")
    if not summary.prepared:
        _say("It was never served from: cordee serve prepares it.")
        return
    table = Table("read model", "state", "position", "behind", "led by", "error")
    for model in await projection_status(dsn):
        state = model.state.value.lower()
        table.add_row(
            model.name, state, str(model.position), str(model.lag), model.owner, model.error
        )
    console.print(table)


def _say(line: str) -> None:
    console.print(line, soft_wrap=True, markup=False)


def _run(work: Callable[[Settings], Coroutine[Any, Any, None]]) -> None:
    with _told_in_a_sentence():
        settings = Settings.from_environment(os.environ)
        configure_logging(settings.log_level)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_until_told_to_stop(work(settings)))


async def _until_told_to_stop(work: Coroutine[Any, Any, None]) -> None:
    """Do some work; SIGINT and SIGTERM cancel it, so that all that was started ends in order."""
    task, loop = asyncio.ensure_future(work), asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, task.cancel)
    await task


@contextmanager
def _told_in_a_sentence() -> Iterator[None]:
    try:
        yield
    except _SENTENCES as error:
        errors.print(str(error), soft_wrap=True, markup=False)
        raise typer.Exit(2) from error
    except OSError as error:
        errors.print(f"{error.filename or 'cordee'}: {error.strerror or error}", markup=False)
        raise typer.Exit(2) from error
    except (KeyboardInterrupt, asyncio.CancelledError):
        raise typer.Exit(130) from None


if __name__ == "__main__":
    app()
