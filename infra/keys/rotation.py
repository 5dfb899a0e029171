"""Changing the master key: every person's key is wrapped anew, while cordée runs.

The database says which master key is in use. As soon as it names a next one, new keys are wrapped
by that; the others follow batch by batch, and what is done stays done. When nothing is left that
the key before wraps, the next one becomes the one.
"""

from typing import Final

import asyncpg

from infra.keys.keyring import SESSION, Keyring, Wrapped
from infra.keys.vault import REQUEST_SECRET
from infra.progress import Told

SIGNING_KEY: Final = b"signing key"
"""What the key is about that signs the heads of the log's tree."""

BATCH: Final = 1_000
"""People's keys that one transaction wraps anew: some ten milliseconds."""

_BEGIN: Final = "update keys.master_key set next = $1 where fingerprint <> $1"

_BEHIND: Final = """
select count(*) from pg_stat_activity
where datname = current_database() and starts_with(application_name, $1)
  and position($2 in application_name) = 0
"""

_COUNT: Final = """
select count(*) filter (where wrapped_by = $1), count(*)
from keys.person_key where wrapped_key is not null
"""

# Locked, so that nobody is forgotten between the reading of a key and its being wrapped anew.
_BATCH: Final = """
select subject, wrapped_by, wrapped_key from keys.person_key
where wrapped_key is not null and wrapped_by <> $1 and subject > $2
order by subject
limit $3
for update
"""

_WRAPPED: Final = """
update keys.person_key k set wrapped_key = n.box, wrapped_by = $3
from unnest($1::uuid[], $2::bytea[]) n (subject, box)
where k.subject = n.subject
"""

# Waits for those who are still storing a key, and lets nobody store another until the end.
_ALONE: Final = "lock table keys.person_key, keys.signing_key in share row exclusive mode"

_LEFT: Final = """
select exists (select from keys.person_key where wrapped_key is not null and wrapped_by <> $1)
"""

_REQUESTS: Final = "select fingerprint, request_secret from keys.master_key"

_FINISH: Final = """
update keys.master_key set fingerprint = $1, next = null, request_secret = $2
"""

_SIGNING: Final = "select wrapped_by, wrapped_key from keys.signing_key where wrapped_by <> $1"

_SIGNING_WRAPPED: Final = "update keys.signing_key set wrapped_key = $1, wrapped_by = $2"

# The boxes of before must not be found in the files any more: whoever has the old key opens them.
_RESIDUE: Final = """
insert into log.residue (relation, marked_by)
select relation, pg_current_xact_id()::xid
from unnest(array['keys.person_key', 'keys.master_key', 'keys.signing_key']) relation
on conflict (relation) do update set marked_by = excluded.marked_by
"""


class ServerBehind(Exception):
    """A server runs that does not have the new master key."""

    def __init__(self) -> None:
        super().__init__(
            "A server runs on this database that does not have the new master key: start it again"
            " with both keys, then come back."
        )


async def rotate(dsn: str, keyring: Keyring, tell: Told) -> bool:
    """Wrap everybody's key by the current master key; False where that was so already.

    Broken off, it goes on where it was.

    Raises:
        ServerBehind: a server runs that would be locked out, for it lacks the current key.
        infra.keys.keyring.WrongMasterKey: a key is wrapped by a third master key.
    """
    connection = await asyncpg.connect(dsn, server_settings={"application_name": "cordee rotate"})
    try:
        this = Keyring.short(keyring.current)
        if await connection.fetchval(_BEHIND, SESSION, this):
            raise ServerBehind
        if await connection.execute(_BEGIN, keyring.current) == "UPDATE 0":
            return False
        finished = False
        while not finished:
            await _wrap_all(connection, keyring, tell)
            finished = await _finish(connection, keyring)
        return True
    finally:
        await connection.close()


async def _wrap_all(
    connection: "asyncpg.Connection[asyncpg.Record]", keyring: Keyring, tell: Told
) -> None:
    done, total = await connection.fetchrow(_COUNT, keyring.current) or (0, 0)
    tell(done, total)
    last = "00000000-0000-0000-0000-000000000000"
    while True:
        async with connection.transaction():
            rows = await connection.fetch(_BATCH, keyring.current, last, BATCH)
            if not rows:
                return
            boxes = [_anew(keyring, by, box, subject.bytes) for subject, by, box in rows]
            subjects = [row["subject"] for row in rows]
            await connection.execute(_WRAPPED, subjects, boxes, keyring.current)
        done, last = done + len(rows), subjects[-1]
        tell(done, max(done, total))


async def _finish(connection: "asyncpg.Connection[asyncpg.Record]", keyring: Keyring) -> bool:
    """Make the next key the one; False when somebody has stored a key by the one before."""
    async with connection.transaction():
        await connection.execute(_ALONE)
        if await connection.fetchval(_LEFT, keyring.current):
            return False
        row = await connection.fetchrow(_REQUESTS)
        assert row is not None
        used, box = row
        secret = None if box is None else _anew(keyring, used, box, REQUEST_SECRET)
        signing = await connection.fetchrow(_SIGNING, keyring.current)
        if signing is not None:
            by, box = signing["wrapped_by"], signing["wrapped_key"]
            boxed = _anew(keyring, by, box, SIGNING_KEY)
            await connection.execute(_SIGNING_WRAPPED, boxed, keyring.current)
        await connection.execute(_FINISH, keyring.current, secret)
        await connection.execute(_RESIDUE)
        return True


def _anew(keyring: Keyring, by: bytes, box: bytes, about: bytes) -> bytes:
    secret = keyring.unwrap(Wrapped(by, box), about)
    return keyring.wrap(secret, about, keyring.current).box
