"""The event store held against the library's recorder that keeps everything in a list.

Whatever is done to both, in any order, both must have the same events at the same positions.
"""

from collections.abc import Iterator, Sequence
from typing import ClassVar
from uuid import UUID, uuid4

import hypothesis.strategies as st
import msgspec
import pytest
from eventsourcing.persistence import IntegrityError
from eventsourcing.persistence import StoredEvent as LibraryEvent
from eventsourcing.popo import POPOApplicationRecorder
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from infra.store import (
    Append,
    Appended,
    CommandReused,
    Conflict,
    Duplicate,
    EventStore,
    NewEvent,
    Outcome,
    Retry,
    StoredEvent,
)
from tests.store import asking
from tests.store.recorder import LoopThread

TOPICS = ("opened", "moved", "closed")
STREAMS = 4

stream = st.integers(0, STREAMS - 1)
topic = st.sampled_from(TOPICS)
count = st.integers(1, 3)


class StoreAndList(RuleBasedStateMachine):
    """One and the same history, told to both."""

    dsn: ClassVar[str]
    loop: ClassVar[LoopThread]

    def __init__(self) -> None:
        super().__init__()
        self.run = self.loop.run
        self.store = self.run(EventStore.open(self.dsn, pool_size=2))
        self.list = POPOApplicationRecorder()
        # All examples share a database: each sees only what it has appended itself.
        self.start = self.run(self.store.head())
        self.streams = [uuid4() for _ in range(STREAMS)]
        self.appended: list[tuple[Append, int]] = []

    def teardown(self) -> None:
        self.run(self.store.close())

    @rule(chosen=st.dictionaries(stream, st.lists(topic, min_size=1, max_size=3), min_size=1))
    def a_command_appends_to_its_streams(self, chosen: dict[int, list[str]]) -> None:
        command = asking.append(
            *(event for number, topics in chosen.items() for event in self.next(number, topics))
        )
        assert self.append(command) == Appended(self.expect(command))

    @rule()
    def a_command_without_events_is_kept_at_the_head(self) -> None:
        command = asking.append()
        outcome = self.append(command)
        assert outcome == Appended(self.head())
        self.appended.append((command, self.head()))

    @rule(number=stream, topics=st.lists(topic, min_size=1, max_size=2), back=count)
    def a_command_on_an_old_version_conflicts(
        self, number: int, topics: list[str], back: int
    ) -> None:
        version = self.version(number) + 1 - back
        if version >= 1:
            stale = [
                asking.event(self.streams[number], version + nth, topic=each)
                for nth, each in enumerate(topics)
            ]
            with pytest.raises(IntegrityError):
                self.list.insert_events([_library(event) for event in stale])
            # With another stream that would take it: nothing of the command may stay.
            other = self.next((number + 1) % STREAMS, ["opened"])
            assert self.append(asking.append(*other, *stale)) == Conflict()

    @rule(number=stream, ahead=count)
    def a_command_that_skips_a_version_conflicts(self, number: int, ahead: int) -> None:
        skipping = asking.event(self.streams[number], self.version(number) + 1 + ahead)
        assert self.append(asking.append(skipping)) == Conflict()

    @rule(number=stream, guarded=stream, off=st.integers(-1, 1))
    def a_guard_holds_its_stream_at_a_version(self, number: int, guarded: int, off: int) -> None:
        version = self.version(guarded) + off
        if number != guarded and version >= 0:
            command = asking.append(
                *self.next(number, ["moved"]), guards=[(self.streams[guarded], version)]
            )
            outcome = self.append(command)
            assert outcome == (Conflict() if off else Appended(self.expect(command)))

    @rule(nth=st.integers(0, 20), request=st.booleans())
    def a_command_id_is_known_for_ever(self, nth: int, request: bool) -> None:
        if self.appended:
            command, position = self.appended[nth % len(self.appended)]
            if request:
                assert self.append(command) == Duplicate(
                    position, command.stream_id, command.version
                )
            else:
                reused = msgspec.structs.replace(command, request_hash=b"another")
                assert self.append(reused) == CommandReused()

    @rule(numbers=st.lists(stream, min_size=2, max_size=6), repeat=st.booleans())
    def commands_at_once_are_as_commands_one_after_another(
        self, numbers: list[int], repeat: bool
    ) -> None:
        commands = [asking.append(*self.next(number, ["moved"])) for number in numbers]
        if repeat and self.appended:
            commands.append(self.appended[-1][0])
        outcomes = self.run(self.append_at_once(commands))
        done = [
            (outcome.position, command)
            for command, outcome in zip(commands, outcomes, strict=True)
            if isinstance(outcome, Appended)
        ]
        for position, command in sorted(done, key=lambda each: each[0]):
            assert position == self.expect(command)
        assert {command.stream_id for _, command in done} == {
            self.streams[number] for number in numbers
        }
        for command, outcome in zip(commands, outcomes, strict=True):
            if not isinstance(outcome, Appended):
                known = any(command.command_id == each.command_id for each, _ in self.appended)
                assert isinstance(outcome, Duplicate if known else Conflict | Retry)

    @rule(
        number=stream,
        after=st.integers(0, 4),
        upto=st.none() | st.integers(0, 6),
        limit=st.none() | st.integers(1, 4),
        descending=st.booleans(),
    )
    def a_stream_reads_alike(
        self, number: int, after: int, upto: int | None, limit: int | None, descending: bool
    ) -> None:
        there = self.list.select_events(
            self.streams[number], gt=after, lte=upto, desc=descending, limit=limit
        )
        here = self.run(
            self.store.stream(
                self.streams[number], after=after, upto=upto, limit=limit, descending=descending
            )
        )
        assert [_library(event) for event in here] == list(there)

    @rule(starts=st.dictionaries(stream, st.integers(0, 4)))
    def many_streams_read_alike(self, starts: dict[int, int]) -> None:
        asked = {self.streams[number]: after for number, after in starts.items()}
        here = self.run(self.store.streams(asked))
        assert {
            stream_id: [_library(event) for event in here[stream_id]] for stream_id in here
        } == {
            stream_id: list(self.list.select_events(stream_id, gt=after))
            for stream_id, after in asked.items()
        }

    @rule(
        after=st.integers(0, 12),
        limit=st.integers(1, 5),
        topics=st.none() | st.sets(topic, min_size=1),
        upto=st.none() | st.integers(0, 15),
    )
    def a_page_reads_alike(
        self, after: int, limit: int, topics: set[str] | None, upto: int | None
    ) -> None:
        after = min(after, self.head() - self.start)
        page = self.run(
            self.store.page(
                self.start + after,
                limit=limit,
                topics=topics,
                upto=None if upto is None else self.start + upto,
            )
        )
        there = self.list.select_notifications(
            after, limit, upto, list(topics or ()), inclusive_of_start=False
        )
        assert [
            (event.position - self.start, event.stream_id, event.version, event.topic)
            for event in page.events
        ] == [(each.id, each.originator_id, each.originator_version, each.topic) for each in there]
        unseen = self.list.select_notifications(
            after, 1_000, page.scanned - self.start, list(topics or ()), inclusive_of_start=False
        )
        assert len(unseen) == len(there), "what is scanned was given"

    @rule()
    def the_store_is_opened_anew(self) -> None:
        self.run(self.store.close())
        self.store = self.run(EventStore.open(self.dsn, pool_size=2))

    @invariant()
    def both_end_at_the_same_position(self) -> None:
        assert self.run(self.store.head()) == self.head()

    def head(self) -> int:
        return self.start + (self.list.max_notification_id() or 0)

    def version(self, number: int) -> int:
        newest = self.list.select_events(self.streams[number], desc=True, limit=1)
        return newest[0].originator_version if newest else 0

    def next(self, number: int, topics: Sequence[str]) -> Iterator[NewEvent]:
        for version, each in enumerate(topics, self.version(number) + 1):
            yield asking.event(self.streams[number], version, topic=each)

    def append(self, command: Append) -> Outcome:
        return self.run(self.store.append(command))

    async def append_at_once(self, commands: Sequence[Append]) -> list[Outcome]:
        return await asking.at_once(self.store, commands)

    def expect(self, command: Append) -> int:
        """Tell the list what the store was told, and give the position of the last event."""
        positions = self.list.insert_events([_library(event) for event in command.events])
        assert positions is not None
        position = self.start + positions[-1]
        self.appended.append((command, position))
        return position


def test_the_store_agrees_with_a_list(database: str) -> None:
    class OnThisDatabase(StoreAndList):
        dsn = database
        loop = LoopThread()

    try:
        run_state_machine_as_test(OnThisDatabase)
    finally:
        OnThisDatabase.loop.close()


def _library(event: NewEvent | StoredEvent) -> LibraryEvent:
    return LibraryEvent(UUID(bytes=event.stream_id.bytes), event.version, event.topic, event.state)
