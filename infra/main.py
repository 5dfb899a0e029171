"""The command line."""

import asyncio
import os
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
from infra import command_file, server
from infra.command_bus import CommandBus
from infra.log import configure_logging
from infra.migrate import MigrationChanged, PostgresTooOld
from infra.migrate import migrate as migrate_database
from infra.postgres import EmbeddedPostgresError, dsn_of_running
from infra.progress import progress
from infra.projector import status as projection_status
from infra.settings import Settings, SettingsError
from infra.store import StoreUnavailable
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

console = Console(highlight=False)
errors = Console(stderr=True, highlight=False)

_SENTENCES = (
    SettingsError,
    server.PortTaken,
    DatabaseUnreachable,
    EmbeddedPostgresError,
    PostgresTooOld,
    MigrationChanged,
    StoreUnavailable,
    command_file.BrokenFile,
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
    """Serve with the demo data: two cohorts and a roadmap from public documents.

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


@app.command()
def status() -> None:
    """Show the database, the events, and how far each read model has come."""
    _run(_status)


async def _serve(settings: Settings, *, demo: bool) -> None:
    started = time.monotonic()
    with server.listen(settings.host, settings.port) as listening:
        async with database(settings, _say) as dsn, system(settings, dsn) as running:
            if demo:
                await _carry_out(command_file.DEMO, running.commands, "Demo data")
                await running.positions.reached(await running.store.head(), 60)
            address = server.url(listening)
            _say(f"cordée is ready after {time.monotonic() - started:.1f} s: {address}/graphql")
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
        await _carry_out(file, running.commands, file.name)


async def _status(settings: Settings) -> None:
    dsn = None
    if settings.database_url is None:
        dsn = dsn_of_running(postgres_folder(settings))
    if dsn is not None:
        await _show(dsn)
        return
    async with database(settings, _say) as dsn:
        await _show(dsn)


async def _carry_out(file: Path, commands: CommandBus, title: str) -> None:
    caller = Caller(actor="command line", language="en")
    with progress(console, title, "commands") as tell:
        new = await command_file.carry_out(file, commands, caller, tell)
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
            runner.run(work(settings))


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
    except KeyboardInterrupt:
        raise typer.Exit(130) from None


if __name__ == "__main__":
    app()
