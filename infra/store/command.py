"""What is asked of the log, and what it answers."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple, TypeAlias
from uuid import UUID

import msgspec


class NewEvent(msgspec.Struct, frozen=True, gc=False):
    """An event that is to be appended at a version of a stream."""

    stream_id: UUID
    version: int
    """1..n. The recorder cases of ``eventsourcing`` also start streams at 0."""
    topic: str
    class_version: int
    state: bytes


class Append(msgspec.Struct, frozen=True, kw_only=True):
    """One command: its events are appended together or not at all, and its id is kept with them.

    Several streams may be written; the versions of each must follow one another. No events at
    all is a command that was already true: its outcome is kept all the same.
    """

    command_id: UUID
    request_hash: bytes
    """Tells a repetition of the command from another use of the same id."""
    stream_id: UUID
    """The aggregate that the command speaks of."""
    version: int
    """The version of that aggregate afterwards."""
    meta: bytes
    """``domain.record.Metadata`` as JSON, stored with every event."""
    events: Sequence[NewEvent]
    guards: Sequence[tuple[UUID, int]] = ()
    """Streams that were only read: each must still be at that version, 0 for not there at all."""


class Appended(msgspec.Struct, frozen=True, gc=False):
    """The command is in the log."""

    position: int
    """Its last event; for a command without events, the head of the log that it found."""


class Duplicate(msgspec.Struct, frozen=True, gc=False):
    """The same request under the same id is in the log already; this is what it came to."""

    position: int
    stream_id: UUID
    version: int


class CommandReused(msgspec.Struct, frozen=True, gc=False):
    """The id belongs to another request, and nothing was stored."""


class Conflict(msgspec.Struct, frozen=True, gc=False):
    """A stream is no longer at the version on which the command was decided."""


class Retry(msgspec.Struct, frozen=True, gc=False):
    """A command that was sent in the same batch has the stream: read it and decide again."""


Outcome: TypeAlias = Appended | Duplicate | CommandReused | Conflict | Retry


class StoredCommand(NamedTuple):
    """A command as the log keeps it."""

    position: int
    stream_id: UUID
    version: int
    request_hash: bytes
    recorded_at: datetime
