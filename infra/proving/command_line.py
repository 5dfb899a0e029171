"""`cordee proof`: proofs of what the log holds, for those who do not trust who runs it."""

import asyncio
import sys
from pathlib import Path
from typing import Annotated, Final

import asyncpg
import typer

from infra.keeping.damage import FileTaken
from infra.keys.vault import open_vault
from infra.migrate import migrate
from infra.moment_option import MomentOption, SaidMoment
from infra.moments import Moments
from infra.proving import verifier
from infra.proving.document import (
    NotProvable,
    head_document,
    proof_document,
    written,
)
from infra.proving.examination import read_kept
from infra.proving.hashing import tree_id
from infra.proving.head import TREE
from infra.proving.opening import SESSION, opened
from infra.proving.proofs import Proofs
from infra.proving.signing import renew_signing_key
from infra.settings import Settings
from infra.system import reachable
from infra.terminal import run, say

app = typer.Typer(
    name="proof",
    no_args_is_help=True,
    help="""
Proofs that an event is in the log, and that nothing in it was changed.

Keep a head (`cordee proof head FILE`) where those who run the log cannot change it: whatever they
show you later has to agree with it. Others check a proof with one file and no cordée:
`cordee proof verifier verifier.py`.
""",
)

_HERE: Final = Path("-")

_File = Annotated[Path, typer.Argument(help="Where to write it; - for here.")]
_Since = Annotated[
    Path | None,
    typer.Option("--since", help="A head that was kept: prove that the log goes on from it."),
]
_Force = Annotated[bool, typer.Option(help="Write over a file that is there.")]


@app.command("export")
def export_proof(
    position: Annotated[int, typer.Argument(min=1, help="The position of the event.")],
    file: _File,
    shown: Annotated[
        bool, typer.Option("--event/--no-event", help="Show in it what the event holds.")
    ] = True,
    since: _Since = None,
    force: _Force = False,
) -> None:
    """Write the proof that an event is in the log, for whoever checks it elsewhere."""
    run(lambda settings: _export(settings, position, file, since, shown=shown, force=force))


@app.command("head")
def export_head(
    file: _File, at: MomentOption = None, since: _Since = None, force: _Force = False
) -> None:
    """Write the newest signed head, to be kept elsewhere; --at: the one that covers a moment."""
    run(lambda settings: _head(settings, file, at, since, force=force))


@app.command("check")
def check_proof(
    file: Annotated[Path, typer.Argument(help="A proof, or a head.")],
    key: Annotated[str | None, typer.Option(help="The public key of the log, in hex.")] = None,
    head: Annotated[Path | None, typer.Option(help="A head that was kept.")] = None,
) -> None:
    """Check a proof without the log, as the verifier does that is its own file."""
    arguments = [str(file)]
    if key is not None:
        arguments += ["--key", key]
    if head is not None:
        arguments += ["--head", str(head)]
    raise typer.Exit(verifier.main(arguments))


@app.command("verifier")
def export_verifier(file: _File, force: _Force = False) -> None:
    """Write the program that checks proofs: one file, which needs Python and `cryptography`."""
    run(lambda _: _write(file, Path(verifier.__file__).read_bytes(), force=force))


@app.command("keys")
def show_keys() -> None:
    """Show the keys that have signed heads; others compare the last one with what proofs name."""
    run(_keys)


@app.command("renew-key")
def renew_key() -> None:
    """Sign with a new key from now on, which the one before introduces; that one is destroyed."""
    run(_renew)


async def _export(
    settings: Settings,
    position: int,
    file: Path,
    since: Path | None,
    *,
    shown: bool,
    force: bool,
) -> None:
    kept = await read_kept(since)
    async with opened(settings) as (connection, _):
        proofs = Proofs(connection)
        document = await proof_document(proofs, position, shown=shown, since=kept)
    await _write(file, written(document), force=force)


async def _head(
    settings: Settings, file: Path, at: SaidMoment | None, since: Path | None, *, force: bool
) -> None:
    kept = await read_kept(since)
    async with opened(settings) as (connection, _):
        position = None if at is None else await at.position(Moments(connection))
        document = await head_document(Proofs(connection), position=position, since=kept)
    await _write(file, written(document), force=force)


async def _keys(settings: Settings) -> None:
    async with opened(settings) as (connection, _):
        for signer in await Proofs(connection).signers():
            by = "" if signer.introduced is None else ", introduced by the one before"
            say(f"{signer.number}: {signer.public_key.hex()}{by}")


async def _renew(settings: Settings) -> None:
    async with reachable(settings, say) as dsn:
        await migrate(dsn)
        vault = await open_vault(settings, dsn)
        connection = await asyncpg.connect(dsn, server_settings=SESSION)
        try:
            secret = await connection.fetchval(TREE)
            if secret is None:
                raise NotProvable("Nothing is sealed yet, so there is no key to replace.")
            key = await renew_signing_key(connection, vault.keyring, tree_id(secret))
        finally:
            await connection.close()
    say(f"Heads are signed by key {key.number} from now on: {key.public_key.hex()}")
    say("Tell it to those who check proofs, and back the keys up again.")


async def _write(file: Path, content: bytes, *, force: bool) -> None:
    if file == _HERE:
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
        return
    try:
        await asyncio.to_thread(_keep, file, content, "wb" if force else "xb")
    except FileExistsError:
        raise FileTaken(file) from None
    say(f"{file} is written.")


def _keep(file: Path, content: bytes, mode: str) -> None:
    with file.open(mode) as opened:
        opened.write(content)
