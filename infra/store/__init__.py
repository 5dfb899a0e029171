"""The event store: what the rest of the program may use of it."""

from infra.store.availability import StoreUnavailable
from infra.store.command import (
    Append,
    Appended,
    CommandReused,
    Conflict,
    Duplicate,
    NewEvent,
    Outcome,
    Retry,
    StoredCommand,
)
from infra.store.event import GapInLog, GapInStream, Page, Snapshot, StoredEvent
from infra.store.store import EventStore

__all__ = [
    "Append",
    "Appended",
    "CommandReused",
    "Conflict",
    "Duplicate",
    "EventStore",
    "GapInLog",
    "GapInStream",
    "NewEvent",
    "Outcome",
    "Page",
    "Retry",
    "Snapshot",
    "StoreUnavailable",
    "StoredCommand",
    "StoredEvent",
]
