"""A database with all kinds of facts in it, and what a copy of it must have alike."""

import hashlib
from uuid import UUID

import asyncpg

from api.ports import Caller
from domain.identity import Id, external
from domain.organisation import DesignateContact, OrganisationKind, RegisterOrganisation
from domain.person import ForgetPerson
from infra.command_bus import CommandBus
from infra.command_file import DEMO, carry_out
from infra.keys.keyring import Keyring
from infra.keys.vault import REQUEST_SECRET
from tests.history import MASTER_KEY, opened

WE = Caller(actor="tests", language="en", trusted=True)
KEYRING = Keyring(MASTER_KEY)

_TABLES = (
    ("log.event", "position"),
    ("log.command", "command_id"),
    ("keys.master_key", "one"),
    ("keys.person_key", "subject"),
)


async def fill(dsn: str) -> None:
    """Let the demo happen, and two people be named, one of whom is forgotten."""
    async with opened(dsn) as log:
        connection = await asyncpg.connect(dsn)
        await connection.execute(
            "insert into keys.master_key (fingerprint, request_secret) values ($1, $2)",
            KEYRING.current,
            KEYRING.wrap(MASTER_KEY, REQUEST_SECRET, KEYRING.current).box,
        )
        await connection.close()
        bus = CommandBus(log.store, log.mapper, secret=MASTER_KEY)
        names: dict[str, Id] = {}
        for file in DEMO:
            await carry_out(file, bus, WE, silent, names)
        organisation = RegisterOrganisation(
            name="Atmo", kind=OrganisationKind.ASSOCIATION, siren="732829320"
        )
        registered = await bus.execute(organisation, WE)
        for name in ("Quelqu’un Qui Reste", "Quelqu’une Canari"):
            contact = DesignateContact(organisation=registered.id, function="élue", name=name)
            named = await bus.execute(contact, WE)
        assert named.created is not None
        await bus.execute(ForgetPerson(person=named.created), WE)
        # A command that finds itself done already: it is stored, and records nothing.
        await bus.execute(ForgetPerson(person=named.created), WE)
        await bus.close()


async def forget_the_other(dsn: str) -> None:
    """Forget the one whose name is still known."""
    async with opened(dsn) as log:
        bus = CommandBus(log.store, log.mapper, secret=MASTER_KEY)
        await bus.execute(ForgetPerson(person=external("contact", await _remaining(dsn))), WE)
        await bus.close()


async def keys_left(dsn: str) -> int:
    """Count the people whose texts can be read."""
    connection = await asyncpg.connect(dsn)
    try:
        counted: int = await connection.fetchval(
            "select count(*) from keys.person_key where wrapped_key is not null"
        )
        return counted
    finally:
        await connection.close()


async def _remaining(dsn: str) -> UUID:
    connection = await asyncpg.connect(dsn)
    try:
        subject: UUID = await connection.fetchval(
            "select k.subject from keys.person_key k join log.event e on e.stream_id = k.named_in"
            " where k.wrapped_key is not null and e.topic = 'organisation.contact_designated'"
            " limit 1"
        )
        return subject
    finally:
        await connection.close()


async def contents(dsn: str, *, keys: bool = True) -> dict[str, tuple[int, str]]:
    """Give for each table that is kept how many rows it has, and a digest of all their columns.

    By another way than the program's own: every row as text, in the order of its key.
    """
    connection = await asyncpg.connect(dsn, server_settings={"timezone": "UTC"})
    try:
        found = {}
        for table, key in _TABLES:
            if keys or not table.startswith("keys."):
                rows = await connection.fetch(
                    f"select t::text as row from {table} t order by {key}"  # noqa: S608
                )
                text = "\n".join(row["row"] for row in rows)
                found[table] = (len(rows), hashlib.sha256(text.encode()).hexdigest())
        return found
    finally:
        await connection.close()


async def execute(dsn: str, *statements: str) -> None:
    """Change a database by hand, past the triggers that refuse it."""
    connection = await asyncpg.connect(dsn)
    try:
        for table in ("log.event", "log.command"):
            await connection.execute(f"alter table {table} disable trigger append_only")
        for statement in statements:
            await connection.execute(statement)
        for table in ("log.event", "log.command"):
            await connection.execute(f"alter table {table} enable always trigger append_only")
    finally:
        await connection.close()


def silent(_done: int, _of: int) -> None:
    """Take in progress, and say nothing."""
