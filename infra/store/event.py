"""What the log gives back: events as they are stored, and pages of them."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec


class StoredEvent(msgspec.Struct, frozen=True, gc=False):
    """An event as it stands in the log, not yet decoded."""

    position: int
    stream_id: UUID
    version: int
    topic: str
    class_version: int
    state: bytes
    meta: bytes
    command_id: UUID
    recorded_at: datetime


class Snapshot(msgspec.Struct, frozen=True, gc=False):
    """An aggregate as one version of its code kept it."""

    version: int
    state: bytes


class Page(msgspec.Struct, frozen=True):
    """Events in the order of the log, and how far the log has been read for them."""

    events: list[StoredEvent]
    scanned: int
    """Up to here the reader has missed nothing, whatever the filter left out."""


class GapInLog(Exception):
    """The log does not continue where it must: an event is missing from it."""

    def __init__(self, expected: int, found: int) -> None:
        super().__init__(f"the log has no event at position {expected}: {found} came instead")
        self.expected = expected
        self.found = found


class GapInStream(Exception):
    """A stream does not continue where it must: an event is missing from it."""

    def __init__(self, stream_id: UUID, expected: int) -> None:
        super().__init__(f"stream {stream_id} has no event at version {expected}")
        self.stream_id = stream_id
        self.expected = expected


def assert_contiguous_log(after: int, events: Sequence[StoredEvent]) -> None:
    """Check that `events`, ordered by position and without doubles, follow `after` one by one.

    Raises:
        GapInLog: the first position that is missing.
    """
    if events and events[-1].position != after + len(events):
        expected = next(n for n, event in enumerate(events, after + 1) if event.position != n)
        raise GapInLog(expected, events[expected - after - 1].position)


def assert_contiguous_stream(
    stream_id: UUID, after: int | None, events: Sequence[StoredEvent]
) -> None:
    """Check that `events` of a stream, ordered by version either way, lack none in between.

    They must also follow `after`, unless it is None.

    Raises:
        GapInStream: the lowest version that is missing.
    """
    if not events:
        return
    lowest, highest = sorted((events[0].version, events[-1].version))
    if after is not None:
        lowest = after + 1
    if highest - lowest + 1 != len(events):
        present = {event.version for event in events}
        raise GapInStream(stream_id, next(v for v in range(lowest, highest) if v not in present))
