"""The command line."""

import time
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.table import Table

from api.ports import Caller
from domain.identity import Id
from infra import command_file, garbage, server, working
from infra.broker import command_line as broker
from infra.command_bus import CommandBus
from infra.identity import command_line as identity
from infra.identity.demo import Demo
from infra.keeping import command_line as keeping
from infra.keys import command_line as keys
from infra.migrate import migrate as migrate_database
from infra.observing.observatory import observing
from infra.people import command_line as people
from infra.progress import progress
from infra.projector import command_line as read_models
from infra.projector import status as projection_status
from infra.proving import command_line as proving
from infra.proving import examination
from infra.report import command_line as reports
from infra.settings import Settings
from infra.sheets.exporting import Export, give_out
from infra.sheets.importing import take_in
from infra.summary import read_summary
from infra.system import database, reachable, system
from infra.terminal import console, run, say
from infra.webhooks import command_line as webhooks
from projections.catalogue import kept

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
- `CORDEE_MASTER_KEY`: 32 bytes in base64 that protect personal data, a file unless set, or what
  the program `CORDEE_MASTER_KEY_COMMAND` prints; `CORDEE_MASTER_KEY_PREVIOUS` while it is replaced;
- `CORDEE_DISCLOSURE_THRESHOLD`: of how many people at least footprints are told together;
- `CORDEE_ISSUERS`: whose tokens count; `CORDEE_ORIGINS`: sites whose pages may ask;
  `CORDEE_TRUSTED_PROXIES`: whose word on a caller's address is taken;
- `CORDEE_CALLER_REQUESTS`, `CORDEE_CALLER_COST`, `CORDEE_ADDRESS_REQUESTS`, `CORDEE_ADDRESS_COST`,
  `CORDEE_GUESSES`: how much is too much, such as 6000/minute, or off;
- `CORDEE_DOCUMENTS`: manifests of trusted documents; with `CORDEE_DOCUMENTS_ONLY` on, no others
  are taken; `CORDEE_COMPRESSION`: on unless set to off;
- `CORDEE_ANSWER_CACHE`: megabytes of answers that may be given again, 64 unless set, or off;
- `CORDEE_LIMITS`: what one operation may ask for, such as objects=20000, depth=15;
- `CORDEE_WEBHOOK_ALLOW`: networks and hosts beside the public internet to which webhooks may lead;
  `CORDEE_WEBHOOK_PATIENCE`: hours of failure after which one is paused, 72 unless set;
- `CORDEE_METRICS_PORT`, `CORDEE_METRICS_HOST`: where metrics are shown, to operators alone; traces
  go where the standard variables of OpenTelemetry (`OTEL_*`) say;
- `CORDEE_REBUILD_MEMORY`: megabytes that a rebuild of a read model takes at most, 512 unless set;
- `CORDEE_NATS_URL`: a broker to which public events go, and its `CORDEE_NATS_STREAM`, `_DAYS`,
  `_MEGABYTES`, `_REPLICAS`, `_PRINCIPAL`; `CORDEE_PUBLIC_URL`: where others find the interface;
- `CORDEE_POOL_SIZE`, `CORDEE_LOG_LEVEL`.
""",
)

app.add_typer(people.app)
app.add_typer(keys.app)
app.add_typer(identity.keys, name="key")
app.command()(identity.token)
app.command()(identity.grant)
app.command()(broker.relay)
app.command()(keeping.backup)
app.command()(keeping.restore)
app.command()(keeping.check)
app.add_typer(keeping.events)
app.command()(examination.verify)
app.add_typer(proving.app)
app.command()(reports.report)
app.add_typer(read_models.app)
app.add_typer(webhooks.app)

CATCHING_UP: Final = 10.0
"""Seconds for which a start waits until the read models show all that was stored before."""

LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})

TRY: Final = (
    "{ cohorts { nodes { name edition sessions { number town startsOn }"
    " launchedCohorts { nodes { name springsFromLever { title } } } } } }"
)


@app.command()
def serve(
    workers: Annotated[
        bool, typer.Option(help="Keep the read models up to date, too, or leave it to others.")
    ] = True,
) -> None:
    """Serve the GraphQL interface, and keep the read models up to date.

    Starts the embedded PostgreSQL unless `DATABASE_URL` names another, brings it to the newest
    migration, and serves until Ctrl-C: then the server, the workers and the database stop, in
    this order.
    """
    run(lambda settings: _serve(settings, demo=False, workers=workers))


@app.command()
def work() -> None:
    """Keep the read models up to date, and tell webhooks what happens, without serving.

    In as many processes as you like, beside servers or not: each read model is led by one of them,
    and when that one ends, others go on with it. Joins the embedded PostgreSQL of a server that
    runs, unless `DATABASE_URL` names another.
    """
    run(working.work)


@app.command()
def demo() -> None:
    """Serve with the demo data: cohorts, a roadmap and alliances from public documents.

    The data are loaded once; started again, it goes on with what is there.
    """
    run(lambda settings: _serve(settings, demo=True))


@app.command()
def migrate() -> None:
    """Bring the database to the newest migration. Safe to run twice, and by two at once."""
    run(_migrate)


@app.command()
def load(
    file: Annotated[Path, typer.Argument(help="A file of commands, one JSON object a line.")],
) -> None:
    """Carry out a file of commands: all of it, or nothing and a list of its errors by line.

    Carried out twice, it does nothing the second time. Works while a server runs.
    """
    run(lambda settings: _load(settings, file))


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
    Works while a server runs.
    """
    run(lambda settings: _import(settings, file, Id(alliance), sheet, dry_run=dry_run))


