"""`cordee master-key`: how the key that wraps all others is replaced."""

import typer

from infra.keys.master_key import PREVIOUS, drop_previous_file, replace_file, source
from infra.keys.rotation import rotate as rotate_keys
from infra.keys.vault import open_vault
from infra.migrate import migrate
from infra.progress import progress
from infra.settings import Settings
from infra.system import reachable
from infra.terminal import console, run, say

app = typer.Typer(
    name="master-key",
    no_args_is_help=True,
    help="""
The key that wraps the key of each person.

To replace it while servers run: give each the new key, with the one before as
`CORDEE_MASTER_KEY_PREVIOUS`, and start them again one by one; where the key is in a file, `renew`
makes both. Then `rotate`, and take the previous key away.
""",
)


@app.command()
def renew() -> None:
    """Make a new master key where it is in a file, and keep the one before beside it."""
    run(_renew)


@app.command()
def rotate() -> None:
    """Wrap everybody's key by the new master key. Broken off, it goes on where it was.

    Every server must have been started with both keys. Works while they run.
    """
    run(_rotate)


async def _renew(settings: Settings) -> None:
    replace_file(settings)
    say(
        f"There is a new master key in {source(settings)}, and the one before in {PREVIOUS} beside"
        " it. Start each server again, then run `cordee master-key rotate`."
    )


async def _rotate(settings: Settings) -> None:
    async with reachable(settings, say) as dsn:
        await migrate(dsn)
        vault = await open_vault(settings, dsn)
        with progress(console, "Master key", "people") as tell:
            changed = await rotate_keys(dsn, vault.keyring, tell)
    drop_previous_file(settings)
    say(
        "The new master key is in use, and nothing is wrapped by the one before: where it is still"
        " set, take it away. Back the keys up again: older copies open with the one before only."
        if changed
        else "The master key was in use already."
    )
