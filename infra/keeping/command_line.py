"""`cordee backup`, `restore`, `events` and `check`: how what is stored is kept, and proved."""

import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated, Final

import asyncpg
import typer

from infra.keeping import backup as backing_up
from infra.keeping import restore as restoring
from infra.keeping.exchange.exporting import Since, export_events
from infra.keeping.exchange.importing import import_events
from infra.keeping.exchange.part import export_to, last_position
from infra.keeping.inspection import check as checking
from infra.keeping.inspection.finding import Finding, Findings
from infra.keeping.inspection.proof import check_proof
from infra.keeping.inspection.read_models import check_read_models
from infra.keys.keyring import Keyring
from infra.keys.master_key import lacks_file, open_master_key, previous_master_key, source
from infra.keys.person_keys import PersonKeys
from infra.keys.vault import open_vault
from infra.mapper import EventMapper
from infra.migrate import migrate
from infra.progress import progress
from infra.settings import Settings, SettingsError
from infra.system import reachable, system
from infra.terminal import console, errors, run, say
from projections.catalogue import kept

events = typer.Typer(
    name="events",
    no_args_is_help=True,
    help="Events as lines: JSON, one CloudEvent 1.0 a line, for whoever wants to read them.",
)

_HERE: Final = Path("-")
"""Stands for standard output, and for standard input."""

_LOOK: Final = 0.5
"""Seconds from one look at the read models to the next."""

_Keys = Annotated[Path | None, typer.Option("--keys", help="The file of people's keys.")]
_After = Annotated[int, typer.Option(min=0, help="Pass over the events up to this position.")]


def backup(
    file: Annotated[Path, typer.Argument(help="Where to write the events.")],
    keys: _Keys = None,
    force: Annotated[bool, typer.Option(help="Write over files that are there.")] = False,
) -> None:
    """Write all events to a file, and people's keys to another one if it is named.

    Both are of one moment, and only there once they are whole. Without the keys nobody can read
    what events say of people in person: keep the two apart, the keys for as short a time as may
    be, and the master key in neither. Works while servers run.
    """
    run(lambda settings: _backup(settings, file, keys, force=force))


def restore(
    file: Annotated[Path, typer.Argument(help="The file of the events.")],
    keys: _Keys = None,
) -> None:
    """Restore a backup into an empty database, and make the read models from it.

    What is restored is read again and compared with the backup before any of it counts; a restore
    that fails or is stopped leaves the database empty. Whoever was forgotten stays forgotten.
    """
    run(lambda settings: _restore(settings, file, keys))


def check(
    read_models: Annotated[bool, typer.Option(help="Fold the read models anew, too.")] = True,
) -> None:
    """Hold all that is stored against all that must hold, and list what does not.

    Positions, versions, commands, that each event can be read and taken by its aggregate, that
    what it names is there, who holds which claim, people's keys, that sealed events are what the
    signed tree says, and that the read models show what a fresh fold of the events shows. Ends with
    the status 1 if anything is wrong. Works while servers run.
    """
    run(lambda settings: _check(settings, read_models=read_models))


@events.command("export")
def export_lines(
    file: Annotated[Path, typer.Argument(help="Where to write them; - for here.")],
    after: _After = 0,
    force: Annotated[bool, typer.Option(help="Write over a file that is there.")] = False,
) -> None:
    """Write events as lines, in their order; what is encrypted stays so.

    Stopped and started again, it goes on where it was. Works while servers run.
    """
    run(lambda settings: _export(settings, file, after, force=force))


@events.command("import")
def import_lines(
    file: Annotated[Path, typer.Argument(help="The lines; - for those that come in here.")],
    after: _After = 0,
) -> None:
    """Take events into a log that has none of them, some, or all: it becomes the same log.

    What is there already is compared, and a line that contradicts it is refused. Stopped and
    started again, it goes on where it was.
    """
    run(lambda settings: _import(settings, file, after))


async def _backup(settings: Settings, file: Path, keys: Path | None, *, force: bool) -> None:
    async with reachable(settings, say) as dsn:
        with progress(console, "Backup", "rows") as tell:
            saved = await backing_up.backup(dsn, file, keys, tell, force=force)
    say(f"{file}: {saved.events} events of {saved.commands} commands.")
    if keys is not None:
        say(f"{keys}: the keys of {saved.people} people. Keep it apart from {file}.")


