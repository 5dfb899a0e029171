"""`cordee person`: what is held about somebody, and how it is forgotten."""

import asyncio
from pathlib import Path
from typing import Annotated, Final

import msgspec
import typer

from api.ports import Caller
from domain.identity import Id
from domain.person import ForgetPerson
from infra.settings import Settings
from infra.system import reachable, system
from infra.terminal import run, say

app = typer.Typer(name="person", no_args_is_help=True, help="What is held about somebody.")

WE: Final = Caller(actor="command line", language="en", trusted=True)

CATCHING_UP: Final = 60.0
"""Seconds to wait until the read models show all that was stored."""

_PERSON = typer.Argument(help="A contact (ctc_…), assignment, registration or principal.")


@app.command()
def export(
    person: Annotated[str, _PERSON],
    file: Annotated[Path | None, typer.Argument(help="Where to write it, if not here.")] = None,
) -> None:
    """Write all that is held about a person, as JSON.

    The facts that name them with the texts decrypted, the rows of the read model, and what they
    did. Works while a server runs.
    """
    run(lambda settings: _export(settings, Id(person), file))


@app.command()
def forget(
    person: Annotated[str, _PERSON],
    reason: Annotated[str | None, typer.Option(help="Why; do not name the person here.")] = None,
) -> None:
    """Forget a person: what was said of them in person can never be read again, by nobody.

    What was done, counted and decided stays. Works while a server runs.
    """
    run(lambda settings: _forget(settings, ForgetPerson(person=Id(person), reason=reason)))


async def _export(settings: Settings, person: Id, file: Path | None) -> None:
    async with reachable(settings, say) as dsn, system(settings, dsn) as running:
        await running.positions.reached(await running.store.head(), CATCHING_UP)
        held = await running.dossiers.held(person, WE)
    written = msgspec.json.format(msgspec.json.encode(held), indent=2)
    if file is None:
        say(written.decode())
    else:
        await asyncio.to_thread(_keep, file, written + b"\n")
        say(f"{file}: {len(held['facts'])} facts.")


def _keep(file: Path, written: bytes) -> None:
    """Write a dossier to a file that, where it is new, no other account of the machine may read."""
    file.touch(mode=0o600)
    file.write_bytes(written)


async def _forget(settings: Settings, command: ForgetPerson) -> None:
    async with reachable(settings, say) as dsn, system(settings, dsn) as running:
        done = await running.commands.execute(command, WE)
        await running.positions.reached(done.position, CATCHING_UP)
        await running.pasts.reached(done.position, CATCHING_UP)
        await running.oblivion.look()
    say(f"{command.person} is forgotten. What backups still hold, the README tells.")