@app.command()
def export(
    what: Annotated[Export, typer.Argument(help="A plan to work on, or open data.")],
    file: Annotated[Path, typer.Argument(help="Where to write it: xlsx for a plan, or csv.")],
    alliance: Annotated[str | None, typer.Option(help="The alliance, as ali_….")] = None,
    territory: Annotated[str | None, typer.Option(help="A territory, as region:28.")] = None,
) -> None:
    """Write a plan that `cordee import` takes in again, or open data as csv.

    `plan` and `actions` are those of an alliance; `organisations` are those of a territory. Open
    data follow the schemas projets-territoire and collectivites of schema.data.gouv.fr. Works while
    a server runs.
    """
    run(lambda settings: _export(settings, what, file, alliance, territory))


@app.command()
def status() -> None:
    """Show the database, the events, and how far each read model has come."""
    run(_status)


async def _serve(settings: Settings, *, demo: bool, workers: bool = True) -> None:
    started = time.monotonic()
    with server.listen(settings.host, settings.port) as listening:
        personas = Demo.open(settings.data_dir) if demo else None
        async with (
            observing(settings, say) as observatory,
            database(settings, say) as dsn,
            system(
                settings,
                dsn,
                demo=personas,
                workers=workers,
                deliver=workers,
                observatory=observatory,
            ) as running,
        ):
            if demo:
                await _carry_out("Demo data", running.commands, *command_file.DEMO)
            app = running.app  # made before it is said that it is ready
            garbage.settle()  # once more: what serves is there by now, and stays
            await running.positions.reached(await running.store.head(), CATCHING_UP)
            address = server.url(listening)
            hindrances = running.positions.hindrances()
            for hindrance in hindrances:
                say(
                    f"The read model {hindrance.read_model} cannot be relied on: {hindrance.reason}"
                )
            ready = all(each.everywhere for each in hindrances)
            state = "is ready" if ready else "serves, but is not ready,"
            say(f"cordée {state} after {time.monotonic() - started:.1f} s: {address}/graphql")
            if demo:
                say(f"Try it:\n\n  {_curl(address)}\n")
                say(f"To change something, be somebody: {address}/personas")
                if settings.host not in LOOPBACK:
                    say("Whoever reaches this address can be anybody here: keep it to public data.")
                say("Ctrl-C stops it.")
            await server.serve(app, listening, settings.trusted_proxies, running.parting)
        say("cordée has stopped.")


async def _migrate(settings: Settings) -> None:
    async with database(settings, say) as dsn:
        done = await migrate_database(dsn)
    for name in done:
        say(name)
    say(f"{len(done)} migrations run." if done else "The database was up to date.")


async def _load(settings: Settings, file: Path) -> None:
    async with reachable(settings, say) as dsn, system(settings, dsn) as running:
        await _carry_out(file.name, running.commands, file)


async def _import(
    settings: Settings, file: Path, alliance: Id, sheet: str | None, *, dry_run: bool
) -> None:
    caller = Caller(actor="command line", language="en", trusted=True)
    async with reachable(settings, say) as dsn, system(settings, dsn) as running:
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
    say(
        f"{file.name}: {tally.new} actions {would}new, {tally.changed} {would}changed,"
        f" {tally.unchanged} as they are."
    )


async def _export(
    settings: Settings, what: Export, file: Path, alliance: str | None, territory: str | None
) -> None:
    async with reachable(settings, say) as dsn, system(settings, dsn) as running:
        await running.positions.reached(await running.store.head(), 60)
        named = None if alliance is None else Id(alliance)
        rows = await give_out(
            what,
            file,
            dsn,
            schemas=running.projector.path,
            alliance=named,
            territory=territory,
        )
    say(f"{file}: {rows} rows.")


async def _status(settings: Settings) -> None:
    async with reachable(settings, say) as dsn:
        await _show(settings, dsn)


async def _carry_out(title: str, commands: CommandBus, *files: Path) -> None:
    caller = Caller(actor="command line", language="en", trusted=True)
    new, names = 0, dict[str, Id]()
    for file in files:
        with progress(console, title, "commands") as tell:
            new += await command_file.carry_out(file, commands, caller, tell, names)
    say(f"{title}: {new} commands carried out." if new else f"{title}: nothing new.")


def _curl(address: str) -> str:
    return (
        f"curl -s {address}/graphql -H 'content-type: application/json'"
        f' -d \'{{"query": "{TRY}"}}\''
    )


async def _show(settings: Settings, dsn: str) -> None:
    summary = await read_summary(dsn)
    say(f"{summary.database}, {summary.events} events")
    if not summary.prepared:
        say("It was never served from: cordee serve prepares it.")
        return
    for relay in summary.relays:
        say(f"Broker, stream {relay.stream}: public events up to position {relay.position}")
        if relay.problem is not None:
            say(f"  {relay.problem}")
    table = Table("read model", "state", "position", "behind", "led by", "error")
    for model in await projection_status(dsn, kept(settings.disclosure_threshold)):
        state = model.state.value.lower()
        table.add_row(
            model.name, state, str(model.position), str(model.lag), model.owner, model.error
        )
    console.print(table)


if __name__ == "__main__":
    app()
