"""What a database keeps wrapped by the master key, and that the two belong to each other."""

import hashlib
from typing import Final, NamedTuple

import asyncpg
import structlog

from infra.keys.keyring import Keyring, Wrapped, WrongMasterKey, fingerprint
from infra.keys.master_key import (
    FILE_NAME,
    lacks_file,
    open_master_key,
    previous_master_key,
    source,
)
from infra.settings import Settings, SettingsError

log = structlog.get_logger()

REQUEST_SECRET: Final = b"request secret"
"""What the secret that keys the hashes of requests is about."""

_READ: Final = "select fingerprint, next, request_secret from keys.master_key"

_FIRST: Final = """
insert into keys.master_key (fingerprint) values ($1) on conflict do nothing
"""

# The first of several processes that start at once gives the secret; all read it afterwards.
_FIRST_REQUESTS: Final = """
update keys.master_key set request_secret = $2 where request_secret is null and fingerprint = $1
"""


class Vault(NamedTuple):
    """A database's secrets, open."""

    keyring: Keyring
    request_secret: bytes
    """Keys the hashes by which repeated requests are recognised; the same for ever."""


async def open_vault(settings: Settings, dsn: str) -> Vault:
    """Open the secrets of a migrated database; the first start makes them.

    Whoever was forgotten is forgotten again: their keys may have come out of an older backup.

    Raises:
        SettingsError: the database belongs to another master key, or the key cannot be had.
    """
    connection = await asyncpg.connect(dsn, server_settings={"application_name": "cordee key"})
    try:
        await connection.execute("select log.make_keys()")
        if again := await connection.fetchval("select log.forget_again()"):
            log.warning("persons.forgotten_again", people=again)
        row = await connection.fetchrow(_READ)
        if row is not None and lacks_file(settings):
            raise SettingsError(
                f"The master key of this database is not in {settings.data_dir / FILE_NAME}: put"
                " the file back, or set CORDEE_MASTER_KEY to the key."
            )
        current = open_master_key(settings)
        previous = previous_master_key(settings)
        keyring = Keyring(current, previous)
        if row is None:
            if await connection.fetchval("select exists (select from log.event)"):
                log.warning("persons.without_keys")
            await connection.execute(_FIRST, fingerprint(current))
            row = await connection.fetchrow(_READ)
        assert row is not None
        used, following, _ = row
        _check(settings, keyring, used, following)
        if row["request_secret"] is None:
            key = current if used == keyring.current else previous
            assert key is not None
            made = hashlib.sha256(b"cordee request hash" + key).digest()
            boxed = keyring.wrap(made, REQUEST_SECRET, used).box
            await connection.execute(_FIRST_REQUESTS, used, boxed)
            row = await connection.fetchrow(_READ)
            assert row is not None
            used = row["fingerprint"]
        return Vault(keyring, keyring.unwrap(Wrapped(used, row["request_secret"]), REQUEST_SECRET))
    except WrongMasterKey:
        raise _refusal(settings) from None
    finally:
        await connection.close()


def _check(settings: Settings, keyring: Keyring, used: bytes, following: bytes | None) -> None:
    if used not in keyring:
        raise _refusal(settings)
    if following is not None and following not in keyring:
        raise SettingsError(
            "The master key of this database is being replaced: give it the new one, and the one"
            " before as CORDEE_MASTER_KEY_PREVIOUS."
        )


def _refusal(settings: Settings) -> SettingsError:
    return SettingsError(
        f"This database was written under another master key than that of {source(settings)}:"
        " give it the key with which it was made."
    )
