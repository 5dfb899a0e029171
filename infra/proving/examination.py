"""`cordee verify`: whether the log is what was sealed, and the tree what somebody kept of it."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from infra.keeping.inspection.finding import Finding, Findings, Rule
from infra.keeping.inspection.order import check_order
from infra.keeping.kept import Connection
from infra.progress import progress
from infra.proving.document import KeptHead, kept_head
from infra.proving.hashing import tree_id
from infra.proving.head import TREE
from infra.proving.nodes import BrokenTree, roots
from infra.proving.opening import opened
from infra.proving.verification import Verified
from infra.proving.verification import verify as verify_log
from infra.settings import Settings
from infra.terminal import console, run, say


def verify(
    head: Annotated[
        Path | None, typer.Option(help="A head that was kept, with which the log must agree.")
    ] = None,
) -> None:
    """Hold the whole log against its signed tree, and list what does not fit, by its position.

    Finds every event that was altered, removed, inserted or moved since it was sealed, heads that
    were forged, and keys of strangers. Ends with the status 1 if there are any. Works while servers
    run.
    """
    run(lambda settings: _verify(settings, head))


async def read_kept(file: Path | None) -> KeptHead | None:
    """Read a head that was kept, if there is one.

    Raises:
        infra.proving.document.NotProvable: the file has none.
        OSError: it cannot be read.
    """
    if file is None:
        return None
    return kept_head(str(file), await asyncio.to_thread(file.read_bytes))


async def check_kept(connection: Connection, kept: KeptHead, findings: Findings) -> None:
    """Hold the tree against a head that was kept elsewhere."""
    secret = await connection.fetchval(TREE)
    if secret is None or tree_id(secret) != kept.log:
        findings.add(Rule.PROOF, "the head that was kept is one of another log")
        return
    try:
        (root,) = await roots(connection, [(0, kept.size)])
    except BrokenTree:
        problem = f"the tree does not reach the head that was kept, of {kept.size} events"
        findings.add(Rule.PROOF, problem, kept.size)
        return
    if root.hex() != kept.root:
        problem = f"the tree of {kept.size} events is another one than the head that was kept"
        findings.add(Rule.PROOF, problem, kept.size)


async def _verify(settings: Settings, kept: Path | None) -> None:
    head = await read_kept(kept)
    findings = Findings(_tell)
    async with (
        opened(settings) as (connection, trusted),
        connection.transaction(isolation="repeatable_read", readonly=True),
    ):
        await check_order(connection, findings)
        with progress(console, "Verify", "events") as tell:
            verified = await verify_log(connection, findings, tell, trusted=trusted)
        if head is not None:
            await check_kept(connection, head, findings)
    for rule, number in findings.untold().items():
        say(f"{rule}: {number} more.")
    _say_verified(verified, trusted)
    found = findings.counted.total()
    say("one finding." if found == 1 else f"{found or 'no'} findings.")
    if found:
        raise typer.Exit(1)


def _say_verified(verified: Verified, trusted: bytes | None) -> None:
    sealed = verified.events - verified.unsealed
    rest = f", {verified.unsealed} are not sealed yet" if verified.unsealed else ""
    say(f"{sealed} events are held against the tree{rest}.")
    if verified.newest is not None and verified.key is not None:
        newest = verified.newest
        say(f"Log {verified.log}, root {newest.root.hex()} over {newest.size} events,")
        say(f"signed at {newest.sealed_at.isoformat()} by the key {verified.key.hex()}.")
        if trusted is None:
            say("The key is not here: compare it with one that you know.")


def _tell(finding: Finding) -> None:
    console.print(str(finding), soft_wrap=True, markup=False)
