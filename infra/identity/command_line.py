"""Commands on who may call: tokens of the demo, keys of machines, the first grants."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, datetime
from typing import Annotated, Final
from uuid import uuid4

import typer
from rich.console import Console
from rich.table import Table

from api.ports import Caller
from domain.granting import GrantRole
from domain.identity import NOUNS, Id, internal
from domain.principal import IssueKey, OpenPrincipal, PrincipalKind, RevokeKey
from domain.refusal import NotFound
from domain.role import ScopeKind
from infra.identity.api_keys import ApiKey, digest, new_secret
from infra.identity.demo import Demo, role_named
from infra.settings import Settings
from infra.system import System, reachable, system
from infra.terminal import console, errors, run, say
from projections.statement import Statement

OURSELVES: Final = Caller(actor="command line", language="en", trusted=True)

MACHINES: Final = "cordee keys"
"""Stands for the issuer of machines that have keys and no tokens."""
CATCHING_UP: Final = 10.0
"""Seconds for which a command waits until the read models know of every key."""
WHOLE: Final = 200
"""Columns in which a list of keys fits without cutting an id."""

_HOLDER: Final = Statement("select principal_id from api_key where id = $1")
_KEYS: Final = Statement(
    "select id, principal_id, label, issued_at, expires_on, revoked_at"
    " from api_key order by issued_at, id"
)

keys = typer.Typer(no_args_is_help=True, help="Keys by which machines call.")

Where = Annotated[str | None, typer.Option(help="The id or the name of one.")]


def token(
    *,
    who: Annotated[str, typer.Option("--as", help="A role, in French or English, or a persona.")],
    cohort: Where = None,
    organisation: Where = None,
    alliance: Where = None,
    action: Where = None,
    territory: Where = None,
    network: Where = None,
) -> None:
    """Print a token of one of the demo's personas: whoever holds a role (in a place).

    It counts for twelve hours, where `cordee demo` runs on the same data folder, and nowhere else.
    """
    named = {
        ScopeKind.COHORT: cohort,
        ScopeKind.ORGANISATION: organisation,
        ScopeKind.ALLIANCE: alliance,
        ScopeKind.ACTION: action,
        ScopeKind.TERRITORY: territory,
        ScopeKind.NETWORK: network,
    }
    places = [(kind, place) for kind, place in named.items() if place is not None]
    if len(places) > 1:
        raise typer.BadParameter("Name one place at most.")

    async def work(settings: Settings) -> None:
        kind, place = places[0] if places else (None, None)
        demo = Demo.open(settings.data_dir)
        # Not by the console, which would break the line: this is read by another program.
        sys.stdout.write(f"{demo.token_of(demo.find(who, place, kind))}\n")

    run(work)


def grant(
    role: Annotated[str, typer.Argument(help="The role, in French or English.")],
    to: Annotated[str | None, typer.Option(help="A principal, as prn_….")] = None,
    issuer: Annotated[str | None, typer.Option(help="Or their issuer (iss) …")] = None,
    subject: Annotated[str | None, typer.Option(help="… and what it calls them (sub).")] = None,
    on: Annotated[
        str | None,
        typer.Option(help="The place: an id, the key of a territory, ali_…/WATER; none is all."),
    ] = None,
) -> None:
    """Let somebody hold a role, also before they ever called: so the first operator is made."""
    if (to is None) == (issuer is None) or (issuer is None) != (subject is None):
        raise typer.BadParameter("Name them by --to prn_…, or by --issuer and --subject.")
    kind = _kind(on)

    async def work(settings: Settings) -> None:
        meant = role_named(role)
        async with _system(settings) as running:
            principal = Id(to or "")
            if issuer is not None and subject is not None:
                opening = OpenPrincipal(issuer=issuer, subject=subject)
                principal = (await running.commands.execute(opening, OURSELVES)).id
            granting = GrantRole(principal=principal, role=meant, scope_kind=kind, scope=on or None)
            await running.commands.execute(granting, OURSELVES)
        say(f"{principal} is {meant.en} of {on or 'the platform'}.")

    run(work)


@keys.command("issue")
def issue_key(
    label: Annotated[str, typer.Option(help="What it is for.")],
    to: Annotated[
        str | None, typer.Option(help="Who calls with it, as prn_…; a new machine unless set.")
    ] = None,
    expires: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Its last day.")
    ] = None,
) -> None:
    """Make a key and print it, once: only a digest of its secret is kept."""
    secret = new_secret()
    last = None if expires is None else expires.date()

    async def work(settings: Settings) -> None:
        async with _system(settings) as running:
            principal = Id(to) if to is not None else await _machine(running, label)
            issuing = IssueKey(
                principal=principal, label=label, digest=digest(secret), expires_on=last
            )
            done = await running.commands.execute(issuing, OURSELVES)
        assert done.created is not None, "a key that is new has an id"
        if to is None:
            _tell(f"It is the key of a new machine, {principal}: grant it what it needs.")
        sys.stdout.write(f"{ApiKey(internal('key', done.created), secret).text()}\n")

    run(work)


@keys.command("revoke")
def revoke_key(
    key: Annotated[str, typer.Argument(help="The key, as key_….")],
    reason: Annotated[str | None, typer.Option(help="Why it is revoked.")] = None,
) -> None:
    """End a key: a second later it lets nobody in, and connections that it opened are closed."""

    async def work(settings: Settings) -> None:
        internal("key", Id(key))
        async with _system(settings) as running:
            await running.positions.reached(await running.store.head(), CATCHING_UP)
            found = await running.reads.rows(_HOLDER, (key,))
            if not found:
                raise NotFound("key", id=key, noun="key")
            revoking = RevokeKey(principal=Id(found[0][0]), key=Id(key), reason=reason)
            await running.commands.execute(revoking, OURSELVES)
        say(f"{key} is revoked.")

    run(work)


@keys.command("list")
def list_keys() -> None:
    """List all keys, without what is secret of them."""

    async def work(settings: Settings) -> None:
        async with _system(settings) as running:
            await running.positions.reached(await running.store.head(), CATCHING_UP)
            rows = await running.reads.rows(_KEYS, ())
        table = Table("key", "principal", "label", "issued", "last day", "revoked")
        for id, principal, label, issued_at, expires_on, revoked_at in rows:
            table.add_row(id, principal, label, _day(issued_at), _day(expires_on), _day(revoked_at))
        # Not cut to the terminal: half an id is of no use to whoever revokes the key.
        Console(width=max(WHOLE, console.width)).print(table)

    run(work)


@asynccontextmanager
async def _system(settings: Settings) -> AsyncIterator[System]:
    """Give all parts, beside a server that may be running."""
    async with reachable(settings, _tell) as dsn, system(settings, dsn) as running:
        yield running


async def _machine(running: System, label: str) -> Id:
    """Make a machine known that has no other proof of who it is than a key."""
    opening = OpenPrincipal(
        issuer=MACHINES, subject=uuid4().hex, kind=PrincipalKind.MACHINE, label=label
    )
    return (await running.commands.execute(opening, OURSELVES)).id


def _tell(line: str) -> None:
    """Say something beside what is printed for another program to read."""
    errors.print(line, soft_wrap=True, markup=False)


def _kind(on: str | None) -> ScopeKind:
    if not on:
        return ScopeKind.PLATFORM
    if "/" in on:
        return ScopeKind.THEME
    noun = NOUNS.get(on.partition("_")[0], "territory")
    if noun.upper() not in ScopeKind.__members__:
        raise typer.BadParameter(f"In a {noun.replace('_', ' ')} no role is held.")
    return ScopeKind[noun.upper()]


def _day(moment: date | None) -> str:
    return "" if moment is None else moment.strftime("%Y-%m-%d")
