"""Hashing events: as rows of the database, by the database, and by Python, which must agree.

The database hashes what is sealed, so that no event leaves it for that. Python hashes what is
verified and what is shown, by the module that others verify with.
"""

import hashlib
from typing import Final, NamedTuple
from uuid import UUID

from infra.proving.verifier import Entry, leaf_hash

# Functions of pg_catalog alone, so that nobody can put others in their place.
HASHES: Final = """
select count(*) as events, min(position) as first, max(position) as last,
       max(recorded_at) as recorded_at,
       string_agg(sha256('\\x00'::bytea || '\\x01'::bytea || sha256($3 || int8send(position))
           || int8send(position) || uuid_send(stream_id) || int4send(version)
           || int2send(class_version) || uuid_send(command_id) || timestamptz_send(recorded_at)
           || int4send(length(t.topic)) || t.topic
           || int4send(length(state)) || state || int4send(length(meta)) || meta
       ), ''::bytea order by position) as leaves
from (
    select position, stream_id, version, convert_to(topic, 'UTF8') as topic, class_version, state,
           meta, command_id, recorded_at
    from log.event
    where position > $1
    order by position
    limit $2
) t
"""
"""The leaf hashes of the next ``$2`` events beyond position ``$1``, under the secret ``$3``."""

COLUMNS: Final = """
position, uuid_send(stream_id), version, class_version, uuid_send(command_id),
timestamptz_send(recorded_at), convert_to(topic, 'UTF8'), state, meta
"""


class Row(NamedTuple):
    """An event as it is hashed: ``COLUMNS`` of ``log.event``."""

    position: int
    stream: bytes
    version: int
    class_version: int
    command: bytes
    recorded_at: bytes
    """Microseconds since 2000, as PostgreSQL sends them."""
    topic: bytes
    state: bytes
    meta: bytes


def tree_id(secret: bytes) -> UUID:
    """Give the id of a tree: it follows from the secret that blinds its leaves."""
    return UUID(bytes=hashlib.sha256(b"cordee tree\n" + secret).digest()[:16])


def blind(secret: bytes, position: int) -> bytes:
    """Give what is hashed with the event at a position and cannot be guessed."""
    return hashlib.sha256(secret + position.to_bytes(8, "big", signed=True)).digest()


def leaf_of(secret: bytes, row: Row) -> bytes:
    """Hash an event."""
    return leaf_hash(Entry(blind(secret, row.position), *row).written())
