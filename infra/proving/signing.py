"""The key that signs heads: one at a time, its private half wrapped by the master key."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from asyncpg import Record
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from infra.keeping.kept import Connection
from infra.keys.keyring import Keyring, Wrapped
from infra.keys.rotation import SIGNING_KEY
from infra.proving.verifier import NOBODY, signed_by_signer

_ALONE: Final = "lock table keys.signing_key in share row exclusive mode"

# A key whose signatures were told to anybody must not be gone after a crash.
_SURELY: Final = "set local synchronous_commit = on"

_PRIVATE: Final = "select public_key, wrapped_key, wrapped_by from keys.signing_key"

_LAST: Final = "select number, public_key from log.signer order by number desc limit 1"

_PUBLISH: Final = """
insert into log.signer (number, public_key, accepted, introduced) values ($1, $2, $3, $4)
"""

# By the master key that is in use, or is about to be.
_KEEP: Final = """
insert into keys.signing_key (public_key, wrapped_key, wrapped_by)
select $1::bytea, case when u.fingerprint = $2 then $3::bytea else $4 end, u.fingerprint
from (select coalesce(next, fingerprint) as fingerprint from keys.master_key) u
where u.fingerprint in ($2, $5)
on conflict (one) do update
set public_key = excluded.public_key, wrapped_key = excluded.wrapped_key,
    wrapped_by = excluded.wrapped_by
returning public_key
"""

# The private key of before must not be found in the files any more.
_RESIDUE: Final = """
insert into log.residue (relation, marked_by)
values ('keys.signing_key', pg_current_xact_id()::xid)
on conflict (relation) do update set marked_by = excluded.marked_by
"""


class MasterKeyReplaced(Exception):
    """The database has another master key in use than this process knows."""

    def __init__(self) -> None:
        super().__init__(
            "the master key of this database was changed: start again with the new one"
        )


@dataclass(frozen=True, slots=True)
class SigningKey:
    """The key that signs, open."""

    number: int
    """Its place among the keys that ever signed, 1 for the first."""
    public_key: bytes
    private_key: Ed25519PrivateKey

    def sign(self, signed: bytes) -> bytes:
        """Sign something."""
        return self.private_key.sign(signed)


async def open_signing_key(connection: Connection, keyring: Keyring, log: UUID) -> SigningKey:
    """Open the key that signs; there is a new one where the last one's private half is not here.

    Raises:
        infra.keys.keyring.WrongMasterKey: another master key wraps it.
        MasterKeyReplaced: a new one cannot be wrapped as it must be.
    """
    async with connection.transaction():
        await connection.execute(_ALONE)
        last = await connection.fetchrow(_LAST)
        held = await _held(connection, keyring)
        if last is not None and held is not None and public_of(held) == last["public_key"]:
            return SigningKey(last["number"], last["public_key"], held)
        return await _succeed(connection, keyring, log, last, None)


async def renew_signing_key(connection: Connection, keyring: Keyring, log: UUID) -> SigningKey:
    """Replace the key that signs by a new one, which it introduces; the old one is destroyed.

    Raises:
        infra.keys.keyring.WrongMasterKey: another master key wraps it.
        MasterKeyReplaced: the new one cannot be wrapped as it must be.
    """
    async with connection.transaction():
        await connection.execute(_ALONE)
        last = await connection.fetchrow(_LAST)
        held = await _held(connection, keyring)
        if last is None or held is None or public_of(held) != last["public_key"]:
            held = None
        return await _succeed(connection, keyring, log, last, held)


async def held_public_key(connection: Connection, keyring: Keyring) -> bytes | None:
    """Give the public half of the private key that is here: nobody else could have wrapped it.

    None where there is none, such as in a log that was restored without its keys.

    Raises:
        infra.keys.keyring.WrongMasterKey: another master key wraps it.
    """
    held = await _held(connection, keyring)
    return None if held is None else public_of(held)


def public_of(key: Ed25519PrivateKey) -> bytes:
    """Give the public half of a key."""
    return key.public_key().public_bytes_raw()


async def _held(connection: Connection, keyring: Keyring) -> Ed25519PrivateKey | None:
    row = await connection.fetchrow(_PRIVATE)
    if row is None:
        return None
    wrapped = Wrapped(row["wrapped_by"], row["wrapped_key"])
    return Ed25519PrivateKey.from_private_bytes(keyring.unwrap(wrapped, SIGNING_KEY))


async def _succeed(
    connection: Connection,
    keyring: Keyring,
    log: UUID,
    last: Record | None,
    held: Ed25519PrivateKey | None,
) -> SigningKey:
    """Make a key that follows the last one, introduced by its private half if that is held."""
    await connection.execute(_SURELY)
    number, before = (1, NOBODY) if last is None else (last["number"] + 1, last["public_key"])
    key = Ed25519PrivateKey.generate()
    public, secret = public_of(key), key.private_bytes_raw()
    boxes = [
        keyring.wrap(secret, SIGNING_KEY, by).box for by in (keyring.current, keyring.previous)
    ]
    kept = (public, keyring.current, *boxes, keyring.previous)
    if await connection.fetchval(_KEEP, *kept) is None:
        raise MasterKeyReplaced
    statement = signed_by_signer(log, number, before, public)
    introduced = None if held is None else held.sign(statement)
    await connection.execute(_PUBLISH, number, public, key.sign(statement), introduced)
    await connection.execute(_RESIDUE)
    return SigningKey(number, public, key)