async def _restore(settings: Settings, file: Path, keys: Path | None) -> None:
    keyring = None if keys is None else _keyring(settings)
    async with reachable(settings, say) as dsn:
        await migrate(dsn)
        with progress(console, "Restore", "rows") as tell:
            done = await restoring.restore(
                dsn, file, keys, tell, keyring=keyring, source=source(settings)
            )
        say(f"{done.events} events of {done.commands} commands are restored, and proved:")
        say(f"positions and versions without a gap, SHA-256 {done.sha256.hex()}.")
        if done.people is None:
            say("Without their keys, what is said of people in person cannot be read.")
        elif done.forgotten_again:
            say(f"{done.forgotten_again} people of the keys' backup are forgotten by now.")
        async with system(settings, dsn) as running:
            with progress(console, "Read models", "events") as tell:
                while not await running.positions.reached(done.events, _LOOK):
                    reached = running.projector.position().values()
                    tell(min(sum(reached) // len(reached), done.events), done.events)
                tell(done.events, done.events)
            for hindrance in running.positions.hindrances():
                say(f"The read model {hindrance.read_model}: {hindrance.reason}")


async def _check(settings: Settings, *, read_models: bool) -> None:
    findings = Findings(_tell)
    async with reachable(settings, say) as dsn:
        await migrate(dsn)
        vault = await open_vault(settings, dsn)
        named = {"application_name": vault.keyring.name}  # a change of the master key looks for it
        async with asyncpg.create_pool(dsn, min_size=1, max_size=2, server_settings=named) as pool:
            mapper = EventMapper(PersonKeys(pool, vault.keyring))
            with progress(console, "Check", "events") as tell:
                checked = await checking.check(dsn, mapper, findings, tell)
            with progress(console, "Proof", "events") as tell:
                await check_proof(dsn, vault.keyring, findings, tell)
            if read_models:
                projections = kept(settings.disclosure_threshold)
                with progress(console, "Read models", "read models") as tell:
                    memory = settings.rebuild_memory
                    await check_read_models(dsn, mapper, projections, findings, tell, memory=memory)
    for rule, number in findings.untold().items():
        say(f"{rule}: {number} more.")
    found = findings.counted.total()
    told = "one finding" if found == 1 else f"{found or 'no'} findings"
    say(f"{checked.events} events of {checked.commands} commands: {told}.")
    if found:
        raise typer.Exit(1)


async def _export(settings: Settings, file: Path, after: int, *, force: bool) -> None:
    if file != _HERE:
        async with reachable(settings, say) as dsn:
            await migrate(dsn)
            with progress(console, "Export", "events") as tell:
                last = await export_to(dsn, file, tell, after=after, force=force)
        say(f"{file}: the events up to position {last}.")
        return
    # The lines are all that goes to standard output.
    async with reachable(settings, errors.print) as dsn:
        await migrate(dsn)
        with progress(errors, "Export", "events") as tell:
            await export_events(dsn, _print, tell, since=Since(after))


async def _import(settings: Settings, file: Path, after: int) -> None:
    with nullcontext(sys.stdin.buffer) if file == _HERE else file.open("rb") as lines:
        upto = 0 if file == _HERE else last_position(lines)
        async with reachable(settings, say) as dsn:
            await migrate(dsn)
            with progress(console, "Import", "events") as tell:
                done = await import_events(dsn, str(file), lines, tell, after=after, upto=upto)
    known = f", {done.known} were there already" if done.known else ""
    say(f"{done.events} events taken in{known}; the log ends at position {done.head}.")


def _print(lines: bytes) -> None:
    sys.stdout.buffer.write(lines)
    sys.stdout.buffer.flush()


def _tell(finding: Finding) -> None:
    console.print(str(finding), soft_wrap=True, markup=False)


def _keyring(settings: Settings) -> Keyring:
    """Give the master keys that must open the keys of a backup; a new one never could."""
    if lacks_file(settings):
        raise SettingsError(
            f"Keys are restored with the master key that wraps them, and {source(settings)} is not"
            " there: put the file back, or set CORDEE_MASTER_KEY to the key."
        )
    return Keyring(open_master_key(settings), previous_master_key(settings))
