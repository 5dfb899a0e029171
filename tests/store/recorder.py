"""The event store as a synchronous recorder of ``eventsourcing``, for the tests that come with it.

Everything goes through the public functions of `EventStore`. A checkpoint of the library
(`Tracking`) is what every rule across aggregates is in this program: a stream of its own, appended
in the same command as the events.
"""

import asyncio
from collections.abc import Coroutine, Sequence
from threading import Thread
from typing import Any, TypeVar
from uuid import NAMESPACE_URL, UUID, uuid4, uuid5

import uvloop
from eventsourcing.persistence import (
    IntegrityError,
    ListenNotifySubscription,
    Notification,
    ProcessRecorder,
    StoredEvent,
    Tracking,
)

from infra.store import Append, Appended, EventStore, NewEvent, Page, Retry
from infra.store import StoredEvent as LoggedEvent

T = TypeVar("T")

_TRACKING = "tracking"
_PAGE = 500


class LoopThread:
    """An event loop in a thread of its own, for those who cannot await."""

    def __init__(self) -> None:
        self._loop = uvloop.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, name="event store loop")
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine on the loop, from any other thread."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def close(self) -> None:
        """Stop the loop and its thread."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


class StoreRecorder(ProcessRecorder):
    """Aggregate, application, tracking and process recorder in one, as the library has it."""

    def __init__(self, dsn: str) -> None:
        super().__init__()
        self._loop = LoopThread()
        self.run = self._loop.run
        self.store = self.run(EventStore.open(dsn, pool_size=4))

    def close(self) -> None:
        """Close the store and its loop."""
        self.run(self.store.close())
        self._loop.close()

    def insert_events(
        self, stored_events: Sequence[StoredEvent], **kwargs: Any
    ) -> Sequence[int] | None:
        """Append events and a checkpoint, if there is one, in one command."""
        new = [
            NewEvent(_uuid(each.originator_id), each.originator_version, each.topic, 1, each.state)
            for each in stored_events
        ]
        tracking: Tracking | None = kwargs.get("tracking")
        checkpoint = [] if tracking is None else [self._checkpoint(tracking)]
        if not new and not checkpoint:
            return None
        first = self._append(new + checkpoint) - len(checkpoint) - len(new) + 1
        return list(range(first, first + len(new)))

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEvent]:
        """Read a stream. The library's may begin at version 0, which follows -1."""
        stream = self.store.stream(
            _uuid(originator_id),
            after=-1 if gt is None else gt,
            upto=lte,
            limit=limit,
            descending=desc,
        )
        return [
            StoredEvent(event.stream_id, event.version, event.topic, event.state)
            for event in self.run(stream)
        ]

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        """Read the log from a position on."""
        after = 0 if start is None else start - 1 if inclusive_of_start else start
        found = self.run(self._events(max(after, 0), limit, stop, list(topics) or None))
        return [
            Notification(event.stream_id, event.version, event.topic, event.state, event.position)
            for event in found
        ]

    def max_notification_id(self) -> int | None:
        """Give the head of the log."""
        return self.run(self.store.head()) or None

    def insert_tracking(self, tracking: Tracking) -> None:
        """Append a checkpoint alone."""
        self.insert_events([], tracking=tracking)

    def max_tracking_id(self, application_name: str) -> int | None:
        """Give the newest checkpoint."""
        newest = self._newest_checkpoint(application_name)
        return None if newest is None else int(newest.state)

    def subscribe(
        self, gt: int | None = None, topics: Sequence[str] = ()
    ) -> "ListenNotifySubscription[StoreRecorder]":
        """Follow the log from a position on."""
        return StoreSubscription(self, gt, topics)

    async def _events(
        self, after: int, limit: int, upto: int | None, topics: list[str] | None
    ) -> list[LoggedEvent]:
        found: list[LoggedEvent] = []
        page = Page([], after)
        end = await self.store.head()
        if upto is not None:
            end = min(end, upto)
        while page.scanned < end and len(found) < limit:
            page = await self.store.page(
                page.scanned, limit=min(limit, _PAGE), topics=topics, upto=upto
            )
            found += [event for event in page.events if event.topic != _TRACKING]
        return found[:limit]

    def _append(self, events: Sequence[NewEvent]) -> int:
        command = Append(
            command_id=uuid4(),
            request_hash=b"",
            stream_id=events[-1].stream_id,
            version=events[-1].version,
            meta=b"{}",
            events=events,
        )
        try:
            outcome = self.run(self.store.append(command))
            while isinstance(outcome, Retry):
                outcome = self.run(self.store.append(command))
        except ValueError as error:
            raise IntegrityError(str(error)) from error
        if not isinstance(outcome, Appended):
            raise IntegrityError(repr(outcome))
        return outcome.position

    def _checkpoint(self, tracking: Tracking) -> NewEvent:
        newest = self._newest_checkpoint(tracking.application_name)
        if newest is not None and tracking.notification_id <= int(newest.state):
            raise IntegrityError(f"{tracking} is not beyond {int(newest.state)}")
        return NewEvent(
            _checkpoints(tracking.application_name),
            1 if newest is None else newest.version + 1,
            _TRACKING,
            1,
            b"%d" % tracking.notification_id,
        )

    def _newest_checkpoint(self, application_name: str) -> LoggedEvent | None:
        stream = self.store.stream(_checkpoints(application_name), limit=1, descending=True)
        return next(iter(self.run(stream)), None)


class AggregateStoreRecorder(StoreRecorder):
    """As an aggregate recorder, which keeps positions to itself."""

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> None:
        """Append events."""
        super().insert_events(stored_events, **kwargs)


class StoreSubscription(ListenNotifySubscription[StoreRecorder]):
    """The library's subscription, woken by the store."""

    def __init__(self, recorder: StoreRecorder, gt: int | None, topics: Sequence[str]) -> None:
        super().__init__(recorder=recorder, gt=gt, topics=topics)
        self._follower = Thread(target=self._follow)
        self._follower.start()

    def __exit__(self, *args: object, **kwargs: Any) -> None:
        """End the subscription and its thread."""
        super().__exit__(*args, **kwargs)
        self._follower.join()

    def _follow(self) -> None:
        head = 0
        while not self._has_been_stopped:
            head = self._recorder.run(self._recorder.store.wait_beyond(head, 0.2))
            self._has_been_notified.set()


def _uuid(originator_id: UUID | str) -> UUID:
    assert isinstance(originator_id, UUID)
    return originator_id


def _checkpoints(application_name: str) -> UUID:
    return uuid5(NAMESPACE_URL, f"tracking/{application_name}")
